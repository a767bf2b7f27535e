import { bindParts } from '../lib/bind.ts';
import { StoreError } from '../lib/errors.ts';
import type { Deciders } from './access/deciders.ts';
import type { AttentionEvent, DecideEvent, PersonEvent } from './lifecycle/events.ts';
import { adoptCard } from './lifecycle/lanes.ts';
import type { Refusal } from './lifecycle/refusal.ts';
import { refuseDecision } from './lifecycle/refuse-decision.ts';
import { recordRefusedPerson } from './lifecycle/requests.ts';
import { transition } from './lifecycle/transitions.ts';
import { type Approval, findRound, showsOtherOutput } from './model/approval.ts';
import { setOrigin } from './model/facts.ts';
import type { Round } from './model/round.ts';
import type { ApprovalStore, Clock, Log, Stored } from './ports.ts';
import { type Answer, isOnCard, look, output, read, readState, state, type Target } from './read-round.ts';
import { CONFLICT, retryConflicts, updateApproval } from './update.ts';

/** What recording people's decisions needs. */
export interface DecisionParts {
  store: ApprovalStore;
  clock: Clock;
  deciders: Deciders;
  log: Log;
  /** A decision with its first attempt at CrewAI, if that can begin at once; `start` makes it once both are stored. Never rejects. */
  beginDelivery: (decided: Approval) => Promise<{ approval: Approval; start: () => void } | undefined>;
  /** Called with each approval that a person changed: they wait for its card. */
  wake: (approval: Approval) => void;
}

/** What people do and ask, bound to the store: each decision is one compare-and-set, with nothing else before the answer. */
export function createDecisions(parts: DecisionParts) {
  return bindParts(parts, {
    decide,
    undo,
    retry,
    giveUp,
    claim,
    assign,
    check,
    find,
    keepRefused,
    read,
    adopt,
    output,
    readState,
    state,
    isOnCard,
  });
}

/** Records a person's decision on a round. Rejects with a StoreError, or with a DeadlineError after 2 s: nothing is recorded, unless the StoreError is unsure. */
function decide(
  parts: DecisionParts,
  target: Target,
  by: string,
  made: Pick<DecideEvent, 'action' | 'option' | 'note'> & { feedback?: string },
): Promise<Answer> {
  const { clock } = parts;
  const { round } = target;
  return act(parts, target, by, { type: 'decide', at: clock.now(), round, by, feedback: '', ...made });
}

/** Sends a decision again that CrewAI refused or that did not arrive. Rejects like `decide`. */
function retry(parts: DecisionParts, target: Target, by: string): Promise<Answer> {
  const { clock } = parts;
  return act(parts, target, by, { type: 'retry', at: clock.now(), round: target.round, by });
}

/** Takes back a decision that was not sent yet. Rejects like `decide`. */
function undo(parts: DecisionParts, target: Target, by: string): Promise<Answer> {
  const { clock } = parts;
  return act(parts, target, by, { type: 'undo', at: clock.now(), round: target.round, by });
}

/** Looks after a round, for 15 minutes, or leaves it again; it decides nothing. Rejects like `decide`. */
function claim(
  parts: DecisionParts,
  target: Target,
  by: string,
  type: 'claim' | 'release' = 'claim',
): Promise<Answer> {
  const { clock } = parts;
  return act(parts, target, by, { type, at: clock.now(), round: target.round, by });
}

/** Asks one person to decide; others still may. Rejects like `decide`. */
async function assign(parts: DecisionParts, target: Target, by: string, to: string): Promise<Answer> {
  const { clock, store, deciders } = parts;
  const at = clock.now();
  const stored = await store.approval(target.approvalId);
  if (stored && (await deciders.findRefusal(stored.record, to)) !== undefined) {
    return { done: false, refusal: { code: 'assignee_may_not', to }, approval: stored.record };
  }
  return act(parts, target, by, { type: 'assign', at, round: target.round, by, to });
}

/** Closes a round without a decision reaching CrewAI. Rejects like `decide`. */
function giveUp(parts: DecisionParts, target: Target, by: string): Promise<Answer> {
  const { clock } = parts;
  return act(parts, target, by, { type: 'give_up', at: clock.now(), round: target.round, by });
}

/** Whether this person could decide this round now; records nothing. */
async function check(parts: DecisionParts, target: Target, by: string): Promise<Answer> {
  const { deciders } = parts;
  const looked = await look(parts, target);
  if (!looked.done) return looked;
  const { approval } = looked;
  const round = findRound(approval, target.round) as Round;
  const onCard = isOnCard(parts, approval, target, by);
  const refusal = refuseDecision(approval, round) ?? (await deciders.findRefusal(approval, by, { onCard }));
  return refusal ? { done: false, refusal, approval } : looked;
}

/** Keeps that a person was told that they may not decide; a refused decision is kept by itself. */
async function keepRefused(
  parts: DecisionParts,
  { approvalId, round }: Target,
  by: string,
  refusal: Refusal,
): Promise<void> {
  const { store, clock } = parts;
  const why = refusal.code;
  if (!PERSONAL.has(why)) return;
  await updateApproval(store, approvalId, (approval) =>
    recordRefusedPerson(approval, { at: clock.now(), round, by, why }),
  );
}

