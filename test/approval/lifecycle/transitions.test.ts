import { describe, expect, test } from 'vitest';
import type { ApprovalEvent } from '../../../src/approval/lifecycle/events.ts';
import type { Refusal } from '../../../src/approval/lifecycle/refusal.ts';
import { transition } from '../../../src/approval/lifecycle/transitions.ts';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import type { Note } from '../../../src/approval/model/note.ts';
import type { Round, RoundStatus } from '../../../src/approval/model/round.ts';
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
  decideBy,
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

/** Each column of the table; one that reads differently for both decisions or attempts is split. */
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

const ALL = Object.keys(columns) as Column[];
const inStatus = (...statuses: RoundStatus[]) =>
  ALL.filter((name) => statuses.includes(columns[name].status));
const SENDING = inStatus('sending');
const NOT_SENT = SENDING.filter((name) => /not tried|not arrive/.test(name));
const TRIED = SENDING.filter((name) => !NOT_SENT.includes(name));
const APPROVES_TRIED = TRIED.filter((name) => name.includes('approve'));
const REVISIONS_TRIED = TRIED.filter((name) => name.includes('revision'));
const UNDERWAY: Column[] = ['an approve under way', 'a revision under way'];
const UNSURE_APPROVES = APPROVES_TRIED.filter((name) => !UNDERWAY.includes(name));
const UNSURE_REVISIONS = REVISIONS_TRIED.filter((name) => !UNDERWAY.includes(name));
const FAILED = inStatus('refused', 'undelivered');
const ACCEPTED = inStatus('approved', 'revision_requested');
const CLOSED = inStatus('superseded', 'resolved_elsewhere', 'run_ended', 'given_up');

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
  check?: Check;
}
type Check = (round: Round, after: Approval, before: Round) => void;

/** A column that is in none of the cells is a "–": nothing changes, or a person is told why not. */
type Row = [event: string, make: (round: Round) => ApprovalEvent, ...cells: [Column[], Cell][]];

const at = AT + 1_000;
const person = (type: 'retry' | 'give_up') => (): ApprovalEvent => ({ type, at, round: 2, by: 'UBEN' });
const otherWebhook = (time: number, isTaskReport: boolean) => (): ApprovalEvent => ({
  type: 'other_webhook',
  at: time,
  isTaskReport,
});

const isUnderway: Check = ({ delivery }) => expect(delivery?.underway).toBe(true);
const isUnsure: Check = ({ delivery }) => expect(delivery?.unsure).toBe(true);
const isTriedAgain: Check = ({ delivery }, { lanes }) => {
  expect(lanes.delivery).toEqual({ failures: 1, notBefore: AT + 3_000 });
  expect(delivery?.underway).toBe(false);
};
const isUnsureAndTriedAgain: Check = (...seen) => {
  isTriedAgain(...seen);
  isUnsure(...seen);
};
const isDecidedByBen: Check = ({ decision, delivery }) => {
  expect(decision).toEqual({ action: 'approve', feedback: '', by: 'UBEN', at });
  expect(delivery).toEqual(aDelivery({ since: at }));
};
const isSentAnew: Check = ({ delivery, settledAt }, _, before) => {
  expect(delivery).toEqual(aDelivery({ since: at, unsure: before.delivery?.unsure === true }));
  expect(settledAt).toBeUndefined();
};
/** What CrewAI has of it is not known, whatever was known when the backup was made. */
const isHeld: Check = ({ delivery }, { facts }) => {
  const failure = { kind: 'unknown', detail: 'RESTORED' };
  expect(delivery).toMatchObject({ underway: false, unsure: true, failure });
  expect(facts.at(-1)).toMatchObject({ what: 'undelivered', round: 2, detail: 'restored' });
};

