import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildCardFacts } from '../../../src/approval/card-facts.ts';
import { listNextSteps } from '../../../src/approval/lifecycle/next-steps.ts';
import { fireTimers } from '../../../src/approval/lifecycle/timers.ts';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { DEFAULT_POLICY, type Policy } from '../../../src/approval/model/crew/task-rules.ts';
import type { PeopleDirectory } from '../../../src/approval/ports.ts';
import { describeOpenRound } from '../../../src/slack/views/card/state.ts';
import { buildNote } from '../../../src/slack/views/notes/note.ts';
import { spoken } from '../../support/spoken.ts';
import {
  AT,
  anApproval,
  anOutput,
  aRound,
  attemptEnded,
  attemptStarted,
  became,
  decideBy,
  outcomes,
  refusalOf,
  withCards,
} from '../builders.ts';
import { createWorld, rejects } from '../worker/worker-world.ts';

const links = { message: () => undefined, command: '/approvals' };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const waiting = (policy: Partial<Policy>) =>
  withCards(anApproval([aRound()], { policy: { ...DEFAULT_POLICY, ...policy } }));
/** A bot that has shown its first card. */
async function shown(
  policy: Partial<Policy>,
  { people = {}, ...rules }: Partial<Crew> & { people?: Partial<PeopleDirectory> } = {},
) {
  const world = createWorld({ people, rules: { ...rules, policy: { ...DEFAULT_POLICY, ...policy } } });
  const began = world.clock.now();
  world.startWorker('w1');
  const reminders = () => world.slack.filter(({ note }) => note?.kind === 'reminder');
  return { world, id: await world.shown('Output 1'), began, reminders };
}
const decide = (by: string, at = AT) => decideBy(by, { at });
const deliveryStep = (approval: Approval, now: number) =>
  listNextSteps(approval, now).find(({ lane }) => lane === 'delivery');
const person = (type: 'undo' | 'claim' | 'release', by: string, at: number) =>
  ({ type, at, round: 1, by }) as const;

describe('a decision that can be undone', () => {
  const undoable = became(waiting({ undoWindow: 10_000 }), decide('UANA'));

  test('waits to be sent, and its card says so at once', () => {
    expect(deliveryStep(undoable, AT)).toMatchObject({ do: 'attempt', at: AT + 10_000 });
    expect(listNextSteps(undoable, AT)).toContainEqual(expect.objectContaining({ do: 'update', at: 0 }));
  });

  test('is taken back by its decider, and the round waits again', () => {
    const undone = became(undoable, person('undo', 'UANA', AT + 9_000));
    expect(currentRound(undone)).toMatchObject({ status: 'waiting', votes: [] });
    expect(currentRound(undone)).not.toHaveProperty('decision');
    expect(currentRound(became(undone, decide('UBEN', AT + 9_500))).decision?.by).toBe('UBEN');
  });

  test('is not taken back by another, nor too late, nor once it was tried', () => {
    const tried = became(undoable, attemptStarted(1, AT + 10_000));
    const accepted = became(tried, attemptEnded(outcomes.accepted, 1));
    const undone = became(undoable, person('undo', 'UANA', AT + 1));
    const reasons: [Approval, by: string, after: number, why: string][] = [
      [undoable, 'UBEN', 1, 'not_yours'],
      [undoable, 'UANA', 10_000, 'sent'],
      [tried, 'UANA', 9_000, 'sent'],
      [accepted, 'UANA', 20_000, 'sent'],
      [waiting({}), 'UANA', 0, 'nothing'],
      [undone, 'UANA', 2, 'nothing'],
    ];
    for (const [approval, by, after, why] of reasons)
      expect(refusalOf(approval, person('undo', by, AT + after))).toEqual({ code: 'not_undone', why });
  });

  test('is not given up by another meanwhile, and has its whole hour of tries afterwards', () => {
    const slow = became(waiting({ undoWindow: 2 * HOUR }), decide('UANA'));
    const giveUp = { type: 'give_up', at: AT + HOUR, round: 1, by: 'UBEN' } as const;
    expect(refusalOf(slow, giveUp)).toMatchObject({ code: 'already_decided', decision: { by: 'UANA' } });
    const at = AT + 2 * HOUR;
    const failed = became(slow, attemptStarted(1, at), attemptEnded(outcomes.not_reached, 1, at));
    expect(deliveryStep(failed, at)).toMatchObject({ do: 'attempt', at: at + 2_000 });
  });

  test('is not made by a rule in its place, when it is taken back after the time was over', () => {
    const policy = { undoWindow: 2 * HOUR, expireAfter: HOUR, onExpiry: 'approve' } as const;
    const at = AT + HOUR + MINUTE;
    const undone = became(became(waiting(policy), decide('UANA')), person('undo', 'UANA', at));
    const fired = currentRound(fireTimers(undone, { at: at + MINUTE }));
    expect(fired).toMatchObject({ status: 'waiting', expiredAt: at });
  });
});

