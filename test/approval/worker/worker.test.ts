import { describe, expect, test } from 'vitest';
import type { ResumeOutcome } from '../../../src/approval/lifecycle/events.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { hashOutput, readOutput } from '../../../src/approval/model/output.ts';
import type { WebhookFacts } from '../../../src/approval/model/run/webhook.ts';
import { CardError } from '../../../src/approval/ports.ts';
import { until } from '../../support/until.ts';
import { outcomes } from '../builders.ts';
import { createWorld, crew } from './worker-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const says = (outcome: ResumeOutcome) => async () => outcome;
const slackSays = (retryAfterMs?: number) => async () => {
  throw new CardError({
    kind: 'try_again',
    reason: 'ratelimited',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
};
/** An answer that the test gives when it likes. */
function later<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { answer: () => promise, give: resolve };
}

describe('a card', () => {
  test('is posted when an output arrives, and updated once for an answer within 300 ms', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    expect(world.slack).toMatchObject([{ do: 'post', round: 1, status: 'waiting' }]);

    const crewai = later<ResumeOutcome>();
    world.crewDoes.push(crewai.answer);
    await world.approve(id);
    await world.clock.advance(299);
    crewai.give({ kind: 'accepted' });
    await world.clock.advance(MINUTE);
    expect(world.slack).toMatchObject([{ do: 'post' }, { do: 'update', status: 'approved' }]);
    expect(world.resumes).toHaveLength(1);
  });

  test('says "sending" after 300 ms, and the answer when it is there', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    const crewai = later<ResumeOutcome>();
    world.crewDoes.push(crewai.answer);
    await world.approve(id);
    await world.clock.advance(300);
    expect(world.slack.slice(1)).toMatchObject([{ do: 'update', status: 'sending', at: 300 }]);
    crewai.give({ kind: 'accepted' });
    await world.clock.advance(1);
    expect(world.slack.slice(2)).toMatchObject([{ do: 'update', status: 'approved' }]);
  });

  test('that Slack did not take is posted after a backoff, and once only', async () => {
    const world = createWorld();
    world.slackDoes.push(slackSays(), slackSays());
    world.startWorker('a');
    await world.shown();
    await world.clock.advance(MINUTE);
    // Half of the jitter: 1.5 s after one failure, 2.5 s after two.
    expect(world.slack.map(({ do: what, at }) => [what, at])).toEqual([
      ['post', 0],
      ['post', 1_500],
      ['post', 4_000],
    ]);
  });

  test('waits as long as Slack asks', async () => {
    const world = createWorld();
    world.slackDoes.push(slackSays(30 * SECOND));
    world.startWorker('a');
    await world.shown();
    await world.clock.advance(MINUTE);
    expect(world.slack.map(({ at }) => at)).toEqual([0, 30 * SECOND]);
  });

  test('that Slack fails never holds up what goes to CrewAI', async () => {
    const world = createWorld();
    world.slackDoes.push(() => new Promise(() => {}));
    world.startWorker('a');
    const id = await world.shown();
    await world.approve(id);
    await world.clock.advance(0);
    expect(await world.round(id)).toMatchObject({ status: 'approved' });
  });

  test('whose claim takes 2 s to store is not posted by that claim, which may soon be over', async () => {
    const world = createWorld();
    const { store, clock, logged } = world;
    await world.output('A release');
    const { save } = store;
    const pauses = [2 * SECOND];
    store.save = async (...changes) => {
      const pause = pauses.shift() ?? 0;
      const done = await save(...changes);
      await new Promise<void>((resolve) => clock.after(pause, resolve));
      return done;
    };
    world.startWorker('a');
    await clock.advance(MINUTE);
    expect(logged).toContain('step delayed, retrying');
    expect(world.slack).toMatchObject([{ do: 'post' }]);
  });

  test('is posted a second after the one before in its channel', async () => {
    const world = createWorld();
    world.startWorker('a');
    for (const executionId of ['e1', 'e2', 'e3']) await world.output('A release', { executionId });
    await world.clock.advance(10 * SECOND);
    expect(world.slack.map(({ at }) => at)).toEqual([0, SECOND, 2 * SECOND]);
  });

  test('is updated no sooner than Slack asked when another one of its channel was told to wait', async () => {
    const world = createWorld();
    world.startWorker('a');
    const one = await world.output('A release', { executionId: 'e1' });
    const two = await world.output('A release', { executionId: 'e2' });
    await world.clock.advance(10 * SECOND);
    world.slackDoes.push(slackSays(30 * SECOND));
    await world.approve(one);
    await world.clock.advance(SECOND);
    await world.approve(two);
    await world.clock.advance(MINUTE);
    const updates = world.slack.filter(({ do: what }) => what === 'update').map(({ at }) => at);
    expect(updates[0]).toBe(10 * SECOND);
    expect(Math.min(...updates.slice(1))).toBeGreaterThanOrEqual(40 * SECOND);
  });
});

