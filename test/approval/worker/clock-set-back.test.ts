import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dueAt, nextSteps } from '../../../src/approval/lifecycle/next-steps.ts';
import { fireTimers } from '../../../src/approval/lifecycle/timers.ts';
import { transition } from '../../../src/approval/lifecycle/transitions.ts';
import { type Approval, approvalSchema, currentRound } from '../../../src/approval/model/approval.ts';
import { DEFAULT_POLICY, type Policy } from '../../../src/approval/model/crew/task-rules.ts';
import type { Delivery } from '../../../src/approval/model/decision.ts';
import { laneNames } from '../../../src/approval/model/lane.ts';
import { Mentions } from '../../../src/approval/notify/mentions.ts';
import { CardError } from '../../../src/approval/ports.ts';
import { limitTimes } from '../../../src/approval/worker/clock-set-back.ts';
import { RateLimits } from '../../../src/approval/worker/rate-limits.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { listIds } from '../../support/records.ts';
import { AT, aDelivery, anApproval, anOutput, approve, aRound, outcomes, revision } from '../builders.ts';
import { createWorld } from './worker-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const AHEAD = [
  ['a day', DAY],
  ['ten years', 10 * YEAR],
] as const;

const withPolicy = (policy: Partial<Policy>, round = aRound()) =>
  anApproval([round], { policy: { ...DEFAULT_POLICY, ...policy } });
const sending = (delivery: Partial<Delivery>, decision = approve) =>
  anApproval([aRound({ status: 'sending', votes: [decision], decision, delivery: aDelivery(delivery) })]);

