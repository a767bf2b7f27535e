import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createReply, type ReplyPlace } from '../../../src/slack/api/reply.ts';
import { collectingLog, startStage, UNANSWERED_AFTER } from '../stage.ts';

/** A card with a button, at the root or in a thread, and the click of a person on it. */
async function start({ user = 'UANA', inThread = false, timeout = 15_000 } = {}) {
  const { workspace, client } = await startStage({ timeout });
  const urls: string[] = [];
  const bot = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    urls.push((JSON.parse(form.get('payload') ?? '{}') as { response_url: string }).response_url);
    response.end();
  }).listen(0, '127.0.0.1');
  await once(bot, 'listening');
  onTestFinished(() => void bot.close());
  workspace.connectBot(`http://127.0.0.1:${(bot.address() as AddressInfo).port}/`);

  const post = async (thread: { thread_ts: string } | object) => {
    const { ts } = await client.chat.postMessage({
      channel: 'CAPPROVALS',
      text: 'Card',
      blocks: [
        {
          type: 'actions',
          elements: [
            {
              type: 'button',
              action_id: 'approve',
              value: '1',
              text: { type: 'plain_text', text: 'Approve' },
            },
          ],
        },
      ],
      ...thread,
    });
    return String(ts);
  };
  const root = await post({});
  const ts = inThread ? await post({ thread_ts: root }) : root;
  await workspace.click({ user, channel: 'CAPPROVALS', ts, actionId: 'approve' });
  const place: ReplyPlace = {
    user,
    channel: 'CAPPROVALS',
    threadTs: inThread ? root : undefined,
    responseUrl: urls[0],
  };
  const { log, lines } = collectingLog();
  const pauses: number[] = [];
  const clock = {
    now: () => 0,
    after: (pause: number, callback: () => void) => {
      pauses.push(pause);
      callback();
      return () => {};
    },
  };
  const reply = createReply({ client, clock, log });
  const ways = () => workspace.ephemerals(user).map(({ via, thread_ts }) => ({ via, thread_ts }));
  return { workspace, reply, place, root, ts, lines, ways, pauses };
}

it('a person who clicked at the root is told by the response_url, and the card stays as it is', async () => {
  const { workspace, reply, place, ts, ways } = await start();
  await reply(place, 'Not yours.');
  expect(ways()).toEqual([{ via: 'response_url', thread_ts: undefined }]);
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
])('at the root, when the response_url %s, by chat.postEphemeral', async (_, failure) => {
  const { workspace, reply, place, ways } = await start();
  workspace.failures.plan({ on: 'response_url', failure });
  await reply(place, 'Not yours.');
  expect(ways()).toEqual([{ via: 'chat.postEphemeral', thread_ts: undefined }]);
});

it('at the root, six times: the response_url takes five', async () => {
  const { reply, place, ways } = await start();
  for (let n = 1; n <= 6; n += 1) await reply(place, `${n}`);
  expect(ways().map(({ via }) => via)).toEqual([...Array(5).fill('response_url'), 'chat.postEphemeral']);
});

it('a person who clicked in a thread is told there by chat.postEphemeral', async () => {
  const { reply, place, root, ways } = await start({ inThread: true });
  await reply(place, 'Not yours.');
  expect(ways()).toEqual([{ via: 'chat.postEphemeral', thread_ts: root }]);
});

it('in a thread, when chat.postEphemeral is refused, by the response_url', async () => {
  const { workspace, reply, place, ways } = await start({ inThread: true });
  workspace.failures.plan({ on: 'chat.postEphemeral', failure: { error: 'user_not_in_channel' } });
  await reply(place, 'Not yours.');
  expect(ways()).toEqual([{ via: 'response_url', thread_ts: undefined }]);
});

it('in a thread, when chat.postEphemeral does not answer in time, by the response_url', async () => {
  const { workspace, reply, place, ways } = await start({ inThread: true, timeout: UNANSWERED_AFTER });
  workspace.failures.plan({ on: 'chat.postEphemeral', failure: { noAnswer: true } });
  await reply(place, 'Not yours.');
  expect(ways()).toEqual([{ via: 'response_url', thread_ts: undefined }]);
});

it('without a response_url a person is told by chat.postEphemeral', async () => {
  const { reply, place, ways } = await start();
  await reply({ ...place, responseUrl: undefined }, 'Not yours.');
  expect(ways().map(({ via }) => via)).toEqual(['chat.postEphemeral']);
});

it('a person who could not be told in either way is told a little later', async () => {
  const { workspace, reply, place, ways, pauses } = await start();
  workspace.failures.plan({ on: 'response_url', failure: { reset: true } });
  workspace.failures.plan({ on: 'chat.postEphemeral', failure: { status: 500 } });
  await reply(place, 'Not yours.');
  expect(ways().map(({ via }) => via)).toEqual(['response_url']);
  expect(pauses).toEqual([1_000]);
});

it('a person who cannot be told at all ends nothing, and the log says so', async () => {
  const { workspace, reply, place, lines, ways, pauses } = await start();
  const times = Number.POSITIVE_INFINITY;
  workspace.failures.plan({ on: 'response_url', times, failure: { status: 500 } });
  workspace.failures.plan({ on: 'chat.postEphemeral', times, failure: { error: 'user_not_in_channel' } });
  await reply(place, 'Not yours.');
  expect(ways()).toEqual([]);
  expect(pauses).toEqual([1_000, 2_000, 4_000]);
  expect(lines.map(({ level }) => level)).toEqual([...Array(8).fill('warn'), 'error']);
  await reply({ user: 'UANA' }, 'Nowhere.');
  expect(lines.at(-1)?.fact).toBe('reply to user failed');
});
