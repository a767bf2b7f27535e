import { describe, expect, test } from 'vitest';
import { classifyFailure, deliveryExpiresAt, HELD_UP } from '../../../src/approval/lifecycle/delivery.ts';
import type { ApprovalEvent, ResumeOutcome } from '../../../src/approval/lifecycle/events.ts';
import { nextSteps } from '../../../src/approval/lifecycle/next-steps.ts';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import type { Dialect } from '../../../src/approval/model/crew/dialect.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import type { Decision, Failure } from '../../../src/approval/model/decision.ts';
import {
  AT,
  aDelivery,
  anApproval,
  anOutput,
  approve,
  aRound,
  attemptEnded,
  became,
  decided,
  deliveries,
  outcomes,
  revision,
} from '../builders.ts';
import { answers, paused } from '../run-world.ts';

const MINUTE = 60_000;
const sending = (decision: Decision, delivery = deliveries.notTried) =>
  anApproval([decided('sending', decision, delivery)]);
const start = (at: number, dialect: Dialect = 'documented'): ApprovalEvent => ({
  type: 'attempt_started',
  dialect,
  at,
  round: 1,
});
const ends = (approval: Approval) => deliveryExpiresAt(currentRound(approval));

test('a call that was not made because its worker was held up is not a failure of CrewAI', () => {
  const before = became(sending(approve), start(AT), attemptEnded(outcomes.unknown, 1));
  for (const approval of [sending(approve), before]) {
    const held = became(approval, start(AT + 5_000), attemptEnded(HELD_UP, 1));
    expect(currentRound(held).delivery?.failure).toEqual(currentRound(approval).delivery?.failure);
    expect(currentRound(held).delivery?.unsure).toBe(currentRound(approval).delivery?.unsure);
    expect(currentRound(held).status).toBe('sending');
    expect(held.facts.at(-1)).toMatchObject({ what: 'attempt_ended', detail: 'not_reached HELD_UP' });
  }
});

test('a decision that was held up for the whole hour is shown as held up', () => {
  const held = became(sending(approve), start(AT + 5_000), attemptEnded(HELD_UP, 1));
  const over = became(held, { type: 'delivery_expired', at: AT + 60 * MINUTE, round: 1 });
  const failure = { kind: 'not_reached', detail: 'HELD_UP' };
  expect(currentRound(over)).toMatchObject({ status: 'undelivered', delivery: { failure, unsure: false } });
  expect(over.notes).toMatchObject([{ kind: 'not_delivered', failure, unsure: false }]);
  expect(classifyFailure(currentRound(over).delivery?.failure as Failure)).toBe('held_up');
});

describe('how long a decision is sent', () => {
  const begin = (dialect: Dialect, at: number) => start(at, dialect);
  const attempted = [
    { decision: revision, dialect: 'documented' },
    { decision: revision, dialect: 'live' },
    { decision: approve, dialect: 'live' },
    { decision: approve, dialect: 'unknown' },
  ] as const;

  test.each([...attempted, { decision: approve, dialect: 'documented' } as const])(
    'for an hour from the decision while it certainly did not arrive ($decision.action, $dialect)',
    ({ decision, dialect }) => {
      const tried = became(
        sending(decision),
        begin(dialect, AT + 5_000),
        attemptEnded(outcomes.not_reached, 1),
      );
      expect(ends(tried)).toBe(AT + 60 * MINUTE);
    },
  );

  test.each(attempted)(
    'only within 60 s of the first attempt whose answer was lost, also by a crash ($decision.action, $dialect)',
    ({ decision, dialect }) => {
      const underway = became(sending(decision), begin(dialect, AT + 5_000));
      expect(ends(underway)).toBe(AT + 5_000 + MINUTE);
      const unsure = became(underway, attemptEnded(outcomes.unknown, 1));
      expect(ends(unsure)).toBe(AT + 5_000 + MINUTE);
      const again = became(unsure, begin(dialect, AT + 20_000), attemptEnded(outcomes.not_reached, 1));
      expect(ends(again)).toBe(AT + 5_000 + MINUTE);
    },
  );

  test('an approve whose answer was lost may be repeated for the hour', () => {
    expect(ends(sending(approve, deliveries.unsure))).toBe(AT + 60 * MINUTE);
  });

  test('as the dialect of its last attempt says: one that is learned to be documented has the hour', () => {
    const unsure = became(sending(approve), begin('unknown', AT), attemptEnded(outcomes.unknown, 1));
    expect(ends(unsure)).toBe(AT + MINUTE);
    expect(ends(became(unsure, begin('documented', AT + 10_000)))).toBe(AT + 60 * MINUTE);
  });

  test('a revision whose first attempt did not arrive only within 60 s of the next one', () => {
    const tried = became(sending(revision), start(AT + 5_000), attemptEnded(outcomes.not_reached, 1));
    const unsure = became(tried, start(AT + 20_000), attemptEnded(outcomes.unknown, 1));
    expect(ends(unsure)).toBe(AT + 20_000 + MINUTE);
  });

  test('a first attempt is always made, however late', () => {
    expect(ends(sending(approve))).toBeUndefined();
    expect(deliveryExpiresAt(aRound())).toBeUndefined();
  });

  test('Retry gives another hour, and an unsure revision another minute from its next attempt', () => {
    const undelivered = anApproval([decided('undelivered', revision, deliveries.unsure)]);
    const later = AT + 90 * MINUTE;
    const again = became(undelivered, { type: 'retry', at: later, round: 1, by: 'UBEN' });
    expect(ends(again)).toBeUndefined();
    expect(ends(became(again, start(later + 1_000)))).toBe(later + 1_000 + MINUTE);
  });
});