describe.each(AHEAD)('times that a clock recorded which was %s ahead', (_, by) => {
  const then = AT + by;

  test('let a decision be sent at once, with its whole hour of tries from now', () => {
    const held = sending({ since: then, undoUntil: then + 10_000 });
    const approval = limitTimes(held, AT);
    expect(currentRound(approval).delivery).toMatchObject({ since: AT, undoUntil: AT + 10_000 });
    const tried = sending({ since: then, attempts: 3, firstAttemptAt: then });
    const again = {
      ...tried,
      lanes: { ...tried.lanes, delivery: { failures: 3, notBefore: then + 5 * MINUTE } },
    };
    const [step] = nextSteps(limitTimes(again, AT), AT).filter(({ lane }) => lane === 'delivery');
    expect(step).toEqual({ lane: 'delivery', do: 'attempt', round: 1, at: AT });
    const used = nextSteps(limitTimes(again, AT), AT + HOUR).find(({ lane }) => lane === 'delivery');
    expect(used).toMatchObject({ do: 'expire_delivery', at: AT + HOUR });
  });

  test('send no revision again that may have arrived: how long ago is not known any more', () => {
    const lost = sending({ since: then, attempts: 1, firstAttemptAt: then, unsure: true }, revision);
    const [step] = nextSteps(limitTimes(lost, AT), AT).filter(({ lane }) => lane === 'delivery');
    expect(step).toMatchObject({ do: 'expire_delivery' });
    expect(step?.at).toBeLessThanOrEqual(AT);
    // An approve can be repeated.
    const { at, ...next } = nextSteps(
      limitTimes(sending({ since: then, attempts: 1, firstAttemptAt: then, unsure: true }), AT),
      AT,
    ).find(({ lane }) => lane === 'delivery') ?? { at: 0 };
    expect(next).toMatchObject({ do: 'attempt' });
    expect(at).toBeLessThanOrEqual(AT);
  });

  test('let no lane wait for a failure of then, nor for a worker of then', () => {
    const approval = anApproval();
    const lane = { failures: 2, notBefore: then + MINUTE, lease: { owner: 'w/1', until: then + 10_000 } };
    const { lanes } = limitTimes(
      { ...approval, lanes: { card: lane, thread: lane, delivery: { ...lane, blocked: true } } },
      AT,
    );
    for (const name of laneNames) {
      expect(lanes[name]).toMatchObject({ failures: 2, notBefore: AT, lease: { owner: 'w/1' } });
      expect(lanes[name].lease?.until).toBe(AT + 10_000);
    }
    expect(lanes.delivery.blocked).toBe(true);
  });

  test('end a claim within 15 minutes, and put no reminder off for longer than a night', () => {
    const round = aRound({ claim: { by: 'UANA', until: then + 15 * MINUTE }, remindNotBefore: then });
    const corrected = currentRound(limitTimes(withPolicy({ remindAfter: HOUR }, round), AT));
    expect(corrected.claim).toEqual({ by: 'UANA', until: AT + 15 * MINUTE });
    expect(corrected.remindNotBefore).toBeLessThanOrEqual(AT + DAY);
  });

  test('hold a mention for a minute at most', () => {
    const mention = { kind: 'mention' as const, round: 1, to: ['UANA'], since: then, at: then + MINUTE };
    const held = limitTimes({ ...anApproval(), notes: [mention] }, AT).notes;
    expect(held).toEqual([{ ...mention, since: AT, at: AT + MINUTE }]);
  });

  test('let reminders, escalation and expiry count from now at the latest', () => {
    const policy = {
      remindAfter: HOUR,
      escalateAfter: 2 * HOUR,
      escalateTo: ['UBEN'],
      expireAfter: 3 * HOUR,
    };
    const approval = limitTimes(withPolicy(policy, aRound({ receivedAt: then })), AT);
    const due = (at: number) => {
      const round = currentRound(fireTimers(approval, { at: at }));
      return [round.reminders, round.escalatedAt !== undefined, round.expiredAt !== undefined];
    };
    expect(due(AT + HOUR - 1)).toEqual([undefined, false, false]);
    expect(due(AT + HOUR)).toEqual([1, false, false]);
    expect(due(AT + 2 * HOUR)).toEqual([2, true, false]);
    expect(due(AT + 3 * HOUR)).toEqual([2, true, true]);
    expect(dueAt(approval, AT)).toBeLessThanOrEqual(AT + HOUR);
  });

  test('let the next reminder come when it would have come, whatever that clock counted', () => {
    // Received 90 minutes ago: one reminder was due by now, and many more by that clock.
    const received = withPolicy({ remindAfter: HOUR }, aRound({ receivedAt: AT - 1.5 * HOUR }));
    const counted = fireTimers(received, { at: then });
    expect(currentRound(counted).reminders).toBeGreaterThan(3);
    const round = currentRound(limitTimes(counted, AT));
    expect(round.reminders).toBe(1);
    expect(nextSteps(limitTimes(counted, AT), AT).find(({ lane }) => lane === 'delivery')).toMatchObject({
      do: 'fire_timers',
      at: AT + HOUR / 2,
    });
  });

  test('let a run that was accepted then count as silent as long after now as it would have', () => {
    const accepted = anApproval([
      aRound({
        status: 'approved',
        votes: [approve],
        decision: approve,
        delivery: aDelivery({ since: then, attempts: 1, firstAttemptAt: then, acceptedAt: then }),
        settledAt: then,
      }),
    ]);
    const [step] = nextSteps(limitTimes(accepted, AT), AT).filter(({ lane }) => lane === 'delivery');
    expect(step).toMatchObject({ do: 'ask_status', at: AT + DEFAULT_POLICY.silentAfter });
  });
});