describe('someone who looks after a round', () => {
  test('keeps it for 15 minutes, or until they leave it', () => {
    const claimed = became(waiting({}), person('claim', 'UANA', AT));
    expect(currentRound(claimed).claim).toEqual({ by: 'UANA', until: AT + 15 * MINUTE });
    expect(deliveryStep(claimed, AT)).toMatchObject({ do: 'fire_timers', at: AT + 15 * MINUTE });
    expect(currentRound(fireTimers(claimed, { at: AT + 15 * MINUTE })).claim).toBeUndefined();
    expect(currentRound(became(claimed, person('release', 'UANA', AT + 1))).claim).toBeUndefined();
  });

  test('keeps others from taking it over, but not from deciding', () => {
    const claimed = became(waiting({}), person('claim', 'UANA', AT));
    for (const type of ['claim', 'release'] as const)
      expect(refusalOf(claimed, person(type, 'UBEN', AT + 1))).toEqual({ code: 'claimed', by: 'UANA' });
    expect(currentRound(became(claimed, person('claim', 'UBEN', AT + 15 * MINUTE))).claim?.by).toBe('UBEN');
    expect(currentRound(became(claimed, decide('UBEN'))).decision?.by).toBe('UBEN');
  });
});

describe('reminders', () => {
  const approvers = ['UANA', 'UBEN'];

  test('come after the set time, then when twice that has passed, then four times', async () => {
    const { world, reminders } = await shown({ remindAfter: HOUR }, { approvers });
    await world.clock.advance(7 * HOUR);
    expect(reminders().map(({ at }) => Math.round(at / HOUR))).toEqual([1, 2, 4]);
    expect(reminders()[0]?.calls).toEqual(approvers);
  });

  test.each([
    ['wait for the morning of the people whom they would wake', false, 5],
    ['do not wait when it is urgent', true, 1],
  ])('%s', async (_, urgent, hours) => {
    const dawn = 1_700_000_000_000 + 5 * HOUR;
    const findAwake = async (ids: readonly string[], now: number) =>
      now < dawn ? { ids: [], dawn } : { ids: [...ids] };
    const rules = { approvers: ['UANA'], people: { findAwake } };
    const { world, reminders } = await shown({ remindAfter: HOUR, urgent }, rules);
    await world.clock.advance(5 * HOUR + MINUTE);
    expect(Math.round((reminders()[0]?.at ?? 0) / HOUR)).toBe(hours);
  });

  test('come no more once the time for a decision is over', async () => {
    const { world, reminders } = await shown({ remindAfter: HOUR, expireAfter: 3 * HOUR }, { approvers });
    await world.clock.advance(40 * HOUR);
    expect(reminders().map(({ at }) => Math.round(at / HOUR))).toEqual([1, 2]);
  });

  test('mention only the one who was asked, and end with the decision', async () => {
    const { world, id, reminders } = await shown({ remindAfter: HOUR }, { approvers });
    expect((await world.service.assign({ approvalId: id, round: 1 }, 'UANA', 'UBEN')).done).toBe(true);
    await world.clock.advance(HOUR + MINUTE);
    expect(reminders()[0]?.calls).toEqual(['UBEN']);
    await world.approve(id);
    await world.clock.advance(9 * HOUR);
    expect(reminders()).toHaveLength(1);
  });
});

test('a notification for a waiting round is not sent once it is decided', async () => {
  const policy = { escalateAfter: HOUR, escalateTo: ['UBOSS'], expireAfter: HOUR };
  const { world, id } = await shown(policy);
  world.slackDoes.push(rejects({ kind: 'try_again', reason: 'timeout' }));
  await world.clock.advance(HOUR);
  await world.approve(id);
  await world.clock.advance(MINUTE);
  // The first try was made while it waited.
  expect(world.notes()).toMatchObject([{ kind: 'escalated' }]);
});

