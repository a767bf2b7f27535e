import { expect, test } from 'vitest';
import type { KickoffBody } from '../../../src/sandbox/crewai/kickoff-request.ts';
import type { PlatformOptions } from '../../../src/sandbox/crewai/platform.ts';
import {
  broken,
  decideLive,
  draft,
  research,
  startLivePress,
  waitForDeliveries,
  waitForEnd,
  waitForPause,
} from './press-crew.ts';

const ALL_TYPES = [
  'crew_kickoff_started',
  'crew_kickoff_completed',
  'crew_kickoff_failed',
  'task_started',
  'task_completed',
  'task_failed',
];

interface SentEvent {
  id: string;
  execution_id: string;
  timestamp: string;
  type: string;
  data: Record<string, unknown>;
}

/** A live platform whose events all come to a receiver. */
async function startWithEvents(options: Partial<PlatformOptions>) {
  const press = await startLivePress(options);
  const { platform, receiver } = press;
  const batches = () => receiver.at('/events').map(({ body }) => body.events as SentEvent[]);
  return {
    ...press,
    batches,
    events: () => batches().flat(),
    kickoff: (webhooks: Partial<NonNullable<KickoffBody['webhooks']>> = {}) =>
      platform.kickoff({ webhooks: { events: ALL_TYPES, url: receiver.eventsUrl, ...webhooks } }),
  };
}

test('a run without `webhooks` sends no events', async () => {
  const { platform } = await startLivePress({ tasks: [research] });
  await waitForEnd(platform, platform.kickoff());
  expect(platform.webhooks).toEqual([]);
});

test('the events of a run tell its start, its tasks and its end', async () => {
  const { platform, kickoff, events } = await startWithEvents({ tasks: [research] });
  const id = kickoff();
  await waitForDeliveries(platform, 1);
  const task = { task_name: 'research', agent_role: 'Researcher' };
  const common = { id: expect.any(String), execution_id: id, timestamp: expect.stringMatching(/^2.*Z$/) };
  expect(events()).toEqual([
    { ...common, type: 'crew_kickoff_started', data: { emission_sequence: 1 } },
    { ...common, type: 'task_started', data: { emission_sequence: 2, ...task } },
    { ...common, type: 'task_completed', data: { emission_sequence: 3, ...task } },
    { ...common, type: 'crew_kickoff_completed', data: { emission_sequence: 4 } },
  ]);
  expect(new Set(events().map((event) => event.id)).size).toBe(4);
});

test('the events of a failed run tell which task failed, and the error', async () => {
  const { platform, kickoff, events } = await startWithEvents({ tasks: [broken] });
  kickoff({ events: ['task_failed', 'crew_kickoff_failed', 'crew_kickoff_completed'] });
  await waitForDeliveries(platform, 1);
  expect(events()).toMatchObject([
    { type: 'task_failed', data: { task_name: 'broken', error: 'ValueError: boom' } },
    { type: 'crew_kickoff_failed', data: { error: 'ValueError: boom' } },
  ]);
});

test('only the types that were asked for are sent', async () => {
  const { platform, kickoff, events } = await startWithEvents({ tasks: [research] });
  kickoff({ events: ['crew_kickoff_completed', 'flow_finished'] });
  await waitForDeliveries(platform, 1);
  expect(events()).toMatchObject([{ type: 'crew_kickoff_completed', data: { emission_sequence: 4 } }]);
});

test('events are sent with the bearer token of `webhooks`, or without a header', async () => {
  const { platform, receiver, kickoff } = await startWithEvents({ tasks: [research] });
  kickoff({ authentication: { strategy: 'bearer', token: 'events-secret' } });
  await waitForDeliveries(platform, 1);
  kickoff();
  await waitForDeliveries(platform, 2);
  expect(receiver.received.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer events-secret',
    undefined,
  ]);
  expect(platform.webhooks.map(({ kind, strategy }) => [kind, strategy])).toEqual([
    ['events', 'bearer'],
    ['events', undefined],
  ]);
});

test('events arrive in one batch, or one by one if realtime was asked for', async () => {
  const { platform, kickoff, batches } = await startWithEvents({ tasks: [research] });
  kickoff();
  await waitForDeliveries(platform, 1);
  expect(batches().map(({ length }) => length)).toEqual([4]);
  kickoff({ realtime: true });
  await waitForDeliveries(platform, 5);
  expect(batches().map(({ length }) => length)).toEqual([4, 1, 1, 1, 1]);
});

test.each([false, true])('events can arrive in reverse order (realtime: %s)', async (realtime) => {
  const { platform, kickoff, events } = await startWithEvents({ tasks: [research], shuffleEvents: true });
  kickoff({ realtime });
  await waitForDeliveries(platform, realtime ? 4 : 1);
  expect(events().map(({ data }) => data.emission_sequence)).toEqual([4, 3, 2, 1]);
});

test('a pause completes no task: after a /resume the events go on under the id of the continuation', async () => {
  const { platform, api, kickoff, batches } = await startWithEvents({ tasks: [draft] });
  const id = kickoff();
  const { taskId } = await waitForPause(platform, id);
  await waitForDeliveries(platform, 1);
  const continuation = await decideLive(api, { executionId: id, taskId });
  await waitForDeliveries(platform, 2);
  const [before = [], after = []] = batches();
  expect(before.map(({ type, execution_id }) => [type, execution_id])).toEqual([
    ['crew_kickoff_started', id],
    ['task_started', id],
  ]);
  expect(after.map(({ type, execution_id }) => [type, execution_id])).toEqual([
    ['task_completed', continuation],
    ['crew_kickoff_completed', continuation],
  ]);
});

test('an event id is unique only within its execution id', async () => {
  const { platform, api, kickoff, events } = await startWithEvents({ tasks: [draft] });
  const id = kickoff();
  const { taskId } = await waitForPause(platform, id);
  await decideLive(api, { executionId: id, taskId });
  await waitForDeliveries(platform, 2);
  expect(events().map((event) => event.id)).toEqual(['ev-1', 'ev-2', 'ev-1', 'ev-2']);
});
