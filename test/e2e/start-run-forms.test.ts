import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { draft, startBot, startWorld, type World } from '../support/world.ts';
import { crewsFile } from './crew-settings.ts';
import { form, kickoffs, root, run } from './start-steps.ts';

async function startWith(world: World, ...lines: string[]) {
  const port = String(await freePort());
  return startBot(world, {
    ...crewsFile(world, ...lines),
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
  });
}

test('a Flow is asked for as JSON, without an id, and gets its values typed', async () => {
  const world = await startWorld();
  const { workspace, platform } = world;
  const fields = JSON.stringify({ inputs: ['id', 'topic', 'count'] });
  platform.failures.plan({ on: 'inputs', failure: { status: 200, body: fields } });
  await startWith(world, 'flow_webhook_secrets: [whsec_0f1e2d3c4b5a69788796a5b4c3d2e1f0]');
  await run(world);
  const shown = JSON.stringify((await form(world)).blocks);
  expect(shown).toContain("Fields of the Flow's state: topic, count.");
  const json = (text: string) => ({ inputs_json: { inputs_json: text } });
  const refused = await workspace.submit({ user: 'UANA', values: json('{"id": "7", "topic": "rain"}') });
  expect(refused).toMatchObject({ closed: false, errors: { inputs_json: expect.stringContaining('"id"') } });
  expect(kickoffs(world)).toEqual([]);
  await workspace.submit({ user: 'UANA', values: json('{"topic": "rain", "count": 3}') });
  await root(world, 'Running');
  expect(kickoffs(world)[0]?.body).toMatchObject({ inputs: { topic: 'rain', count: 3 } });
});

test('a Flow that names its declared inputs has a field for each, and gets lists as lists', async () => {
  const world = await startWorld([draft], { inputs: ['topic', 'tags', 'tone'], requiredInputs: ['topic'] });
  const { workspace } = world;
  await startWith(world, 'flow_webhook_secrets: [whsec_0f1e2d3c4b5a69788796a5b4c3d2e1f0]');
  await run(world);
  const { blocks } = await form(world);
  expect(blocks.flatMap(({ type, block_id }) => (type === 'input' ? [block_id] : []))).toEqual([
    'input:topic',
    'input:tags',
    'input:tone',
  ]);
  await workspace.submit({
    user: 'UANA',
    values: { 'input:topic': { input: '2026' }, 'input:tags': { input: '["sea", "rain"]' } },
  });
  await root(world, 'Running');
  const inputs = { topic: '2026', tags: ['sea', 'rain'] };
  expect(kickoffs(world)[0]?.body).toHaveProperty('inputs', inputs);
});

/** A deployment of a crew that names its inputs after so many milliseconds. */
async function startSlowCrew(milliseconds: number): Promise<string> {
  const answer: RequestListener = ({ url }, response) => {
    if (url === '/inputs') setTimeout(() => response.end('{"inputs":["topic"]}'), milliseconds);
    else response.writeHead(404).end('{"error":"Not Found","message":"There is no such run"}');
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a form stands there at once, and has its fields though CrewAI takes six seconds to name them', async () => {
  const own = await startWorld([draft]);
  const world = { ...own, settings: { ...own.settings, CREWAI_BASE_URL: await startSlowCrew(6_000) } };
  await startWith(world);
  const { workspace } = world;
  await run(world);
  await workspace.changed(() => JSON.stringify(workspace.openView('UANA') ?? '').includes('Asking CrewAI'), {
    what: 'the form without fields',
  });
  await workspace.changed(() => workspace.openView('UANA')?.callback_id === 'start_run', {
    what: 'the fields',
    timeoutMs: 15_000,
  });
  const { blocks } = await form(world);
  expect(blocks.map(({ block_id }) => block_id)).toContain('input:topic');
});