// biome-ignore format: a table
const rows: Row[] = [
  ['the webhook of its own output again', ({ humanInput }) => anOutput('S', { humanInput }),
    [ALL, { redelivery: true }], [['revision_requested'], { newRound: 'unchanged', wentOn: true }]],
  ['the webhook of an older output again', () => anOutput('O'),
    [ALL, { redelivery: true }], [['revision_requested'], { newRound: 'changed', wentOn: true }]],
  ['the webhook of a new output', () => anOutput('N'),
    [['waiting', 'refused', 'undelivered'], { becomes: 'superseded', newRound: 'changed' }],
    [NOT_SENT, { becomes: 'superseded', newRound: 'changed', note: 'not_sent' }],
    [APPROVES_TRIED, { becomes: 'resolved_elsewhere', newRound: 'changed', note: 'not_taken' }],
    [[...REVISIONS_TRIED, 'undelivered and unsure'], { becomes: 'revision_requested', newRound: 'changed',
      wentOn: true, check: ({ delivery }) => expect(delivery?.acceptedAt).toBe(at) }],
    [['approved', ...CLOSED], { newRound: 'changed' }],
    [['revision_requested'], { newRound: 'changed', wentOn: true }]],
  ['a task webhook of a run with human-input webhooks', () => anOutput('N', { opensRounds: false }),
    [ALL, { redelivery: true }]],
  ['an approve', () => decideBy('UBEN', { round: 2 }),
    [['waiting'], { becomes: 'sending', check: isDecidedByBen }],
    [[...SENDING, ...FAILED, ...ACCEPTED], { refused: 'already_decided' }],
    [CLOSED, { refused: 'closed' }], [inStatus('superseded'), { refused: 'superseded' }]],
  ['the start of an attempt', () => attemptStarted(),
    [ALL, { redelivery: true }], [SENDING, { check: isUnderway }]],
  ['an accepting answer', () => attemptEnded(outcomes.accepted),
    // Heard late, it is still an acceptance.
    [[...APPROVES_TRIED, 'refused', 'undelivered'], { becomes: 'approved' }],
    [[...REVISIONS_TRIED, 'undelivered and unsure'], { becomes: 'revision_requested' }]],
  ['the answer "not pending"', () => attemptEnded(outcomes.not_pending),
    [UNDERWAY, { becomes: 'resolved_elsewhere', note: 'not_taken' }],
    [UNSURE_APPROVES, { becomes: 'approved' }], [UNSURE_REVISIONS, { becomes: 'revision_requested' }]],
  ['a final no (422)', () => attemptEnded(outcomes.refused),
    [TRIED, { becomes: 'refused', note: 'not_delivered',
      check: ({ delivery }) => expect(delivery?.failure).toEqual({ kind: 'refused', status: 422 }) }]],
  ['an answer that says it did not arrive (503)', () => attemptEnded(outcomes.not_reached),
    [TRIED, { check: isTriedAgain }]],
  ['an outcome that is unknown', () => attemptEnded(outcomes.unknown),
    [TRIED, { check: isUnsureAndTriedAgain }],
    // More than the table: that it may have arrived is the truth, and a card never lies.
    [['refused', 'undelivered', 'given_up', 'run_ended after a decision'], { check: isUnsure }]],
  ['the end of its tries', () => ({ type: 'delivery_expired', at, round: 2 }),
    [SENDING, { becomes: 'undelivered', note: 'not_delivered' }]],
  ['a restore of the store from a backup', () => ({ type: 'restored', at, round: 2 }),
    [SENDING, { becomes: 'undelivered', note: 'not_delivered', check: isHeld }]],
  ['Retry', person('retry'),
    [ALL, { refused: 'somehow' }], [FAILED, { becomes: 'sending', check: isSentAnew }]],
  ['Give up', person('give_up'),
    [['waiting', 'refused', 'undelivered'], { becomes: 'given_up' }],
    [['undelivered and unsure'], { becomes: 'given_up', check: isUnsure }],
    [NOT_SENT, { becomes: 'given_up', note: 'not_sent' }],
    [TRIED, { refused: 'on_its_way' }], [[...ACCEPTED, ...CLOSED], { refused: 'somehow' }]],
  ["the crew's last webhook", () => ({ type: 'run_finished', at, withResult: false }),
    [['waiting', ...FAILED], { becomes: 'run_ended' }],
    [[...NOT_SENT, ...REVISIONS_TRIED], { becomes: 'run_ended', note: 'not_sent' }],
    [APPROVES_TRIED, { becomes: 'approved', wentOn: true }],
    [ACCEPTED, { wentOn: true }]],
  ['a webhook of another task of the run', otherWebhook(at, true),
    [['waiting'], { mayHaveContinued: true }], [ACCEPTED, { wentOn: true }]],
  ['a step webhook of the run', otherWebhook(at, false), [ACCEPTED, { wentOn: true }]],
  ['a later pause of the run', () => ({ type: 'later_pause', at }),
    [ALL, { redelivery: true }], [[...APPROVES_TRIED, 'approved'], { becomes: 'approved', wentOn: true }]],
  ['a later pause that came in before the decision was sent', () => ({ type: 'later_pause', at: AT - 10_000 }),
    [ALL, { redelivery: true }]],
  ['a webhook of the run that was received before CrewAI accepted the decision', otherWebhook(AT - 1, true),
    [['waiting'], { mayHaveContinued: true }]],
];

