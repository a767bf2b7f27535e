import { describe, expect, test } from 'vitest';
import type { KickoffOutcome } from '../../../src/approval/kickoffs/kickoff-events.ts';
import { LEASE } from '../../../src/approval/lifecycle/lanes.ts';
import type { RunStatus } from '../../../src/approval/model/run/run-status.ts';
import { CardError, type CardFailure } from '../../../src/approval/ports.ts';
import { holdRestoredStarts } from '../../../src/approval/worker/restored.ts';
import { listIds, putRecord } from '../../support/records.ts';
import { aTask, theEnd } from '../run-world.ts';
import { createKickoffWorld, createStartedWorld, ID, NEVER } from './kickoff-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const unavailable: KickoffOutcome = { kind: 'not_reached', reason: 'HTTP 503' };
const started: KickoffOutcome = { kind: 'started', executionId: 'run-1' };
const refuses = (failure: CardFailure) => async () => {
  throw new CardError(failure);
};
const listDue = ({ store, clock }: ReturnType<typeof createKickoffWorld>) =>
  listIds(store, 'dueKickoffs', 'all', { until: clock.now() + 24 * 60 * MINUTE, limit: 10 });
const archived = refuses({ kind: 'blocked', reason: 'is_archived', of: 'channel' });

test('a start is posted, sent once with the hidden inputs, and known to the run that it started', async () => {
  const world = await createStartedWorld({ crew: { inputs: { api_key: { hidden: 'a-constant' } } } });
  expect(world.calls.map(({ inputs }) => inputs)).toEqual([{ topic: 'rain jackets', api_key: 'a-constant' }]);
  expect(world.slack).toEqual([
    { do: 'post', status: 'starting' },
    { do: 'update', status: 'running' },
  ]);
  expect(await world.kickoff()).toMatchObject({ status: 'running', executionId: 'run-1', tied: true });
  expect((await world.store.execution('press', 'run-1'))?.record).toMatchObject({
    requestedBy: 'UANA',
    channel: 'CAPPROVALS',
    thread: { kickoff: ID, channel: 'CAPPROVALS', ts: '1.0' },
  });
  expect(JSON.stringify(await world.kickoff())).not.toContain('a-constant');
});

describe('a run of which nothing is heard', () => {
  async function startSilentRun(said?: RunStatus) {
    const world = createKickoffWorld();
    if (said) world.said.status = said;
    world.startWorker('one');
    await world.submit();
    await world.clock.advance(9 * MINUTE);
    expect(world.notes()).toEqual([]);
    return world;
  }

  test('is reported once to the person who started it, after SILENT_AFTER', async () => {
    const world = await startSilentRun();
    await world.clock.advance(2 * MINUTE);
    expect(world.notes()).toEqual(['silent']);
    await world.clock.advance(60 * MINUTE);
    expect(world.notes()).toEqual(['silent']);
    expect(await world.kickoff()).toMatchObject({ status: 'running', notes: [] });
    expect(world.logged).toContain('no webhook received for a started run');
    expect(await listDue(world)).toEqual([]);
  });

  test('is not reported when a webhook came', async () => {
    const world = await startSilentRun();
    await world.intake.receive(world.crew, aTask('draft', 'Text', { run: 'run-1' }));
    await world.clock.advance(2 * MINUTE);
    expect(world.notes()).toEqual([]);
    expect(await listDue(world)).toEqual([]);
  });

  test('has failed or finished when CrewAI says so', async () => {
    const failed = await startSilentRun({ kind: 'failed', error: 'boom' });
    await failed.clock.advance(2 * MINUTE);
    expect(failed.notes()).toEqual(['failed']);
    expect(await failed.kickoff()).toMatchObject({ status: 'failed', reason: 'boom' });
    const finished = await startSilentRun({ kind: 'completed' });
    await finished.clock.advance(2 * MINUTE);
    expect(finished.notes()).toEqual([]);
    expect((await finished.kickoff()).status).toBe('finished');
  });
});

describe.each([
  ['on a store for one process', true],
  ['on a shared store', false],
])('a crash during the call, %s', (_, sole) => {
  test('leaves open whether it runs: it is reported, not sent again, and proved by a webhook', async () => {
    const world = createKickoffWorld({ sole });
    const { kill } = world.startWorker('one');
    world.crewDoes.push(() => NEVER);
    await world.submit();
    await world.clock.advance(SECOND);
    expect(world.calls).toHaveLength(1);
    kill();
    world.startWorker('two');
    await world.clock.advance(LEASE + 10 * SECOND);
    expect(await world.kickoff()).toMatchObject({ status: 'unsure', notes: [] });
    expect(world.notes()).toEqual(['unsure']);

    await world.intake.receive(world.crew, aTask('draft', 'Text', { run: 'run-1', meta: { requestId: ID } }));
    await world.clock.advance(5 * SECOND);
    expect(await world.kickoff()).toMatchObject({ status: 'running', executionId: 'run-1', tied: true });
    await world.intake.receive(world.crew, theEnd('The result', { run: 'run-1' }));
    await world.clock.advance(5 * SECOND);
    expect((await world.kickoff()).status).toBe('finished');
    expect(world.notes()).toEqual(['unsure', 'result']);
    expect(world.calls).toHaveLength(1);
  });
});

