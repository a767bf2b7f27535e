import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { approves, clickOn, startRunWithCard } from '../support/process-steps.ts';
import { behindProxy, startProxy } from '../support/proxy.ts';
import { atEnd } from '../support/shared.ts';
import { until } from '../support/until.ts';
import { ephemeralsTo, GOES_ON, sees, startBot, startWorld } from '../support/world.ts';

const APP_TOKEN = 'xapp-sandbox-token';
const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

async function startReceiver() {
  const types: string[] = [];
  const server = createServer((incoming, response) => {
    let body = '';
    incoming.on('data', (part) => (body += part));
    incoming.on('end', () => {
      types.push((JSON.parse(body) as { type: string }).type);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => void server.close());
  return { types, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

test('where only a proxy leads outside, CrewAI, signed events, calls to Slack and its sockets go through it', async () => {
  const { passed } = await startProxy();
  const world = await startWorld(undefined, {}, { appToken: APP_TOKEN });
  const { workspace, platform } = world;
  const receiver = await startReceiver();
  const bot = await startBot(world, {
    SLACK_APP_TOKEN: APP_TOKEN,
    SLACK_SIGNING_SECRET: '',
    SLACK_API_URL: behindProxy(workspace.apiUrl, 'slack.test'),
    CREWAI_BASE_URL: behindProxy(platform.baseUrl, 'crew.test'),
    EVENTS_URL: behindProxy(receiver.url, 'events.test'),
    EVENTS_SECRET: SECRET,
  });
  const { card } = await startRunWithCard(world, bot);
  // A refusal is answered at the response_url.
  await clickOn(world, card.ts, 'approve', 'UCAT');
  await until(() => expect(ephemeralsTo(workspace, 'UCAT')).toHaveLength(1));
  await approves(world, card);
  await sees(workspace, 'went on', ({ ts, all }) => ts === card.ts && all.includes(GOES_ON));
  await until(() => expect(receiver.types).toContain('approval.decided'));
  for (const request of [
    'slack.test/api/auth.test',
    'slack.test/api/apps.connections.open',
    'slack.test/api/chat.postMessage',
    // Slack names the host of a socket and of a response_url, here this machine.
    '127.0.0.1/link/',
    expect.stringMatching(/^127\.0\.0\.1\/actions\//),
    'crew.test/resume',
    'events.test/',
  ])
    expect(passed).toContainEqual(request);
  await bot.stop();
});