describe('the next attempt', () => {
  const failed = (outcome: ResumeOutcome) =>
    became(sending(approve, deliveries.underway), attemptEnded(outcome, 1)).lanes.delivery;

  test.each(['not_reached', 'unknown'] as const)('comes by backoff (%s)', (kind) => {
    expect(failed(outcomes[kind])).toEqual({ failures: 1, notBefore: AT + 1_000 + 2_000 });
  });

  test.each(['not_reached', 'unknown'] as const)('waits as long as Retry-After asks (%s)', (kind) => {
    expect(failed({ ...outcomes[kind], retryAfterMs: 90_000 }).notBefore).toBe(AT + 1_000 + 90_000);
  });

  test('is not earlier than by backoff when Retry-After asks for less', () => {
    expect(failed({ ...outcomes.not_reached, retryAfterMs: 500 }).notBefore).toBe(AT + 1_000 + 2_000);
  });

  test('Retry makes it at once, whatever the earlier ones came to', () => {
    const waiting = became(sending(approve, deliveries.underway), attemptEnded(outcomes.not_reached, 1));
    const used = became(waiting, { type: 'delivery_expired', at: AT + 60 * MINUTE, round: 1 });
    const again = became(used, { type: 'retry', at: AT + 61 * MINUTE, round: 1, by: 'UBEN' });
    expect(again.lanes.delivery).toEqual({ failures: 0 });
  });
});

describe('a decision that was being sent when a backup was made', () => {
  const restored = { type: 'restored', at: AT + MINUTE, round: 1 } as const;
  const resumeStep = (approval: Approval, now: number) =>
    nextSteps(approval, now).find(({ lane }) => lane === 'delivery');

  test('is not sent again by itself: nothing is due of it at CrewAI', () => {
    const policy = { ...DEFAULT_POLICY, undoWindow: MINUTE };
    for (const delivery of [...Object.values(deliveries), aDelivery({ undoUntil: AT + 10_000 })]) {
      for (const decision of [approve, revision]) {
        const before = { ...sending(decision, delivery), policy };
        const held = became(before, restored);
        expect(resumeStep(held, AT + 100 * 60 * MINUTE)).toBeUndefined();
        expect(currentRound(held).delivery).not.toHaveProperty('undoUntil');
      }
    }
  });

  test('is reported once, with the decision that may have arrived', () => {
    const held = became(sending(revision, aDelivery()), restored);
    expect(held.notes).toEqual([
      {
        kind: 'not_delivered',
        decision: revision,
        failure: { kind: 'unknown', detail: 'RESTORED' },
        unsure: true,
      },
    ]);
    expect(became(held, restored)).toBe(held);
  });

  test('is sent once a person says so, and "not pending" then says that the first one was taken', () => {
    const retry = { type: 'retry', at: AT + 2 * MINUTE, round: 1, by: 'UBEN' } as const;
    const again = became(sending(approve, aDelivery()), restored, retry);
    expect(resumeStep(again, AT + 2 * MINUTE)).toMatchObject({ do: 'attempt', round: 1 });
    const settled = became(
      again,
      { type: 'attempt_started', dialect: 'documented', at: AT + 2 * MINUTE, round: 1 },
      attemptEnded(outcomes.not_pending, 1, AT + 2 * MINUTE),
    );
    expect(currentRound(settled).status).toBe('approved');
  });

  test('is settled by what the run shows: a next output proves that a revision was taken', () => {
    const held = became(sending(revision, deliveries.notTried), restored, anOutput('N'));
    expect(held.rounds.map(({ status }) => status)).toEqual(['revision_requested', 'waiting']);
  });
});