describe('the lag of the worker', () => {
  test('is 0 for a step that is due at once', async () => {
    const world = createWorld();
    world.startWorker('a');
    await world.approve(await world.shown());
    await world.clock.advance(MINUTE);
    expect(world.lags).toEqual([
      { lane: 'card', milliseconds: 0 },
      { lane: 'delivery', milliseconds: 0 },
      { lane: 'card', milliseconds: 0 },
    ]);
  });

  test('counts from the end of the pause when the call was to wait and no worker ran then', async () => {
    const world = createWorld();
    const { kill } = world.startWorker('a');
    world.slackDoes.push(slackSays(30 * SECOND));
    const id = await world.shown();
    const pause = ((await world.approval(id)).lanes.card.notBefore ?? 0) - world.clock.now();
    kill();
    await world.clock.advance(90 * SECOND);
    world.startWorker('b');
    await world.clock.advance(0);
    expect(world.lags).toEqual([
      { lane: 'card', milliseconds: 0 },
      { lane: 'card', milliseconds: 90 * SECOND - pause },
    ]);
  });
});

describe('a decision', () => {
  test('whose answer was lost is sent again, and "not pending" settles it as approved', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    world.crewDoes.push(says(outcomes.unknown), says(outcomes.not_pending));
    await world.approve(id);
    await world.clock.advance(0);
    expect(await world.round(id)).toMatchObject({ status: 'sending', delivery: { unsure: true } });
    await world.clock.advance(MINUTE);
    expect(world.resumes.map(({ at }) => at)).toEqual([0, 1_500]);
    expect(await world.round(id)).toMatchObject({ status: 'approved', decision: { by: 'UANA' } });
    expect(world.notes()).toEqual([]);
    expect(world.slack.at(-1)).toMatchObject({ do: 'update', status: 'approved' });
  });

  test('that CrewAI says is not pending at the first try was resolved elsewhere, and the thread is told', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    world.crewDoes.push(says(outcomes.not_pending));
    await world.approve(id);
    await world.clock.advance(MINUTE);
    expect(await world.round(id)).toMatchObject({ status: 'resolved_elsewhere' });
    expect(world.notes()).toMatchObject([{ kind: 'not_taken', decision: { by: 'UANA' } }]);
  });

  test('to revise whose answers are lost is undelivered 60 s after its first attempt, and not sent any more', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    world.crewAlways(says(outcomes.unknown));
    await world.revise(id);
    await world.clock.advance(59 * SECOND);
    expect(await world.round(id)).toMatchObject({ status: 'sending' });
    await world.clock.advance(SECOND);
    expect(await world.round(id)).toMatchObject({ status: 'undelivered', delivery: { unsure: true } });
    const tries = world.resumes.length;
    expect(tries).toBeGreaterThan(1);
    expect(Math.max(...world.resumes.map(({ at }) => at))).toBeLessThan(MINUTE);
    await world.clock.advance(HOUR);
    expect(world.resumes).toHaveLength(tries);
    expect(world.notes()).toMatchObject([
      { kind: 'not_delivered', unsure: true, failure: { kind: 'unknown' } },
    ]);
    expect(world.slack.filter(({ do: what }) => what === 'update').at(-1)).toMatchObject({
      status: 'undelivered',
    });
  });

  test('that never reaches CrewAI is undelivered after an hour; Retry sends the same decision again', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    world.crewAlways(says(outcomes.not_reached));
    await world.revise(id);
    await world.clock.advance(HOUR - 1);
    expect(await world.round(id)).toMatchObject({ status: 'sending' });
    await world.clock.advance(5 * MINUTE);
    expect(await world.round(id)).toMatchObject({ status: 'undelivered', delivery: { unsure: false } });
    expect(world.notes()).toMatchObject([{ kind: 'not_delivered', unsure: false }]);
    const gaps = world.resumes.slice(1).map(({ at }, index) => at - (world.resumes[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(SECOND);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5 * MINUTE);

    world.crewAlways(says(outcomes.accepted));
    const before = world.resumes.length;
    const answer = await world.service.retry({ approvalId: id, round: 1, via: 'card' }, 'UBEN');
    expect(answer.done).toBe(true);
    await world.clock.advance(MINUTE);
    expect(world.resumes.slice(before)).toMatchObject([
      { decision: { by: 'UANA', action: 'request_revision', feedback: 'Shorter' } },
    ]);
    expect(await world.round(id)).toMatchObject({ status: 'revision_requested', decision: { by: 'UANA' } });
  });

  test('that CrewAI refuses is not sent again until somebody says Retry', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    world.crewDoes.push(says(outcomes.refused));
    await world.approve(id);
    await world.clock.advance(HOUR);
    expect(await world.round(id)).toMatchObject({ status: 'refused' });
    expect(world.resumes).toHaveLength(1);
    await world.service.retry({ approvalId: id, round: 1, via: 'card' }, 'UBEN');
    await world.clock.advance(0);
    expect(await world.round(id)).toMatchObject({ status: 'approved' });
  });

  test('is not sent any more once a newer output is there, and the decider is told', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    world.crewAlways(says(outcomes.not_reached));
    await world.approve(id);
    await world.clock.advance(10 * SECOND);
    const tries = world.resumes.length;
    await world.output('Another release');
    await world.clock.advance(HOUR);
    expect(world.resumes).toHaveLength(tries);
    const approval = await world.approval(id);
    expect(approval.rounds.map(({ status }) => status)).toEqual(['superseded', 'waiting']);
    expect(world.notes()).toMatchObject([{ kind: 'not_sent', why: 'superseded', decision: { by: 'UANA' } }]);
    expect(world.slack.filter(({ do: what }) => what === 'post').map(({ round }) => round)).toEqual([1, 2]);
    expect(world.slack).toContainEqual(
      expect.objectContaining({ do: 'update', round: 1, status: 'superseded' }),
    );
  });

  test('that a newer output overtakes while it is under way keeps what that output proved', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    const crewai = later<ResumeOutcome>();
    world.crewDoes.push(crewai.answer);
    await world.revise(id);
    await world.clock.advance(0);
    await world.output('Another release');
    crewai.give(outcomes.refused);
    await world.clock.advance(MINUTE);
    const approval = await world.approval(id);
    expect(approval.rounds.map(({ status }) => status)).toEqual(['revision_requested', 'waiting']);
    expect(world.notes()).toEqual([]);
    expect(world.resumes).toHaveLength(1);
  });

  test('of twenty people at once is recorded for one, the other nineteen are told whose it was', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    const people = Array.from({ length: 20 }, (_, index) => `U${index}`);
    const answers = await Promise.all(
      people.map((person, index) => (index % 2 ? world.approve(id, person) : world.revise(id, person))),
    );
    await world.clock.advance(MINUTE);
    const { decision } = await world.round(id);
    const recorded = answers.filter(({ done }) => done);
    const refused = answers.flatMap((answer) => (answer.done ? [] : [answer.refusal]));
    expect(recorded).toHaveLength(1);
    expect(refused).toHaveLength(19);
    for (const refusal of refused) expect(refusal).toEqual({ code: 'already_decided', round: 1, decision });
    expect(people.indexOf(decision?.by ?? '')).toBe(answers.findIndex(({ done }) => done));
    expect(world.resumes).toMatchObject([{ decision }]);
  });

  test('goes to a crew at most eight at a time', async () => {
    const world = createWorld();
    world.startWorker('a');
    const ids: string[] = [];
    for (let index = 0; index < 12; index += 1)
      ids.push(await world.output('x', { executionId: `e${index}` }));
    const crewai = later<ResumeOutcome>();
    world.crewAlways(crewai.answer);
    for (const id of ids) await world.approve(id);
    await world.clock.advance(0);
    expect(world.resumes).toHaveLength(8);
    crewai.give({ kind: 'accepted' });
    await world.clock.advance(0);
    expect(world.resumes).toHaveLength(12);
  });
});

