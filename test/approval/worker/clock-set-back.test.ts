import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { dueAt, nextSteps } from '../../../src/approval/lifecycle/next-steps.ts';
import { fireTimers } from '../../../src/approval/lifecycle/timers.ts';
import { transition } from '../../../src/approval/lifecycle/transitions.ts';
import {
  type Approval,
  approvalSchema,
  currentRound,
  laneNames,
} from '../../../src/approval/model/approval.ts';
import { DEFAULT_POLICY, type Policy } from '../../../src/approval/model/crew/task-rules.ts';
import type { Delivery, Round } from '../../../src/approval/model/round.ts';
import { Mentions } from '../../../src/approval/notify/mentions.ts';
import { limitTimes } from '../../../src/approval/worker/clock-set-back.ts';
import { RateLimits } from '../../../src/approval/worker/rate-limits.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { listIds } from '../../support/records.ts';
import {
  AT,
  aDelivery,
  anApproval,
  anOutput,
  approve,
  aRound,
  attemptEnded,
  attemptStarted,
  decideBy,
  decided,
  outcomes,
  revision,
} from '../builders.ts';
import type { Make } from '../lifecycle/random-events.ts';
import { createWorld, rejects } from './worker-world.ts';

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

const deliveryStep = (approval: Approval, now = AT) =>
  nextSteps(limitTimes(approval, AT), now).find(({ lane }) => lane === 'delivery');

describe.each(AHEAD)('after a clock was %s ahead', (_, by) => {
  const then = AT + by;

  test('a decision is sent at once, and retried for an hour from now', () => {
    const held = limitTimes(sending({ since: then, undoUntil: then + 10_000 }), AT);
    expect(currentRound(held).delivery).toMatchObject({ since: AT, undoUntil: AT + 10_000 });
    const tried = sending({ since: then, attempts: 3, firstAttemptAt: then });
    const delivery = { failures: 3, notBefore: then + 5 * MINUTE };
    const again = { ...tried, lanes: { ...tried.lanes, delivery } };
    expect(deliveryStep(again)).toEqual({ lane: 'delivery', do: 'attempt', round: 1, at: AT });
    expect(deliveryStep(again, AT + HOUR)).toMatchObject({ do: 'expire_delivery', at: AT + HOUR });
  });

  test.each([
    ['a revision that may have arrived is not repeated', revision, 'expire_delivery'],
    ['an approval that may have arrived is repeated', approve, 'attempt'],
  ])('%s', (_, decision, expected) => {
    const unsure = { since: then, attempts: 1, firstAttemptAt: then, unsure: true };
    const step = deliveryStep(sending(unsure, decision));
    expect(step).toMatchObject({ do: expected });
    expect(step?.at).toBeLessThanOrEqual(AT);
  });

  test('no lane waits for a failure or a worker of that time', () => {
    const lane = { failures: 2, notBefore: then + MINUTE, lease: { owner: 'w/1', until: then + 10_000 } };
    const limited = { ...lane, notBefore: AT, lease: { owner: 'w/1', until: AT + 10_000 } };
    const lanesOf = (card: typeof lane) => ({ card, thread: card, delivery: { ...card, blocked: true } });
    const approval = anApproval(undefined, { lanes: lanesOf(lane) });
    expect(limitTimes(approval, AT).lanes).toEqual(lanesOf(limited));
  });

  test('a claim ends within 15 minutes, a reminder waits a day at most, a mention a minute at most', () => {
    const round = aRound({ claim: { by: 'UANA', until: then + 15 * MINUTE }, remindNotBefore: then });
    const mention = { kind: 'mention' as const, round: 1, to: ['UANA'], since: then, at: then + MINUTE };
    const approval = { ...withPolicy({ remindAfter: HOUR }, round), notes: [mention] };
    const { notes, rounds } = limitTimes(approval, AT);
    expect(rounds[0]?.claim).toEqual({ by: 'UANA', until: AT + 15 * MINUTE });
    expect(rounds[0]?.remindNotBefore).toBeLessThanOrEqual(AT + DAY);
    expect(notes).toEqual([{ ...mention, since: AT, at: AT + MINUTE }]);
  });

  test('reminders, escalation and expiry count from now', () => {
    const escalates = { escalateAfter: 2 * HOUR, escalateTo: ['UBEN'] };
    const policy = { remindAfter: HOUR, ...escalates, expireAfter: 3 * HOUR };
    const approval = limitTimes(withPolicy(policy, aRound({ receivedAt: then })), AT);
    const due = (at: number) => {
      const { reminders, escalatedAt, expiredAt } = currentRound(fireTimers(approval, { at }));
      return [reminders, escalatedAt !== undefined, expiredAt !== undefined];
    };
    expect([HOUR - 1, HOUR, 2 * HOUR, 3 * HOUR].map((waited) => due(AT + waited))).toEqual([
      [undefined, false, false],
      [1, false, false],
      [2, true, false],
      [2, true, true],
    ]);
    expect(dueAt(approval, AT)).toBeLessThanOrEqual(AT + HOUR);
  });

  test('the next reminder comes when it would have come without the reminders counted then', () => {
    // Received 90 minutes ago: one reminder was due by now, and many more by that clock.
    const received = withPolicy({ remindAfter: HOUR }, aRound({ receivedAt: AT - 1.5 * HOUR }));
    const counted = fireTimers(received, { at: then });
    expect(currentRound(counted).reminders).toBeGreaterThan(3);
    expect(currentRound(limitTimes(counted, AT)).reminders).toBe(1);
    expect(deliveryStep(counted)).toMatchObject({ do: 'fire_timers', at: AT + HOUR / 2 });
  });

  test('a run whose decision was accepted then counts as silent `silentAfter` from now', () => {
    const delivery = aDelivery({ since: then, attempts: 1, firstAttemptAt: then, acceptedAt: then });
    const accepted = decided('approved', approve, delivery, { settledAt: then });
    const silent = { do: 'ask_status', at: AT + DEFAULT_POLICY.silentAfter };
    expect(deliveryStep(anApproval([accepted]))).toMatchObject(silent);
  });
});

