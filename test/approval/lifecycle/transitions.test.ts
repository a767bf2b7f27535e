import { describe, expect, test } from 'vitest';
import type { ApprovalEvent } from '../../../src/approval/lifecycle/events.ts';
import type { Refusal } from '../../../src/approval/lifecycle/refusal.ts';
import { transition } from '../../../src/approval/lifecycle/transitions.ts';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import type { Note } from '../../../src/approval/model/note.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import type { RoundStatus } from '../../../src/approval/model/round-status.ts';
import {
  AT,
  anApproval,
  anOutput,
  approve,
  aRound,
  attemptEnded,
  became,
  decided,
  deliveries,
  outcomes,
  refusalOf,
  revision,
  secondRound,
  visible,
  withCards,
  withCurrent,
} from '../builders.ts';

/** The columns of DESIGN.md's table; one that reads differently for both decisions or attempts is split. */
const columns = {
  waiting: aRound(),
  'an approve being sent, not tried': decided('sending', approve, deliveries.notTried),
  'a revision being sent, not tried': decided('sending', revision, deliveries.notTried),
  // Tried, but it certainly did not arrive: for what CrewAI may have taken it is as good as not tried.
  'an approve being sent that did not arrive': decided('sending', approve, deliveries.notArrived),
  'a revision being sent that did not arrive': decided('sending', revision, deliveries.notArrived),
  'an approve under way': decided('sending', approve, deliveries.underway),
  'a revision under way': decided('sending', revision, deliveries.underway),
  'an unsure approve': decided('sending', approve, deliveries.unsure),
  'an unsure revision': decided('sending', revision, deliveries.unsure),
  'an unsure approve under way again': decided('sending', approve, deliveries.underwayAfterUnsure),
  'an unsure revision under way again': decided('sending', revision, deliveries.underwayAfterUnsure),
  refused: decided('refused', approve, deliveries.refused),
  undelivered: decided('undelivered', approve, deliveries.notArrived),
  'undelivered and unsure': decided('undelivered', revision, deliveries.unsure),
  approved: decided('approved', approve, deliveries.accepted),
  revision_requested: decided('revision_requested', revision, deliveries.accepted),
  superseded: aRound({ status: 'superseded', settledAt: AT }),
  'superseded after a decision': decided('superseded', approve, deliveries.notTried),
  resolved_elsewhere: decided('resolved_elsewhere', approve, deliveries.accepted),
  run_ended: aRound({ status: 'run_ended', settledAt: AT }),
  'run_ended after a decision': decided('run_ended', approve, deliveries.notTried),
  given_up: decided('given_up', approve, deliveries.refused),
} satisfies Record<string, Round>;
type Column = keyof typeof columns;

const NOT_TRIED = [
  'an approve being sent, not tried',
  'a revision being sent, not tried',
] as const satisfies Column[];
const NOT_ARRIVED = [
  'an approve being sent that did not arrive',
  'a revision being sent that did not arrive',
] as const satisfies Column[];
const APPROVES_TRIED = [
  'an approve under way',
  'an unsure approve',
  'an unsure approve under way again',
] as const satisfies Column[];
const REVISIONS_TRIED = [
  'a revision under way',
  'an unsure revision',
  'an unsure revision under way again',
] as const satisfies Column[];
const TRIED = [...APPROVES_TRIED, ...REVISIONS_TRIED] as const;
const FAILED = ['refused', 'undelivered', 'undelivered and unsure'] as const satisfies Column[];
const CLOSED = [
  'superseded',
  'superseded after a decision',
  'resolved_elsewhere',
  'run_ended',
  'run_ended after a decision',
  'given_up',
] as const satisfies Column[];

/** What becomes of the round (number 2 of its approval) in one cell of the table. */
interface Cell {
  /** Its status afterwards; absent: as before. */
  becomes?: RoundStatus;
  /** A third round waits afterwards. */
  newRound?: 'changed' | 'unchanged';
  note?: Note['kind'];
  refused?: Refusal['code'] | 'somehow';
  wentOn?: true;
  mayHaveContinued?: true;
  /** The very same object comes back. */
  redelivery?: true;
  check?: (after: Approval, before: Approval) => void;
}

