import { expect, test } from 'vitest';
import { broken, draft, research, startLivePress } from './press-crew.ts';

const ALL_TYPES = [
  ...['crew_kickoff_started', 'crew_kickoff_completed', 'crew_kickoff_failed'],
  ...['task_started', 'task_completed', 'task_failed'],
];

interface SentEvent {
  id: string;
  execution_id: string;
  timestamp: string;
  type: string;
  data: Record<string, unknown>;
}

/** A live platform with one task whose events all come to a receiver. */
async function startWithEvents(task = research) {
  const press = await startLivePress({ tasks: [task] });
  const batches = () => press.received().map(({ body }) => body.events as SentEvent[]);
  const webhooks = { events: ALL_TYPES, url: press.eventsUrl };
  return {
    ...press,
    batches,
    events: () => batches().flat(),
    kickoff: (more: object = {}) => press.platform.kickoff({ webhooks: { ...webhooks, ...more } }),
  };
}

test('the events of a run say when it and its tasks start and end', async () => {
  const { kickoff, events, delivered } = await startWithEvents();
  const id = kickoff();
  await delivered(1);
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

test('the events of a failed run name the task that failed, and the error', async () => {
  const { kickoff, events, delivered } = await startWithEvents(broken);
  kickoff({ events: ['task_failed', 'crew_kickoff_failed', 'crew_kickoff_completed'] });
  await delivered(1);
  expect(events()).toMatchObject([
    { type: 'task_failed', data: { task_name: 'broken', error: 'ValueError: boom' } },
    { type: 'crew_kickoff_failed', data: { error: 'ValueError: boom' } },
  ]);
});

test('only the types that were asked for are sent', async () => {
  const { kickoff, events, delivered } = await startWithEvents();
  kickoff({ events: ['crew_kickoff_completed', 'flow_finished'] });
  await delivered(1);
  expect(events()).toMatchObject([{ type: 'crew_kickoff_completed', data: { emission_sequence: 4 } }]);
});

test('events arrive with their bearer token, if any, in one batch or one by one (realtime)', async () => {
  const { platform, kickoff, batches, received, delivered } = await startWithEvents();
  kickoff({ authentication: { strategy: 'bearer', token: 'events-secret' } });
  await delivered(1);
  kickoff({ realtime: true });
  await delivered(5);
  expect(batches().map(({ length }) => length)).toEqual([4, 1, 1, 1, 1]);
  const authorizations = received().map(({ headers }) => headers.authorization);
  expect(authorizations).toEqual(['Bearer events-secret', ...Array(4).fill(undefined)]);
  const strategies = platform.webhooks.map(({ kind, strategy }) => [kind, strategy]);
  expect(strategies).toEqual(['bearer', ...Array(4).fill(undefined)].map((strategy) => ['events', strategy]));
});

test('a pause completes no task: the events go on with new ids under the id of the continuation', async () => {
  const { kickoff, events, pause, decide, delivered } = await startWithEvents(draft);
  const id = kickoff();
  const { taskId } = await pause(id);
  await delivered(1);
  const continuation = await decide({ executionId: id, taskId });
  await delivered(2);
  expect(events().map((event) => [event.type, event.execution_id, event.id])).toEqual([
    ['crew_kickoff_started', id, 'ev-1'],
    ['task_started', id, 'ev-2'],
    ['task_completed', continuation, 'ev-1'],
    ['crew_kickoff_completed', continuation, 'ev-2'],
  ]);
});
