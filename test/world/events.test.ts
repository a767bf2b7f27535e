import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { EVENT_TYPES } from '../../src/approval/signed-events.ts';
import { BOT_HOST } from './network.ts';
import { createWorld, HOUR, MINUTE, type Process, SECOND, type World, type WorldOptions } from './world.ts';

const SECRET = `whsec_${Buffer.from('a secret of thirty-two bytes ....').toString('base64')}`;
const RECEIVER = 'events.example.com';
const DAY = 24 * HOUR;

interface Received {
  id: string;
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
}

/** A world whose events go to a receiver. `answers`: what it says to the next ones; 200 after that. */
async function createEventWorld({ settings, ...options }: WorldOptions = {}) {
  const received: Received[] = [];
  const rejected: Received[] = [];
  const signatures: string[] = [];
  const receiver = {
    received,
    rejected,
    signatures,
    always: undefined as ((event: Received) => Answer | undefined) | undefined,
  };
  const listen = (request: IncomingMessage, response: ServerResponse) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      const {
        'webhook-id': id,
        'webhook-timestamp': stamp,
        'webhook-signature': signature,
      } = request.headers;
      // The library compares the time with its own clock, and the world has another one.
      const signed = new Webhook(SECRET).sign(String(id), new Date(Number(stamp) * 1_000), body);
      expect(signature).toBe(signed);
      signatures.push(`${id} ${stamp}`);
      const event = { id: String(id), ...JSON.parse(body) } as Received;
      const answer = receiver.always?.(event);
      (answer && answer.status !== 200 ? rejected : received).push(event);
      response.writeHead(answer?.status ?? 200, answer?.headers).end();
    });
  };
  const world = await createWorld({
    ...options,
    settings: { EVENTS_URL: `https://${RECEIVER}/hook`, EVENTS_SECRET: SECRET, ...settings },
    hosts: { [RECEIVER]: listen },
  });
  return { world, receiver };
}

const typesOf = (events: readonly Received[]) => events.map(({ type }) => type);

test('an approval is told from its opening to its end, in order, each with its place in the history', async () => {
  const { world, receiver } = await createEventWorld();
  const run = await world.shown();
  await world.revise('UANA', 'Shorter');
  await world.pass(5 * SECOND);
  await world.click('UBEN', 'approve');
  await world.pass(30 * SECOND);
  const types = typesOf(receiver.received);
  for (const type of ['opened', 'decided', 'accepted', 'continued'])
    expect(types).toContain(`approval.${type}`);
  expect(types[0]).toBe('run.started');
  expect(types.at(-1)).toBe('run.finished');
  const approvals = receiver.received.filter(({ type }) => type.startsWith('approval.'));
  const { approval } = world.cards()[0] as { approval: string };
  const own = approvals.filter(({ data }) => data.approval === approval).map(({ data }) => Number(data.seq));
  expect(own).toEqual(own.toSorted((a, b) => a - b));
  expect(approvals[0]).toMatchObject({
    id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
    timestamp: expect.stringMatching(/Z$/),
    data: {
      crew: 'press',
      run,
      round: 1,
      kind: 'pause',
      options: ['approve', 'revise'],
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    },
  });
  const decided = approvals.filter(({ type }) => type === 'approval.decided');
  expect(decided.map(({ data }) => [data.by, data.option])).toEqual([
    ['UANA', 'revise'],
    ['UBEN', 'approve'],
  ]);
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(receiver.received.length);
  expect(JSON.stringify(receiver.received), 'no text unless it is asked for').not.toMatch(/Shorter|_text/);
  expect(await pendingIn(world)).toEqual([]);
});

test('a task that both webhooks tell at the same moment is opened once', async () => {
  const { world, receiver } = await createEventWorld({ dialect: 'documented' });
  await world.shown();
  const [opened, ...more] = receiver.received.filter(({ type }) => type === 'approval.opened');
  expect(opened?.data.seq).toBe(1);
  expect(more).toEqual([]);
});

test('a pause that comes by two routes is opened once', async () => {
  const { world, receiver } = await createEventWorld();
  const output = 'A release';
  await world.hook('human-input', {
    execution_id: 'run-1',
    task_id: 'draft',
    task_output: output,
    state: 'pending_human_input',
  });
  await world.hook('task', { kickoff_id: 'run-1', name: 'draft', agent: 'Copywriter', output });
  await world.pass(5 * SECOND);
  expect(world.cards()).toHaveLength(1);
  expect(typesOf(receiver.received).filter((type) => type === 'approval.opened')).toHaveLength(1);
});