type Cells = Partial<Record<Column, Cell>>;
const NOTHING: Cell = {};
const cells = (names: readonly Column[], cell: Cell): Cells =>
  Object.fromEntries(names.map((name) => [name, cell]));

interface Row {
  event: string;
  make: (round: Round) => ApprovalEvent;
  /** A column that is not named here is a "–": nothing changes, or a person is told why not. */
  cells: Cells;
}

const person = (type: 'retry' | 'give_up') => (): ApprovalEvent => ({
  type,
  at: AT + 1_000,
  round: 2,
  by: 'UBEN',
});

const keptForAnotherTry: Cell = {
  check: (after) => {
    expect(after.lanes.delivery).toEqual({ failures: 1, notBefore: AT + 3_000 });
    expect(after.rounds[1]?.delivery?.underway).toBe(false);
  },
};

const rows: Row[] = [
  {
    event: 'the webhook of its own output again',
    make: (round) => anOutput('S', { humanInput: round.humanInput }),
    cells: {
      ...cells(Object.keys(columns) as Column[], { redelivery: true }),
      revision_requested: { newRound: 'unchanged', wentOn: true },
    },
  },
  {
    event: 'the webhook of an older output again',
    make: () => anOutput('O'),
    cells: {
      ...cells(Object.keys(columns) as Column[], { redelivery: true }),
      revision_requested: { newRound: 'changed', wentOn: true },
    },
  },
  {
    event: 'the webhook of a new output',
    make: () => anOutput('N'),
    cells: {
      waiting: { becomes: 'superseded', newRound: 'changed' },
      ...cells([...NOT_TRIED, ...NOT_ARRIVED], {
        becomes: 'superseded',
        newRound: 'changed',
        note: 'not_sent',
      }),
      ...cells(APPROVES_TRIED, { becomes: 'resolved_elsewhere', newRound: 'changed', note: 'not_taken' }),
      ...cells([...REVISIONS_TRIED, 'undelivered and unsure'], {
        becomes: 'revision_requested',
        newRound: 'changed',
        wentOn: true,
        check: (after) => expect(after.rounds[1]?.delivery?.acceptedAt).toBe(AT + 1_000),
      }),
      ...cells(['refused', 'undelivered'], { becomes: 'superseded', newRound: 'changed' }),
      approved: { newRound: 'changed' },
      revision_requested: { newRound: 'changed', wentOn: true },
      ...cells(CLOSED, { newRound: 'changed' }),
    },
  },
  {
    event: 'an approve',
    make: () => ({
      type: 'decide',
      at: AT + 1_000,
      round: 2,
      action: 'approve',
      feedback: '',
      by: 'UBEN',
    }),
    cells: {
      waiting: {
        becomes: 'sending',
        check: (after) => {
          expect(after.rounds[1]?.decision).toEqual({
            action: 'approve',
            feedback: '',
            by: 'UBEN',
            at: AT + 1_000,
          });
          expect(after.rounds[1]?.delivery).toEqual({
            since: AT + 1_000,
            attempts: 0,
            underway: false,
            unsure: false,
          });
        },
      },
      ...cells([...NOT_TRIED, ...NOT_ARRIVED, ...TRIED, ...FAILED, 'approved', 'revision_requested'], {
        refused: 'already_decided',
      }),
      ...cells(['superseded', 'superseded after a decision'], { refused: 'superseded' }),
      ...cells(['resolved_elsewhere', 'run_ended', 'run_ended after a decision', 'given_up'], {
        refused: 'closed',
      }),
    },
  },
  {
    event: 'an accepting answer',
    make: () => attemptEnded(outcomes.accepted),
    cells: {
      ...cells(APPROVES_TRIED, { becomes: 'approved' }),
      ...cells(REVISIONS_TRIED, { becomes: 'revision_requested' }),
      // Heard late, it is still an acceptance.
      ...cells(['refused', 'undelivered'], { becomes: 'approved' }),
      ...cells(['undelivered and unsure'], { becomes: 'revision_requested' }),
    },
  },
  {
    event: 'the answer "not pending"',
    make: () => attemptEnded(outcomes.not_pending),
    cells: {
      ...cells(['an approve under way', 'a revision under way'], {
        becomes: 'resolved_elsewhere',
        note: 'not_taken',
      }),
      ...cells(['an unsure approve', 'an unsure approve under way again'], { becomes: 'approved' }),
      ...cells(['an unsure revision', 'an unsure revision under way again'], {
        becomes: 'revision_requested',
      }),
    },
  },
  {
    event: 'a final no (422)',
    make: () => attemptEnded(outcomes.refused),
    cells: cells(TRIED, {
      becomes: 'refused',
      note: 'not_delivered',
      check: (after) => expect(after.rounds[1]?.delivery?.failure).toEqual({ kind: 'refused', status: 422 }),
    }),
  },
  {
    event: 'an answer that says it did not arrive (503)',
    make: () => attemptEnded(outcomes.not_reached),
    cells: cells(TRIED, keptForAnotherTry),
  },
  {
    event: 'an outcome that is unknown',
    make: () => attemptEnded(outcomes.unknown),
    cells: {
      ...cells(TRIED, {
        check: (after, before) => {
          keptForAnotherTry.check?.(after, before);
          expect(after.rounds[1]?.delivery?.unsure).toBe(true);
        },
      }),
      // More than the table: that it may have arrived is the truth, and a card never lies.
      ...cells(['refused', 'undelivered', 'given_up'], {
        check: (after) => expect(after.rounds[1]?.delivery?.unsure).toBe(true),
      }),
    },
  },
  {
    event: 'the end of its tries',
    make: () => ({ type: 'delivery_expired', at: AT + 1_000, round: 2 }),
    cells: cells([...NOT_TRIED, ...NOT_ARRIVED, ...TRIED], { becomes: 'undelivered', note: 'not_delivered' }),
  },
  {
    event: 'a restore of the store from a backup',
    make: () => ({ type: 'restored', at: AT + 1_000, round: 2 }),
    cells: cells([...NOT_TRIED, ...NOT_ARRIVED, ...TRIED], {
      becomes: 'undelivered',
      note: 'not_delivered',
      check: (after, before) => {
        const [was, is] = [before.rounds[1], after.rounds[1]];
        expect(is?.decision).toEqual(was?.decision);
        // What CrewAI has of it is not known, whatever was known when the backup was made.
        const failure = { kind: 'unknown', detail: 'RESTORED' };
        expect(is?.delivery).toMatchObject({ underway: false, unsure: true, failure });
        expect(after.facts.at(-1)).toMatchObject({ what: 'undelivered', round: 2, detail: 'restored' });
      },
    }),
  },
  {
    event: 'Retry',
    make: person('retry'),
    cells: {
      ...cells([...NOT_TRIED, ...NOT_ARRIVED, ...TRIED], { refused: 'somehow' }),
      waiting: { refused: 'somehow' },
      ...cells(FAILED, {
        becomes: 'sending',
        check: (after, before) => {
          const [was, is] = [before.rounds[1], after.rounds[1]];
          expect(is?.delivery).toEqual({
            since: AT + 1_000,
            attempts: 0,
            underway: false,
            unsure: was?.delivery?.unsure,
          });
          expect(is?.settledAt).toBeUndefined();
        },
      }),
      ...cells(['approved', 'revision_requested', ...CLOSED], { refused: 'somehow' }),
    },
  },
  {
    event: 'Give up',
    make: person('give_up'),
    cells: {
      waiting: { becomes: 'given_up' },
      ...cells([...NOT_TRIED, ...NOT_ARRIVED], { becomes: 'given_up', note: 'not_sent' }),
      ...cells(FAILED, { becomes: 'given_up' }),
      ...cells(TRIED, { refused: 'on_its_way' }),
      ...cells(['approved', 'revision_requested', ...CLOSED], { refused: 'somehow' }),
      'undelivered and unsure': {
        becomes: 'given_up',
        check: (after) => expect(after.rounds[1]?.delivery?.unsure, 'it may have arrived').toBe(true),
      },
    },
  },
  {
    event: "the crew's last webhook",
    make: () => ({ type: 'run_finished', at: AT + 1_000, withResult: false }),
    cells: {
      waiting: { becomes: 'run_ended' },
      ...cells([...NOT_TRIED, ...NOT_ARRIVED], { becomes: 'run_ended', note: 'not_sent' }),
      ...cells(APPROVES_TRIED, { becomes: 'approved', wentOn: true }),
      ...cells(REVISIONS_TRIED, { becomes: 'run_ended', note: 'not_sent' }),
      ...cells(FAILED, { becomes: 'run_ended' }),
      ...cells(['approved', 'revision_requested'], { wentOn: true }),
    },
  },
  {
    event: 'a webhook of another task of the run',
    make: () => ({ type: 'other_webhook', at: AT + 1_000, taskReported: true }),
    cells: {
      waiting: { mayHaveContinued: true },
      ...cells(['approved', 'revision_requested'], { wentOn: true }),
    },
  },
  {
    event: 'a step webhook of the run',
    make: () => ({ type: 'other_webhook', at: AT + 1_000, taskReported: false }),
    cells: cells(['approved', 'revision_requested'], { wentOn: true }),
  },
  {
    event: 'a webhook of the run that was received before CrewAI accepted the decision',
    make: () => ({ type: 'other_webhook', at: AT - 1, taskReported: true }),
    cells: { waiting: { mayHaveContinued: true } },
  },
];

