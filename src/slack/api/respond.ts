import { callHttp } from '../../lib/call-http.ts';
import type { MessageView } from '../views/message-view.ts';

const TIMEOUT = 3_000;
const LARGEST_ANSWER = 64 * 1024;

/**
 * Answers one person by a response_url, which takes five responses within 30 minutes. `replace`: replaces the message whose
 * button was clicked. Rejects if Slack does not say that it accepts the response.
 */
export async function respond(url: string, view: MessageView, { replace = false } = {}): Promise<void> {
  const { ok, status } = await postToUrl(url, {
    response_type: 'ephemeral',
    replace_original: replace,
    ...view,
  });
  if (!ok) throw new Error(`response_url not accepted by Slack (HTTP ${status})`);
}

/** Replaces the clicked message for everyone. False: Slack rejected the view. Rejects if Slack's response is lost. */
export async function replaceClicked(url: string, { text, blocks }: MessageView): Promise<boolean> {
  const body = { response_type: 'in_channel', replace_original: true, parse: 'none', text, blocks };
  return (await postToUrl(url, body)).ok;
}

/** A 200 alone proves nothing: Slack's body is `ok` or `{"ok": true}`. */
async function postToUrl(url: string, body: object): Promise<{ ok: boolean; status: number }> {
  const answer = await callHttp({
    method: 'post',
    url,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    timeout: TIMEOUT,
    largestAnswer: LARGEST_ANSWER,
  });
  if ('code' in answer) throw new Error(`response_url not answered by Slack (${answer.code})`);
  const { status, body: text } = answer;
  return { ok: status === 200 && (text.trim() === 'ok' || saysOk(text)), status };
}

function saysOk(text: string): boolean {
  try {
    return (JSON.parse(text) as { ok?: unknown } | null)?.ok === true;
  } catch {
    return false;
  }
}
