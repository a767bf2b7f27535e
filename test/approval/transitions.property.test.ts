import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Approval,
  approvalSchema,
  currentRound,
  type RoundStatus,
} from '../../src/approval/approval.ts';
import type { ApprovalEvent, ResumeOutcome } from '../../src/approval/events.ts';
import { withFact } from '../../src/approval/facts.ts';
import { openApproval } from '../../src/approval/rounds.ts';
import { DEFAULT_POLICY } from '../../src/approval/task-rules.ts';
import { transition } from '../../src/approval/transitions.ts';
import { AT, anApproval, anOutput, outcomes } from './builders.ts';

const SETTLED: readonly RoundStatus[] = [
  'approved',
  'revision_requested',
  'superseded',
  'resolved_elsewhere',
  'run_ended',
  'given_up',
];
const WEBHOOKS: readonly ApprovalEvent['type'][] = [
  'output',
  'other_webhook',
  'run_finished',
  'run_failed',
  'moved_on',
  'not_waiting',
  'task_named',
];
/** What CrewAI answers in either dialect. */
const answered: readonly ResumeOutcome[] = [
  ...Object.values(outcomes),
  { kind: 'accepted', dialect: 'live', aliasId: 'e2' },
  { kind: 'accepted', dialect: 'documented', says: 'resumed' },
  { kind: 'accepted', dialect: 'documented', says: 'retrying' },
];
const dialect = fc.constantFrom('documented' as const, 'live' as const, 'unknown' as const);

/** Which round an event is about: mostly the newest, sometimes an older one, or one that does not exist. */
const back = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: -1, max: 3 }) },
);
const person = fc.constantFrom('UANA', 'UBEN', 'UCAT');

type Make = (at: number, newest: number) => ApprovalEvent;

const output: fc.Arbitrary<Make> = fc
  .record({
    hashes: fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D', 'E'), { minLength: 1, maxLength: 2 }),
    humanInput: fc.boolean(),
    taskId: fc.constantFrom('task-1', 'task-2'),
    opensRounds: fc.boolean(),
    agent: fc.option(fc.constant('Copywriter'), { nil: undefined }),
    task: fc.option(fc.constantFrom('draft', 'layout'), { nil: undefined }),
  })
  .map(({ hashes, humanInput, taskId, opensRounds, agent, task }) => (at) => {
    const event = anOutput('', { hashes, humanInput, taskId, opensRounds, at, ...(agent ? { agent } : {}) });
    return { ...event, ...(task ? { task } : {}) };
  });
/** A pause that is told by its id alone, once it was found to be of this approval. */
const pause: fc.Arbitrary<Make> = fc
  .record({
    hash: fc.constantFrom('A', 'B', 'C'),
    taskId: fc.constantFrom('task-1', 'task-2', 'pause-1', 'pause-2'),
    found: fc.constantFrom('seen' as const, 'answer' as const),
  })
  .map(({ hash, taskId, found }) => (at) => {
    return { ...anOutput(hash, { humanInput: true, taskId, at }), pause: found };
  });
const webhook: fc.Arbitrary<Make> = fc.oneof(
  { weight: 4, arbitrary: output },
  { weight: 1, arbitrary: pause },
  fc.constant<Make>((at) => ({ type: 'moved_on', at })),
  fc.constantFrom('draft', 'layout').map(
    (task): Make =>
      (at) => ({ type: 'task_named', at, task, agent: 'Copywriter' }),
  ),
  {
    weight: 1,
    arbitrary: fc.integer({ min: -5, max: 5 }).map(
      (earlier): Make =>
        (at) => ({ type: 'run_failed', at, failedAt: at - 20 * earlier, reason: 'out of tokens' }),
    ),
  },
  fc.boolean().map(
    (taskReported): Make =>
      (at) => ({ type: 'other_webhook', at, taskReported }),
  ),
  fc.boolean().map(
    (withResult): Make =>
      (at) => ({ type: 'run_finished', at, withResult }),
  ),
);
const decide: fc.Arbitrary<Make> = fc
  .tuple(back, fc.constantFrom('approve' as const, 'request_revision' as const), person)
  .map(([older, action, by]) => (at, newest) => {
    return { type: 'decide', at, round: newest - older, action, feedback: 'Shorter', by };
  });
