import { expect, it } from 'vitest';
import { createReply, type ReplyPlace } from '../../../src/slack/api/reply.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { collectingLog, startServer, startStage, UNANSWERED_AFTER } from '../stage.ts';

const [BY_URL, BY_API, BY_MESSAGE] = ['response_url', 'chat.postEphemeral', 'chat.postMessage'];

/** A card with a button, at the root or in a thread, and Ana's click on it. */
async function start({ inThread = false, timeout = 15_000 } = {}) {
  const { workspace, client } = await startStage({ timeout });
  const urls: string[] = [];
  const bot = await startServer((body, response) => {
    const payload = new URLSearchParams(body).get('payload') ?? '{}';
    urls.push((JSON.parse(payload) as { response_url: string }).response_url);
    response.end();
  });
  workspace.connectBot(bot);

  const label = { type: 'plain_text' as const, text: 'Approve' };
  const button = { type: 'button' as const, action_id: 'approve', value: '1', text: label };
  const blocks = [{ type: 'actions' as const, elements: [button] }];
  const card = { channel: 'CAPPROVALS', text: 'Card', blocks };
  const root = String((await client.chat.postMessage(card)).ts);
  const ts = inThread ? String((await client.chat.postMessage({ ...card, thread_ts: root })).ts) : root;
  await workspace.click({ user: 'UANA', channel: 'CAPPROVALS', ts, actionId: 'approve' });
  const threadTs = inThread ? root : undefined;
  const texts = async () => en;
  const place: ReplyPlace = { user: 'UANA', texts, channel: 'CAPPROVALS', threadTs, responseUrl: urls[0] };
  const { log, lines } = collectingLog();
  const pauses: number[] = [];
  const after = (pause: number, callback: () => void) => {
    pauses.push(pause);
    callback();
    return () => {};
  };
  const reply = createReply({ client, clock: { now: () => 0, after }, log });
  /** How Ana got the sentence, and in which thread. */
  const ways = () => workspace.ephemerals('UANA').map(({ via, thread_ts }) => [via, thread_ts]);
  return { workspace, reply, place, root, ts, lines, ways, pauses };
}

it('replies to a click at the root by the response_url, and the card stays as it is', async () => {
  const { workspace, reply, place, ts, ways } = await start();
  await reply(place, () => 'Not yours.');
  expect(ways()).toEqual([[BY_URL, undefined]]);
  expect(workspace.ephemerals('UANA')[0]?.text).toBe('Not yours.');
  expect(workspace.ephemerals('UBEN')).toEqual([]);
  expect(workspace.message('CAPPROVALS', ts)).toMatchObject({ text: 'Card', edited: 0 });
});

it.each([
  ['is refused', { status: 404, body: 'used_url' }],
  ['redirects', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
  ['breaks off', { reset: true as const }],
  ['answers 200 with an error', { status: 200, body: '{"ok":false,"error":"expired_url"}' }],
  ['answers 200 with a page', { status: 200, body: '<html>Signed out</html>' }],
  ['answers 200 with nothing', { status: 200, body: '' }],
])('replies to a click at the root by chat.postEphemeral when the response_url %s', async (_, failure) => {
  const { workspace, reply, place, ways } = await start();
  workspace.failures.plan({ on: BY_URL, failure });
  await reply(place, () => 'Not yours.');
  expect(ways()).toEqual([[BY_API, undefined]]);
});

it('replies six times at the root, of which the response_url takes five', async () => {
  const { reply, place, ways } = await start();
  for (let n = 1; n <= 6; n += 1) await reply(place, () => `${n}`);
  expect(ways().map(([via]) => via)).toEqual([...Array(5).fill(BY_URL), BY_API]);
});

it('replies to a click in a thread there, by chat.postEphemeral', async () => {
  const { reply, place, root, ways } = await start({ inThread: true });
  await reply(place, () => 'Not yours.');
  expect(ways()).toEqual([[BY_API, root]]);
});

it.each([
  ['is refused', { error: 'user_not_in_channel' }],
  ['does not answer in time', { noAnswer: true as const }],
])('replies to a click in a thread by the response_url when chat.postEphemeral %s', async (_, failure) => {
  const { workspace, reply, place, ways } = await start({ inThread: true, timeout: UNANSWERED_AFTER });
  workspace.failures.plan({ on: BY_API, failure });
  await reply(place, () => 'Not yours.');
  expect(ways()).toEqual([[BY_URL, undefined]]);
});

it('replies by chat.postEphemeral where there is no response_url', async () => {
  const { reply, place, ways } = await start();
  await reply({ ...place, responseUrl: undefined }, () => 'Not yours.');
  expect(ways()).toEqual([[BY_API, undefined]]);
});

it('replies by a direct message when neither the response_url nor chat.postEphemeral works', async () => {
  for (const inThread of [false, true]) {
    const { workspace, reply, place, ways, pauses } = await start({ inThread });
    workspace.failures.plan({ on: BY_URL, failure: { status: 404, body: 'expired_url' } });
    workspace.failures.plan({ on: BY_API, failure: { error: 'user_not_in_channel' } });
    await reply(place, () => 'Not yours.');
    expect(workspace.directMessages('UANA').map(({ text }) => text)).toEqual(['Not yours.']);
    expect([ways(), pauses]).toEqual([[], []]);
  }
});

it('replies a little later when no way worked', async () => {
  const { workspace, reply, place, ways, pauses } = await start();
  workspace.failures.plan({ on: BY_URL, failure: { reset: true } });
  workspace.failures.plan({ on: BY_API, failure: { status: 500 } });
  workspace.failures.plan({ on: BY_MESSAGE, failure: { status: 500 } });
  await reply(place, () => 'Not yours.');
  expect([ways(), pauses]).toEqual([[[BY_URL, undefined]], [1_000]]);
});

it('logs a person whom it cannot reach, and does not reject', async () => {
  const { workspace, reply, place, lines, ways, pauses } = await start();
  const times = Number.POSITIVE_INFINITY;
  workspace.failures.plan({ on: BY_URL, times, failure: { status: 500 } });
  workspace.failures.plan({ on: BY_API, times, failure: { error: 'user_not_in_channel' } });
  workspace.failures.plan({ on: BY_MESSAGE, times, failure: { error: 'messages_tab_disabled' } });
  await reply(place, () => 'Not yours.');
  expect([ways(), pauses]).toEqual([[], [1_000, 2_000, 4_000]]);
  expect(lines.map(({ level }) => level)).toEqual([...Array(12).fill('warn'), 'error']);
  await reply({ user: 'UANA', texts: place.texts }, () => 'Nowhere.');
  expect(lines.at(-1)?.fact).toBe('reply to user failed');
});