describe('times that are right', () => {
  test('stay as they are, the same object: what waits for its time, a lease, an hour of Retry-After', () => {
    const policy = { undoWindow: 3 * HOUR, remindAfter: HOUR, expireAfter: 30 * DAY };
    const lane = { failures: 1, notBefore: AT + HOUR, lease: { owner: 'w/1', until: AT + 10_000 } };
    for (const round of [
      aRound({
        receivedAt: AT,
        claim: { by: 'UANA', until: AT + 15 * MINUTE },
        reminders: 2,
        remindNotBefore: AT + 10 * HOUR,
      }),
      aRound({ receivedAt: AT - 5 * HOUR, reminders: 3 }),
      aRound({
        status: 'sending',
        decision: approve,
        delivery: aDelivery({ since: AT, undoUntil: AT + 3 * HOUR }),
      }),
      aRound({
        status: 'sending',
        decision: revision,
        delivery: aDelivery({ since: AT, attempts: 1, firstAttemptAt: AT, unsure: true }),
      }),
    ]) {
      const of = withPolicy(policy, round.reminders === 2 ? { ...round, receivedAt: AT - 2 * HOUR } : round);
      const approval = { ...of, lanes: { card: lane, thread: lane, delivery: lane } };
      expect(limitTimes(approval, AT)).toBe(approval);
    }
  });

  const SPAN = 20 * YEAR;
  const time = (latest: number) => fc.integer({ min: AT - SPAN, max: latest });
  const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
  const policies = fc.record({
    silentAfter: fc.integer({ min: MINUTE, max: DAY }),
    undoWindow: fc.constantFrom(0, 10_000, 2 * HOUR),
    remindAfter: optional(fc.integer({ min: MINUTE, max: 7 * DAY })),
    escalateAfter: optional(fc.integer({ min: MINUTE, max: 30 * DAY })),
    expireAfter: optional(fc.integer({ min: MINUTE, max: 365 * DAY })),
    onExpiry: fc.constantFrom('keep' as const, 'approve' as const, 'request_revision' as const),
  });
  const happens = fc.oneof(
    fc.constantFrom('A', 'B', 'C').map((hash) => (at: number) => anOutput(hash, { at })),
    fc
      .constantFrom('approve' as const, 'request_revision' as const)
      .map((action) => (at: number, round: number) => {
        return { type: 'decide' as const, at, round, action, feedback: 'Shorter', by: 'UANA' };
      }),
    fc
      .constantFrom('retry' as const, 'give_up' as const, 'undo' as const, 'claim' as const)
      .map((type) => (at: number, round: number) => ({ type, at, round, by: 'UANA' })),
    fc.constant((at: number, round: number) => ({
      type: 'attempt_started' as const,
      dialect: 'documented' as const,
      at,
      round,
    })),
    fc.constantFrom(...Object.values(outcomes)).map((outcome) => (at: number, round: number) => {
      return { type: 'attempt_ended' as const, at, round, outcome, backoffMs: 5 * MINUTE };
    }),
    fc.constant((at: number) => ({ type: 'timers_due' as const, at })),
  );
  /** An approval that lived through something by a clock that showed these times, each later than the one before. */
  const approvals = (latest: number): fc.Arbitrary<Approval> =>
    fc
      .record({
        policy: policies,
        times: fc.array(time(latest), { minLength: 12, maxLength: 12 }),
        events: fc.array(happens, { maxLength: 11 }),
        lanes: fc.tuple(
          ...laneNames.map(() =>
            fc.record({ backoff: optional(fc.integer({ min: 0, max: HOUR })), leased: fc.boolean() }),
          ),
        ),
      })
      .map(({ policy, times, events, lanes }) => {
        const [first = AT, ...later] = [...times].sort((a, b) => a - b);
        const { remindAfter, escalateAfter, expireAfter, ...rest } = policy;
        const rules = Object.fromEntries(
          Object.entries({ remindAfter, escalateAfter, expireAfter }).filter(
            ([, value]) => value !== undefined,
          ),
        );
        const opened = withPolicy({ ...rest, ...rules }, aRound({ receivedAt: first }));
        const lived = events.reduce((approval, event, index) => {
          const result = transition(approval, event(later[index] as number, currentRound(approval).number));
          return 'approval' in result ? result.approval : approval;
        }, opened);
        const last = later[Math.max(0, events.length - 1)] as number;
        const held = laneNames.map((name, index) => {
          const { backoff, leased } = lanes[index] as { backoff?: number; leased: boolean };
          const lane = {
            ...lived.lanes[name],
            ...(backoff === undefined ? {} : { notBefore: last + backoff }),
            ...(leased ? { lease: { owner: 'w/1', until: last + 10_000 } } : {}),
          };
          return [name, lane];
        });
        return { ...lived, lanes: Object.fromEntries(held) };
      });

  test('of any approval stay as they are, the same object', () => {
    fc.assert(
      fc.property(approvals(AT), (approval) => {
        expect(limitTimes(approval, AT)).toBe(approval);
      }),
      { numRuns: 500 },
    );
  });

  test('are what is left of any approval, whatever the clock showed: nothing waits for years', () => {
    fc.assert(
      fc.property(approvals(AT + SPAN), (approval) => {
        const corrected = limitTimes(approval, AT);
        expect(limitTimes(corrected, AT)).toBe(corrected);
        expect(approvalSchema.parse(corrected)).toEqual(corrected);
        const { policy } = corrected;
        const { reminders = 0, remindNotBefore } = currentRound(corrected);
        const longest = Math.max(
          HOUR,
          policy.silentAfter,
          policy.undoWindow,
          (policy.remindAfter ?? 0) * 2 ** reminders,
          remindNotBefore === undefined ? 0 : DAY,
          policy.escalateAfter ?? 0,
          policy.expireAfter ?? 0,
        );
        expect(dueAt(corrected, AT) ?? 0).toBeLessThanOrEqual(AT + longest);
        // What people decided and what happened stays as it was recorded.
        const { lanes: _, rounds, ...rest } = approval;
        expect(corrected).toMatchObject(rest);
        expect(
          corrected.rounds.map(({ status, votes, decision, hashes }) => [status, votes, decision, hashes]),
        ).toEqual(rounds.map(({ status, votes, decision, hashes }) => [status, votes, decision, hashes]));
      }),
      { numRuns: 1_000 },
    );
  });
});