describe.each(rows)('$event', ({ make, cells: named }) => {
  for (const [column, round] of Object.entries(columns) as [Column, Round][]) {
    const cell = named[column] ?? NOTHING;
    test(`finds a round ${column}: ${words(cell)}`, () => {
      const before = withCards(secondRound(round));
      const result = transition(before, make(round));

      if (cell.refused !== undefined) {
        expect(result).toHaveProperty('refusal');
        if (cell.refused !== 'somehow') expect(result).toHaveProperty('refusal.code', cell.refused);
        return;
      }
      if (!('approval' in result)) throw new Error(`refused: ${result.refusal.code}`);
      const { approval } = result;
      if (cell.redelivery) {
        expect(approval).toBe(before);
        return;
      }
      if (cell === NOTHING) {
        expect(visible(approval)).toEqual(visible(before));
        return;
      }
      const [was, is] = [before.rounds[1] as Round, approval.rounds[1] as Round];
      expect(is.status).toBe(cell.becomes ?? was.status);
      if (was.decision) expect(is.decision).toEqual(was.decision);
      expect(is.continuedAt !== undefined).toBe(cell.wentOn ?? false);
      expect(is.mayHaveContinued).toBe(cell.mayHaveContinued ?? false);
      expect(approval.notes.map((note) => note.kind)).toEqual(cell.note ? [cell.note] : []);
      expect(approval.rounds.length).toBe(cell.newRound ? 3 : 2);
      if (cell.newRound) {
        expect(currentRound(approval)).toMatchObject({
          number: 3,
          status: 'waiting',
          unchanged: cell.newRound === 'unchanged',
          votes: [],
        });
        expect(approval.lanes.delivery).toEqual({ failures: 0 });
      }
      expect(approval.rounds[0]).toEqual(before.rounds[0]);
      expect(approval.factCount).toBeGreaterThan(before.factCount);
      cell.check?.(approval, before);
    });
  }
});

