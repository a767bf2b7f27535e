import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildCardFacts, hashCardFacts } from '../../../src/approval/card-facts.ts';
import type { Approval } from '../../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import {
  type Decision,
  type Delivery,
  type Failure,
  type Round,
  roundStatuses,
} from '../../../src/approval/model/round.ts';
import { buildCard } from '../../../src/slack/views/card/card.ts';
import { scaleLimit } from '../../support/limits.ts';
import { spoken } from '../../support/spoken.ts';
import { AT, approval, decision, round, roundIn, text } from '../records.ts';
import { links } from './draw.ts';

const OPEN = ['sending', 'refused', 'undelivered'];

const maybe = <T>(...values: T[]) => fc.constantFrom(undefined, ...values);
const failure = maybe<Failure>(
  { kind: 'refused', status: 401 },
  { kind: 'refused', status: 422, detail: 'executionId: Field required' },
  { kind: 'refused', status: 422, detail: 'taskId: Field required' },
  { kind: 'not_reached', detail: 'ECONNREFUSED' },
  { kind: 'not_reached', detail: 'ENOTFOUND' },
  { kind: 'not_reached', status: 503 },
  { kind: 'unknown', detail: 'ETIMEDOUT' },
  { kind: 'unknown', status: 500 },
);
const url = maybe(
  { url: 'https://hooks.example/one', from: 'registered' as const },
  { url: 'https://hooks.example/two', from: 'meta' as const },
);

/** What changes of an approval while it lives, as far as a card may show it. */
const changing = fc.record({
  status: fc.constantFrom(...roundStatuses),
  voters: fc.subarray(['UANA', 'UBEN', 'UCAT']),
  claimedBy: maybe('UANA', 'UBEN'),
  assignee: maybe('UANA', 'UBEN'),
  expiredAt: maybe(AT),
  mayHaveContinued: fc.boolean(),
  continuedAt: maybe(AT),
  /** Which of two decisions: the first one was undone. */
  second: fc.boolean(),
  failure,
  unsure: fc.boolean(),
  undo: fc.boolean(),
  dialect: maybe<NonNullable<Delivery['dialect']>>('documented', 'live', 'unknown'),
  says: maybe('resumed', 'retrying', 'completed'),
  named: fc.constantFrom('title', 'the title as its name', 'another name'),
  chained: maybe({}, { doubted: true as const }),
  notWaiting: maybe(true as const),
  runFailure: maybe({ at: AT }, { at: AT, reason: 'out of tokens' }, { at: AT, reason: 'boom' }),
  taskUrl: url,
  stepUrl: url,
  humanInputUrl: url,
  humanInput: fc.boolean(),
  agent: maybe('Copywriter'),
  description: maybe('Write a release'),
  expectedOutput: maybe('300 words'),
  card: maybe('1700000000.000002', '1700000000.000003'),
});
type Changing = typeof changing extends fc.Arbitrary<infer T> ? T : never;

/** What never changes: which action was decided, whether the task was known, and how many have to approve. */
const fixed = fc.record({
  action: fc.constantFrom<Decision['action']>('approve', 'request_revision'),
  unnamed: fc.boolean(),
  approvalsRequired: fc.constantFrom(1, 2),
});
type Fixed = typeof fixed extends fc.Arbitrary<infer T> ? T : never;