describe('limiting times', () => {
  test('returns the same object for right times: pending timers, a lease, an hour of Retry-After', () => {
    const policy = { undoWindow: 3 * HOUR, remindAfter: HOUR, expireAfter: 30 * DAY };
    const lane = { failures: 1, notBefore: AT + HOUR, lease: { owner: 'w/1', until: AT + 10_000 } };
    const claim = { by: 'UANA', until: AT + 15 * MINUTE };
    const undoable = aDelivery({ since: AT, undoUntil: AT + 3 * HOUR });
    const unsure = aDelivery({ since: AT, attempts: 1, firstAttemptAt: AT, unsure: true });
    for (const round of [
      aRound({ receivedAt: AT - 2 * HOUR, claim, reminders: 2, remindNotBefore: AT + 10 * HOUR }),
      aRound({ receivedAt: AT - 5 * HOUR, reminders: 3 }),
      aRound({ status: 'sending', decision: approve, delivery: undoable }),
      aRound({ status: 'sending', decision: revision, delivery: unsure }),
    ]) {
      const approval = { ...withPolicy(policy, round), lanes: { card: lane, thread: lane, delivery: lane } };
      expect(limitTimes(approval, AT)).toBe(approval);
    }
  });

  const SPAN = 20 * YEAR;
  const time = (latest: number) => fc.integer({ min: AT - SPAN, max: latest });
  const within = (least: number, most: number) => fc.integer({ min: least, max: most });
  const policies = fc.record(
    {
      silentAfter: within(MINUTE, DAY),
      undoWindow: fc.constantFrom(0, 10_000, 2 * HOUR),
      remindAfter: within(MINUTE, 7 * DAY),
      escalateAfter: within(MINUTE, 30 * DAY),
      expireAfter: within(MINUTE, 365 * DAY),
      onExpiry: fc.constantFrom('keep' as const, 'approve' as const, 'request_revision' as const),
    },
    { requiredKeys: ['silentAfter', 'undoWindow', 'onExpiry'] },
  );
  const happens: fc.Arbitrary<Make> = fc.oneof(
    fc.constantFrom('A', 'B', 'C').map((hash) => (at: number) => anOutput(hash, { at })),
    fc
      .constantFrom('approve' as const, 'request_revision' as const)
      .map(
        (action) => (at: number, round: number) =>
          decideBy('UANA', { at, round, action, feedback: 'Shorter' }),
      ),
    fc
      .constantFrom('retry' as const, 'give_up' as const, 'undo' as const, 'claim' as const)
      .map((type) => (at: number, round: number) => ({ type, at, round, by: 'UANA' })),
    fc.constant((at: number, round: number) => attemptStarted(round, at)),
    fc
      .constantFrom(...Object.values(outcomes))
      .map((outcome) => (at: number, round: number) => attemptEnded(outcome, round, at, 5 * MINUTE)),
    fc.constant((at: number) => ({ type: 'timers_due' as const, at })),
  );
  const failedLane = fc.record(
    { backoff: within(0, HOUR), leased: fc.boolean() },
    { requiredKeys: ['leased'] },
  );
  /** An approval that lived through something by a clock that showed these times, each later than the one before. */
  const approvals = (latest: number): fc.Arbitrary<Approval> =>
    fc
      .record({
        policy: policies,
        times: fc.array(time(latest), { minLength: 12, maxLength: 12 }),
        events: fc.array(happens, { maxLength: 11 }),
        lanes: fc.record({ card: failedLane, thread: failedLane, delivery: failedLane }),
      })
      .map(({ policy, times, events, lanes }) => {
        const [first = AT, ...later] = [...times].sort((a, b) => a - b);
        const opened = withPolicy(policy, aRound({ receivedAt: first }));
        const lived = events.reduce((approval, event, index) => {
          const result = transition(approval, event(later[index] as number, currentRound(approval).number));
          return 'approval' in result ? result.approval : approval;
        }, opened);
        const last = later[Math.max(0, events.length - 1)] as number;
        const held = laneNames.map((name) => {
          const { backoff, leased } = lanes[name];
          const notBefore = backoff === undefined ? {} : { notBefore: last + backoff };
          const lease = leased ? { lease: { owner: 'w/1', until: last + 10_000 } } : {};
          return [name, { ...lived.lanes[name], ...notBefore, ...lease }];
        });
        return { ...lived, lanes: Object.fromEntries(held) };
      });

  test('returns the same object for any approval whose clock was right', () => {
    fc.assert(
      fc.property(approvals(AT), (approval) => {
        expect(limitTimes(approval, AT)).toBe(approval);
      }),
      { numRuns: 500 },
    );
  });

  test('leaves nothing that waits for years, whatever the clock showed', () => {
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
        const recorded = ({ status, votes, decision, hashes }: Round) => [status, votes, decision, hashes];
        expect(corrected.rounds.map(recorded)).toEqual(rounds.map(recorded));
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

describe.each(AHEAD)('a bot that starts after its clock was %s ahead and was set back', (_, by) => {
  /** A worker runs while the clock is ahead; `setBack` kills it, sets the clock back and starts another one. */
  function ahead(sole = true) {
    const clock = clockAhead(by);
    const world = createWorld({ clock, sole });
    let kill = () => {};
    const goWrong = () => {
      clock.goWrong();
      ({ kill } = world.startWorker('w1'));
    };
    async function setBack({
      passes = 1_000,
      clockReached,
    }: {
      passes?: number;
      clockReached?: number;
    } = {}) {
      kill();
      world.slackDoes.length = 0;
      clock.setBack();
      const { worker } = world.startWorker('w2', clockReached === undefined ? {} : { clockReached });
      await clock.advance(passes);
      return worker;
    }
    return { ...world, clock, goWrong, setBack, kill: () => kill() };
  }

  test('sends a decision at once, and its card says so', async () => {
    const world = ahead();
    world.goWrong();
    const id = await world.shown();
    world.kill();
    await world.approve(id);
    await world.setBack();
    expect(world.resumes).toHaveLength(1);
    expect((await world.round(id)).status).toBe('approved');
    expect(world.slack.at(-1)).toMatchObject({ do: 'update', status: 'approved' });
    const all = { until: Number.MAX_SAFE_INTEGER, limit: 10 };
    expect(await listIds(world.store, 'due', 'all', all)).toEqual([id]);
    const due = dueAt(await world.approval(id), world.clock.now()) ?? 0;
    expect(due - world.clock.now()).toBeLessThanOrEqual(DEFAULT_POLICY.silentAfter);
  });

  test.each([
    ['while', true],
    ['before', false],
  ])('posts a card that Slack rejected, whose webhook came %s the clock was ahead', async (_, meanwhile) => {
    const world = ahead();
    world.slackDoes.push(...Array(3).fill(rejects({ kind: 'try_again', reason: 'internal_error' })));
    if (meanwhile) world.goWrong();
    const id = await world.output('A release');
    if (!meanwhile) world.goWrong();
    await world.clock.advance(1_000);
    expect(world.slack.length).toBeGreaterThan(0);
    await world.setBack(meanwhile ? {} : { clockReached: world.clock.now() });
    expect((await world.round(id)).card).toBeDefined();
  });

  test('takes over, on a shared store, what a killed worker had claimed', async () => {
    const world = ahead(false);
    world.crewDoes.push(() => new Promise(() => {}));
    world.goWrong();
    const id = await world.shown();
    await world.approve(id);
    await world.clock.advance(1_000);
    expect(world.resumes).toHaveLength(1);
    await world.setBack({ passes: 20_000 });
    expect(world.resumes).toHaveLength(2);
    expect((await world.round(id)).status).toBe('approved');
  });

  test('alerts the operators once', async () => {
    const world = ahead();
    const alarms = () => world.alarms.filter(({ kind }) => kind === 'clock_set_back');
    world.goWrong();
    for (const task of ['one', 'two', 'three']) await world.output('A release', { task });
    await world.clock.advance(5_000);
    expect(alarms()).toEqual([]);
    const worker = await world.setBack({ passes: 5 * MINUTE });
    expect(alarms()).toHaveLength(1);
    expect(world.logged.filter((fact) => fact.startsWith('clock was set back'))).toHaveLength(1);
    expect(worker.fault()).toBeUndefined();
  });
});

describe.each(AHEAD)('a bot that runs on after its clock was %s ahead and was set back', (_, by) => {
  test('mentions people again whom it mentioned at that time', () => {
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
    const work = vi.fn(async () => true);
    turns.take({ target: 'channel', limit, priority: 'new', work });
    await clock.advance(3_000);
    expect(work).toHaveBeenCalledOnce();
  });
});

test('a bot whose clock was ahead by less than a minute alerts nobody', async () => {
  const clock = clockAhead(MINUTE - 1_000);
  const world = createWorld({ clock, sole: true });
  clock.goWrong();
  await world.output('A release');
  clock.setBack();
  world.startWorker('w1');
  await clock.advance(MINUTE);
  expect(world.alarms).toEqual([]);
});
