import { z } from 'zod';

/** A number as min_value, max_value and initial_value write it. */
export const numberText = (isDecimalAllowed: boolean) =>
  z.string().regex(isDecimalAllowed ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/, 'must be a valid number');

/** YYYY-MM-DD, a day that the calendar has. */
export const dateText = z.iso.date();

/** HH:mm of a 24-hour clock. */
export const timeText = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be in the format HH:mm');

/** Seconds since 1970, in ten digits: https://docs.slack.dev/reference/block-kit/block-elements/datetime-picker-element */
export const unixSeconds = z.int().min(1_000_000_000).max(9_999_999_999);

/** One address; a list of them is refused: https://github.com/slackapi/node-slack-sdk/issues/1580 */
export const emailText = z.email('must be a valid email format');

/** A whole address on the web. */
export const webUrlText = z.url({ protocol: /^https?$/, hostname: /./, error: 'must be a valid url' });