describe('a worker that dies', () => {
  test('with a card being posted is taken over by another once its lease is over, within 15 s', async () => {
    const world = createWorld();
    const first = world.startWorker('a');
    world.slackDoes.push(() => new Promise(() => {}));
    await world.shown();
    first.kill();
    world.startWorker('b');
    await world.clock.advance(9 * SECOND);
    expect(world.slack).toHaveLength(1);
    await world.clock.advance(6 * SECOND);
    expect(world.slack).toMatchObject([{ do: 'post' }, { do: 'post' }]);
  });

  test('with a decision under way: another sends it again and "not pending" settles it', async () => {
    const world = createWorld();
    const first = world.startWorker('a');
    const id = await world.shown();
    world.crewDoes.push(() => new Promise(() => {}), says(outcomes.not_pending));
    await world.approve(id);
    await world.clock.advance(0);
    first.kill();
    world.startWorker('b');
    await world.clock.advance(15 * SECOND);
    expect(world.resumes.map(({ worker }) => worker)).toEqual(['a', 'b']);
    expect(world.resumes[1]?.at).toBeGreaterThanOrEqual(10 * SECOND);
    expect(await world.round(id)).toMatchObject({ status: 'approved' });
  });

  test('before it heard of anything: what is due is found by another one at its start', async () => {
    const world = createWorld();
    const id = await world.output('A release');
    await world.approve(id);
    world.startWorker('b');
    await world.clock.advance(MINUTE);
    expect(await world.round(id)).toMatchObject({ status: 'approved' });
    expect(world.slack.map(({ do: what }) => what)).toEqual(['post', 'update']);
  });

  test('is taken over at once on a store for one process', async () => {
    const world = createWorld({ sole: true });
    const first = world.startWorker('a');
    world.slackDoes.push(() => new Promise(() => {}));
    world.crewDoes.push(() => new Promise(() => {}), says(outcomes.not_pending));
    const id = await world.shown();
    await world.approve(id);
    await world.clock.advance(0);
    first.kill();
    world.startWorker('b');
    await world.clock.advance(0);
    expect(world.slack.filter(({ do: what }) => what === 'post').map(({ at }) => at)).toEqual([0, 0]);
    expect(world.resumes.map(({ at, worker }) => [at, worker])).toEqual([
      [0, 'a'],
      [0, 'b'],
    ]);
    expect(await world.round(id)).toMatchObject({ status: 'approved' });
  });

  test('or lives beside another: each thing is done once, also when both hear of it', async () => {
    const world = createWorld();
    const workers = [world.startWorker('a'), world.startWorker('b')];
    const wakeBoth = async (id: string) => {
      const approval = await world.approval(id);
      for (const { worker } of workers) worker.wake(approval);
    };
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      const id = await world.output('x', { executionId: `e${index}` });
      ids.push(id);
      await wakeBoth(id);
    }
    for (const id of ids) {
      await world.approve(id);
      await wakeBoth(id);
    }
    await world.clock.advance(MINUTE);
    expect(world.resumes).toHaveLength(5);
    expect(world.slack.filter(({ do: what }) => what === 'post')).toHaveLength(5);
  });
});

