import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApprovalEvent, OutputEvent, ResumeOutcome } from '../../../src/approval/lifecycle/events.ts';
import { openApproval } from '../../../src/approval/lifecycle/rounds.ts';
import { transition } from '../../../src/approval/lifecycle/transitions.ts';
import { identifyChoice } from '../../../src/approval/lifecycle/votes.ts';
import { type Approval, approvalSchema, currentRound } from '../../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { isAccepted, isOpen, mayHaveArrived } from '../../../src/approval/model/round.ts';
import { AT, anOutput, attemptEnded, attemptStarted, decideBy, outcomes } from '../builders.ts';
import type { Make } from './random-events.ts';

const OPTIONS = ['publish', 'Retry', 'discard'];
const CALLBACK = 'https://flows.crewai.com/callback?token=secret';

function ask(number: number, at: number, pause?: 'seen' | 'next'): OutputEvent {
  const event = anOutput(`output ${number}`, { taskId: `review-${number}`, humanInput: true, at });
  const review = { options: OPTIONS, defaultOutcome: 'discard', callbackUrl: CALLBACK };
  return { ...event, task: 'review', output: { ...event.output, review }, ...(pause ? { pause } : {}) };
}

function openReview(required: number): Approval {
  const head = { id: 'ABCDEFGHJKMNPQRS', crew: 'reports', executionId: 'run-1', task: 'review' };
  const expires = { expireAfter: 50, onExpiry: 'default' as const };
  const policy = { ...DEFAULT_POLICY, approvalsRequired: required, ...expires };
  return openApproval({ ...head, channel: 'C1', urls: {}, policy }, ask(1, AT));
}

const answers: readonly ResumeOutcome[] = [
  outcomes.accepted,
  outcomes.refused,
  outcomes.not_reached,
  outcomes.unknown,
  { kind: 'not_pending' },
  { kind: 'not_pending', via: 'api' },
  { kind: 'not_pending', via: 'dashboard' },
];
const person = fc.constantFrom('UANA', 'UBEN', 'UCAT');
const back = fc.constantFrom(0, 0, 0, 1);
const events: fc.Arbitrary<Make> = fc.oneof(
  fc.tuple(back, fc.constantFrom(-1, 0, 1, 2, 3, undefined), person).map(
    ([older, option, by]): Make =>
      (at, newest) =>
        decideBy(by, { at, round: newest - older, action: 'choose', option, feedback: 'Later' }),
  ),
  fc.tuple(fc.constantFrom('approve' as const, 'request_revision' as const), person).map(
    ([action, by]): Make =>
      (at, round) =>
        decideBy(by, { at, round, action }),
  ),
  fc.tuple(back, fc.constantFrom('retry' as const, 'give_up' as const, 'undo' as const), person).map(
    ([older, type, by]): Make =>
      (at, newest) => ({ type, at, round: newest - older, by }),
  ),
  back.map(
    (older): Make =>
      (at, newest) =>
        attemptStarted(newest - older, at, 'unknown'),
  ),
  fc.tuple(back, fc.constantFrom(...answers)).map(
    ([older, outcome]): Make =>
      (at, newest) =>
        attemptEnded(outcome, newest - older, at, 0),
  ),
  fc.constant<Make>((at, newest) => ask(newest + 1, at, 'next')),
  fc.constant<Make>((at, newest) => ask(newest, at, 'seen')),
  fc.constant<Make>((at, newest) => ({ type: 'escalation_asked', at, requestId: `review-${newest}` })),
  fc.constant<Make>((at) => ({ type: 'timers_due', at })),
  fc.constant<Make>((at, round) => ({ type: 'delivery_expired', at, round })),
  fc.constant<Make>((at, round) => ({ type: 'stall_checked', at, round, status: undefined })),
);