/** The clock of a machine that is ahead until it is set back. */
function clockAhead(by: number): FakeClock & { setBack(): void; goWrong(): void } {
  const clock = createFakeClock();
  let ahead = 0;
  return {
    ...clock,
    now: () => clock.now() + ahead,
    goWrong: () => {
      ahead = by;
    },
    setBack: () => {
      ahead = 0;
    },
  };
}

const refusedBySlack = async () => {
  throw new CardError({ kind: 'try_again', reason: 'internal_error' });
};

describe.each(AHEAD)('a bot that starts after its clock was %s ahead and was set back', (_, by) => {
  /** What happens while the clock is ahead; then the worker is killed and the clock is set back. */
  function ahead(rules: Partial<Policy> = {}, sole = true) {
    const clock = clockAhead(by);
    const world = createWorld({ clock, sole, rules: { policy: { ...DEFAULT_POLICY, ...rules } } });
    const decide = (id: string, action: 'approve' | 'request_revision' = 'approve') =>
      world.service.decide({ approvalId: id, round: 1, via: 'card' }, 'UANA', {
        action,
        feedback: 'Shorter',
      });
    const alarms = () => world.alarms.filter(({ kind }) => kind === 'clock_set_back');
    clock.goWrong();
    return { ...world, clock, decide, alarms };
  }

  test('sends a decision at once, and its card says so', async () => {
    const world = ahead();
    const { kill } = world.startWorker('w1');
    const id = await world.shown();
    kill();
    await world.decide(id);
    world.clock.setBack();
    world.startWorker('w2');
    await world.clock.advance(1_000);
    expect(world.resumes).toHaveLength(1);
    expect((await world.round(id)).status).toBe('approved');
    expect(world.slack.at(-1)).toMatchObject({ do: 'update', status: 'approved' });
    expect(await listIds(world.store, 'due', 'all', { until: Number.MAX_SAFE_INTEGER, limit: 10 })).toEqual([
      id,
    ]);
    const due = dueAt(await world.approval(id), world.clock.now()) ?? 0;
    expect(due - world.clock.now()).toBeLessThanOrEqual(DEFAULT_POLICY.silentAfter);
  });

  test('sends a decision again that CrewAI did not take then, and retries for an hour', async () => {
    const world = ahead();
    world.crewAlways(async () => outcomes.not_reached);
    const { kill } = world.startWorker('w1');
    const id = await world.shown();
    await world.decide(id);
    await world.clock.advance(MINUTE);
    kill();
    const before = world.resumes.length;
    expect(before).toBeGreaterThan(1);
    world.clock.setBack();
    world.startWorker('w2');
    await world.clock.advance(1_000);
    expect(world.resumes.length).toBe(before + 1);
    world.crewAlways(async () => outcomes.accepted);
    await world.clock.advance(10 * MINUTE);
    expect((await world.round(id)).status).toBe('approved');
  });

  test('posts a card that Slack did not take then', async () => {
    const world = ahead();
    world.slackDoes.push(refusedBySlack, refusedBySlack, refusedBySlack);
    const { kill } = world.startWorker('w1');
    const id = await world.output('A release');
    await world.clock.advance(1_000);
    kill();
    world.slackDoes.length = 0;
    world.clock.setBack();
    world.startWorker('w2');
    await world.clock.advance(1_000);
    expect((await world.round(id)).card).toBeDefined();
  });

  test('posts a card that Slack did not take then, when its webhook had come before', async () => {
    const world = ahead();
    world.clock.setBack();
    const id = await world.output('A release');
    world.clock.goWrong();
    world.slackDoes.push(refusedBySlack, refusedBySlack, refusedBySlack);
    const { kill } = world.startWorker('w1');
    await world.clock.advance(1_000);
    expect(world.slack.length).toBeGreaterThan(0);
    kill();
    world.slackDoes.length = 0;
    const clockReached = world.clock.now();
    world.clock.setBack();
    world.startWorker('w2', { clockReached });
    await world.clock.advance(1_000);
    expect((await world.round(id)).card).toBeDefined();
  });

  test('takes over, on a shared store, what a worker of then had claimed', async () => {
    const world = ahead({}, false);
    world.crewDoes.push(() => new Promise(() => {}));
    const { kill } = world.startWorker('w1');
    const id = await world.shown();
    await world.decide(id);
    await world.clock.advance(1_000);
    expect(world.resumes).toHaveLength(1);
    kill();
    world.clock.setBack();
    world.startWorker('w2');
    await world.clock.advance(20_000);
    expect(world.resumes).toHaveLength(2);
    expect((await world.round(id)).status).toBe('approved');
  });

  test('frees what was claimed then, and reminds as if it had come now', async () => {
    const world = ahead({ remindAfter: HOUR });
    const { kill } = world.startWorker('w1');
    const id = await world.shown();
    await world.service.claim({ approvalId: id, round: 1, via: 'card' }, 'UANA');
    await world.clock.advance(1_000);
    kill();
    world.clock.setBack();
    world.startWorker('w2');
    await world.clock.advance(1_000);
    expect((await world.round(id)).claim?.by).toBe('UANA');
    await world.clock.advance(15 * MINUTE);
    expect((await world.round(id)).claim).toBeUndefined();
    expect(world.notes()).toEqual([]);
    await world.clock.advance(45 * MINUTE);
    expect(world.notes()).toMatchObject([{ kind: 'reminder' }]);
  });

  test('tells the operators once, however long it runs', async () => {
    const world = ahead();
    const { kill } = world.startWorker('w1');
    for (const task of ['one', 'two', 'three']) await world.output('A release', { task });
    await world.clock.advance(5_000);
    kill();
    expect(world.alarms()).toEqual([]);
    world.clock.setBack();
    const { worker } = world.startWorker('w2');
    await world.clock.advance(5 * MINUTE);
    expect(world.alarms()).toHaveLength(1);
    expect(world.logged.filter((fact) => fact.startsWith('clock was set back'))).toHaveLength(1);
    expect(worker.fault()).toBeUndefined();
  });
});

