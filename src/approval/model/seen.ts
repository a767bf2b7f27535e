import { z } from 'zod';
import { LANGUAGES, type Language } from './crew/language.ts';

/** Places in Slack where people decide. `last_page`: below the last page of *Read in full*; `thread`: *Use as feedback* on a reply. */
export const PLACES = ['card', 'home', 'list', 'look_up', 'several', 'last_page', 'thread'] as const;
export type DecisionPlace = (typeof PLACES)[number];

/** The part of an output and its description that a place showed, in characters. */
const shownPartSchema = z.object({ shown: z.number(), of: z.number() });

/** What a place showed to a person who decided there. It does not say what the person read. */
export const seenSchema = z.object({
  place: z.enum(PLACES),
  /** The person decided in a form that was opened at the place. */
  form: z.literal(true).optional(),
  language: z.enum(LANGUAGES).optional(),
  /**
   * Hash of the stored description (`DescribeShown`): what the place showed besides the output. Absent for `thread`, and for a
   * place that an earlier build drew.
   */
  hash: z.string().optional(),
  /** The description changed before the click: the shown one is not stored, and `hash` is its shortened hash (`shortenHash`). */
  changedSince: z.literal(true).optional(),
  /** Absent: all was shown if `hash` is set; otherwise it is not known. */
  part: shownPartSchema.optional(),
  /** Number of pages, if the person opened all of them, one by one. */
  pages: z.number().optional(),
  /** The person was asked to confirm that only a part was shown. */
  asked: z.literal(true).optional(),
});
export type Seen = z.infer<typeof seenSchema>;

/** What a place showed when it was drawn, as encoded in a button or a form. `hash` is only the beginning of the hash. */
export type DrawnPlace = Omit<Seen, 'form' | 'changedSince' | 'language'> & { language: Language };

/** Characters of a description's hash in the value of a button. */
export const SHORT_HASH_LENGTH = 12;

/** Shortens the hash of a stored text for the value of a button. */
export function shortenHash(hash: string): string {
  return Buffer.from(hash.replace(/^\w+:/, ''), 'hex').toString('base64url').slice(0, SHORT_HASH_LENGTH);
}