function words(cell: Cell): string {
  const parts = [
    cell.redelivery && 'a redelivery',
    cell.becomes && `it becomes ${cell.becomes}`,
    cell.newRound && (cell.newRound === 'changed' ? 'a new round waits' : 'a new, unchanged round waits'),
    cell.note && `the thread gets a note (${cell.note})`,
    cell.refused && 'the person gets the reason',
    cell.wentOn && 'the run continued',
    cell.mayHaveContinued && 'the card says that the run may have continued',
    cell.check && !cell.becomes && 'it stays and is tried again',
  ].filter(Boolean);
  return parts.join(', ') || 'nothing changes';
}

describe('a late answer of an attempt', () => {
  test.each(Object.keys(outcomes) as (keyof typeof outcomes)[])(
    'goes into the history of a round that is settled (%s)',
    (kind) => {
      const before = secondRound(columns.superseded);
      const withDelivery = withCurrent(before, { decision: approve, delivery: deliveries.underway });
      const result = became(withDelivery, attemptEnded(outcomes[kind]));
      expect(result.rounds[1]).toMatchObject({ status: 'superseded', decision: approve });
      expect(result.facts.at(-1)).toMatchObject({ what: 'attempt_ended', round: 2 });
    },
  );
});

describe('decisions', () => {
  const vote = (by: string, action: 'approve' | 'request_revision' = 'approve') =>
    ({ type: 'decide', at: AT + 1_000, round: 1, action, feedback: '', by }) as const;
  const byTwo = (approval: Approval) => ({
    ...approval,
    policy: { ...approval.policy, approvalsRequired: 2 },
  });
  const waiting = withCards(secondRound(columns.waiting));
  const single = { ...waiting, rounds: [aRound()] };

  test('an approve is a vote until enough people have approved', () => {
    const one = became(byTwo(single), vote('UANA'));
    expect(one.rounds[0]).toMatchObject({ status: 'waiting', votes: [{ by: 'UANA' }] });
    expect(refusalOf(one, vote('UANA'))).toEqual({ code: 'already_voted' });
    const two = became(one, vote('UBEN'));
    expect(two.rounds[0]).toMatchObject({ status: 'sending', decision: { by: 'UBEN', action: 'approve' } });
  });

  test("everyone's note goes with an approval of several, and votes of people who lost the right do not count", () => {
    const note = (by: string, feedback: string) => ({ ...vote(by), feedback });
    const two = became(byTwo(single), note('UANA', 'Mention the sale'), note('UBEN', 'And the shops'));
    expect(two.rounds[0]?.decision).toMatchObject({ feedback: 'Mention the sale\n\nAnd the shops' });
    const lost = became(byTwo(single), vote('UANA'), { ...vote('UBEN'), without: ['UANA'] });
    expect(lost.rounds[0]).toMatchObject({ status: 'waiting', votes: [{ by: 'UBEN' }] });
  });

  test('one request for a revision is enough, also from someone who had approved', () => {
    const result = became(byTwo(single), vote('UANA'), vote('UANA', 'request_revision'));
    expect(result.rounds[0]).toMatchObject({
      status: 'sending',
      decision: { by: 'UANA', action: 'request_revision' },
    });
    expect(result.rounds[0]?.votes).toHaveLength(1);
  });

  test('a refused decision says whose it was and when', () => {
    const result = became(single, vote('UANA'));
    expect(refusalOf(result, { ...vote('UBEN'), at: AT + 9_000 })).toEqual({
      code: 'already_decided',
      round: 1,
      decision: { action: 'approve', feedback: '', by: 'UANA', at: AT + 1_000 },
    });
  });

  test.each([
    'superseded after a decision',
    'resolved_elsewhere',
    'run_ended after a decision',
    'given_up',
  ] as const)('a decision on a round %s is refused with whose the recorded one was', (column) => {
    const refusal = refusalOf(secondRound(columns[column]), { ...vote('UBEN'), round: 2 });
    expect(refusal).toHaveProperty('decision', approve);
  });

  test('an older card decides nothing: its round was superseded, or decided by someone', () => {
    const superseded = became(secondRound(columns.waiting), anOutput('N'));
    expect(refusalOf(superseded, { ...vote('UBEN'), round: 2 })).toEqual({
      code: 'superseded',
      current: 3,
    });
    expect(refusalOf(superseded, vote('UBEN'))).toMatchObject({ code: 'already_decided', round: 1 });
  });

  test('a round that does not exist is unknown to every person', () => {
    const events: ApprovalEvent[] = [
      { ...vote('UBEN'), round: 9 },
      { type: 'retry', at: AT, round: 9, by: 'UBEN' },
      { type: 'give_up', at: AT, round: 9, by: 'UBEN' },
    ];
    for (const event of events) expect(refusalOf(single, event)).toEqual({ code: 'unknown' });
  });
});

