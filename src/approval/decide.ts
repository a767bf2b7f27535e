import { StoreError } from '../lib/errors.ts';
import { findRefusal, findVoting } from './access/deciders.ts';
import type { App } from './app.ts';
import type { DecideEvent } from './lifecycle/events.ts';
import { adoptCard } from './lifecycle/lanes.ts';
import { type Refusal, refuseDecision } from './lifecycle/refusal.ts';
import { recordRefusedPerson } from './lifecycle/requests.ts';
import { transition } from './lifecycle/transitions.ts';
import { readChoice } from './lifecycle/votes.ts';
import { type Approval, findRound, setOrigin, showsOtherOutput } from './model/approval.ts';
import { nameOutput, readOutput } from './model/output.ts';
import type { Round } from './model/round.ts';
import { allowsCall } from './model/tool-call.ts';
import type { Stored } from './ports.ts';
import { type Answer, isOnCard, lookAtRound, type Target } from './read-round.ts';
import { CONFLICT, retryConflicts, updateApproval } from './update.ts';

/** What a person asks for on a round. */
export type Ask =
  | ({ type: 'decide'; feedback?: string } & Pick<
      DecideEvent,
      'action' | 'option' | 'note' | 'edited' | 'values'
    > &
      /** The person has read all pages of a tool's arguments. */
      Readonly<{ hasRead?: true }>)
  /** Sends a decision again that CrewAI refused or that did not arrive. */
  | { type: 'retry' }
  /** Takes back a decision that was not sent yet. */
  | { type: 'undo' }
  /** Takes back that further calls of a tool run unasked. */
  | { type: 'end_permission' }
  /** Closes a round without a decision reaching CrewAI. */
  | { type: 'give_up' }
  /** Looks after a round for 15 minutes, or leaves it again; it decides nothing. */
  | { type: 'claim' | 'release' }
  /** Asks one person to decide; others still may. */
  | { type: 'assign'; to: string };

/**
 * What a person does with a round: the story of a click. It is one compare-and-set, with its first attempt at CrewAI in
 * the same commit, and nothing else comes before the answer. Rejects with a StoreError, or with a DeadlineError after 2 s:
 * nothing is recorded, unless the StoreError is unsure.
 */
export async function decide(app: App, target: Target, by: string, ask: Ask): Promise<Answer> {
  const { clock, store, log } = app;
  const at = clock.now();
  const { round } = target;
  const refusedAssignee = ask.type === 'assign' ? await refuseAssignee(app, target, ask.to) : undefined;
  const reject = (refusal: Refusal, approval?: Approval): Answer => {
    log.info(
      { approval: target.approvalId, person: by, round, reason: refusal.code },
      `${LOGGED_AS[ask.type]} rejected`,
    );
    return { done: false, refusal, ...(approval ? { approval } : {}) };
  };
  if (refusedAssignee && !refusedAssignee.done)
    return reject(refusedAssignee.refusal, refusedAssignee.approval);
  const event = ask.type === 'decide' ? { feedback: '', ...ask, at, round, by } : { ...ask, at, round, by };
  return retryConflicts(target.approvalId, async (tries) => {
    const stored = await store.approval(target.approvalId);
    if (!stored) return reject({ code: 'unknown' });
    if (showsOtherOutput(stored.record, round, target.output))
      return reject({ code: 'other_output' }, stored.record);
    const onCard = isOnCard(app, stored.record, target, by);
    const approval = target.card && onCard ? adoptCard(stored.record, round, target.card) : stored.record;

    // Slack is asked once: what is recorded meanwhile leaves no time for more.
    const asks = tries === 0;
    const needsSeveral = approval.policy.approvalsRequired > 1;
    const [refused, voting] = await Promise.all([
      findRefusal(app, approval, by, { onCard, asks }),
      ask.type === 'decide' && needsSeveral ? findVoting(app, approval, by, asks) : {},
    ]);
    const isUnread = event.type === 'decide' && allowsUnread(approval, event, onCard);
    const isUnseen = event.type === 'decide' && !onCard && agreesUnseen(approval, event);
    const unfit = isUnread ? ({ code: 'read_first' } as const) : isUnseen ? NOT_SEEN : undefined;
    const refusal = refused ?? unfit;
    const result = refusal ? { refusal } : transition(approval, { ...event, ...voting });
    const changed = refused
      ? recordRefusedPerson(approval, { at, round, by, why: refused.code })
      : 'approval' in result
        ? result.approval
        : approval;
    // A click on a message that is not the approval's card counts as one in a list.
    const via = target.via ?? 'card';
    const decided = setOrigin(changed, stored.record.factCount, via === 'card' && !onCard ? 'list' : via);
    const leaves = !('refusal' in result) && (ask.type === 'decide' || ask.type === 'retry');
    const begun = leaves ? await app.beginDelivery(decided) : undefined;
    const next = begun?.record ?? decided;
    if (next !== stored.record && !(await commit(app, stored, next, { at, start: begun?.start, ask })))
      return CONFLICT;

    const about = { crew: next.crew, execution: next.executionId, approval: next.id, person: by, round };
    if ('refusal' in result) {
      const adopted = approval !== stored.record;
      log.info({ ...about, adopted, reason: result.refusal.code }, `${LOGGED_AS[ask.type]} rejected`);
      return { done: false, refusal: result.refusal, approval };
    }
    log.info(about, `${LOGGED_AS[ask.type]} recorded`);
    return { done: true, approval: next };
  });
}

