import { z } from 'zod';
import { isBlankText } from '../../approval/model/output.ts';

/** Longest id of an execution or a task, in characters. */
const LONGEST_ID = 255;
/** Longest text that a card shows beside the output, in characters; the rest is dropped. */
const LONGEST_TEXT = 2_000;

export const idSchema = z
  .string({ error: (issue) => (issue.input === undefined ? 'is missing' : 'must be a text') })
  .min(1, 'must not be empty')
  .max(LONGEST_ID, `must be at most ${LONGEST_ID} characters long`)
  .refine((id) => id.isWellFormed(), 'must be well-formed Unicode');

/** An id that may be absent or blank. */
export const optionalId = z.preprocess(
  (value) => (isBlankValue(value) ? undefined : (value ?? undefined)),
  idSchema.optional(),
);

/** The same for an undocumented webhook: a number is read as its digits. */
export const lenientId = z.preprocess((value) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return isBlankValue(value) ? undefined : value || undefined;
}, idSchema.optional());

export const optionalText = z.string({ error: 'must be a text' }).nullish().transform(shortenText);

/** The same for an undocumented webhook: a value of another type is ignored, so that no approval is lost. */
export const lenientText = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'string' ? shortenText(value) : undefined));

export const anything = z.unknown().optional();

function shortenText(value: string | null | undefined): string | undefined {
  const kept = value?.slice(0, LONGEST_TEXT).toWellFormed();
  return isBlankValue(kept) ? undefined : kept;
}

function isBlankValue(value: unknown): boolean {
  return typeof value === 'string' && isBlankText(value);
}