describe('what is not decided in time', () => {
  test('is sent once to the people it is escalated to, and they may decide from then on', async () => {
    const policy = { escalateAfter: 2 * HOUR, escalateTo: ['UBOSS'] };
    const { world, id } = await shown(policy, { approvers: ['UANA'] });
    expect(await world.approve(id, 'UBOSS')).toMatchObject({ refusal: { code: 'not_approver' } });
    await world.clock.advance(9 * HOUR);
    expect(world.notes()).toEqual([{ kind: 'escalated', round: 1, to: ['UBOSS'] }]);
    expect(await world.approve(id, 'UBOSS')).toMatchObject({ done: true });
  });

  test('is marked, and can still be decided', () => {
    const expired = fireTimers(waiting({ expireAfter: HOUR }), { at: AT + HOUR });
    expect(currentRound(expired)).toMatchObject({ status: 'waiting', expiredAt: AT + HOUR });
    expect(expired.notes).toEqual([{ kind: 'expired', round: 1 }]);
    expect(fireTimers(expired, { at: AT + 9 * HOUR })).toBe(expired);
    expect(currentRound(became(expired, decide('UANA', AT + 2 * HOUR))).status).toBe('sending');
  });

  test.each([
    ['approve', 'approved', ''],
    ['request_revision', 'revision_requested', 'Please try again, shorter'],
  ] as const)(
    'is decided by the rule where the settings say %s, and shown as the rule',
    async (onExpiry, status, expiryText) => {
      const { world, id } = await shown({ expireAfter: HOUR, onExpiry, expiryText });
      await world.clock.advance(HOUR + MINUTE);
      const decision = { rule: 'expiry', by: '', feedback: expiryText };
      expect(await world.round(id)).toMatchObject({ status, decision });
      expect(world.resumes.map(({ decision }) => decision.action)).toEqual([onExpiry]);
      expect(world.notes()).toMatchObject([{ kind: 'expired', decision: { rule: 'expiry' } }]);
      expect(await world.approve(id)).toMatchObject({ done: false, refusal: { code: 'already_decided' } });
    },
  );

  test('is sent back by the rule three times in a row at most; then it waits for a person', async () => {
    const { world, id } = await shown({ expireAfter: HOUR, onExpiry: 'request_revision' });
    for (let n = 2; n <= 5; n += 1) {
      await world.clock.advance(HOUR + MINUTE);
      if (n < 5) await world.output(`Output ${n}`);
    }
    expect(world.resumes).toHaveLength(3);
    const expiredAt = expect.any(Number);
    expect(await world.round(id)).toMatchObject({ number: 4, status: 'waiting', expiredAt });
    expect(world.notes().at(-1)).toEqual({ kind: 'expired', round: 4 });
    const approval = await world.approval(id);
    const lines = describeOpenRound(spoken(), buildCardFacts(approval, currentRound(approval)));
    const state = lines.map(({ text }) => text).join();
    const noteOf = (round: number) =>
      buildNote(spoken(), approval, { kind: 'expired', round }, {}, 'full', links).text;
    for (const told of [state, noteOf(4)]) expect(told).toContain('three times in a row');
    expect(noteOf(3)).not.toContain('in a row');
    // A person's decision begins the count anew.
    await world.revise(id, 'UANA', 4);
    await world.clock.advance(1_000);
    await world.output('Output 5');
    await world.clock.advance(HOUR + MINUTE);
    expect(await world.round(id)).toMatchObject({ number: 5, decision: { rule: 'expiry' } });
  });

  test('starts again with each round', () => {
    const expired = fireTimers(waiting({ expireAfter: HOUR, remindAfter: HOUR }), { at: AT + HOUR });
    const second = became(expired, anOutput('N', { at: AT + 2 * HOUR }));
    expect(currentRound(second)).not.toHaveProperty('expiredAt');
    expect(deliveryStep(second, AT + 2 * HOUR)?.at).toBe(AT + 3 * HOUR);
  });
});

test('whatever time comes, a waiting round is either due later or has nothing more to happen by itself', () => {
  const time = fc.integer({ min: 1, max: 10 * HOUR });
  const times = { remindAfter: time, escalateAfter: time, expireAfter: time };
  const policies = fc.record(times, { requiredKeys: [] });
  fc.assert(
    fc.property(
      policies,
      fc.integer({ min: 0, max: 100 * HOUR }),
      fc.constantFrom('keep' as const, 'approve' as const),
      (set, later, onExpiry) => {
        const now = AT + later;
        const passed = fireTimers(waiting({ ...set, escalateTo: ['UBOSS'], onExpiry }), { at: now });
        const step = deliveryStep(passed, now);
        if (step?.do === 'fire_timers') {
          // One reminder stands for all that were missed.
          expect(step.at).toBeGreaterThan(now);
          expect(passed.notes.filter(({ kind }) => kind === 'reminder').length).toBeLessThanOrEqual(1);
        }
        expect(currentRound(passed).status === 'waiting' || onExpiry === 'approve').toBe(true);
      },
    ),
  );
});

test('what was asked, taken back or came by time is kept as facts, with its time, its actor and where it was done', async () => {
  const escalates = { escalateAfter: 2 * HOUR, escalateTo: ['UBOSS'] };
  const policy = { undoWindow: 10_000, remindAfter: HOUR, ...escalates, expireAfter: 3 * HOUR };
  const { world, id, began } = await shown(policy, { approvers: ['UANA', 'UBEN'] });
  const { card } = await world.round(id);
  const target = { approvalId: id, round: 1, via: 'card' as const, ...(card ? { card } : {}) };
  await world.approve(id);
  await world.service.undo(target, 'UANA');
  await world.service.assign(target, 'UANA', 'UBEN');
  await world.service.claim({ ...target, via: 'list' }, 'UBEN');
  await world.service.claim(target, 'UBEN', 'release');
  await world.clock.advance(4 * HOUR);
  const { facts } = await world.approval(id);
  // Without an origin: by the bot itself.
  const told = facts.map(({ what, by, origin, at }) => [what, by, origin, Math.round((at - began) / HOUR)]);
  expect(told).toEqual(
    expect.arrayContaining([
      ['undone', 'UANA', 'card', 0],
      ['assigned', 'UANA', 'card', 0],
      ['claimed', 'UBEN', 'list', 0],
      ['released', 'UBEN', 'card', 0],
      ['reminded', undefined, undefined, 1],
      ['escalated', undefined, undefined, 2],
      ['expired', undefined, undefined, 3],
    ]),
  );
});