describe('a store that fails', () => {
  test('while an answer of CrewAI is recorded: it is recorded once the store is back, and not sent again', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    const crewai = later<ResumeOutcome>();
    world.crewDoes.push(crewai.answer);
    await world.approve(id);
    await world.clock.advance(0);
    world.memory.fails('all');
    crewai.give({ kind: 'accepted' });
    await world.clock.advance(6 * SECOND);
    world.memory.works();
    await world.clock.advance(10 * SECOND);
    expect(await world.round(id)).toMatchObject({ status: 'approved' });
    expect(world.resumes).toHaveLength(1);
    await world.clock.advance(MINUTE);
    expect(world.slack.at(-1)).toMatchObject({ do: 'update', status: 'approved' });
  });

  test('records nothing of a decision, and says so by rejecting', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    world.memory.fails('writes');
    await expect(world.approve(id)).rejects.toMatchObject({ code: 'store_unavailable' });
    world.memory.works();
    await world.clock.advance(MINUTE);
    expect(await world.round(id)).toMatchObject({ status: 'waiting' });
    expect(world.resumes).toEqual([]);
  });

  test('holds up what is due until it is back', async () => {
    const world = createWorld();
    world.startWorker('a');
    await world.clock.advance(0);
    const id = await world.output('A release');
    world.memory.fails('all');
    await world.clock.advance(20 * SECOND);
    expect(world.slack).toEqual([]);
    world.memory.works();
    await world.clock.advance(10 * SECOND);
    expect(world.slack).toMatchObject([{ do: 'post' }]);
    expect(await world.round(id)).toHaveProperty('card');
  });

  test('only for writes is not asked to write again and again without a pause', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    await world.approve(id);
    world.memory.fails('writes');
    const before = world.memory.commits();
    await world.clock.advance(0);
    expect(world.memory.commits() - before).toBeLessThanOrEqual(3);
  });
});

