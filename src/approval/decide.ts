import { StoreError } from '../lib/errors.ts';
import { findVoting, isPersonal, refuseAct, refuseForm } from './access/refusals.ts';
import type { App } from './app.ts';
import { addSeenText, describeSeen, hasText } from './describe-seen.ts';
import { adoptCard, clearShownContent } from './lifecycle/cards.ts';
import type { PersonRequest } from './lifecycle/events.ts';
import { markIrreversible } from './lifecycle/mark-irreversible.ts';
import type { Refusal } from './lifecycle/refusal.ts';
import { recordRefusedPerson } from './lifecycle/requests.ts';
import { transition } from './lifecycle/transitions.ts';
import { type Approval, findRound, setOrigin, showsOtherOutput } from './model/approval.ts';
import { attachHash, type HashedOutput, readOutput } from './model/output.ts';
import type { Stored } from './ports.ts';
import { isOnCard, loadRound, type RequestResult, type Target } from './read-round.ts';
import { CONFLICT, retryConflicts, updateApproval } from './update.ts';

/**
 * Carries out a person's request on a round: the story of a click. One compare-and-set records it, with the first attempt at
 * CrewAI; before that the bot asks Slack for unknown facts only, for a second at most. Rejects with a StoreError, or with a
 * DeadlineError if the commit could not start within 2 s: nothing is recorded, unless the StoreError is unsure.
 */
export async function decide(
  app: App,
  target: Target,
  by: string,
  ask: PersonRequest,
): Promise<RequestResult> {
  const { clock, store, log } = app;
  const at = clock.now();
  const { round } = target;
  const event = ask.type === 'decide' ? { feedback: '', ...ask, at, round, by } : { ...ask, at, round, by };
  return retryConflicts(target.approvalId, async (conflicts) => {
    const stored = await store.approval(target.approvalId);
    if (!stored) {
      const logFields = { approval: target.approvalId, person: by, round, reason: 'unknown' };
      log.info(logFields, `${LOGGED_AS[ask.type]} rejected`);
      return { done: false, refusal: { code: 'unknown' } };
    }
    const onCard = isOnCard(app, stored.record, target, by);
    const markedApproval = markIrreversible(stored.record, app.crews.get(stored.record.crew), at);
    const approval = adoptOwnCard(app, markedApproval, target, by);

    // Ask Slack in the first attempt only: after a conflict there is no time left for it.
    const mayAskSlack = conflicts === 0;
    const needsSeveral = approval.policy.approvalsRequired > 1;
    const { seen, text } = ask.type === 'decide' ? describeSeen(app, approval, target) : {};
    const [refusal, voting] = await Promise.all([
      refuseAct(app, approval, { event, shown: target.output, seen, onCard, mayAskSlack }),
      ask.type === 'decide' && needsSeveral ? findVoting(app, approval, by, mayAskSlack) : {},
    ]);
    const result = refusal
      ? { refusal }
      : transition(approval, { ...event, ...voting, ...(seen ? { seen } : {}) });
    const changedApproval =
      'approval' in result
        ? addSeenText(result.approval, round, text)
        : recordRefusal(approval, { at, round, by }, result.refusal);
    const via = target.via ?? 'card';
    // In the history, a look-up counts as a list, as does a message that is not the approval's card.
    const isList = via === 'look_up' || (via === 'card' && !onCard);
    const withOrigin = setOrigin(changedApproval, markedApproval.factCount, isList ? 'list' : via);
    const isSent = !('refusal' in result) && (ask.type === 'decide' || ask.type === 'retry');
    const firstAttempt = isSent ? await app.beginDelivery(withOrigin) : undefined;
    const next = firstAttempt?.record ?? withOrigin;
    const context = { at, start: firstAttempt?.start, ask, text: 'approval' in result ? text : undefined };
    if (next !== stored.record && !(await commit(app, stored, next, context))) return CONFLICT;

    const logFields = { crew: next.crew, execution: next.executionId, approval: next.id, person: by, round };
    if ('refusal' in result) {
      const adopted = approval !== markedApproval;
      log.info({ ...logFields, adopted, reason: result.refusal.code }, `${LOGGED_AS[ask.type]} rejected`);
      return { done: false, refusal: result.refusal, approval };
    }
    log.info(logFields, `${LOGGED_AS[ask.type]} recorded`);
    return { done: true, approval: next };
  });
}