test('a start that came back from a backup is not sent; the first webhook of its run proves it', async () => {
  const world = createKickoffWorld();
  await world.submit();
  expect(await holdRestoredStarts(world)).toBe(1);
  world.startWorker('one');
  await world.clock.advance(MINUTE);
  expect(await world.kickoff()).toMatchObject({ status: 'unsure', notes: [] });
  expect(world.notes()).toEqual(['unsure']);
  await world.intake.receive(world.crew, aTask('draft', 'Text', { run: 'run-1', meta: { requestId: ID } }));
  await world.clock.advance(5 * SECOND);
  expect(await world.kickoff()).toMatchObject({ status: 'running', executionId: 'run-1', tied: true });
  expect(world.calls).toEqual([]);
  expect(await holdRestoredStarts(world)).toBe(0);
});

test('a crash before the call was recorded leads to one call, by the next process', async () => {
  const world = createKickoffWorld({ sole: true });
  const { kill } = world.startWorker('one');
  world.slackDoes.push(() => NEVER);
  await world.submit();
  await world.clock.advance(SECOND);
  kill();
  world.startWorker('two');
  await world.clock.advance(LEASE + 5 * SECOND);
  expect(world.calls).toMatchObject([{ worker: 'two' }]);
  expect((await world.kickoff()).status).toBe('running');
});

describe('without a message in the channel nothing is started', () => {
  test('when Slack refuses the channel, and the person gets a direct message', async () => {
    const world = await createStartedWorld({ slackAnswers: [archived] });
    expect(await world.kickoff()).toMatchObject({ status: 'not_started', reason: 'is_archived' });
    expect(world.slack).toEqual([
      { do: 'post', status: 'starting' },
      { do: 'note', status: 'not_started', note: 'not_started', direct: true },
    ]);
    expect(world.calls).toEqual([]);
  });

  test('while Slack is out of order, and then it is', async () => {
    const world = await createStartedWorld({
      slackAnswers: [refuses({ kind: 'try_again', reason: 'internal_error' })],
      wait: 0,
    });
    expect(world.calls).toEqual([]);
    await world.clock.advance(10 * SECOND);
    expect(world.calls).toHaveLength(1);
  });
});

test('a refusal of Slack that is not known is final after three tries', async () => {
  const world = createKickoffWorld();
  world.startWorker('one');
  const unknown = refuses({ kind: 'try_again', reason: 'new_error', unknown: true });
  world.slackDoes.push(unknown, unknown, unknown);
  await world.submit();
  await world.clock.advance(MINUTE);
  expect(await world.kickoff()).toMatchObject({ status: 'not_started', reason: 'new_error' });
  expect(world.slack.map((call) => call.do)).toEqual(['post', 'post', 'post', 'note']);
  expect(world.calls).toEqual([]);
});

test('a message that was deleted in Slack or became read-only is not updated again', async () => {
  const world = await createStartedWorld({
    slackAnswers: [async () => {}, refuses({ kind: 'gone', reason: 'message_not_found' })],
    wait: 5 * MINUTE,
  });
  expect(world.slack.map((call) => call.do)).toEqual(['post', 'update']);
  await world.clock.advance(10 * MINUTE);
  expect(world.slack.map((call) => call.note ?? call.do)).toEqual(['post', 'update', 'silent']);
  expect(await listDue(world)).toEqual([]);
});

test('a note that the thread refuses goes to the person directly, and ends when nothing takes it', async () => {
  const world = await createStartedWorld({
    crewAnswers: [{ kind: 'refused', reason: 'HTTP 401' }],
    slackAnswers: [async () => {}, archived, archived],
    wait: MINUTE,
  });
  expect(world.notes()).toEqual(['not_started', 'not_started']);
  expect((await world.kickoff()).direct).toBe(true);
  expect((await world.kickoff()).notes).toEqual([]);
});