test('a worker that stops waits for the call under way, records its outcome and begins nothing more', async () => {
  const world = createWorld();
  const { worker } = world.startWorker('a');
  const id = await world.shown();
  const crewai = later<ResumeOutcome>();
  world.crewDoes.push(crewai.answer);
  await world.approve(id);
  await world.clock.advance(0);
  let stopped = false;
  const stop = worker.stop().then(() => {
    stopped = true;
  });
  await world.output('x', { executionId: 'e2' });
  await world.clock.advance(SECOND);
  expect(stopped).toBe(false);
  crewai.give({ kind: 'accepted' });
  await stop;
  expect(await world.round(id)).toMatchObject({ status: 'approved' });
  await world.clock.advance(MINUTE);
  expect(world.slack).toHaveLength(1);
});

describe('a card that waits for its turn', () => {
  const undoIn = (undoWindow: number) => ({ policy: { ...DEFAULT_POLICY, undoWindow } });

  test.each([
    ['of a store that serves it alone', true],
    ['of one that others use too', false],
  ])('keeps no decision back, %s', async (_, sole) => {
    const world = createWorld({ sole, rules: undoIn(30 * SECOND) });
    world.startWorker('a');
    const ids: string[] = [];
    for (let run = 1; run <= 60; run += 1) ids.push(await world.output('x', { executionId: `e${run}` }));
    // As from the home tab, which shows it before its card is there.
    await world.approve(ids.at(-1) as string);
    await world.clock.advance(31 * SECOND);
    expect(world.slack.length).toBeLessThan(40);
    expect(world.resumes).toHaveLength(1);
    expect(world.resumes[0]?.at).toBeLessThan(31 * SECOND);
  });

  test('nor does a look at an older record put off what a newer one has due', async () => {
    const world = createWorld({ rules: undoIn(2 * SECOND) });
    const { worker } = world.startWorker('a');
    const id = await world.shown();
    const before = await world.approval(id);
    await world.approve(id);
    await world.clock.advance(SECOND);
    worker.wake(before);
    await world.clock.advance(SECOND);
    expect(world.resumes).toMatchObject([{ at: 2 * SECOND }]);
  });
});

describe('two routes that tell one pause at once', () => {
  const output = readOutput('A release');
  const about = { executionId: 'e1', meta: { urls: {} }, warnings: [], output };
  const hashes = [hashOutput(output)];
  const nameless = { taskId: 'pause-1', humanInput: true, hashes };
  const byHumanInput = {
    ...about,
    kind: 'human_input',
    taskKey: 'pause-1',
    task: 'pause-1',
    round: nameless,
  };
  const byTask = {
    ...about,
    kind: 'task',
    taskKey: 'draft',
    task: 'draft',
    round: { taskId: 'draft', humanInput: false, hashes },
  };

  test('are one approval with one card, the task being named by one of them only', async () => {
    const world = createWorld();
    world.startWorker('a');
    const receipts = await Promise.all(
      [byHumanInput, byTask].map((facts) => world.receiver.receive(crew, facts as WebhookFacts)),
    );
    await world.clock.advance(MINUTE);
    expect(receipts.map(({ status }) => status).sort()).toEqual(['created', 'duplicate']);
    expect(new Set(receipts.map(({ approval }) => approval)).size).toBe(1);
    expect(world.slack.filter(({ do: what }) => what === 'post')).toHaveLength(1);
  });

  test('are no card by the task webhook of a run that is being registered with a human-input webhook', async () => {
    const world = createWorld();
    world.startWorker('a');
    const humanInputWebhook = { url: 'https://bot.example.com/webhooks/press/human-input' };
    const [, receipt] = await Promise.all([
      world.receiver.register(crew, 'e1', { urls: {}, humanInputWebhook }),
      world.receiver.receive(crew, byTask as WebhookFacts),
    ]);
    await world.clock.advance(MINUTE);
    expect(receipt).toEqual({ status: 'noted' });
    expect(world.slack).toEqual([]);
  });
});

