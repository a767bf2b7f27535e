import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runEventTypes } from '../../../src/approval/model/run/run-events.ts';
import { readEvents } from '../../../src/crewai/payloads/events.ts';

const event = (over: object = {}) => ({
  id: 'event-1',
  execution_id: 'run-1',
  timestamp: '2026-10-01T12:00:00Z',
  type: 'task_started',
  data: { emission_sequence: 3, task_name: 'draft', agent_role: 'Copywriter' },
  ...over,
});
const read = (...events: unknown[]) => {
  const batch = readEvents({ events });
  if ('faults' in batch) throw new Error(JSON.stringify(batch.faults));
  return batch;
};

describe('a batch of events', () => {
  test('says of each which run and task it is of, and when it was emitted', () => {
    expect(read(event())).toEqual({
      events: [
        {
          id: 'event-1',
          executionId: 'run-1',
          at: Date.UTC(2026, 9, 1, 12),
          type: 'task_started',
          sequence: 3,
          task: 'draft',
          agent: 'Copywriter',
          error: undefined,
        },
      ],
      ignored: 0,
    });
  });

  test('may be a bare list, or one event by itself', () => {
    const batch = read(event());
    for (const body of [[event()], event(), { events: event() }]) expect(readEvents(body)).toEqual(batch);
    expect(readEvents(event({ type: 'flow_started' }))).toEqual({ events: [], ignored: 1 });
  });

  test.each(runEventTypes)('has %s', (type) => {
    expect(read(event({ type })).events).toMatchObject([{ type }]);
  });

  test('says why a run failed, in well-formed characters and long enough to find secrets in it', () => {
    const error = `${'x'.repeat(16_383)}👍`;
    const [failed] = read(event({ type: 'crew_kickoff_failed', data: { error } })).events;
    expect(failed?.error).toHaveLength(16_384);
    expect(String(failed?.error).isWellFormed()).toBe(true);
  });

  test('of types that nobody needs is counted and ignored', () => {
    const others = ['llm_call_started', 'flow_started', 'agent_execution_completed', '', 'TASK_STARTED'];
    const batch = read(...others.map((type) => event({ type })), event());
    expect(batch.events).toHaveLength(1);
    expect(batch.ignored).toBe(others.length);
  });

  test.each<[string, unknown]>([
    ['null', null],
    ['a text', 'task_started'],
    ['a list', []],
    ['nothing', {}],
    ['no id', event({ id: undefined })],
    ['an empty id', event({ id: '' })],
    ['an id that is too long', event({ id: 'x'.repeat(256) })],
    ['no execution_id', event({ execution_id: null })],
    ['no type', event({ type: undefined })],
  ])('loses no other for one that cannot be read: %s', (_, broken) => {
    const batch = read(event({ id: 'before' }), broken, event({ id: 'after' }));
    expect(batch.events.map(({ id }) => id)).toEqual(['before', 'after']);
    expect(batch.ignored).toBe(1);
  });

  test.each<[string, object, object]>([
    ['an id that is a number', { id: 17 }, { id: '17' }],
    ['a time that is none', { timestamp: 'yesterday' }, { at: undefined }],
    ['a time that is no text', { timestamp: 1_700_000_000 }, { at: undefined }],
    ['no data', { data: undefined }, { task: undefined, sequence: undefined }],
    ['data that is no object', { data: 'x' }, { task: undefined, sequence: undefined }],
    [
      'fields of data that are of another type',
      { data: { emission_sequence: 'third', task_name: 7, agent_role: {}, error: ['x'] } },
      { sequence: undefined, task: undefined, agent: undefined, error: undefined },
    ],
    [
      'one such field beside good ones',
      { data: { emission_sequence: 'third', task_name: 'draft' } },
      { sequence: undefined, task: 'draft' },
    ],
    ['an empty name', { data: { task_name: '', agent_role: '' } }, { task: undefined, agent: undefined }],
  ])('is read as far as it can be: %s', (_, over, expected) => {
    expect(read(event(over)).events).toMatchObject([expected]);
  });

  test('may be empty, and may have 10,000', () => {
    expect(read()).toEqual({ events: [], ignored: 0 });
    const many = Array.from({ length: 10_000 }, (_, n) => event({ id: `event-${n}` }));
    expect(read(...many).events).toHaveLength(10_000);
  });

  test('is never lost for anything in it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.jsonValue(), fc.record({ id: fc.jsonValue(), type: fc.jsonValue() }))),
        (all) => {
          const batch = read(...all, event());
          expect(batch.events.length + batch.ignored).toBe(all.length + 1);
          expect(batch.events.at(-1)).toMatchObject({ id: 'event-1' });
        },
      ),
    );
  });
});

test.each<[unknown, { field: string; fault: string }]>([
  [null, { field: 'body', fault: 'must be a JSON object or a list' }],
  ['text', { field: 'body', fault: 'must be a JSON object or a list' }],
  [{}, { field: 'events', fault: 'must be a list' }],
  [{ events: null }, { field: 'events', fault: 'must be a list' }],
  [{ events: { 0: event() } }, { field: 'events', fault: 'must be a list' }],
])('a body that is no batch is refused by the field that is wrong: %j', (body, fault) => {
  expect(readEvents(body)).toEqual({ faults: [fault] });
});
