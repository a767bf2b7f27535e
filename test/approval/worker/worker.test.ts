import { describe, expect, test } from 'vitest';
import type { ResumeOutcome } from '../../../src/approval/lifecycle/events.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { hashOutput, readOutput } from '../../../src/approval/model/output.ts';
import type { WebhookFacts } from '../../../src/approval/model/run/webhook.ts';
import { CardError } from '../../../src/approval/ports.ts';
import { until } from '../../support/until.ts';
import { outcomes } from '../builders.ts';
import { theEnd } from '../run-world.ts';
import { createWorld, crew, startWorld } from './worker-world.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const says = (outcome: ResumeOutcome) => async () => outcome;
const noAnswer = () => new Promise<never>(() => {});
const slackSays =
  (more: { retryAfterMs?: number } = {}) =>
  async () => {
    throw new CardError({ kind: 'try_again', reason: 'ratelimited', ...more });
  };
/** An answer that the test gives when it likes. */
function later<T>() {
  let give: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    give = done;
  });
  return { answer: () => promise, give };
}

/** A decision on its way to CrewAI, which answers when the test says so. */
async function underWay(decide: 'approve' | 'revise' = 'approve') {
  const world = await startWorld();
  const crewai = later<ResumeOutcome>();
  world.crewDoes.push(crewai.answer);
  await world[decide](world.id);
  await world.clock.advance(0);
  return { ...world, give: crewai.give };
}