describe.each(rows)('%s', (_, make, ...cells) => {
  test.each(ALL)('finds a round %s', (column) => {
    const cell = cells.findLast(([names]) => names.includes(column))?.[1];
    const before = withCards(secondRound(columns[column]));
    const result = transition(before, make(columns[column]));

    if (cell?.refused !== undefined) {
      expect(result).toHaveProperty('refusal');
      if (cell.refused !== 'somehow') expect(result).toHaveProperty('refusal.code', cell.refused);
      return;
    }
    if (!('approval' in result)) throw new Error(`refused: ${result.refusal.code}`);
    const { approval } = result;
    if (cell?.redelivery) expect(approval).toBe(before);
    if (cell === undefined) expect(visible(approval)).toEqual(visible(before));
    if (cell === undefined || cell.redelivery) return;

    const [was, is] = [before.rounds[1] as Round, approval.rounds[1] as Round];
    expect(is.status).toBe(cell.becomes ?? was.status);
    if (was.decision) expect(is.decision).toEqual(was.decision);
    expect(is.continuedAt !== undefined).toBe(cell.wentOn ?? false);
    expect(is.mayHaveContinued).toBe(cell.mayHaveContinued ?? false);
    expect(approval.notes.map((note) => note.kind)).toEqual(cell.note ? [cell.note] : []);
    expect(approval.rounds.length).toBe(cell.newRound ? 3 : 2);
    if (cell.newRound) {
      const unchanged = cell.newRound === 'unchanged';
      expect(currentRound(approval)).toMatchObject({ number: 3, status: 'waiting', unchanged, votes: [] });
      expect(approval.lanes.delivery).toEqual({ failures: 0 });
    }
    expect(approval.rounds[0]).toEqual(before.rounds[0]);
    expect(approval.factCount).toBeGreaterThan(before.factCount);
    cell.check?.(is, approval, was);
  });
});

test.each(Object.values(outcomes))(
  'a late answer of an attempt goes into the history of a round that is settled ($kind)',
  (outcome) => {
    const before = secondRound(columns.superseded);
    const withDelivery = withCurrent(before, { decision: approve, delivery: deliveries.underway });
    const result = became(withDelivery, attemptEnded(outcome));
    expect(result.rounds[1]).toMatchObject({ status: 'superseded', decision: approve });
    expect(result.facts.at(-1)).toMatchObject({ what: 'attempt_ended', round: 2 });
  },
);

