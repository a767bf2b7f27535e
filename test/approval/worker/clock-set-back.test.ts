import { describe, expect, test, vi } from 'vitest';
import { leasedUntil } from '../../../src/approval/lifecycle/lanes.ts';
import { listNextSteps } from '../../../src/approval/lifecycle/next-steps.ts';
import { transition } from '../../../src/approval/lifecycle/transitions.ts';
import { currentRound } from '../../../src/approval/model/approval.ts';
import type { Delivery } from '../../../src/approval/model/round.ts';
import { Mentions } from '../../../src/approval/notify/mentions.ts';
import { RateLimits } from '../../../src/approval/worker/rate-limits.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import {
  AT,
  aDelivery,
  anApproval,
  approve,
  aRound,
  became,
  decided,
  deliveries,
  revision,
} from '../builders.ts';
import { createWorld, rejects } from './worker-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const AHEAD = [
  ['a day', DAY],
  ['ten years', 3_650 * DAY],
] as const;

const sending = (delivery: Partial<Delivery>, decision = approve) =>
  anApproval([decided('sending', decision, aDelivery(delivery))]);
const stepOf = (approval: Parameters<typeof listNextSteps>[0], of = 'delivery') =>
  listNextSteps(approval, AT).find(({ lane }) => lane === of);

test('a lease and a back-off hold as long as they can have been meant to, and not at all beyond that', () => {
  const lease = (until: number) => leasedUntil({ owner: 'w/1', until }, AT, undefined);
  expect([10_000, 15_000, 15_001].map((later) => lease(AT + later))).toEqual([AT + 10_000, AT + 15_000, 0]);
  const waiting = (notBefore: number) =>
    stepOf(
      anApproval(undefined, { lanes: { ...anApproval().lanes, card: { failures: 1, notBefore } } }),
      'card',
    );
  expect(waiting(AT + HOUR)).toMatchObject({ do: 'post', at: AT + HOUR });
  expect(waiting(AT + HOUR + 5_001)).toMatchObject({ do: 'post', at: 0 });
});

test('what another replica recorded holds also where its clock is some seconds ahead', () => {
  const then = AT + 3_000;
  const blocked = { failures: 1, notBefore: then + HOUR };
  const unposted = anApproval(undefined, { lanes: { ...anApproval().lanes, card: blocked } });
  expect(stepOf(unposted, 'card')).toMatchObject({ do: 'post', at: then + HOUR });
  const held = sending({ since: then, undoUntil: then + 2 * HOUR });
  const policy = { ...held.policy, undoWindow: 2 * HOUR };
  expect(stepOf({ ...held, policy })).toMatchObject({ do: 'attempt', at: then + 2 * HOUR });
  const claimed = anApproval([aRound({ claim: { by: 'UANA', until: then + 15 * MINUTE } })]);
  const ask = { type: 'claim', at: AT, round: 1, by: 'UBEN' } as const;
  expect(transition(claimed, ask)).toEqual({ refusal: { code: 'claimed', by: 'UANA' } });
});

describe.each(AHEAD)('after a clock was %s ahead', (_, by) => {
  const then = AT + by;

  test('a decision does not wait for its undo window, and its card is updated', () => {
    const held = sending({ since: then, undoUntil: then + 10_000 });
    expect(stepOf(held)).toMatchObject({ do: 'attempt', at: 0 });
    const card = { channel: 'C', ts: '1', shown: 'waiting' };
    const shown = { ...currentRound(sending({ since: then, attempts: 1 })), card };
    expect(stepOf(anApproval([shown]), 'card')).toMatchObject({ do: 'update', at: 0 });
  });

  test.each([
    ['a revision that may have arrived is not repeated', revision, 'expire_delivery'],
    ['an approval that may have arrived is repeated', approve, 'attempt'],
  ])('%s', (_, decision, expected) => {
    const unsure = { since: then, attempts: 1, firstAttemptAt: then, unsure: true };
    const step = stepOf(sending(unsure, decision));
    expect(step).toMatchObject({ do: expected });
    expect(step?.at).toBeLessThanOrEqual(AT);
  });

  test('a mention is made, and a claim of that time is nobody’s', () => {
    const card = { channel: 'C', ts: '1', shown: '' };
    const note = { kind: 'mention' as const, round: 1, to: ['UANA'], since: then, at: then + MINUTE };
    const approval = anApproval([aRound({ card, claim: { by: 'UANA', until: then } })], {
      notes: [note],
      thread: { channel: 'C', ts: '1' },
    });
    expect(stepOf(approval, 'thread')).toMatchObject({ do: 'post_note', at: 0 });
    expect(currentRound(became(approval, { type: 'claim', at: AT, round: 1, by: 'UBEN' })).claim).toEqual({
      by: 'UBEN',
      until: AT + 15 * MINUTE,
    });
  });

  test('a webhook shows that the run went on after a decision that was accepted then', () => {
    const accepted = decided('approved', approve, { ...deliveries.accepted, acceptedAt: then });
    const after = became(anApproval([accepted]), { type: 'other_webhook', at: AT, isTaskReport: false });
    expect(currentRound(after).continuedAt).toBe(AT);
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
    async function setBack({ passes = 1_000 } = {}) {
      kill();
      world.slackDoes.length = 0;
      clock.setBack();
      world.startWorker('w2');
      await clock.advance(passes);
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
    await world.setBack();
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
    // It may still be at work, for as long as a lease is.
    await world.setBack({ passes: 9_000 });
    expect(world.resumes).toHaveLength(1);
    await world.clock.advance(2_000);
    expect(world.resumes).toHaveLength(2);
    expect((await world.round(id)).status).toBe('approved');
  });
});

describe.each(AHEAD)('a bot that runs on after its clock was %s ahead and was set back', (_, by) => {
  test('takes over within about a minute what another one had claimed', async () => {
    const clock = clockAhead(by);
    const world = createWorld({ clock });
    world.crewDoes.push(() => new Promise(() => {}));
    clock.goWrong();
    const { kill } = world.startWorker('w1');
    const id = await world.shown();
    await world.approve(id);
    await clock.advance(1_000);
    world.startWorker('w2');
    await clock.advance(1_000);
    kill();
    clock.setBack();
    await clock.advance(80_000);
    expect(world.resumes).toHaveLength(2);
    expect((await world.round(id)).status).toBe('approved');
  });

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
    turns.enqueue({ target: 'channel', limit, priority: 'new', work });
    await clock.advance(3_000);
    expect(work).toHaveBeenCalledOnce();
  });
});