describe('a card', () => {
  test('is posted when an output arrives, and updated once for an answer within 300 ms', async () => {
    const world = await underWay();
    expect(world.slack).toMatchObject([{ do: 'post', round: 1, status: 'waiting' }]);
    await world.clock.advance(299);
    world.give({ kind: 'accepted' });
    await world.clock.advance(MINUTE);
    expect(world.slack).toMatchObject([{ do: 'post' }, { do: 'update', status: 'approved' }]);
    expect(world.resumes).toHaveLength(1);
  });

  test('says "sending" after 300 ms, then shows the answer', async () => {
    const world = await underWay();
    await world.clock.advance(300);
    expect(world.slack.slice(1)).toMatchObject([{ do: 'update', status: 'sending', at: 300 }]);
    world.give({ kind: 'accepted' });
    await world.clock.advance(1);
    expect(world.slack.slice(2)).toMatchObject([{ do: 'update', status: 'approved' }]);
  });

  test.each([
    // Half of the jitter: 1.5 s after one failure, 2.5 s after two.
    ['after a backoff', [slackSays(), slackSays()], [0, 1_500, 4_000]],
    ['after the pause that Slack asks for', [slackSays({ retryAfterMs: 30 * SECOND })], [0, 30 * SECOND]],
  ])('that Slack does not accept is posted again %s', async (_, failures, times) => {
    const world = createWorld();
    world.slackDoes.push(...failures);
    world.startWorker('a');
    await world.shown();
    await world.clock.advance(MINUTE);
    expect(world.slack.map((call) => [call.do, call.at])).toEqual(times.map((at) => ['post', at]));
  });

  test('that Slack does not answer does not delay the decision', async () => {
    const world = createWorld();
    world.slackDoes.push(noAnswer);
    world.startWorker('a');
    const id = await world.shown();
    await world.approve(id);
    await world.clock.advance(0);
    expect(await world.round(id)).toMatchObject({ status: 'approved' });
  });

  test('is not posted by a claim that took 2 s to store, because its lease may soon be over', async () => {
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

  test('is posted one second after the previous card of its channel', async () => {
    const world = createWorld();
    world.startWorker('a');
    await world.outputs(3);
    await world.clock.advance(10 * SECOND);
    expect(world.slack.map(({ at }) => at)).toEqual([0, SECOND, 2 * SECOND]);
  });

  test('is not updated while Slack makes another card of its channel wait', async () => {
    const world = createWorld();
    world.startWorker('a');
    const [one = '', two = ''] = await world.outputs(2);
    await world.clock.advance(10 * SECOND);
    world.slackDoes.push(slackSays({ retryAfterMs: 30 * SECOND }));
    await world.approve(one);
    await world.clock.advance(SECOND);
    await world.approve(two);
    await world.clock.advance(MINUTE);
    const updates = world.slack.filter((call) => call.do === 'update').map(({ at }) => at);
    expect(updates[0]).toBe(10 * SECOND);
    expect(Math.min(...updates.slice(1))).toBeGreaterThanOrEqual(40 * SECOND);
  });
});

describe('the lag of the worker', () => {
  test('is 0 for a step that is due at once', async () => {
    const world = await startWorld();
    await world.approve(world.id);
    await world.clock.advance(MINUTE);
    expect(world.lags).toEqual(['card', 'delivery', 'card'].map((lane) => ({ lane, milliseconds: 0 })));
  });

  test('counts from the end of the pause when no worker ran at that time', async () => {
    const world = createWorld();
    const { kill } = world.startWorker('a');
    world.slackDoes.push(slackSays({ retryAfterMs: 30 * SECOND }));
    const id = await world.shown();
    const pause = ((await world.approval(id)).lanes.card.notBefore ?? 0) - world.clock.now();
    kill();
    await world.clock.advance(90 * SECOND);
    world.startWorker('b');
    await world.clock.advance(0);
    expect(world.lags.map(({ milliseconds }) => milliseconds)).toEqual([0, 90 * SECOND - pause]);
    expect(world.lags[1]?.lane).toBe('card');
  });
});

describe('a decision', () => {
  test('whose answer was lost is sent again, and "not pending" settles it as approved', async () => {
    const world = await startWorld();
    world.crewDoes.push(says(outcomes.unknown), says(outcomes.not_pending));
    await world.approve(world.id);
    await world.clock.advance(0);
    expect(await world.round(world.id)).toMatchObject({ status: 'sending', delivery: { unsure: true } });
    await world.clock.advance(MINUTE);
    expect(world.resumes.map(({ at }) => at)).toEqual([0, 1_500]);
    expect(await world.round(world.id)).toMatchObject({ status: 'approved', decision: { by: 'UANA' } });
    expect(world.notes()).toEqual([]);
    expect(world.slack.at(-1)).toMatchObject({ do: 'update', status: 'approved' });
  });

  test('that is not pending at the first attempt was resolved elsewhere, and the thread says so', async () => {
    const world = await startWorld();
    world.crewDoes.push(says(outcomes.not_pending));
    await world.approve(world.id);
    await world.clock.advance(MINUTE);
    expect(await world.round(world.id)).toMatchObject({ status: 'resolved_elsewhere' });
    expect(world.notes()).toMatchObject([{ kind: 'not_taken', decision: { by: 'UANA' } }]);
  });

  test('to revise whose answers are lost is undelivered 60 s after its first attempt', async () => {
    const world = await startWorld();
    world.crewAlways(says(outcomes.unknown));
    await world.revise(world.id);
    await world.clock.advance(59 * SECOND);
    expect(await world.round(world.id)).toMatchObject({ status: 'sending' });
    await world.clock.advance(SECOND);
    expect(await world.round(world.id)).toMatchObject({ status: 'undelivered', delivery: { unsure: true } });
    const tries = world.resumes.length;
    expect(tries).toBeGreaterThan(1);
    expect(Math.max(...world.resumes.map(({ at }) => at))).toBeLessThan(MINUTE);
    await world.clock.advance(HOUR);
    expect(world.resumes).toHaveLength(tries);
    expect(world.notes()).toMatchObject([
      { kind: 'not_delivered', unsure: true, failure: { kind: 'unknown' } },
    ]);
    expect(world.slack.findLast((call) => call.do === 'update')).toMatchObject({ status: 'undelivered' });
  });

  test('that never reaches CrewAI is undelivered after an hour; Retry sends it again', async () => {
    const world = await startWorld();
    const { id, clock, resumes } = world;
    world.crewAlways(says(outcomes.not_reached));
    await world.revise(id);
    await clock.advance(HOUR - 1);
    expect(await world.round(id)).toMatchObject({ status: 'sending' });
    await clock.advance(5 * MINUTE);
    expect(await world.round(id)).toMatchObject({ status: 'undelivered', delivery: { unsure: false } });
    expect(world.notes()).toMatchObject([{ kind: 'not_delivered', unsure: false }]);
    const gaps = resumes.slice(1).map(({ at }, index) => at - (resumes[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(SECOND);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5 * MINUTE);

    world.crewAlways(says(outcomes.accepted));
    const before = resumes.length;
    const answer = await world.service.retry({ approvalId: id, round: 1, via: 'card' }, 'UBEN');
    expect(answer.done).toBe(true);
    await clock.advance(MINUTE);
    expect(resumes.slice(before)).toMatchObject([
      { decision: { by: 'UANA', action: 'request_revision', feedback: 'Shorter' } },
    ]);
    expect(await world.round(id)).toMatchObject({ status: 'revision_requested', decision: { by: 'UANA' } });
  });

  test('that CrewAI refuses is not sent again until someone retries it', async () => {
    const world = await startWorld();
    world.crewDoes.push(says(outcomes.refused));
    await world.approve(world.id);
    await world.clock.advance(HOUR);
    expect(await world.round(world.id)).toMatchObject({ status: 'refused' });
    expect(world.resumes).toHaveLength(1);
    await world.service.retry({ approvalId: world.id, round: 1, via: 'card' }, 'UBEN');
    await world.clock.advance(0);
    expect(await world.round(world.id)).toMatchObject({ status: 'approved' });
  });

  test('is not sent again after a newer output arrived, and a note tells its decider', async () => {
    const world = await startWorld();
    world.crewAlways(says(outcomes.not_reached));
    await world.approve(world.id);
    await world.clock.advance(10 * SECOND);
    const tries = world.resumes.length;
    await world.output('Another release');
    await world.clock.advance(HOUR);
    expect(world.resumes).toHaveLength(tries);
    const approval = await world.approval(world.id);
    expect(approval.rounds.map(({ status }) => status)).toEqual(['superseded', 'waiting']);
    expect(world.notes()).toMatchObject([{ kind: 'not_sent', why: 'superseded', decision: { by: 'UANA' } }]);
    expect(world.posts().map(({ round }) => round)).toEqual([1, 2]);
    expect(world.slack).toContainEqual(
      expect.objectContaining({ do: 'update', round: 1, status: 'superseded' }),
    );
  });

  test('that is under way when its revised output arrives counts as delivered', async () => {
    const world = await underWay('revise');
    await world.output('Another release');
    world.give(outcomes.refused);
    await world.clock.advance(MINUTE);
    const approval = await world.approval(world.id);
    expect(approval.rounds.map(({ status }) => status)).toEqual(['revision_requested', 'waiting']);
    expect(world.notes()).toEqual([]);
    expect(world.resumes).toHaveLength(1);
  });

  test('by twenty people at once is recorded for one; the other nineteen learn whose it was', async () => {
    const world = await startWorld();
    const people = Array.from({ length: 20 }, (_, index) => `U${index}`);
    const answers = await Promise.all(
      people.map((by, index) => (index % 2 ? world.approve(world.id, by) : world.revise(world.id, by))),
    );
    await world.clock.advance(MINUTE);
    const { decision } = await world.round(world.id);
    const refused = answers.flatMap((answer) => (answer.done ? [] : [answer.refusal]));
    expect(refused).toEqual(Array(19).fill({ code: 'already_decided', round: 1, decision }));
    expect(people.indexOf(decision?.by ?? '')).toBe(answers.findIndex(({ done }) => done));
    expect(world.resumes).toMatchObject([{ decision }]);
  });

  test('is sent to a crew at most eight at a time', async () => {
    const world = createWorld();
    world.startWorker('a');
    const ids = await world.outputs(12);
    const crewai = later<ResumeOutcome>();
    world.crewAlways(crewai.answer);
    for (const id of ids) await world.approve(id);
    await world.clock.advance(0);
    expect(world.resumes).toHaveLength(8);
    crewai.give({ kind: 'accepted' });
    await world.clock.advance(0);
    expect(world.resumes).toHaveLength(12);
  });

  test('that is the ninth of its crew is recorded, and waits for its turn', async () => {
    const world = createWorld({ sole: true });
    world.startWorker('a');
    world.crewAlways(noAnswer);
    const ids = await world.outputs(9);
    for (const id of ids) await world.approve(id);
    await until(() => expect(world.resumes).toHaveLength(8));
    const rounds = await Promise.all(ids.map((id) => world.round(id)));
    expect(rounds.map(({ delivery }) => delivery?.attempts)).toEqual([...Array(8).fill(1), 0]);
    expect(rounds.at(-1)).toMatchObject({ status: 'sending' });
  });

  test('and its first attempt are one commit', async () => {
    const world = await startWorld({ sole: true });
    world.crewAlways(noAnswer);
    const before = world.memory.commits();
    await world.approve(world.id);
    expect(world.memory.commits()).toBe(before + 1);
    await until(() => expect(world.resumes).toHaveLength(1));
    expect(world.memory.commits()).toBe(before + 1);
    expect(await world.round(world.id)).toMatchObject({
      status: 'sending',
      decision: { action: 'approve' },
      delivery: { attempts: 1 },
    });
  });

  const undoIn = (undoWindow: number) => ({ policy: { ...DEFAULT_POLICY, undoWindow } });

  test.each([
    ['one process', true],
    ['several processes', false],
  ])('does not wait for the turn of its card, on a store of %s', async (_, sole) => {
    const world = createWorld({ sole, rules: undoIn(30 * SECOND) });
    world.startWorker('a');
    // As from the home tab, which shows it before its card is there.
    await world.approve((await world.outputs(60)).at(-1) as string);
    await world.clock.advance(31 * SECOND);
    expect(world.slack.length).toBeLessThan(40);
    expect(world.resumes).toHaveLength(1);
    expect(world.resumes[0]?.at).toBeLessThan(31 * SECOND);
  });

  test('whose card waits its turn is sent as soon as the store is back', async () => {
    const world = createWorld({ sole: true });
    world.startWorker('a');
    await world.clock.advance(0);
    const id = (await world.outputs(60)).at(-1) as string;
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

  test('is sent when its undo window ends, also after a look at an older record', async () => {
    const world = await startWorld({ rules: undoIn(2 * SECOND) });
    const before = await world.approval(world.id);
    await world.approve(world.id);
    await world.clock.advance(SECOND);
    world.worker.wake(before);
    await world.clock.advance(SECOND);
    expect(world.resumes).toMatchObject([{ at: 2 * SECOND }]);
  });
});

describe('another worker', () => {
  test('posts the card of a killed worker after its lease, within 15 s', async () => {
    const world = createWorld();
    const first = world.startWorker('a');
    world.slackDoes.push(noAnswer);
    await world.shown();
    first.kill();
    world.startWorker('b');
    await world.clock.advance(9 * SECOND);
    expect(world.slack).toHaveLength(1);
    await world.clock.advance(6 * SECOND);
    expect(world.slack).toMatchObject([{ do: 'post' }, { do: 'post' }]);
  });

  test('sends the decision of a killed worker again, and "not pending" settles it', async () => {
    const world = await startWorld();
    world.crewDoes.push(noAnswer, says(outcomes.not_pending));
    await world.approve(world.id);
    await world.clock.advance(0);
    world.kill();
    world.startWorker('b');
    await world.clock.advance(15 * SECOND);
    expect(world.resumes.map(({ worker }) => worker)).toEqual(['a', 'b']);
    expect(world.resumes[1]?.at).toBeGreaterThanOrEqual(10 * SECOND);
    expect(await world.round(world.id)).toMatchObject({ status: 'approved' });
  });

  test('finds at its start what was stored while no worker ran', async () => {
    const world = createWorld();
    const id = await world.output('A release');
    await world.approve(id);
    world.startWorker('b');
    await world.clock.advance(MINUTE);
    expect(await world.round(id)).toMatchObject({ status: 'approved' });
    expect(world.slack.map((call) => call.do)).toEqual(['post', 'update']);
  });

  test('takes over at once on a store for one process', async () => {
    const world = createWorld({ sole: true });
    const first = world.startWorker('a');
    world.slackDoes.push(noAnswer);
    world.crewDoes.push(noAnswer, says(outcomes.not_pending));
    const id = await world.shown();
    await world.approve(id);
    await world.clock.advance(0);
    first.kill();
    world.startWorker('b');
    await world.clock.advance(0);
    expect(world.posts().map(({ at }) => at)).toEqual([0, 0]);
    expect(world.resumes).toMatchObject([
      { at: 0, worker: 'a' },
      { at: 0, worker: 'b' },
    ]);
    expect(await world.round(id)).toMatchObject({ status: 'approved' });
  });

  test('beside the first repeats nothing, also when both are woken', async () => {
    const world = createWorld();
    const workers = [world.startWorker('a'), world.startWorker('b')];
    const wakeBoth = async (id: string) => {
      const approval = await world.approval(id);
      for (const { worker } of workers) worker.wake(approval);
    };
    for (const id of await world.outputs(5, wakeBoth)) {
      await world.approve(id);
      await wakeBoth(id);
    }
    await world.clock.advance(MINUTE);
    expect(world.resumes).toHaveLength(5);
    expect(world.posts()).toHaveLength(5);
  });
});

describe('a store that fails', () => {
  test('while the answer of CrewAI is recorded: the worker records it later and does not send again', async () => {
    const world = await underWay();
    world.memory.fails('all');
    world.give({ kind: 'accepted' });
    await world.clock.advance(6 * SECOND);
    world.memory.works();
    await world.clock.advance(10 * SECOND);
    expect(await world.round(world.id)).toMatchObject({ status: 'approved' });
    expect(world.resumes).toHaveLength(1);
    await world.clock.advance(MINUTE);
    expect(world.slack.at(-1)).toMatchObject({ do: 'update', status: 'approved' });
  });

  test('rejects a decision and records nothing of it', async () => {
    const world = await startWorld();
    world.memory.fails('writes');
    await expect(world.approve(world.id)).rejects.toMatchObject({ code: 'store_unavailable' });
    world.memory.works();
    await world.clock.advance(MINUTE);
    expect(await world.round(world.id)).toMatchObject({ status: 'waiting' });
    expect(world.resumes).toEqual([]);
  });

  test('delays what is due until it is back', async () => {
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

  test('for writes only is not written to without a pause', async () => {
    const world = await startWorld();
    await world.approve(world.id);
    world.memory.fails('writes');
    const before = world.memory.commits();
    await world.clock.advance(0);
    expect(world.memory.commits() - before).toBeLessThanOrEqual(3);
  });
});

test('a worker that stops waits for the call under way, records its outcome and starts nothing more', async () => {
  const world = await underWay();
  let stopped = false;
  const stop = world.worker.stop().then(() => {
    stopped = true;
  });
  await world.output('x', { executionId: 'e2' });
  await world.clock.advance(SECOND);
  expect(stopped).toBe(false);
  world.give({ kind: 'accepted' });
  await stop;
  expect(await world.round(world.id)).toMatchObject({ status: 'approved' });
  await world.clock.advance(MINUTE);
  expect(world.slack).toHaveLength(1);
});

describe('two webhooks of one pause at once', () => {
  const output = readOutput('A release');
  const about = { executionId: 'e1', meta: { urls: {} }, warnings: [], output };
  const facts = (kind: 'human_input' | 'task', task: string) => {
    const round = { taskId: task, humanInput: kind === 'human_input', hashes: [hashOutput(output)] };
    return { ...about, kind, taskKey: task, task, round } as WebhookFacts;
  };
  const byTask = facts('task', 'draft');

  test('become one approval with one card, when only one of them names the task', async () => {
    const world = createWorld();
    world.startWorker('a');
    const receipts = await Promise.all(
      [facts('human_input', 'pause-1'), byTask].map((one) => world.receiver.receive(crew, one)),
    );
    await world.clock.advance(MINUTE);
    expect(receipts.map(({ status }) => status).sort()).toEqual(['created', 'duplicate']);
    expect(new Set(receipts.map(({ approval }) => approval)).size).toBe(1);
    expect(world.posts()).toHaveLength(1);
  });

  test('get no card by the task webhook while a human-input webhook is being registered', async () => {
    const world = createWorld();
    world.startWorker('a');
    const humanInputWebhook = { url: 'https://bot.example.com/webhooks/press/human-input' };
    const [, receipt] = await Promise.all([
      world.receiver.register(crew, 'e1', { urls: {}, humanInputWebhook }),
      world.receiver.receive(crew, byTask),
    ]);
    await world.clock.advance(MINUTE);
    expect(receipt).toEqual({ status: 'noted' });
    expect(world.slack).toEqual([]);
  });
});

const runEnds = theEnd('All done');

describe("a run's first output", () => {
  test('is written together with its run', async () => {
    const world = createWorld();
    const before = world.memory.commits();
    await world.output('A release');
    expect(world.memory.commits() - before).toBe(1);
  });

  test('delivered twenty times at once is one approval with one card', async () => {
    const world = createWorld();
    world.startWorker('a');
    const ids = await Promise.all(Array.from({ length: 20 }, () => world.output('A release')));
    expect(new Set(ids).size).toBe(1);
    await world.clock.advance(MINUTE);
    const { rounds } = await world.approval(ids[0] as string);
    expect(rounds).toMatchObject([{ number: 1, status: 'waiting' }]);
    expect(world.slack).toHaveLength(1);
  });

  test('of three tasks at once is three approvals, and the run knows all of them', async () => {
    const world = createWorld();
    world.startWorker('a');
    const tasks = ['draft', 'translate', 'check'];
    const ids = await Promise.all(tasks.map((task) => world.output(`The ${task}`, { task })));
    expect(new Set(ids).size).toBe(3);
    await world.clock.advance(MINUTE);
    expect(world.posts()).toHaveLength(3);
    await world.receiver.receive(crew, runEnds);
    for (const id of ids) expect(await world.round(id)).toMatchObject({ status: 'run_ended' });
  });
});

describe('the end of a run', () => {
  test('closes the card and puts the result into its thread', async () => {
    const world = await startWorld();
    expect(await world.receiver.receive(crew, runEnds)).toEqual({ status: 'noted' });
    expect(await world.receiver.receive(crew, runEnds)).toEqual({ status: 'duplicate' });
    await world.clock.advance(MINUTE);
    expect(await world.round(world.id)).toMatchObject({ status: 'run_ended' });
    expect(world.notes()).toEqual([{ kind: 'run_result' }]);
    expect(world.slack).toContainEqual(expect.objectContaining({ do: 'update', status: 'run_ended' }));
  });

  test('that arrives before the output of a round closes that card too', async () => {
    const world = createWorld();
    world.startWorker('a');
    await world.receiver.receive(crew, runEnds);
    expect(await world.round(await world.shown())).toMatchObject({ status: 'run_ended' });

    const revised = await startWorld();
    await revised.revise(revised.id);
    await revised.clock.advance(0);
    await revised.receiver.receive(crew, runEnds);
    await revised.output('A shorter release');
    expect(await revised.round(revised.id)).toMatchObject({ number: 2, status: 'run_ended' });
  });
});