/** Stores the change. Rejects with an unsure StoreError if the store does not answer while the bot can still tell the person. */
async function commit(
  { store, wake, clock }: App,
  stored: Stored<Approval>,
  next: Approval,
  {
    at,
    start,
    ask,
    text,
  }: { at: number; start: (() => void) | undefined; ask: PersonRequest; text: HashedOutput | undefined },
): Promise<boolean> {
  // If several people must decide, an edited text becomes the output of a new round.
  const isNewRound = next.rounds.length > stored.record.rounds.length;
  const edited = isNewRound && ask.type === 'decide' ? ask.edited : undefined;
  const outputs = [
    ...(edited === undefined ? [] : [attachHash(readOutput(edited))]),
    ...(text && !hasText(stored.record, text) ? [text] : []),
  ];
  const commitEnd = store
    .save({ approvals: [{ previous: stored, next, outputs }], deadline: at + DECIDE_TIMEOUT })
    .then((isStored) => {
      // A stored decision is carried out even if the store reports it late, after the person's reply.
      if (isStored) {
        if (start) setImmediate(start);
        wake(next, { clicked: true });
      }
      return isStored;
    });
  let cancel = () => {};
  const timeout = new Promise<never>((_, reject) => {
    cancel = clock.after(Math.max(0, at + OUTCOME_TIMEOUT - clock.now()), () =>
      reject(new StoreError('The store did not answer in time.', undefined, { unsure: true })),
    );
  });
  try {
    return await Promise.race([commitEnd, timeout]);
  } finally {
    cancel();
    commitEnd.catch(() => {});
  }
}

/** Checks if this person could decide this round now. Records nothing. */
export async function checkDecider(app: App, target: Target, by: string): Promise<RequestResult> {
  const answer = await loadRound(app, target);
  if (!answer.done) return answer;
  const { approval } = answer;
  const onCard = isOnCard(app, approval, target, by);
  const refusal = await refuseForm(app, approval, { round: target.round, by, onCard });
  return refusal ? { done: false, refusal, approval } : answer;
}

/** Records that a person learned that they may not decide. `decide` records its own refusals. */
export async function recordRefusedReader(
  { store, clock }: App,
  { approvalId, round }: Target,
  by: string,
  refusal: Refusal,
): Promise<void> {
  if (!isPersonal(refusal)) return;
  await updateApproval(store, approvalId, (approval) =>
    recordRefusal(approval, { at: clock.now(), round, by }, refusal),
  );
}

function recordRefusal(
  approval: Approval,
  event: { at: number; round: number; by: string },
  refusal: Refusal,
): Approval {
  const card = findRound(approval, event.round)?.card;
  // Draw the card again, even if its facts are the same: another build can use other words.
  if (refusal.code === 'card_changed' && card) return clearShownContent(approval, event.round, card);
  return isPersonal(refusal) ? recordRefusedPerson(approval, { ...event, why: refusal.code }) : approval;
}

/** Adds a clicked card that the bot does not know, because Slack's answer to its post was lost. From then on the bot updates it. */
export async function adoptClickedCard(app: App, target: Target, by: string): Promise<void> {
  if (!target.card) return;
  const adopted = await updateApproval(app.store, target.approvalId, (approval) =>
    adoptOwnCard(app, approval, target, by),
  );
  if (adopted) app.wake(adopted, { clicked: true });
}

/** Adds the clicked card, if it is the approval's own and shows this round's output. */
function adoptOwnCard(app: App, approval: Approval, target: Target, by: string): Approval {
  const { round, card, output } = target;
  return !card || showsOtherOutput(approval, round, output) || !isOnCard(app, approval, target, by)
    ? approval
    : adoptCard(approval, round, card);
}

/** Names of people's requests in log messages. */
const LOGGED_AS: Readonly<Record<PersonRequest['type'], string>> = {
  decide: 'decision',
  retry: 'retry',
  undo: 'undo',
  end_permission: 'end of a permission',
  give_up: 'close',
  claim: 'claim',
  release: 'unclaim',
  assign: 'assignment',
};

/** Slack accepts an ack for 3 s: a commit that has not started after 2 s is not written. In milliseconds. */
const DECIDE_TIMEOUT = 2_000;
/** Time until the person learns that the outcome of the commit is not known, in milliseconds. */
const OUTCOME_TIMEOUT = 2_300;
