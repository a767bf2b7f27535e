import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { clickOn } from '../support/process-steps.ts';
import { describeEachServer } from '../support/servers.ts';
import { atEnd } from '../support/shared.ts';
import { type Bot, sees, startBot, startWorld } from '../support/world.ts';

const APP_TOKEN = 'xapp-sandbox-token';
const ASK_SECRET = 'the-ask-secret-of-programs';
const ANSWER_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const JSON_HEADERS = { authorization: `Bearer ${ASK_SECRET}`, 'content-type': 'application/json' };

async function call(bot: Bot, method: string, path: string, body?: object): Promise<string> {
  const response = await fetch(`${bot.url}/crews/press/${path}`, {
    method,
    headers: JSON_HEADERS,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return ((await response.json()) as { status: string }).status;
}

describeEachServer('two replicas on one', (newUrl) => {
  test('a program whose run ends before it has accepted the answer reads answered from both, then and later', async () => {
    const world = await startWorld(undefined, {}, { appToken: APP_TOKEN });
    const bots: Bot[] = [];
    const readAll = (id: string) => Promise.all(bots.map((bot) => call(bot, 'GET', `questions/${id}`)));
    const meanwhile: string[][] = [];
    const server = createServer((incoming, response) => {
      let body = '';
      incoming.on('data', (part) => (body += part));
      incoming.on('end', async () => {
        const { id, status } = JSON.parse(body) as { id: string; status: string };
        const replica = bots[meanwhile.length % 2] as Bot;
        await call(replica, 'PUT', `runs/run-of-${id}`, { state: 'finished' });
        meanwhile.push([status, ...(await readAll(id))]);
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    atEnd(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const settings = {
      SLACK_APP_TOKEN: APP_TOKEN,
      SLACK_SIGNING_SECRET: '',
      ASK_SECRET,
      ANSWER_SECRET,
      ANSWER_HOSTS: `127.0.0.1:${port}`,
      STORE_URL: await newUrl(),
    };
    bots.push(await startBot(world, settings), await startBot(world, settings));
    for (const id of ['q1', 'q2', 'q3', 'q4']) {
      const callback_url = `http://127.0.0.1:${port}/`;
      const title = `Pay invoice ${id}?`;
      await call(bots[0] as Bot, 'PUT', `questions/${id}`, {
        title,
        text: 'ACME',
        run: `run-of-${id}`,
        callback_url,
      });
      const card = await sees(world.workspace, 'the question', ({ all }) => all.includes(title));
      await clickOn(world, card.ts, 'approve');
      await sees(
        world.workspace,
        'received',
        ({ ts, all }) => ts === card.ts && all.includes(texts.state.received()),
      );
      expect(await readAll(id)).toEqual(['answered', 'answered']);
    }
    expect(meanwhile).toEqual(Array(4).fill(['answered', 'answered', 'answered']));
  });
});