const retryOrGiveUp: fc.Arbitrary<Make> = fc
  .tuple(back, fc.constantFrom('retry' as const, 'retry' as const, 'give_up' as const), person)
  .map(([older, type, by]) => (at, newest) => ({ type, at, round: newest - older, by }));
const delivery: fc.Arbitrary<Make> = fc.oneof(
  fc.tuple(back, dialect).map(
    ([older, spoken]): Make =>
      (at, newest) => ({ type: 'attempt_started', dialect: spoken, at, round: newest - older }),
  ),
  fc.tuple(back, fc.constantFrom(...answered)).map(
    ([older, outcome]): Make =>
      (at, newest) => {
        return { type: 'attempt_ended', at, round: newest - older, outcome, backoffMs: 1_000 };
      },
  ),
  ...(['tries_used_up', 'restored'] as const).map((type) => ({
    weight: 1,
    arbitrary: back.map(
      (older): Make =>
        (at, newest) => ({ type, at, round: newest - older }),
    ),
  })),
);
const event = fc.oneof(
  { weight: 30, arbitrary: webhook },
  { weight: 40, arbitrary: decide },
  { weight: 10, arbitrary: retryOrGiveUp },
  { weight: 50, arbitrary: delivery },
  // Seldom: it ends an approval for good.
  { weight: 1, arbitrary: fc.constant<Make>((at) => ({ type: 'not_waiting', at })) },
);
const someEvents = fc.array(event, { maxLength: 60, size: 'max' });
const manyEvents = fc.array(event, { minLength: 200, maxLength: 250, size: 'max' });

/** Of a task that is known, or of a pause without a name. */
function first(named: boolean): Approval {
  const head = {
    id: '0123456789',
    crew: 'press',
    executionId: 'e',
    ...(named
      ? { task: 'draft' }
      : { task: 'A release', titleOnly: true as const, strictest: true as const }),
    channel: 'C',
    urls: {},
    policy: { ...DEFAULT_POLICY, approvalsRequired: 2 },
  };
  return openApproval(head, anOutput('A', { at: AT }));
}

interface Seen {
  before: Approval;
  event: ApprovalEvent;
  after: Approval;
  refused: boolean;
}