describe.each(AHEAD)('a bot that runs on after its clock was %s ahead and was set back', (_, by) => {
  test('mentions people that it mentioned then', () => {
    const clock = clockAhead(by);
    const mentions = new Mentions(clock, () => undefined);
    clock.goWrong();
    mentions.remember('CAPPROVALS', ['UANA']);
    clock.setBack();
    expect(mentions.admit('CAPPROVALS', ['UANA'])).toEqual({ now: ['UANA'], later: [] });
  });

  test('waits for a rate limit only as long as Slack asked', async () => {
    const clock = clockAhead(by);
    const turns = new RateLimits(clock);
    const limit = { atOnce: 1, perMinute: 60 };
    clock.goWrong();
    turns.pause('channel', limit, 3_000);
    clock.setBack();
    let ran = false;
    const work = async () => {
      ran = true;
      return true;
    };
    turns.take({ target: 'channel', limit, priority: 'new', work });
    await clock.advance(3_000);
    expect(ran).toBe(true);
  });
});

test('a bot whose clock is a minute ahead at most tells nobody', async () => {
  const clock = clockAhead(MINUTE - 1_000);
  const world = createWorld({ clock, sole: true });
  clock.goWrong();
  await world.output('A release');
  clock.setBack();
  world.startWorker('w1');
  await clock.advance(MINUTE);
  expect(world.alarms).toEqual([]);
});