/** An approval whose first round was sent back and whose second one is as described, as the domain leaves it. */
function made({ action, unnamed, approvalsRequired }: Fixed, now: Changing): Approval {
  const delivered = { since: AT, attempts: 1, underway: false, unsure: false, acceptedAt: AT };
  const card = (ts: string) => ({ channel: 'CAPPROVALS', ts, shown: '' });
  const settled = { delivery: delivered, continuedAt: AT, settledAt: AT, card: card('1700000000.000001') };
  const first = roundIn('revision_requested', settled);
  const { status } = now;
  const taken = action === 'approve' ? 'approved' : 'revision_requested';
  const was: Round['status'] = ['approved', 'revision_requested'].includes(status) ? taken : status;
  const open = OPEN.includes(was);
  const hasDecision = open || [taken, 'resolved_elsewhere', 'run_ended'].includes(was);
  const made = hasDecision && open && now.second ? { by: 'UBEN', at: AT + 1_000, feedback: 'Longer' } : {};
  const decided = decision({ action, feedback: 'Note', ...made });
  const undoable = was === 'sending' && now.undo;
  const delivery: Delivery = {
    since: decided.at,
    attempts: undoable ? 0 : 1,
    underway: false,
    unsure: !undoable && now.unsure,
    ...(undoable ? { undoUntil: decided.at + 60_000 } : {}),
    ...(open && !undoable && now.failure ? { failure: now.failure } : {}),
    ...(was === taken ? { acceptedAt: AT } : {}),
    ...(now.dialect ? { dialect: now.dialect } : {}),
    ...(was === taken && now.says ? { says: now.says } : {}),
  };
  const present = <T extends object>(all: T) =>
    Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<T>;
  const waits = was === 'waiting';
  const second = round({
    number: 2,
    status: was,
    hashes: ['other'],
    humanInput: now.humanInput,
    mayHaveContinued: now.mayHaveContinued,
    votes: waits ? now.voters.map((by) => decision({ by })) : [],
    ...present({
      claim: waits && now.claimedBy ? { by: now.claimedBy, until: AT } : undefined,
      assignee: now.assignee,
      expiredAt: now.expiredAt,
      continuedAt: was === taken ? now.continuedAt : undefined,
      chained: now.chained,
      notWaiting: was === 'resolved_elsewhere' ? now.notWaiting : undefined,
      agent: now.agent,
      description: now.description,
      expectedOutput: now.expectedOutput,
      givenUpBy: was === 'given_up' ? 'UBEN' : undefined,
      settledAt: waits || open ? undefined : AT,
      card: now.card ? card(now.card) : undefined,
    }),
    ...(hasDecision || was === 'given_up' ? { decision: decided, delivery } : {}),
  });
  const task = now.named === 'another name' ? 'draft' : 'A release';
  return approval([first, second], {
    policy: { ...DEFAULT_POLICY, approvalsRequired },
    urls: present({ task: now.taskUrl, step: now.stepUrl }),
    ...present({ humanInputUrl: now.humanInputUrl, runFailure: now.runFailure }),
    ...(now.runFailure ? { runEndedAt: AT } : {}),
    ...(unnamed ? { task, ...(now.named === 'title' ? { titleOnly: true as const } : {}) } : {}),
  });
}

function draw(of: Approval, at: number) {
  const facts = buildCardFacts(of, of.rounds[at] as Round);
  // Who looks after it is said in the thread: it is no reason to update the card.
  const waiting = facts.waiting && { ...facts.waiting, claimedBy: undefined, assignee: undefined };
  const card = buildCard(
    spoken(),
    { facts: { ...facts, waiting }, output: text('The output.') },
    links,
    'full',
  );
  return { hash: hashCardFacts(facts), view: JSON.stringify(card) };
}

test('a card is out of date exactly when it would show something else', {
  timeout: scaleLimit(60_000),
}, () => {
  fc.assert(
    fc.property(fixed, changing, changing, fc.nat(), (same, before, other, pick) => {
      // One or two things change: of two that have nothing in common any key would do.
      const fields = Object.keys(before) as (keyof Changing)[];
      const changed = [pick % fields.length, Math.floor(pick / fields.length) % fields.length];
      const after = { ...before };
      for (const at of changed)
        Object.assign(after, { [fields[at] as string]: other[fields[at] as keyof Changing] });
      const [one, two] = [made(same, before), made(same, after)];
      for (const at of [0, 1]) {
        const [a, b] = [draw(one, at), draw(two, at)];
        expect(a.hash === b.hash, `${a.view}\n${b.view}`).toBe(a.view === b.view);
      }
    }),
    { numRuns: 4_000 },
  );
});