describe('two routes of one pause', () => {
  test('the second webhook completes the round and opens nothing', () => {
    const before = secondRound(columns.waiting);
    const result = became(
      before,
      anOutput('S', { humanInput: true, taskId: 'pause-7', hashes: ['S', 'S2'], agent: 'Copywriter' }),
    );
    expect(result.rounds).toHaveLength(2);
    expect(currentRound(result)).toMatchObject({
      status: 'waiting',
      humanInput: true,
      taskId: 'pause-7',
      agent: 'Copywriter',
      hashes: ['S', 'S2'],
    });
    expect(became(result, anOutput('S2'))).toBe(result);
  });

  test('the task webhook never replaces the task id of the human-input webhook', () => {
    const before = secondRound(aRound({ humanInput: true, taskId: 'pause-7' }));
    expect(currentRound(became(before, anOutput('S', { taskId: 'task-1' }))).taskId).toBe('pause-7');
  });

  test('the second route that arrives after a requested revision answers nothing', () => {
    const before = secondRound(columns.revision_requested);
    expect(became(before, anOutput('S', { humanInput: true })).rounds).toHaveLength(2);
    expect(became(before, anOutput('S', { opensRounds: false })).rounds).toHaveLength(2);
  });

  test.each(Object.keys(columns) as Column[])(
    'a task webhook of a run with human-input webhooks opens no round (%s)',
    (column) => {
      const before = secondRound(columns[column]);
      expect(became(before, anOutput('N', { opensRounds: false }))).toBe(before);
    },
  );
});

