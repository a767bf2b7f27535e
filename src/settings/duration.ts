import { z } from 'zod';
import { parseDuration } from '../lib/duration.ts';

const INVALID_DURATION =
  'must be a time with its unit, up to 10 years, such as "90 s", "10 min", "4h", "2 days" or "1 year"';

/** A setting that is a time or zero (0 or "0 s"); its value is in milliseconds. */
export const durationOrNoneSchema = z
  .union([z.literal(0), z.string()], { error: INVALID_DURATION })
  .transform((text, context) => {
    const milliseconds = text === 0 || text === '0' ? 0 : parseDuration(text);
    if (milliseconds !== undefined) return milliseconds;
    context.addIssue(INVALID_DURATION);
    return z.NEVER;
  });

/** A setting that is a time longer than zero; its value is in milliseconds. */
export const durationSchema = z.string({ error: INVALID_DURATION }).transform((text, context) => {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
  context.addIssue(INVALID_DURATION);
  return z.NEVER;
});