/** Whether it lets a tool run whose arguments the person has not seen: the card shows them, or the last page of all of them. */
function allowsUnread(approval: Approval, event: DecideEvent & { hasRead?: true }, onCard: boolean): boolean {
  const round = findRound(approval, event.round);
  // An option can be typed, too.
  const read = round && readChoice(round, event);
  if (!round || !read || 'refusal' in read || !allowsCall(round, read.choice)) return false;
  return !event.hasRead && (!onCard || round.question?.isLong === true);
}

const NOT_SEEN: Refusal = { code: 'values_required' };

/** Whether it agrees to values that somebody entered, where only the card shows them: a form sends its own. */
function agreesUnseen(approval: Approval, event: DecideEvent): boolean {
  const round = findRound(approval, event.round);
  const read = round && event.values === undefined ? readChoice(round, event) : undefined;
  return read !== undefined && 'choice' in read && read.choice.values !== undefined;
}

async function refuseAssignee(app: App, target: Target, to: string): Promise<Answer | undefined> {
  const stored = await app.store.approval(target.approvalId);
  if (!stored || (await findRefusal(app, stored.record, to)) === undefined) return undefined;
  return { done: false, refusal: { code: 'assignee_may_not' }, approval: stored.record };
}

/** Rejects with an unsure StoreError when the store does not answer while the person can still be told. */
async function commit(
  { store, wake, clock }: App,
  stored: Stored<Approval>,
  next: Approval,
  { at, start, ask }: { at: number; start: (() => void) | undefined; ask: Ask },
): Promise<boolean> {
  // Where several have to decide, an edited text is the output of a round of its own.
  const isNewRound = next.rounds.length > stored.record.rounds.length;
  const edited = isNewRound && ask.type === 'decide' ? ask.edited : undefined;
  const outputs = edited === undefined ? undefined : [nameOutput(readOutput(edited))];
  const saved = store
    .save({ approvals: [{ previous: stored, next, outputs }], deadline: at + DECIDED_WITHIN })
    .then((done) => {
      // However late it is known: what is recorded is carried out, once the person has their answer.
      if (done) {
        if (start) setImmediate(start);
        wake(next, { clicked: true });
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

/** Whether this person could decide this round now; records nothing. */
export async function checkDecider(app: App, target: Target, by: string): Promise<Answer> {
  const looked = await lookAtRound(app, target);
  if (!looked.done) return looked;
  const { approval } = looked;
  const round = findRound(approval, target.round) as Round;
  const onCard = isOnCard(app, approval, target, by);
  const refusal = refuseDecision(approval, round) ?? (await findRefusal(app, approval, by, { onCard }));
  return refusal ? { done: false, refusal, approval } : looked;
}

/** Keeps that a person learned that they may not decide; a refused decision is kept by itself. */
export async function recordRefusedReader(
  { store, clock }: App,
  { approvalId, round }: Target,
  by: string,
  { code: why }: Refusal,
): Promise<void> {
  if (!PERSONAL.has(why)) return;
  await updateApproval(store, approvalId, (approval) =>
    recordRefusedPerson(approval, { at: clock.now(), round, by, why }),
  );
}

/** From now on a card that was clicked on is updated too, should a lost answer of Slack have hidden it. */
export async function adoptClickedCard(app: App, target: Target, by: string): Promise<void> {
  const { approvalId, round, card } = target;
  if (!card) return;
  const adopted = await updateApproval(app.store, approvalId, (approval) =>
    showsOtherOutput(approval, round, target.output) || !isOnCard(app, approval, target, by)
      ? approval
      : adoptCard(approval, round, card),
  );
  if (adopted) app.wake(adopted, { clicked: true });
}

/** What people ask for, as log messages call it. */
const LOGGED_AS: Readonly<Record<Ask['type'], string>> = {
  decide: 'decision',
  retry: 'retry',
  undo: 'undo',
  end_permission: 'end of a permission',
  give_up: 'close',
  claim: 'claim',
  release: 'unclaim',
  assign: 'assignment',
};

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
