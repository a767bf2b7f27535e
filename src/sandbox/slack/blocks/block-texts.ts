import { z } from 'zod';
import { parseUrl } from '../../../lib/parse-url.ts';
import { LIMITS } from '../limits.ts';

/** True if a text can be encoded as UTF-8 (no lone surrogates) and contains no NUL. */
export function isCleanText(text: string): boolean {
  return !/\p{Surrogate}/u.test(text) && !text.includes('\0');
}

/** A text of `min` to `max` characters; non-empty by default. */
export const text = (max: number, min = 1) =>
  z.string().min(min).max(max).refine(isCleanText, 'invalid characters');

export const url = z
  .string()
  .max(LIMITS.url)
  .refine((value) => parseUrl(value) !== undefined, 'invalid url');

/** A plain_text object. */
export const plainText = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: text(max), emoji: z.boolean().optional() });

/** A mrkdwn object. */
export const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: text(max), verbatim: z.boolean().optional() });

/** A plain_text or mrkdwn object. */
export const textObject = (max: number) => z.discriminatedUnion('type', [plainText(max), mrkdwn(max)]);

export const style = z.enum(['primary', 'danger']);

export const confirm = z.strictObject({
  title: plainText(LIMITS.confirmTitle),
  text: textObject(LIMITS.confirmText),
  confirm: plainText(LIMITS.confirmButton),
  deny: plainText(LIMITS.confirmButton),
  style: style.optional(),
});

const optionFields = {
  value: text(LIMITS.optionValue),
  description: plainText(LIMITS.optionDescription).optional(),
};

export const plainOption = z.strictObject({ text: plainText(LIMITS.optionText), ...optionFields });

export const overflowOption = z.strictObject({
  text: plainText(LIMITS.optionText),
  ...optionFields,
  url: url.optional(),
});

/** An option of checkboxes or radio buttons, the only elements whose options may be mrkdwn. */
export const choiceOption = z.strictObject({
  text: textObject(LIMITS.optionText),
  value: text(LIMITS.optionValue),
  description: textObject(LIMITS.optionDescription).optional(),
});

export const optionGroup = z.strictObject({
  label: plainText(LIMITS.optionText),
  options: z.array(plainOption).min(1).max(LIMITS.selectOptions),
});