describe('the end of the run', () => {
  const finished = (withResult = false): ApprovalEvent => ({
    type: 'run_finished',
    at: AT + 5_000,
    withResult,
  });

  test('its result goes into the thread once', () => {
    const result = became(secondRound(columns.approved), finished(true));
    expect(result.notes).toEqual([{ kind: 'run_result' }]);
    expect(became(result, finished(true))).toBe(result);
  });

  test('it ends a round that came after an earlier last webhook', () => {
    const late = became(secondRound(columns.approved), finished(), anOutput('N'));
    expect(currentRound(late)).toMatchObject({ number: 3, status: 'run_ended' });
    expect(became(late, finished())).toBe(late);
  });
});

test('a failure is that of an earlier attempt if it is older than the last accepted decision', () => {
  const waiting = anApproval([
    decided('revision_requested', revision, deliveries.accepted),
    aRound({ number: 2 }),
  ]);
  const failedAt = (at: number) =>
    became(waiting, { type: 'run_failed', at: AT + 5_000, failedAt: at, reason: 'boom' });
  expect(failedAt(AT - 1)).toBe(waiting);
  expect(failedAt(AT + 1).rounds.map(({ status }) => status)).toEqual(['revision_requested', 'run_ended']);
});

describe('an attempt', () => {
  test('that starts after one without an outcome (a crash) is an attempt after an unsure one', () => {
    const start: ApprovalEvent = { type: 'attempt_started', dialect: 'documented', at: AT + 1_000, round: 2 };
    const first = became(secondRound(columns['an approve being sent, not tried']), start);
    expect(first.rounds[1]?.delivery).toMatchObject({ attempts: 1, underway: true, unsure: false });
    const second = became(first, { ...start, at: AT + 12_000 });
    expect(second.rounds[1]?.delivery).toMatchObject({
      attempts: 2,
      firstAttemptAt: AT + 1_000,
      underway: true,
      unsure: true,
    });
  });

  test.each((Object.keys(columns) as Column[]).filter((column) => columns[column].status !== 'sending'))(
    'does not start on a round %s',
    (column) => {
      const before = secondRound(columns[column]);
      expect(became(before, { type: 'attempt_started', dialect: 'documented', at: AT, round: 2 })).toBe(
        before,
      );
    },
  );
});

test('the decider is notified when another person gives up on it before it was sent, and by whom; nobody else is', () => {
  const sending = anApproval([decided('sending', approve, deliveries.notTried)]);
  const giveUp = (by: string) => became(sending, { type: 'give_up', at: AT + 1, round: 1, by }).notes;
  expect(giveUp('UBEN')).toEqual([
    { kind: 'not_sent', why: 'given_up', decision: approve, by: 'UBEN', unsure: false },
  ]);
  expect(giveUp(approve.by)).toEqual([]);
});
