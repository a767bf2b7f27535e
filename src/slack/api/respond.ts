import axios from 'axios';
import type { MessageView } from '../views/message-view.ts';

const TIMEOUT = 3_000;
const JSON_HEADERS = { 'content-type': 'application/json' };

/**
 * Answers one person by a response_url, which takes five responses within 30 minutes. `replace`: replaces the message whose
 * button was clicked. Rejects if Slack does not say that it accepts the response.
 */
export async function respond(url: string, view: MessageView, { replace = false } = {}): Promise<void> {
  const body = { response_type: 'ephemeral', replace_original: replace, ...view };
  const { status, data } = await post(url, body);
  if (!isResponseAccepted(status, data))
    throw new Error(`response_url not accepted by Slack (HTTP ${status})`);
}

/** Replaces the clicked message for everyone. False: Slack rejected the view. Rejects if Slack's response is lost. */
export async function replaceClicked(url: string, { text, blocks }: MessageView): Promise<boolean> {
  const body = { response_type: 'in_channel', replace_original: true, parse: 'none', text, blocks };
  const { status, data } = await post(url, body);
  return isResponseAccepted(status, data);
}

function post(url: string, body: object): Promise<{ status: number; data: unknown }> {
  return axios.post(url, JSON.stringify(body), {
    headers: JSON_HEADERS,
    timeout: TIMEOUT,
    maxRedirects: 0,
    validateStatus: () => true,
  });
}

/** A 200 alone proves nothing: Slack's body is `ok` or `{"ok": true}`. */
function isResponseAccepted(status: number, data: unknown): boolean {
  const said = typeof data === 'string' ? data.trim() : (data as { ok?: unknown } | null)?.ok;
  return status === 200 && (said === 'ok' || said === true);
}