test('a start that a newer version wrote hides no other', async () => {
  const world = createKickoffWorld();
  await world.submit('00000000-0000-4000-8000-000000000000');
  await putRecord(
    world.memory.records,
    'kickoff/00000000-0000-4000-8000-000000000000',
    '{"value":{"v":1000}}',
  );
  await world.submit();
  world.startWorker('one');
  await world.clock.advance(10 * SECOND);
  expect((await world.kickoff()).status).toBe('running');
  expect(world.logged).toContain('start of a run not read');
});

describe('a CrewAI that is not there', () => {
  test('for a minute is asked again, and starts the run once', async () => {
    const world = createKickoffWorld();
    world.startWorker('one');
    const back = world.clock.now() + MINUTE;
    const answer = async () => (world.clock.now() < back ? unavailable : started);
    world.crewDoes.push(...Array(20).fill(answer));
    await world.submit();
    await world.clock.advance(5 * MINUTE);
    expect((await world.kickoff()).status).toBe('running');
    expect(world.calls.filter(({ at }) => at >= back)).toHaveLength(1);
    expect(world.notes()).toEqual([]);
  });

  test('for more than ten minutes has not started it, and is asked no more', async () => {
    const world = await createStartedWorld({
      crewAnswers: [...Array(100).fill(async () => unavailable)],
      wait: 60 * MINUTE,
    });
    expect(await world.kickoff()).toMatchObject({ status: 'not_started', reason: 'HTTP 503' });
    expect(world.notes()).toEqual(['not_started']);
    const first = world.calls[0]?.at ?? 0;
    expect((world.calls.at(-1)?.at ?? 0) - first).toBeGreaterThan(9 * MINUTE);
    expect((world.calls.at(-1)?.at ?? 0) - first).toBeLessThan(11 * MINUTE);
  });
});

describe('two workers on one store', () => {
  test('post one message, make one call and write one note', async () => {
    const world = createKickoffWorld();
    world.startWorker('one');
    world.startWorker('two');
    world.crewDoes.push(async () => ({ kind: 'refused', reason: 'HTTP 401' }));
    await Promise.all([world.submit(), world.submit()]);
    await world.clock.advance(MINUTE);
    expect(world.calls).toHaveLength(1);
    expect(world.slack.map((call) => call.do)).toEqual(['post', 'note', 'update']);
  });

  test('make one call when the first one does not come back within its lease, and keep its late answer', async () => {
    const world = createKickoffWorld();
    world.startWorker('one');
    world.startWorker('two');
    let answer = (_: KickoffOutcome) => {};
    world.crewDoes.push(() => new Promise((resolve) => (answer = resolve)));
    await world.submit();
    await world.clock.advance(LEASE + 10 * SECOND);
    expect((await world.kickoff()).status).toBe('unsure');
    answer(started);
    await world.clock.advance(10 * SECOND);
    expect(await world.kickoff()).toMatchObject({ status: 'running', tied: true });
    expect(world.calls).toHaveLength(1);
    expect(world.notes()).toEqual(['unsure']);
  });
});

test('an answer that cannot be stored is stored when the store is back', async () => {
  const world = createKickoffWorld({ sole: true });
  world.startWorker('one');
  world.crewDoes.push(async () => {
    world.memory.fails('writes');
    return started;
  });
  await world.submit();
  await world.clock.advance(MINUTE);
  expect((await world.kickoff()).status).toBe('starting');
  world.memory.works();
  await world.clock.advance(MINUTE);
  expect((await world.kickoff()).status).toBe('running');
  expect(world.calls).toHaveLength(1);
});

test('a webhook that comes before the answer ties the run, and the answer changes nothing', async () => {
  const world = createKickoffWorld();
  world.startWorker('one');
  let answer = (_: KickoffOutcome) => {};
  world.crewDoes.push(() => new Promise((resolve) => (answer = resolve)));
  await world.submit();
  await world.clock.advance(SECOND);
  await world.intake.receive(world.crew, aTask('draft', 'Text', { run: 'run-1', meta: { requestId: ID } }));
  answer({ kind: 'unknown', reason: 'HTTP 502' });
  await world.clock.advance(10 * SECOND);
  expect(await world.kickoff()).toMatchObject({ status: 'running', executionId: 'run-1' });
  expect(world.notes()).toEqual([]);
});

test('a crew that is gone from the settings is not started, which is reported', async () => {
  const world = createKickoffWorld();
  await world.submit();
  const { startWorker, store, clock, kickoff, notes } = world;
  const stored = await store.kickoff(ID);
  if (stored) await store.save({ kickoff: { previous: stored, next: { ...stored.record, crew: 'gone' } } });
  startWorker('one');
  await clock.advance(10 * SECOND);
  expect(await kickoff()).toMatchObject({ status: 'not_started' });
  expect(notes()).toEqual(['not_started']);
  expect(world.calls).toEqual([]);
});
