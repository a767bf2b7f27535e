import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
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
  test('says of each which run and task it belongs to, and when it was emitted', () => {
    const first = { id: 'event-1', executionId: 'run-1', type: 'task_started', at: Date.UTC(2026, 9, 1, 12) };
    expect(read(event())).toEqual({
      events: [{ ...first, sequence: 3, task: 'draft', agent: 'Copywriter', error: undefined }],
      ignored: 0,
    });
  });

  test('can be a bare list, or one event by itself', () => {
    const batch = read(event());
    for (const body of [[event()], event(), { events: event() }]) expect(readEvents(body)).toEqual(batch);
    expect(readEvents(event({ type: 'flow_started' }))).toEqual({ events: [], ignored: 1 });
  });

  test('can be empty, and can have 10,000', () => {
    expect(read()).toEqual({ events: [], ignored: 0 });
    const many = Array.from({ length: 10_000 }, (_, n) => event({ id: `event-${n}` }));
    expect(read(...many).events).toHaveLength(10_000);
  });

  test('says why a run failed, in well-formed characters and long enough to find secrets in it', () => {
    const error = `${'x'.repeat(16_383)}👍`;
    const [failed] = read(event({ type: 'crew_kickoff_failed', data: { error } })).events;
    expect(failed?.error).toBe(`${'x'.repeat(16_383)}\ufffd`);
  });

  test('keeps the known types, and counts the others', () => {
    const others = ['llm_call_started', 'flow_started', 'agent_execution_completed', '', 'TASK_STARTED'];
    const batch = read(...[...others, ...runEventTypes].map((type) => event({ type })));
    expect(batch.events.map(({ type }) => type)).toEqual(runEventTypes);
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
  ])('keeps the others beside one that cannot be read: %s', (_, broken) => {
    const batch = read(event({ id: 'before' }), broken, event({ id: 'after' }));
    expect(batch.events.map(({ id }) => id)).toEqual(['before', 'after']);
    expect(batch.ignored).toBe(1);
  });

  const EMPTY = { task: undefined, sequence: undefined };
  const ONLY_TASK = { ...EMPTY, task: 'a' };
  const NO_TEXTS = { task: undefined, agent: undefined, error: undefined };
  test.each<[string, object, object]>([
    ['an id that is a number', { id: 17 }, { id: '17' }],
    ['a time that is not one', { timestamp: 'yesterday' }, { at: undefined }],
    ['a time that is not a text', { timestamp: 1_700_000_000 }, { at: undefined }],
    ['no data', { data: undefined }, EMPTY],
    ['data that is not an object', { data: 'x' }, EMPTY],
    ['a sequence that is not a number', { data: { emission_sequence: 'third', task_name: 'a' } }, ONLY_TASK],
    ['texts of another type', { data: { task_name: 7, agent_role: {}, error: ['x'] } }, NO_TEXTS],
    ['empty texts', { data: { task_name: '', agent_role: '', error: '' } }, NO_TEXTS],
  ])('reads an event as far as possible: %s', (_, over, expected) => {
    expect(read(event(over)).events).toMatchObject([expected]);
  });

  test('is never lost for anything in it', () => {
    const anything = fc.oneof(fc.jsonValue(), fc.record({ id: fc.jsonValue(), type: fc.jsonValue() }));
    fc.assert(
      fc.property(fc.array(anything), (all) => {
        const batch = read(...all, event());
        expect(batch.events.length + batch.ignored).toBe(all.length + 1);
        expect(batch.events.at(-1)).toMatchObject({ id: 'event-1' });
      }),
    );
  });
});

test('a time stamp without a zone is UTC, wherever the bot runs', () => {
  vi.stubEnv('TZ', 'Asia/Tokyo');
  onTestFinished(() => void vi.unstubAllEnvs());
  const [failed] = read(event({ timestamp: '2026-10-01T12:00:00.123456' })).events;
  expect(failed?.at).toBe(Date.UTC(2026, 9, 1, 12, 0, 0, 123));
});

test.each<[unknown, string, string]>([
  [null, 'body', 'must be a JSON object or a list'],
  ['text', 'body', 'must be a JSON object or a list'],
  [{}, 'events', 'must be a list'],
  [{ events: null }, 'events', 'must be a list'],
  [{ events: { 0: event() } }, 'events', 'must be a list'],
])('a body that is not a batch is rejected by the wrong field: %j', (body, field, fault) => {
  expect(readEvents(body)).toEqual({ faults: [{ field, fault }] });
});
