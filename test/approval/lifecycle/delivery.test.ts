import { describe, expect, test } from 'vitest';
import {
  CALL_NOT_MADE,
  classifyFailure,
  findDeliveryExpiry,
} from '../../../src/approval/lifecycle/delivery.ts';
import type { ApprovalEvent, ResumeOutcome } from '../../../src/approval/lifecycle/events.ts';
import { listNextSteps } from '../../../src/approval/lifecycle/next-steps.ts';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import type { Dialect } from '../../../src/approval/model/crew/dialect.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import type { Decision, Failure } from '../../../src/approval/model/round.ts';
import {
  AT,
  aDelivery,
  anApproval,
  anOutput,
  approve,
  aRound,
  attemptEnded,
  attemptStarted,
  became,
  decided,
  deliveries,
  outcomes,
  revision,
} from '../builders.ts';
import { startWorld } from '../worker/worker-world.ts';

const MINUTE = 60_000;
const sending = (decision: Decision, delivery = deliveries.notTried) =>
  anApproval([decided('sending', decision, delivery)]);
const start = (at: number, dialect?: Dialect) => attemptStarted(1, at, dialect);
const end = (outcome: ResumeOutcome, at?: number) => attemptEnded(outcome, 1, at);
const expire = (at: number) => ({ type: 'delivery_expired', at, round: 1 }) as const;
const retry = (at: number) => ({ type: 'retry', at, round: 1, by: 'UBEN' }) as const;
const ends = (approval: Approval) => findDeliveryExpiry(currentRound(approval), Number.NEGATIVE_INFINITY);

test('a call that was not made because its worker was held up is not a failure of CrewAI', () => {
  const before = became(sending(approve), start(AT), end(outcomes.unknown));
  for (const approval of [sending(approve), before]) {
    const held = became(approval, start(AT + 5_000), end(CALL_NOT_MADE));
    expect(currentRound(held).delivery?.failure).toEqual(currentRound(approval).delivery?.failure);
    expect(currentRound(held).delivery?.unsure).toBe(currentRound(approval).delivery?.unsure);
    expect(currentRound(held).status).toBe('sending');
    expect(held.facts.at(-1)).toMatchObject({ what: 'attempt_ended', detail: 'not_reached HELD_UP' });
  }
});

test('a decision that was held up for the whole hour is shown as held up', () => {
  const held = became(sending(approve), start(AT + 5_000), end(CALL_NOT_MADE));
  const over = became(held, expire(AT + 60 * MINUTE));
  const failure = { kind: 'not_reached', detail: 'HELD_UP' };
  expect(currentRound(over)).toMatchObject({ status: 'undelivered', delivery: { failure, unsure: false } });
  expect(over.notes).toMatchObject([{ kind: 'not_delivered', failure, unsure: false }]);
  expect(classifyFailure(currentRound(over).delivery?.failure as Failure)).toBe('held_up');
});

describe('how long a decision is sent', () => {
  const attempted = [
    [revision, 'documented'],
    [revision, 'live'],
    [approve, 'live'],
    [approve, 'unknown'],
  ] as const;
  const [HOUR, BEGUN] = [AT + 60 * MINUTE, AT + 5_000];

  test.each([...attempted, [approve, 'documented'] as const])(
    'for an hour from the decision while it certainly did not arrive ($action, $1)',
    (decision, dialect) => {
      const tried = became(sending(decision), start(BEGUN, dialect), end(outcomes.not_reached));
      expect(ends(tried)).toBe(HOUR);
    },
  );

  test.each(attempted)(
    'only within 60 s of the first attempt whose answer was lost, also by a crash ($action, $1)',
    (decision, dialect) => {
      const underway = became(sending(decision), start(BEGUN, dialect));
      const unsure = became(underway, end(outcomes.unknown));
      const again = became(unsure, start(AT + 20_000, dialect), end(outcomes.not_reached));
      expect([underway, unsure, again].map(ends)).toEqual(Array(3).fill(BEGUN + MINUTE));
    },
  );

  test('an approve whose answer was lost may be repeated for the hour', () => {
    expect(ends(sending(approve, deliveries.unsure))).toBe(HOUR);
  });

  test('as the dialect of its last attempt says: one that is learned to be documented has the hour', () => {
    const unsure = became(sending(approve), start(AT, 'unknown'), end(outcomes.unknown));
    expect(ends(unsure)).toBe(AT + MINUTE);
    expect(ends(became(unsure, start(AT + 10_000)))).toBe(HOUR);
  });

  test('a revision whose first attempt did not arrive only within 60 s of the next one', () => {
    const tried = became(sending(revision), start(BEGUN), end(outcomes.not_reached));
    const unsure = became(tried, start(AT + 20_000), end(outcomes.unknown));
    expect(ends(unsure)).toBe(AT + 20_000 + MINUTE);
  });

  test('a first attempt is always made, however late', () => {
    expect(ends(sending(approve))).toBeUndefined();
    expect(findDeliveryExpiry(aRound(), AT)).toBeUndefined();
  });

  test('Retry gives another hour, and an unsure revision another minute from its next attempt', () => {
    const later = AT + 90 * MINUTE;
    const again = became(anApproval([decided('undelivered', revision, deliveries.unsure)]), retry(later));
    expect(ends(again)).toBeUndefined();
    expect(ends(became(again, start(later + 1_000)))).toBe(later + 1_000 + MINUTE);
  });
});