test('a review is decided once, by equal votes for what it offers, and never loses what CrewAI has taken', () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 40 }), fc.constantFrom(1, 2), (makes, required) => {
      let approval = openReview(required);
      for (const [index, make] of makes.entries()) {
        const before = approval;
        const event = make(AT + 1 + index, currentRound(approval).number);
        const result = transition(approval, event);
        if ('approval' in result) approval = result.approval;
        else expect(event.type).toMatch(/^(decide|retry|give_up|undo)$/);
        for (const round of approval.rounds) {
          const former = before.rounds.find(({ number }) => number === round.number);
          const { decision, review } = round;
          if (decision) {
            expect(decision.action).toBe('choose');
            if (decision.option !== undefined) expect(decision.feedback).toBe(OPTIONS[decision.option]);
            const equal = round.votes.filter((vote) => identifyChoice(vote) === identifyChoice(decision));
            if (!decision.rule) expect(equal.length).toBeGreaterThanOrEqual(required);
            expect(new Set(round.votes.map(({ by }) => by)).size).toBe(round.votes.length);
          }
          // Only an undo, which this policy does not have, takes a decision back.
          if (former?.decision) expect(decision).toEqual(former.decision);
          // The answer of someone else that CrewAI names later is not ours, whatever seemed to prove it.
          const isCorrected =
            event.type === 'attempt_ended' &&
            event.outcome.kind === 'not_pending' &&
            round.review?.answeredVia !== undefined &&
            former !== undefined &&
            mayHaveArrived(former);
          if (former && isAccepted(former) && !isCorrected) expect(round.status).toBe(former.status);
          if (former && isAccepted(former) && isCorrected) expect(round.status).toBe('resolved_elsewhere');
          // Whoever has the callback can answer: it is kept for as long as an answer can be due, and no longer.
          expect(review?.callbackUrl !== undefined).toBe(isOpen(round));
          if (event.type === 'attempt_ended' && event.outcome.kind === 'not_pending')
            expect(round.status === 'refused' && former?.status !== 'refused').toBe(false);
        }
      }
      const stored: unknown = JSON.parse(JSON.stringify(approval));
      expect(approvalSchema.parse(stored)).toEqual(stored);
    }),
    { numRuns: 500 },
  );
});

/** After events; one that is refused changes nothing. */
function after(approval: Approval, ...made: ApprovalEvent[]): Approval {
  return made.reduce((current, event) => {
    const result = transition(current, event);
    return 'approval' in result ? result.approval : current;
  }, approval);
}

const chosen = decideBy('UANA', { at: AT + 1, action: 'choose', option: 1 });
const start = (later: number) => attemptStarted(1, AT + later, 'unknown');
const notPending = (later: number, via?: 'api' | 'email') =>
  attemptEnded({ kind: 'not_pending', ...(via ? { via } : {}) }, 1, AT + later);

test('an answer by others is shown as theirs even after an attempt of ours whose answer was lost', () => {
  const answeredVia = (via?: 'api' | 'email') =>
    currentRound(
      after(
        openReview(1),
        chosen,
        start(2),
        attemptEnded(outcomes.unknown, 1, AT + 3),
        start(4),
        notPending(5, via),
      ),
    );
  expect(answeredVia().status).toBe('answered');
  expect(answeredVia('api').status).toBe('answered');
  expect(answeredVia('email')).toMatchObject({
    status: 'resolved_elsewhere',
    review: { answeredVia: 'email' },
  });
});

test("the answer of others is not shown as ours when the Flow's next review comes before CrewAI's answer", () => {
  const { rounds, notes } = after(
    openReview(1),
    chosen,
    start(2),
    ask(2, AT + 3, 'next'),
    notPending(4, 'email'),
  );
  expect(rounds[0]).toMatchObject({ status: 'resolved_elsewhere', review: { answeredVia: 'email' } });
  expect(rounds[1]?.status).toBe('waiting');
  expect(notes).toContainEqual(expect.objectContaining({ kind: 'not_taken', via: 'email' }));
});

test('no fact repeats the text of an answer: facts stay when an approval is deleted', () => {
  const text = 'Publish it on Monday.';
  const answer = (by: string, option?: number) =>
    decideBy(by, { action: 'choose', feedback: text, ...(option === undefined ? {} : { option }) });
  const approval = after(openReview(2), answer('UANA', 0), answer('UBEN'), answer('UCAT'));
  expect(currentRound(approval).decision).toMatchObject({ feedback: text });
  const made = approval.facts.filter(({ by }) => by !== undefined);
  expect(made.map(({ what, detail }) => [what, detail])).toEqual([
    ['voted', 'choose'],
    ['voted', 'choose'],
    ['decided', 'choose'],
  ]);
});
