import type { WebClient } from '@slack/web-api';
import { summarizeError } from '../../src/lib/errors.ts';
import {
  isAmbiguousError,
  isTooLargeError,
  readSlackError,
  readSlackRetryAfter,
} from '../../src/slack/api/client.ts';
import type { GalleryView } from './gallery-view.ts';

/** Longest total wait for Slack's rate limit of this method, in milliseconds. */
const LONGEST_WAIT = 5 * 60_000;
const LONGEST_REASON = 500;
/** https://docs.slack.dev/reference/methods/blocks.validate */
const REJECTED = new Set(['invalid_blocks', 'invalid_message', 'invalid_view']);

type Verdict =
  | { kind: 'accepted' }
  | { kind: 'rejected'; reason: string }
  | { kind: 'rate_limited'; retryAfterMs: number }
  | { kind: 'not_checked'; reason: string };

interface Validation {
  checked: number;
  /** Sentences about the rejected views, one per view. */
  rejected: string[];
  /** Why the remaining views were not checked. */
  stopped?: string;
}

/** Sends each view to Slack's validator, which shows them to no one. Never rejects. */
export async function validateViews(
  client: WebClient,
  views: readonly GalleryView[],
  sleep: (milliseconds: number) => Promise<unknown>,
): Promise<Validation> {
  const rejected: string[] = [];
  let waited = 0;
  for (const [checked, view] of views.entries()) {
    let verdict = await validateView(client, view);
    while (verdict.kind === 'rate_limited') {
      waited += verdict.retryAfterMs;
      if (waited > LONGEST_WAIT) {
        const stopped = `Slack limits this check for ${verdict.retryAfterMs / 1_000} s. Run it again later`;
        return { checked, rejected, stopped };
      }
      await sleep(verdict.retryAfterMs);
      verdict = await validateView(client, view);
    }
    if (verdict.kind === 'not_checked') return { checked, rejected, stopped: verdict.reason };
    if (verdict.kind === 'rejected') rejected.push(`${view.name}: ${verdict.reason}`);
  }
  return { checked: views.length, rejected };
}

async function validateView(client: WebClient, view: GalleryView): Promise<Verdict> {
  try {
    // The validator treats a message's `text` as an additional property:
    // https://github.com/slackapi/node-slack-sdk/pull/2659
    await client.blocks.validate(
      view.kind === 'view' ? { view: view.view } : { message: { blocks: view.message.blocks } },
    );
    return { kind: 'accepted' };
  } catch (error) {
    const retryAfterMs = readSlackRetryAfter(error);
    if (retryAfterMs !== undefined) return { kind: 'rate_limited', retryAfterMs };
    const code = readSlackError(error);
    if (code === undefined)
      return { kind: 'not_checked', reason: `Slack cannot be reached (${summarizeError(error)})` };
    return REJECTED.has(code) || isTooLargeError(error) || isAmbiguousError(error)
      ? { kind: 'rejected', reason: readReason(error, code) }
      : { kind: 'not_checked', reason: `Slack answers ${code}` };
  }
}

/** Reads Slack's messages about each invalid element and its place. Without such messages, returns the error code. */
function readReason(error: unknown, code: string): string {
  const { data } = error as {
    data?: {
      errors?: { pointer?: unknown; message?: unknown }[];
      response_metadata?: { messages?: unknown[] };
    };
  };
  const errors = Array.isArray(data?.errors) ? data.errors : [];
  const reasons = errors.map(({ pointer, message }) => `${message}${pointer ? ` at ${pointer}` : ''}`);
  const messages = data?.response_metadata?.messages ?? [];
  const all = [reasons, messages].find((some) => some.length > 0) ?? [code];
  return `${all.join('; ').slice(0, LONGEST_REASON)}.`;
}