describe('the next attempt', () => {
  const failed = (outcome: ResumeOutcome) =>
    became(sending(approve, deliveries.underway), end(outcome)).lanes.delivery;

  test.each([outcomes.not_reached, outcomes.unknown])(
    'comes by backoff ($kind), and not before Retry-After asks for it',
    (outcome) => {
      expect(failed(outcome)).toEqual({ failures: 1, notBefore: AT + 1_000 + 2_000 });
      expect(failed({ ...outcome, retryAfterMs: 90_000 }).notBefore).toBe(AT + 1_000 + 90_000);
      expect(failed({ ...outcome, retryAfterMs: 500 }).notBefore).toBe(AT + 1_000 + 2_000);
    },
  );

  test('Retry makes it at once, whatever the earlier ones came to', () => {
    const waiting = became(sending(approve, deliveries.underway), end(outcomes.not_reached));
    const again = became(waiting, expire(AT + 60 * MINUTE), retry(AT + 61 * MINUTE));
    expect(again.lanes.delivery).toEqual({ failures: 0 });
  });
});

describe('a decision that was being sent when a backup was made', () => {
  const restored = { type: 'restored', at: AT + MINUTE, round: 1 } as const;
  const resumeStep = (approval: Approval, now: number) =>
    listNextSteps(approval, now).find(({ lane }) => lane === 'delivery');

  test('is not sent again by itself: nothing is due of it at CrewAI', () => {
    const policy = { ...DEFAULT_POLICY, undoWindow: MINUTE };
    for (const delivery of [...Object.values(deliveries), aDelivery({ undoUntil: AT + 10_000 })])
      for (const decision of [approve, revision]) {
        const held = became({ ...sending(decision, delivery), policy }, restored);
        expect(resumeStep(held, AT + 100 * 60 * MINUTE)).toBeUndefined();
        expect(currentRound(held).delivery).not.toHaveProperty('undoUntil');
      }
  });

  test('is reported once, with the decision that may have arrived', () => {
    const held = became(sending(revision, aDelivery()), restored);
    const failure = { kind: 'unknown', detail: 'RESTORED' };
    expect(held.notes).toEqual([{ kind: 'not_delivered', decision: revision, failure, unsure: true }]);
    expect(became(held, restored)).toBe(held);
  });

  test('is sent once a person says so, and "not pending" then says that the first one was taken', () => {
    const later = AT + 2 * MINUTE;
    const again = became(sending(approve, aDelivery()), restored, retry(later));
    expect(resumeStep(again, later)).toMatchObject({ do: 'attempt', round: 1 });
    const settled = became(again, start(later), end(outcomes.not_pending, later));
    expect(currentRound(settled).status).toBe('approved');
  });

  test('is settled by what the run shows: a next output proves that a revision was taken', () => {
    const held = became(sending(revision, deliveries.notTried), restored, anOutput('N'));
    expect(held.rounds.map(({ status }) => status)).toEqual(['revision_requested', 'waiting']);
  });
});

describe('what an attempt leaves behind', () => {
  const again = (decision: Decision, outcome: ResumeOutcome) =>
    became(sending(decision, deliveries.underwayAfterUnsure), end(outcome));

  test('an acceptance has a time and drops the failure', () => {
    const { delivery } = currentRound(again(approve, outcomes.accepted));
    expect(delivery?.acceptedAt).toBe(AT + 1_000);
    expect(delivery?.failure).toBeUndefined();
  });

  test('a certain "did not arrive" never makes an earlier lost answer certain', () => {
    const { delivery } = currentRound(again(revision, outcomes.not_reached));
    expect(delivery).toMatchObject({ underway: false, unsure: true });
  });

  test('"not pending" after a lost answer says that the earlier attempt was taken', () => {
    const settled = again(approve, outcomes.not_pending);
    expect(settled.facts.at(-1)).toMatchObject({ what: 'approved', detail: 'by an earlier attempt' });
    expect(settled.notes).toEqual([]);
  });

  test('the end of the tries with an attempt under way tells that it may have reached CrewAI', () => {
    const used = became(sending(revision, deliveries.underway), expire(AT + MINUTE));
    expect(currentRound(used).delivery).toMatchObject({ underway: false, unsure: true });
    expect(used.notes).toMatchObject([{ kind: 'not_delivered', unsure: true }]);
  });

  test('the history tells each attempt and how it ended', () => {
    const refused = became(sending(approve, aDelivery()), start(AT), end(outcomes.refused));
    expect(refused.facts.slice(1).map(({ what, detail }) => [what, detail])).toEqual([
      ['attempt', 'number 1'],
      ['attempt_ended', 'refused 422'],
      ['refused', undefined],
    ]);
  });

  test.each([
    [{ kind: 'refused', status: 422, detail: 'human_feedback "Fire Bob" is not allowed' }, 'refused 422'],
    [{ kind: 'not_reached', detail: 'ECONNREFUSED' }, 'not_reached ECONNREFUSED'],
    [{ kind: 'unknown', status: 200, detail: 'Bob <html>' }, 'unknown 200'],
  ] as const)(
    'and keeps none of CrewAI’s words, which outlive the texts of people: %j',
    (failure, detail) => {
      const ended = end({ kind: failure.kind, failure } as ResumeOutcome);
      const { facts } = became(sending(approve, aDelivery()), start(AT), ended);
      expect(facts.find(({ what }) => what === 'attempt_ended')).toMatchObject({ detail });
    },
  );

  test('the lease of a later attempt survives the late end of an earlier one', () => {
    const lease = { owner: 'b/1', until: AT + 20_000 };
    const taken = sending(approve, deliveries.underwayAfterUnsure);
    const held = { ...taken, lanes: { ...taken.lanes, delivery: { failures: 1, lease } } };
    expect(became(held, end(outcomes.unknown)).lanes.delivery.lease).toEqual(lease);
  });
});

