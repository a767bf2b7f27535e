import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  min: 60_000,
  h: 60 * 60_000,
  d: 24 * 60 * 60_000,
};
const WANTED = 'must be a time with its unit, such as "90 s", "10 min", "4h" or "2 days"';
/** Timers and dates hold more; no setting means more. */
const LONGEST = 366 * 24 * 60 * 60_000;

/** A time such as "90 s", "10 min", "4h" or "2 days", in milliseconds; undefined when it is none, or beyond a year. */
export function parseDuration(text: string): number | undefined {
  const pattern = /^(\d{1,9}(?:\.\d{1,3})?)\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)$/i;
  const [, number, word] = pattern.exec(text.trim()) ?? [];
  if (number === undefined || word === undefined) return undefined;
  const unit = word[0]?.toLowerCase() === 'm' ? 'min' : (word[0]?.toLowerCase() ?? '');
  const milliseconds = Number(number) * (UNITS[unit] ?? 0);
  return milliseconds <= LONGEST ? milliseconds : undefined;
}

/** A setting that is a time, or none: 0 or "0 s". */
export const durationOrNoneSchema = z
  .union([z.literal(0), z.string()], { error: WANTED })
  .transform((text, context) => {
    const milliseconds = text === 0 || text === '0' ? 0 : parseDuration(text);
    if (milliseconds !== undefined) return milliseconds;
    context.addIssue(WANTED);
    return z.NEVER;
  });

/** A setting that is a time longer than none; its value is in milliseconds. */
export const durationSchema = z
  .string({ error: 'must be a time with its unit, such as "10 min"' })
  .transform((text, context) => {
    const milliseconds = parseDuration(text);
    if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
    context.addIssue(WANTED);
    return z.NEVER;
  });