describe("a run's first output", () => {
  test('is written with its run in one go', async () => {
    const world = createWorld();
    const before = world.memory.commits();
    await world.output('A release');
    expect(world.memory.commits() - before).toBe(1);
  });

  test('delivered twenty times at once is one approval with one card, whoever comes first', async () => {
    const world = createWorld();
    world.startWorker('a');
    const ids = await Promise.all(Array.from({ length: 20 }, () => world.output('A release')));
    expect(new Set(ids).size).toBe(1);
    await world.clock.advance(MINUTE);
    expect(await world.approval(ids[0] as string)).toMatchObject({
      rounds: [{ number: 1, status: 'waiting' }],
    });
    expect(world.slack).toHaveLength(1);
  });

  test('of two tasks at once are two approvals, and the run knows both', async () => {
    const world = createWorld();
    world.startWorker('a');
    const tasks = ['draft', 'translate', 'check'];
    const ids = await Promise.all(tasks.map((task) => world.output(`The ${task}`, { task })));
    expect(new Set(ids).size).toBe(3);
    await world.clock.advance(MINUTE);
    expect(world.slack.filter(({ do: what }) => what === 'post')).toHaveLength(3);
    await world.receiver.receive(crew, {
      kind: 'crew',
      executionId: 'e1',
      meta: { urls: {} },
      warnings: [],
      result: { kind: 'text', text: 'All done' },
    });
    for (const id of ids) expect(await world.round(id)).toMatchObject({ status: 'run_ended' });
  });
});

test('a decision whose card waits its turn is sent as soon as a store is back that nobody could read', async () => {
  const world = createWorld({ sole: true });
  world.startWorker('a');
  await world.clock.advance(0);
  let id = '';
  for (let n = 0; n < 60; n += 1) id = await world.output(`Release ${n}`, { executionId: `e${n}` });
  await world.clock.advance(2_000);
  expect((await world.round(id)).card).toBeUndefined();
  world.crewDoes.push(says(outcomes.not_reached));
  await world.approve(id);
  world.memory.fails('all');
  await world.clock.advance(3_000);
  expect(world.resumes).toHaveLength(1);
  world.memory.works();
  // The next look at what is due.
  await world.clock.advance(6_000);
  expect(world.resumes).toHaveLength(2);
  expect((await world.round(id)).card).toBeUndefined();
});

test('a decision and its first attempt are one commit', async () => {
  const world = createWorld({ sole: true });
  world.startWorker('a');
  const id = await world.shown();
  world.crewAlways(() => new Promise(() => {}));
  const before = world.memory.commits();
  await world.approve(id);
  expect(world.memory.commits()).toBe(before + 1);
  await until(() => expect(world.resumes).toHaveLength(1));
  expect(world.memory.commits()).toBe(before + 1);
  expect(await world.round(id)).toMatchObject({
    status: 'sending',
    decision: { action: 'approve' },
    delivery: { attempts: 1 },
  });
});

test('a ninth decision of a crew waits for its turn, and is recorded before', async () => {
  const world = createWorld({ sole: true });
  world.startWorker('a');
  world.crewAlways(() => new Promise(() => {}));
  const ids: string[] = [];
  for (let n = 0; n < 9; n += 1) ids.push(await world.output(`Release ${n}`, { executionId: `e${n}` }));
  for (const id of ids) await world.approve(id);
  await until(() => expect(world.resumes).toHaveLength(8));
  const rounds = await Promise.all(ids.map((id) => world.round(id)));
  expect(rounds.map(({ delivery }) => delivery?.attempts)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0]);
  expect(rounds.at(-1)).toMatchObject({ status: 'sending' });
});

describe('the end of a run', () => {
  const finished = { kind: 'crew' as const, executionId: 'e1', meta: { urls: {} }, warnings: [] };
  const result = { kind: 'text', text: 'All done' } as const;

  test('closes the card and puts the result into its thread', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    expect(await world.receiver.receive(crew, { ...finished, result })).toEqual({ status: 'noted' });
    expect(await world.receiver.receive(crew, { ...finished, result })).toEqual({ status: 'duplicate' });
    await world.clock.advance(MINUTE);
    expect(await world.round(id)).toMatchObject({ status: 'run_ended' });
    expect(world.notes()).toEqual([{ kind: 'run_result' }]);
    expect(world.slack).toContainEqual(expect.objectContaining({ do: 'update', status: 'run_ended' }));
  });

  test('that overtook the first output closes its card too', async () => {
    const world = createWorld();
    world.startWorker('a');
    await world.receiver.receive(crew, { ...finished, result });
    const id = await world.shown();
    expect(await world.round(id)).toMatchObject({ status: 'run_ended' });
  });

  test('that overtook the output of a second round closes that card too', async () => {
    const world = createWorld();
    world.startWorker('a');
    const id = await world.shown();
    await world.revise(id);
    await world.clock.advance(0);
    await world.receiver.receive(crew, { ...finished, result });
    await world.output('A shorter release');
    expect(await world.round(id)).toMatchObject({ number: 2, status: 'run_ended' });
  });
});