describe('a webhook of the run that is recorded before CrewAI’s answer', () => {
  const answered = end(outcomes.accepted);
  const hears = (...times: number[]) =>
    times.reduce(
      (approval, at) => became(approval, { type: 'other_webhook', at, isTaskReport: true }),
      sending(approve, deliveries.underway),
    );

  test.each([[AT + 1_000], [AT + 1_200], [AT + 900, AT + 1_200], [AT + 1_200, AT + 900]])(
    'proves that the run continued, if it came after the answer (%j)',
    (...times) => {
      expect(currentRound(became(hears(...times), answered))).toMatchObject({
        status: 'approved',
        continuedAt: Math.max(...times),
      });
    },
  );

  test('proves nothing, if it came before the answer', () => {
    expect(currentRound(became(hears(AT + 999), answered))).not.toHaveProperty('continuedAt');
  });

  test('changes the record, so that neither can be stored over the other', () => {
    const before = hears();
    expect(hears(AT + 1_200)).not.toEqual(before);
    expect(hears(AT + 1_200, AT + 1_200)).toEqual(hears(AT + 1_200));
  });
});

describe('what CrewAI says that it did', () => {
  // biome-ignore format: a table
  test.each<[decision: Decision, says: string, told: boolean]>([
    [approve, 'resumed', false], [approve, 'completed', false], [approve, 'queued', false],
    [approve, 'retrying', true], [revision, 'retrying', false], [revision, 'queued', false],
    [revision, 'resumed', true], [revision, 'completed', true],
  ])('is kept, and sent to the decider if it is known to be something else: $action, $1: $2', (...row) => {
    const [decision, says, told] = row;
    const accepted = end({ kind: 'accepted', dialect: 'documented', says });
    const settled = became(sending(decision, deliveries.underway), accepted);
    const status = decision.action === 'approve' ? 'approved' : 'revision_requested';
    expect(currentRound(settled)).toMatchObject({ status, delivery: { says, dialect: 'documented' } });
    expect(settled.notes).toEqual(told ? [{ kind: 'answered_otherwise', decision, says }] : []);
  });
});

test('a note for CrewAI is shown to people when CrewAI turns out to speak the live dialect', async () => {
  const { id, crewDoes, service, clock, notes } = await startWorld();
  crewDoes.push(async () => ({ kind: 'accepted', dialect: 'live', aliasId: 'e2' }));
  const decision = { action: 'approve', feedback: 'but fix the date' } as const;
  await service.decide({ approvalId: id, round: 1, via: 'card' }, 'UANA', decision);
  await clock.advance(10_000);
  expect(JSON.stringify(notes())).toContain('but fix the date');
});

test.each<[string, ApprovalEvent]>([
  ['a ticket', { type: 'attempt_proved', at: AT + 2_000, ticket: 't1', executionId: 'e2' }],
  ['a later pause', { type: 'later_pause', at: AT + 2_000 }],
  ['the end of the run', { type: 'run_finished', at: AT + 2_000, withResult: false }],
  ['an answer that it is not pending anymore', end(outcomes.not_pending)],
])(
  'a note for CrewAI is shown to people also where only %s proves that the live platform took its approve',
  (_, proof) => {
    const noted = sending({ ...approve, feedback: 'but fix the date' });
    const sent = { type: 'attempt_started', at: AT, round: 1, dialect: 'live', ticket: 't1' } as const;
    const lost = became(noted, sent, end(outcomes.unknown));
    const proved = became(lost, proof);
    expect(currentRound(proved).status).toBe('approved');
    expect(proved.notes).toContainEqual({ kind: 'for_people', by: 'UANA', text: 'but fix the date' });
  },
);