test('a run is started when the bot hears of it, and not when it is registered; its failure comes last', async () => {
  const { world, receiver } = await createEventWorld();
  const run = 'run-1';
  await world.register(run, { channel: 'CAPPROVALS' });
  await world.pass(5 * SECOND);
  expect(receiver.received).toEqual([]);
  await world.hook('human-input', { execution_id: run, task_id: 'draft', task_output: 'A release' });
  // CrewAI's clock is behind.
  const timestamp = new Date(world.stage.now() - HOUR).toISOString();
  const failed = {
    id: 'event-1',
    execution_id: run,
    timestamp,
    type: 'crew_kickoff_failed',
    data: { error: 'boom' },
  };
  await world.hook('events', { events: [failed] });
  await world.pass(10 * SECOND);
  const types = typesOf(receiver.received);
  expect([types[0], types.at(-1)]).toEqual(['run.started', 'run.failed']);
  for (const { timestamp } of receiver.received) expect(timestamp).toMatch(/^2026-/);
});

test('outputs and feedback go along where the settings say so', async () => {
  const { world, receiver } = await createEventWorld({ settings: { EVENTS_TEXTS: 'true' } });
  await world.shown();
  await world.revise('UANA', 'Shorter');
  await world.pass(5 * SECOND);
  expect(receiver.received.find(({ type }) => type === 'approval.opened')?.data.output_text).toEqual(
    expect.any(String),
  );
  expect(receiver.received.find(({ type }) => type === 'approval.decided')?.data.feedback).toBe('Shorter');
});

test('a receiver that is down for an hour gets all of it later, each signed anew, and delays no card', async () => {
  const { world, receiver } = await createEventWorld();
  receiver.always = () => ({ status: 500 });
  await world.shown();
  await world.click('UANA', 'approve');
  await world.pass(30 * SECOND);
  expect(world.card().state).toBe('continued');
  await world.pass(HOUR);
  expect(receiver.received).toEqual([]);
  expect(receiver.rejected.length, 'it waits longer each time').toBeLessThan(20);
  receiver.always = undefined;
  await world.pass(2 * HOUR);
  expect(typesOf(receiver.received)).toContain('approval.decided');
  expect(new Set(receiver.rejected.map(({ id }) => id)).size, 'in order').toBe(1);
  const attempts = receiver.signatures.filter((one) => one.startsWith(`${receiver.received[0]?.id} `));
  expect(new Set(attempts).size).toBe(attempts.length);
});

test('a run whose event is rejected waits alone, a Retry-After is kept, and a redirect is not followed', async () => {
  const { world, receiver } = await createEventWorld();
  const first = await world.shown();
  await world.pass(3 * SECOND);
  receiver.always = ({ data }) =>
    data.run === first ? { status: 302, headers: { location: '/x' } } : undefined;
  await world.click('UANA', 'approve');
  const second = await world.shown();
  await world.pass(10 * SECOND);
  expect(receiver.rejected.length, 'it waits longer each time').toBeLessThan(6);
  const heard = (run: string) => typesOf(receiver.received.filter(({ data }) => data.run === run));
  expect(heard(first)).not.toContain('approval.decided');
  expect(heard(second)).toContain('approval.opened');
  receiver.always = () => ({ status: 429, headers: { 'retry-after': '600' } });
  await world.click('UANA', 'approve');
  await world.pass(10 * SECOND);
  const tries = receiver.rejected.length;
  await world.pass(9 * MINUTE);
  expect(receiver.rejected).toHaveLength(tries);
  receiver.always = undefined;
  await world.pass(HOUR);
  expect(heard(second)).toContain('approval.decided');
});

test('an event that is not accepted for a day is dropped, one that is answered 410 at once; operators are told', async () => {
  const { world, receiver } = await createEventWorld({ settings: { OPS_CHANNEL: 'CPRESS' } });
  receiver.always = ({ type }) => (type === 'run.started' ? { status: 410 } : undefined);
  await world.shown();
  await world.pass(5 * SECOND);
  expect(typesOf(receiver.received)).toEqual(['approval.opened']);
  expect(world.notes('CPRESS').join()).toContain('were dropped');
  receiver.always = ({ type }) => (type === 'approval.decided' ? { status: 400 } : undefined);
  await world.click('UANA', 'approve');
  await world.pass(DAY - HOUR);
  expect(typesOf(receiver.received)).toEqual(['approval.opened']);
  await world.pass(3 * HOUR);
  expect(typesOf(receiver.received)).toContain('approval.accepted');
  expect(await pendingIn(world)).toEqual([]);
  const metrics = await world.settle(fetchMetrics(world));
  expect(metrics).toContain('crew_approvals_events_dropped_total{crew="press"} 2');
});

test('events of a crew whose receiver was taken out of the settings are kept for a day, and not longer', async () => {
  const { world, receiver } = await createEventWorld({ settings: { EVENTS_TEXTS: 'true' } });
  receiver.always = () => ({ status: 503 });
  await world.shown();
  await world.pass(5 * SECOND);
  await world.restart({ EVENTS_URL: '', EVENTS_SECRET: '', EVENTS_TEXTS: '' });
  await world.pass(DAY - HOUR);
  expect(await pendingIn(world)).toHaveLength(2);
  await world.pass(2 * HOUR);
  expect(await pendingIn(world)).toEqual([]);
  expect(receiver.received).toEqual([]);
});