/** Checks something of every step of any sequence of events. */
function always(check: (seen: Seen) => void, events = someEvents, runs = 200, seed?: number): void {
  fc.assert(
    fc.property(events, fc.boolean(), (makes, named) => {
      let approval = first(named);
      makes.forEach((make, index) => {
        const event = make(AT + 1 + index, currentRound(approval).number);
        const result = transition(approval, event);
        const after = 'approval' in result ? result.approval : approval;
        check({ before: approval, event, after, refused: 'refusal' in result });
        approval = after;
      });
    }),
    { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
  );
}

test('the random events reach every status of a round', () => {
  const reached = new Set<RoundStatus>();
  const note = ({ after }: Seen) => {
    for (const round of after.rounds) reached.add(round.status);
  };
  // Of a few hundred others some miss one.
  always(note, someEvents, 400, 1);
  expect([...reached].sort()).toEqual([...SETTLED, 'waiting', 'sending', 'refused', 'undelivered'].sort());
});

test('a decision of a round, once made, never changes and never goes away', () => {
  always(({ before, after }) => {
    for (const round of before.rounds) {
      if (round.decision) expect(after.rounds[round.number - 1]?.decision).toEqual(round.decision);
    }
  });
});

test('only a decide event makes a decision, and only on the newest round while it waits', () => {
  always(({ before, event, after }) => {
    for (const round of after.rounds) {
      const was = before.rounds[round.number - 1];
      if (!round.decision || was?.decision) continue;
      expect(event.type).toBe('decide');
      expect(was?.status).toBe('waiting');
      expect(round.number).toBe(currentRound(before).number);
    }
  });
});

test('a settled round stays settled as it is', () => {
  always(({ before, after }) => {
    for (const round of before.rounds) {
      if (SETTLED.includes(round.status)) expect(after.rounds[round.number - 1]?.status).toBe(round.status);
    }
  });
});

test('a round that was settled, went on or ended says since when, and that never changes', () => {
  always(({ before, after }) => {
    for (const round of after.rounds) {
      const was = before.rounds[round.number - 1];
      if (SETTLED.includes(round.status)) expect(round.settledAt).toBeTypeOf('number');
      if (round.status === 'waiting' || round.status === 'sending') expect(round.settledAt).toBeUndefined();
      if (was && SETTLED.includes(was.status)) expect(round.settledAt).toBe(was.settledAt);
      if (was?.wentOnAt !== undefined) expect(round.wentOnAt).toBe(was.wentOnAt);
    }
  });
});

test('at most one round is open, and it is the newest; rounds are numbered from 1', () => {
  always(({ after }) => {
    after.rounds.forEach((round, index) => {
      expect(round.number).toBe(index + 1);
      if (index < after.rounds.length - 1) expect(SETTLED).toContain(round.status);
    });
  });
});

test('a round is being sent, refused or undelivered only with a decision and a delivery', () => {
  always(({ after }) => {
    for (const round of after.rounds) {
      if (!['sending', 'refused', 'undelivered', 'approved', 'revision_requested'].includes(round.status))
        continue;
      expect(round.decision).toBeDefined();
      expect(round.delivery).toBeDefined();
      if (round.status === 'approved') expect(round.decision?.action).toBe('approve');
      if (round.status === 'revision_requested') expect(round.decision?.action).toBe('request_revision');
    }
  });
});

test('every record is valid and the same after a trip through the store', () => {
  always(({ after }) => {
    expect(approvalSchema.parse(JSON.parse(JSON.stringify(after)))).toEqual(after);
  });
});

test('a webhook that comes twice changes nothing the second time, but after a requested revision', () => {
  always(({ event, after, refused }) => {
    if (!WEBHOOKS.includes(event.type)) return;
    expect(refused).toBe(false);
    if (event.type === 'output' && currentRound(after).status === 'revision_requested') return;
    // Which pause answers a decision is found on the record as it is: the second one is 'seen'.
    if (event.type === 'output' && event.pause === 'answer') return;
    const again = transition(after, event);
    expect('approval' in again && again.approval === after).toBe(true);
  });
});

test('no round changes without a fact in the history, and a refusal changes nothing', () => {
  always(({ before, after, refused }) => {
    if (refused) expect(after).toBe(before);
    if (after.factCount === before.factCount) expect(after.rounds).toEqual(before.rounds);
  });
});

test('facts are numbered without a gap, none is lost, and the last 50 are kept', () => {
  always(
    ({ before, after }) => {
      const numbers = after.facts.map((fact) => fact.seq);
      expect(numbers).toEqual(numbers.map((_, index) => after.factCount - numbers.length + 1 + index));
      expect(numbers.length).toBe(Math.min(50, after.factCount));
      expect(after.factCount - before.factCount).toBeLessThanOrEqual(50);
    },
    manyEvents,
    50,
  );
  let long = anApproval();
  for (let number = 0; number < 60; number += 1) long = withFact(long, { at: number, what: 'posted' });
  expect([long.factCount, long.facts.length, long.facts[0]?.seq]).toEqual([61, 50, 12]);
});

test('no event changes the record that it is applied to', () => {
  always(({ before, event }) => {
    const text = JSON.stringify(before);
    transition(before, event);
    expect(JSON.stringify(before)).toBe(text);
  });
});