/** An approval as it is now. Rejects with a StoreError. */
async function find(parts: DecisionParts, id: string): Promise<Approval | undefined> {
  const { store } = parts;
  return (await store.approval(id))?.record;
}

/** From now on a card that was clicked on is updated too, should a lost answer of Slack have hidden it. */
async function adopt(parts: DecisionParts, target: Target, by: string): Promise<void> {
  const { store, wake } = parts;
  const { approvalId, round, card } = target;
  if (!card) return;
  const adopted = await updateApproval(store, approvalId, (approval) =>
    showsOtherOutput(approval, round, target.output) || !isOnCard(parts, approval, target, by)
      ? approval
      : adoptCard(approval, round, card),
  );
  if (adopted) wake(adopted);
}

async function act(
  parts: DecisionParts,
  target: Target,
  by: string,
  event: DecideEvent | PersonEvent | AttentionEvent,
): Promise<Answer> {
  const { store, deciders, log } = parts;
  return retryConflicts(target.approvalId, async (tries) => {
    // Slack is asked once: what is recorded meanwhile leaves no time for more.
    const ask = tries === 0;
    const stored = await store.approval(target.approvalId);
    if (!stored) return { done: false, refusal: { code: 'unknown' } };
    if (showsOtherOutput(stored.record, target.round, target.output))
      return { done: false, refusal: { code: 'other_output' }, approval: stored.record };
    const onCard = isOnCard(parts, stored.record, target, by);
    const approval =
      target.card && onCard ? adoptCard(stored.record, target.round, target.card) : stored.record;
    const adopted = approval !== stored.record;

    const [refused, voting] = await Promise.all([
      deciders.findRefusal(approval, by, { onCard, ask }),
      event.type === 'decide' ? deciders.findVoting(approval, by, ask) : {},
    ]);
    const counted = { ...event, ...voting };
    const result = refused ? { refusal: refused } : transition(approval, counted);
    const changed = refused
      ? recordRefusedPerson(approval, {
          at: event.at,
          round: target.round,
          by,
          why: refused.code,
        })
      : 'approval' in result
        ? result.approval
        : approval;
    const decided = setOrigin(changed, stored.record.factCount, originOf(target, onCard));
    const canLeave = !('refusal' in result) && (event.type === 'decide' || event.type === 'retry');
    const begun = canLeave ? await parts.beginDelivery(decided) : undefined;
    const next = begun?.approval ?? decided;
    if (next !== stored.record && !(await commit(parts, stored, next, { at: event.at, start: begun?.start })))
      return CONFLICT;

    const about = { crew: next.crew, execution: next.executionId, approval: next.id, person: by };
    if ('refusal' in result) {
      log.info(
        { ...about, round: target.round, adopted, reason: result.refusal.code },
        `${LOGGED_AS[event.type]} rejected`,
      );
      return { done: false, refusal: result.refusal, approval };
    }
    log.info({ ...about, round: target.round }, `${LOGGED_AS[event.type]} recorded`);
    return { done: true, approval: next };
  });
}

/** A click on a message that is not the approval's card counts as one in a list. */
function originOf({ via = 'card' }: Target, onCard: boolean): NonNullable<Target['via']> {
  return via === 'card' && !onCard ? 'list' : via;
}

/** Rejects with an unsure StoreError when the store does not answer while the person can still be told. */
async function commit(
  parts: DecisionParts,
  stored: Stored<Approval>,
  next: Approval,
  { at, start }: { at: number; start: (() => void) | undefined },
): Promise<boolean> {
  const { store, wake, clock } = parts;
  const saved = store.saveApproval(stored, next, { deadline: at + DECIDED_WITHIN }).then((done) => {
    // However late it is known: what is recorded is carried out.
    if (done) {
      start?.();
      wake(next);
    }
    return done;
  });
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(Math.max(0, at + KNOWN_WITHIN - clock.now()), () =>
      reject(new StoreError('The store did not answer in time.', undefined, { unsure: true })),
    );
  });
  try {
    return await Promise.race([saved, late]);
  } finally {
    cancel();
    saved.catch(() => {});
  }
}

/** What people ask for, as log messages call it. */
const LOGGED_AS = {
  decide: 'decision',
  retry: 'retry',
  undo: 'undo',
  give_up: 'close',
  claim: 'claim',
  release: 'unclaim',
  assign: 'assignment',
} as const;

/** Refusals of a person, whatever they ask for. */
const PERSONAL: ReadonlySet<Refusal['code']> = new Set([
  'not_approver',
  'requester',
  'guest',
  'not_member',
  'open_card',
  'cannot_check',
]);

/** Slack takes an ack for 3 s; a decision that is not on disk after 2 is not made. */
const DECIDED_WITHIN = 2_000;
const KNOWN_WITHIN = 2_300;

export type Decisions = ReturnType<typeof createDecisions>;