describe('decisions', () => {
  const waiting = secondRound(columns.waiting);
  const single = anApproval();
  const byTwo = { ...single, policy: { ...single.policy, approvalsRequired: 2 } };

  test('an approve is a vote until enough people have approved', () => {
    const one = became(byTwo, decideBy('UANA'));
    expect(one.rounds[0]).toMatchObject({ status: 'waiting', votes: [{ by: 'UANA' }] });
    expect(refusalOf(one, decideBy('UANA'))).toEqual({ code: 'already_voted' });
    const two = became(one, decideBy('UBEN'));
    expect(two.rounds[0]).toMatchObject({ status: 'sending', decision: { by: 'UBEN', action: 'approve' } });
  });

  test("everyone's note goes with an approval of several, and votes of people who lost the right do not count", () => {
    const [ana, ben] = [{ feedback: 'Mention the sale' }, { feedback: 'And the shops' }];
    const two = became(byTwo, decideBy('UANA', ana), decideBy('UBEN', ben));
    expect(two.rounds[0]?.decision).toMatchObject({ feedback: 'Mention the sale\n\nAnd the shops' });
    const lost = became(byTwo, decideBy('UANA'), decideBy('UBEN', { ineligibleVoters: ['UANA'] }));
    expect(lost.rounds[0]).toMatchObject({ status: 'waiting', votes: [{ by: 'UBEN' }] });
  });

  test('one request for a revision is enough, also from someone who had approved', () => {
    const action = 'request_revision';
    const result = became(byTwo, decideBy('UANA'), decideBy('UANA', { action }));
    expect(result.rounds[0]).toMatchObject({ status: 'sending', decision: { by: 'UANA', action } });
    expect(result.rounds[0]?.votes).toHaveLength(1);
  });

  test('a refused decision says whose it was and when', () => {
    const result = became(single, decideBy('UANA'));
    const decision = { action: 'approve', feedback: '', by: 'UANA', at };
    const late = decideBy('UBEN', { at: AT + 9_000 });
    expect(refusalOf(result, late)).toEqual({ code: 'already_decided', decision });
  });

  test.each(CLOSED.filter((column) => 'decision' in columns[column]))(
    'a decision on a round %s is refused with whose the recorded one was',
    (column) => {
      const refusal = refusalOf(secondRound(columns[column]), decideBy('UBEN', { round: 2 }));
      expect(refusal).toHaveProperty('decision', approve);
    },
  );

  test('an older card decides nothing: its round was superseded, or decided by someone', () => {
    const superseded = became(waiting, anOutput('N'));
    const refusal = { code: 'superseded', current: 3 };
    expect(refusalOf(superseded, decideBy('UBEN', { round: 2 }))).toEqual(refusal);
    expect(refusalOf(superseded, decideBy('UBEN'))).toMatchObject({ code: 'already_decided' });
  });

  test('a round that does not exist is unknown to every person', () => {
    const unknown = { at: AT, round: 9, by: 'UBEN' };
    for (const type of ['retry', 'give_up'] as const)
      expect(refusalOf(single, { type, ...unknown })).toEqual({ code: 'unknown' });
    expect(refusalOf(single, decideBy('UBEN', unknown))).toEqual({ code: 'unknown' });
  });
});

describe('two routes of one pause', () => {
  test('the second webhook completes the round and opens nothing', () => {
    const completed = { humanInput: true, taskId: 'pause-7', hashes: ['S', 'S2'], agent: 'Copywriter' };
    const result = became(secondRound(columns.waiting), anOutput('S', completed));
    expect(result.rounds).toHaveLength(2);
    expect(currentRound(result)).toMatchObject({ status: 'waiting', ...completed });
    expect(became(result, anOutput('S2'))).toBe(result);
  });

  test('the task webhook never replaces the task id of the human-input webhook', () => {
    const before = secondRound(aRound({ humanInput: true, taskId: 'pause-7' }));
    expect(currentRound(became(before, anOutput('S', { taskId: 'task-1' }))).taskId).toBe('pause-7');
  });

  test('the second route that arrives after a requested revision answers nothing', () => {
    for (const over of [{ humanInput: true }, { opensRounds: false }])
      expect(became(secondRound(columns.revision_requested), anOutput('S', over)).rounds).toHaveLength(2);
  });
});

describe('the end of the run', () => {
  const finished = (withResult = false) => ({ type: 'run_finished', at: AT + 5_000, withResult }) as const;

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
  const waiting = secondRound(columns.waiting);
  const failedAt = (time: number) =>
    became(waiting, { type: 'run_failed', at: AT + 5_000, failedAt: time, reason: 'boom' });
  expect(failedAt(AT - 1)).toBe(waiting);
  expect(failedAt(AT + 1).rounds.map(({ status }) => status)).toEqual(['revision_requested', 'run_ended']);
});

test('an attempt that starts after one without an outcome (a crash) is an attempt after an unsure one', () => {
  const first = became(secondRound(columns['an approve being sent, not tried']), attemptStarted());
  expect(first.rounds[1]?.delivery).toMatchObject({ attempts: 1, underway: true, unsure: false });
  const second = became(first, attemptStarted(2, AT + 12_000));
  const again = { attempts: 2, firstAttemptAt: at, underway: true, unsure: true };
  expect(second.rounds[1]?.delivery).toMatchObject(again);
});

test('the decider is notified when another person gives up on it before it was sent, and by whom; nobody else is', () => {
  const sending = anApproval([decided('sending', approve, deliveries.notTried)]);
  const giveUp = (by: string) => became(sending, { type: 'give_up', at: AT + 1, round: 1, by }).notes;
  expect(giveUp('UBEN')).toEqual([
    { kind: 'not_sent', why: 'given_up', decision: approve, by: 'UBEN', unsure: false },
  ]);
  expect(giveUp(approve.by)).toEqual([]);
});
