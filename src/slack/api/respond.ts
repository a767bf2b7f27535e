import axios from 'axios';
import type { MessageView } from '../views/message-view.ts';

const TIMEOUT = 3_000;

/**
 * Answers one person by a response_url: five times within 30 minutes. `replace`: in the place of the message whose
 * button was clicked. Rejects when Slack does not take it.
 */
export async function respond(url: string, view: MessageView, { replace = false } = {}): Promise<void> {
  const body = { response_type: 'ephemeral', replace_original: replace, ...view };
  await axios.post(url, body, { timeout: TIMEOUT, maxRedirects: 0 });
}

/** Puts a view in the place of the message that was clicked, for everyone. False: Slack refused it. Rejects when its answer is lost. */
export async function replaceClicked(url: string, { text, blocks }: MessageView): Promise<boolean> {
  const body = { response_type: 'in_channel', replace_original: true, parse: 'none', text, blocks };
  const { status, data } = await axios.post(url, body, {
    timeout: TIMEOUT,
    maxRedirects: 0,
    validateStatus: () => true,
  });
  // `ok`, or JSON that says so.
  return status === 200 && (data === 'ok' || (data as { ok?: unknown } | null)?.ok === true);
}