describe('what an attempt leaves behind', () => {
  test('an acceptance has a time and drops the failure', () => {
    const accepted = became(
      sending(approve, deliveries.underwayAfterUnsure),
      attemptEnded(outcomes.accepted, 1),
    );
    const { delivery } = currentRound(accepted);
    expect(delivery?.acceptedAt).toBe(AT + 1_000);
    expect(delivery?.failure).toBeUndefined();
  });

  test('a certain "did not arrive" never makes an earlier lost answer certain', () => {
    const again = became(
      sending(revision, deliveries.underwayAfterUnsure),
      attemptEnded(outcomes.not_reached, 1),
    );
    expect(currentRound(again).delivery).toMatchObject({ underway: false, unsure: true });
  });

  test('"not pending" after a lost answer says that the earlier attempt was taken', () => {
    const settled = became(
      sending(approve, deliveries.underwayAfterUnsure),
      attemptEnded(outcomes.not_pending, 1),
    );
    expect(settled.facts.at(-1)).toMatchObject({ what: 'approved', detail: 'by an earlier attempt' });
    expect(settled.notes).toEqual([]);
  });

  test('the end of the tries with an attempt under way tells that it may have reached CrewAI', () => {
    const used = became(sending(revision, deliveries.underway), {
      type: 'delivery_expired',
      at: AT + MINUTE,
      round: 1,
    });
    expect(currentRound(used).delivery).toMatchObject({ underway: false, unsure: true });
    expect(used.notes).toMatchObject([{ kind: 'not_delivered', unsure: true }]);
  });

  test('the history tells each attempt and how it ended', () => {
    const refused = became(sending(approve, aDelivery()), start(AT), attemptEnded(outcomes.refused, 1));
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
      const ended = attemptEnded({ kind: failure.kind, failure } as ResumeOutcome, 1);
      const { facts } = became(sending(approve, aDelivery()), start(AT), ended);
      expect(facts.find(({ what }) => what === 'attempt_ended')).toMatchObject({ detail });
    },
  );

  test('the lease of a later attempt survives the late end of an earlier one', () => {
    const lease = { owner: 'b/1', until: AT + 20_000 };
    const taken = sending(approve, { ...deliveries.underwayAfterUnsure });
    const held = { ...taken, lanes: { ...taken.lanes, delivery: { failures: 1, lease } } };
    expect(became(held, attemptEnded(outcomes.unknown, 1)).lanes.delivery.lease).toEqual(lease);
  });
});

describe('a webhook of the run that is recorded before CrewAI’s answer', () => {
  const answered = { ...attemptEnded(outcomes.accepted, 1), at: AT + 1_000 };
  const hears = (...times: number[]) =>
    times.reduce(
      (approval, at) => became(approval, { type: 'other_webhook', at, taskReported: true }),
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
  const says = (decision: Decision, word: string) =>
    became(sending(decision, deliveries.underway), {
      type: 'attempt_ended',
      at: AT + 1_000,
      round: 1,
      outcome: { kind: 'accepted', dialect: 'documented', says: word },
      backoffMs: 0,
    });

  test.each([
    [approve, 'retrying'],
    [revision, 'resumed'],
    [revision, 'completed'],
  ])('is kept and sent to the decider, where it is something else: $action, %s', (decision, word) => {
    const settled = says(decision, word);
    expect(currentRound(settled)).toMatchObject({
      status: decision.action === 'approve' ? 'approved' : 'revision_requested',
      delivery: { says: word, dialect: 'documented' },
    });
    expect(settled.notes).toEqual([{ kind: 'answered_otherwise', decision, says: word }]);
  });

  test.each([
    [approve, 'resumed'],
    [approve, 'completed'],
    [approve, 'queued'],
    [revision, 'retrying'],
    [revision, 'queued'],
  ])(
    'is kept and sent to nobody, where it is what was asked for or a new word: $action, %s',
    (decision, word) => {
      const settled = says(decision, word);
      expect(currentRound(settled).delivery?.says).toBe(word);
      expect(settled.notes).toEqual([]);
    },
  );
});

describe('the tries of a world whose answers are lost', () => {
  test.each([
    ['live', 60_000],
    ['unknown', 60_000],
    ['documented', 60 * MINUTE],
  ] as const)(
    'an approve on the %s dialect ends after %d ms as one that CrewAI may have',
    async (dialect, time) => {
      const { run, id } = await paused({ dialect });
      run.crewAlways(answers.lost);
      await run.approves(id);
      await run.clock.advance(time - 2_000);
      expect(await run.statuses(id)).toEqual(['sending']);
      await run.clock.advance(10_000);
      expect(await run.round(id)).toMatchObject({ status: 'undelivered', delivery: { unsure: true } });
      const last = run.resumes.at(-1)?.at ?? 0;
      expect(run.resumes.length).toBeGreaterThan(3);
      expect(last - (run.resumes[0]?.at ?? 0)).toBeLessThanOrEqual(time);
      expect(run.notes()).toMatchObject([{ kind: 'not_delivered', unsure: true, decision: { by: 'UANA' } }]);
      await run.clock.advance(120 * MINUTE);
      expect(run.resumes.at(-1)?.at).toBe(last);
    },
  );
});

test('a note for CrewAI is shown to people when CrewAI turns out to speak the live dialect', async () => {
  const { run, id } = await paused({ dialect: 'documented' });
  run.crewDoes.push(answers.live('e2'));
  const decision = { action: 'approve', feedback: 'but fix the date' } as const;
  await run.service.decide({ approvalId: id, round: 1, via: 'card' }, 'UANA', decision);
  await run.clock.advance(10_000);
  expect(JSON.stringify(run.notes())).toContain('but fix the date');
});
