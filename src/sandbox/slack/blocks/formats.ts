import { z } from 'zod';

/** A number in the format of min_value, max_value and initial_value. */
export const numberText = (isDecimalAllowed: boolean) =>
  z.string().regex(isDecimalAllowed ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/, 'must be a valid number');

/** A real calendar day as YYYY-MM-DD. */
export const dateText = z.iso.date();

/** A time of the 24-hour clock as HH:mm. */
export const timeText = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be in the format HH:mm');

/**
 * Seconds since 1970, with ten digits:
 * https://docs.slack.dev/reference/block-kit/block-elements/datetime-picker-element
 */
export const unixSeconds = z.int().min(1_000_000_000).max(9_999_999_999);

/** A single address; Slack rejects a list: https://github.com/slackapi/node-slack-sdk/issues/1580 */
export const emailText = z.email('must be a valid email format');

/** An absolute http or https URL. */
export const webUrlText = z.url({ protocol: /^https?$/, hostname: /./, error: 'must be a valid url' });