test('what was stored before the process died is sent by the next one, once by two', async () => {
  const { world, receiver } = await createEventWorld({ replicas: 2 });
  receiver.always = () => ({ status: 503 });
  await world.shown();
  await world.click('UANA', 'approve');
  await world.pass(5 * SECOND);
  world.kill(world.processes[0] as Process);
  receiver.always = undefined;
  await world.pass(10 * MINUTE);
  expect(typesOf(receiver.received)).toContain('approval.decided');
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(receiver.received.length);
});

test.each([
  ['on a store for one process is sent by the next one at once', 1, 'is killed'],
  ['is sent by another replica at once', 2, 'is stopped'],
])('what a process left %s, when it %s', async (_, replicas, how) => {
  const { world, receiver } = await createEventWorld({ replicas });
  await world.shown();
  await world.pass(5 * SECOND);
  expect(typesOf(receiver.received)).toContain('approval.opened');
  const sending = world.processes[0] as Process;
  sending.backAfter = how === 'is killed' ? 0 : undefined;
  if (how === 'is stopped') await world.settle(sending.app?.stop() ?? Promise.resolve());
  world.kill(sending);
  await world.pass(SECOND);
  world.door = 1;
  await world.click('UANA', 'approve');
  await world.pass(3 * SECOND);
  expect(typesOf(receiver.received)).toContain('approval.decided');
});

test('a run that ends before anyone decided closes its approvals; a run that fails says so', async () => {
  const { world, receiver } = await createEventWorld();
  const run = await world.shown();
  const failed = { id: 'event-1', execution_id: run, type: 'crew_kickoff_failed', data: { error: 'boom' } };
  await world.hook('events', { events: [failed] });
  await world.pass(10 * SECOND);
  expect(typesOf(receiver.received)).toEqual(expect.arrayContaining(['run.failed', 'approval.closed']));
  for (const type of typesOf(receiver.received)) expect(EVENT_TYPES).toContain(type);
});

/** The events that are still stored. */
async function pendingIn(world: World): Promise<unknown[]> {
  return world.settle(world.records.of(world.stage.outside).range('event', { limit: 10, after: undefined }));
}

async function fetchMetrics({ network }: World): Promise<string> {
  const url = `http://${BOT_HOST}/metrics`;
  const answer = await network.request({ url, method: 'GET', headers: {}, body: undefined });
  return answer?.body ?? '';
}

/** Makes an event of each type: what it is called and its body. */
async function makeExamples(): Promise<Map<string, unknown>> {
  const examples = new Map<string, unknown>();
  const keep = (received: readonly Received[]) => {
    for (const { id: _, ...body } of received) if (!examples.has(body.type)) examples.set(body.type, body);
  };
  const decided = await createEventWorld({ settings: { EXPIRE_AFTER: '1h' } });
  await decided.world.shown();
  await decided.world.pass(HOUR + MINUTE);
  await decided.world.click('UANA', 'approve');
  await decided.world.pass(MINUTE);
  keep(decided.receiver.received);
  const failing = await createEventWorld();
  const run = await failing.world.shown();
  const failed = { id: 'event-1', execution_id: run, type: 'crew_kickoff_failed', data: { error: 'boom' } };
  await failing.world.hook('events', { events: [failed] });
  await failing.world.pass(MINUTE);
  keep(failing.receiver.received);
  const rejecting = await createEventWorld({ crewai: { token: 'another-token-of-this-crew' } });
  await rejecting.world.shown();
  await rejecting.world.click('UANA', 'approve');
  await rejecting.world.pass(MINUTE);
  keep(rejecting.receiver.received);
  return examples;
}

/** Ids, times and hashes differ from run to run. */
const shapeOf = (body: unknown) =>
  JSON.stringify(body)
    .replace(/\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b/g, 'HASH')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replace(/"approval":"[0-9A-Z]{16}"/g, '"approval":"ID"');

test('docs/events.md has an example of each type, as it is sent', async () => {
  const examples = await makeExamples();
  expect([...examples.keys()].sort()).toEqual([...EVENT_TYPES].sort());
  const blocks = [...readFileSync('docs/events.md', 'utf8').matchAll(/^```json\n([^`]*)```$/gm)];
  const printed = new Map(
    blocks.map(([, json = '']) => {
      const body = JSON.parse(json) as Received;
      return [body.type, shapeOf(body)] as const;
    }),
  );
  if (process.env.PRINT_EXAMPLES)
    for (const type of EVENT_TYPES)
      console.log(`\`\`\`json\n${JSON.stringify(examples.get(type), null, 2)}\n\`\`\`\n`);
  for (const [type, body] of examples) expect(printed.get(type as never), type).toBe(shapeOf(body));
});
