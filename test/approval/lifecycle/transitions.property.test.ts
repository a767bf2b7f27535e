import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApprovalEvent } from '../../../src/approval/lifecycle/events.ts';
import { transition } from '../../../src/approval/lifecycle/transitions.ts';
import {
  type Approval,
  addFact,
  approvalSchema,
  currentRound,
} from '../../../src/approval/model/approval.ts';
import type { Round, RoundStatus } from '../../../src/approval/model/round.ts';
import { scaleLimit } from '../../support/limits.ts';
import { stopAfter } from '../../support/property-runs.ts';
import { AT, anApproval } from '../builders.ts';
import { firstApproval, manyEvents, someEvents } from './random-events.ts';

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
  'later_pause',
  'not_waiting',
  'task_named',
];
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
      let approval = firstApproval(named);
      makes.forEach((make, index) => {
        const event = make(AT + 1 + index, currentRound(approval).number);
        const result = transition(approval, event);
        const after = 'approval' in result ? result.approval : approval;
        check({ before: approval, event, after, refused: 'refusal' in result });
        approval = after;
      });
    }),
    // What is to reach something needs all of its runs, also on a busy machine.
    { numRuns: runs, ...(seed === undefined ? {} : { seed, plugins: [stopAfter(scaleLimit(60_000))] }) },
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
      if (was?.continuedAt !== undefined) expect(round.continuedAt).toBe(was.continuedAt);
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
    if (event.type === 'output' && event.pause === 'next') return;
    const again = transition(after, event);
    expect('approval' in again && again.approval === after).toBe(true);
  });
});

test('no round changes without a fact in the history, and a refusal changes nothing', () => {
  always(({ before, after, refused }) => {
    if (refused) expect(after).toBe(before);
    if (after.factCount === before.factCount)
      expect(after.rounds.map(withoutHeard)).toEqual(before.rounds.map(withoutHeard));
  });
});

/** That a webhook came while a decision was being sent says something only together with CrewAI's answer. */
function withoutHeard(round: Round): Round {
  return round.delivery ? { ...round, delivery: { ...round.delivery, heardAt: undefined } } : round;
}

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
  for (let number = 0; number < 60; number += 1) long = addFact(long, { at: number, what: 'posted' });
  expect([long.factCount, long.facts.length, long.facts[0]?.seq]).toEqual([61, 50, 12]);
});

test('no event changes the record that it is applied to', () => {
  always(({ before, event }) => {
    const text = JSON.stringify(before);
    transition(before, event);
    expect(JSON.stringify(before)).toBe(text);
  });
});
