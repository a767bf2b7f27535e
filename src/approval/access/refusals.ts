import type { App } from '../app.ts';
import type { DecideEvent, PersonRequest } from '../lifecycle/events.ts';
import { type Refusal, refuseDecision } from '../lifecycle/refusal.ts';
import { readChoice } from '../lifecycle/votes.ts';
import { type Approval, currentRound, findRound, showsOtherOutput } from '../model/approval.ts';
import { listOptions, type Round } from '../model/round.ts';
import type { Seen } from '../model/seen.ts';
import { allowsCall, requiresWhole } from '../model/tool-call.ts';
import { canLookUp } from './can-look-up.ts';
import { countOpenVotes } from './count-deciders.ts';
import { findRefusal } from './deciders.ts';
import { loadRunPeople } from './rights.ts';

/** An act of a person, as an event of the approval. */
interface PersonAct {
  event: (Exclude<PersonRequest, { type: 'decide' }> & { by: string; round: number }) | DecideEvent;
  /** Fingerprint of the output that the person saw; undefined: no output was shown. */
  shown: string | undefined;
  /** What the place of the click showed. */
  seen: Seen | undefined;
  /** The person acted on the approval's own card. */
  onCard: boolean;
  /** False: do not ask Slack for unknown facts. */
  mayAskSlack: boolean;
}

/**
 * Finds why to refuse an act, for reasons that its event does not contain: the first one counts. `transition` has the reasons
 * that depend on the state. Each has its sentence under `refusals.decide` in the texts. Asks Slack for unknown facts, for a
 * second at most in all.
 */
export async function refuseAct(
  app: App,
  approval: Approval,
  { event, shown, seen, onCard, mayAskSlack }: PersonAct,
): Promise<Refusal | undefined> {
  if (showsOtherOutput(approval, event.round, shown)) return { code: 'other_output' };
  const [personRefusal, assigneeRefusal] = await Promise.all([
    findRefusal(app, approval, event.by, { onCard, mayAskSlack }),
    event.type === 'assign' ? findRefusal(app, approval, event.to, { mayAskSlack }) : undefined,
  ]);
  // Do not let a stranger learn from an assignment what others may do.
  if (personRefusal) return personRefusal;
  if (assigneeRefusal) return { code: 'assignee_may_not' };
  if (event.type !== 'decide') return undefined;
  const unreadRefusal = refuseUnread(approval, event, { seen, onCard });
  if (unreadRefusal) return unreadRefusal;
  return !onCard && agreesUnseen(approval, event) ? { code: 'values_required' } : undefined;
}

/** Finds why not to open a form for a decision. Someone who may not decide reads its outcome only if they may look it up. */
export async function refuseForm(
  app: App,
  approval: Approval,
  { round, by, onCard }: { round: number; by: string; onCard: boolean },
): Promise<Refusal | undefined> {
  const personRefusal = await findRefusal(app, approval, by, { onCard });
  const roundRefusal = refuseDecision(approval, findRound(approval, round) as Round);
  if (!personRefusal || !roundRefusal) return personRefusal ?? roundRefusal;
  const crew = app.crews.get(approval.crew);
  const isShown = onCard || (crew && canLookUp(by, crew, app.people) === 'yes');
  return isShown ? roundRefusal : personRefusal;
}

/** True if a refusal is about the person, whatever they ask for. */
export function isPersonal({ code }: Refusal): boolean {
  return PERSONAL.has(code);
}

const PERSONAL: ReadonlySet<Refusal['code']> = new Set([
  'not_approver',
  'requester',
  'guest',
  'not_member',
  'open_card',
  'cannot_check',
]);

/**
 * Finds why the person has to be shown more first. A card has all arguments of a tool if they are short; their pages always
 * have. For other questions that require it, the place says if it showed all.
 */
function refuseUnread(
  approval: Approval,
  event: DecideEvent,
  { seen, onCard }: Pick<PersonAct, 'seen' | 'onCard'>,
): Refusal | undefined {
  const round = findRound(approval, event.round);
  // The person may also type an option.
  const reading = round && readChoice(round, event);
  if (!round || !reading || 'refusal' in reading) return undefined;
  const isOnPages = seen?.place === 'last_page';
  const isToolRead = isOnPages || (onCard && round.question?.isLong !== true);
  if (allowsCall(round, reading.choice) && !isToolRead) return { code: 'read_first' };
  // A round that is over shows less, and has a reason of its own.
  if (!requiresWhole(round, reading.choice) || refuseDecision(approval, round)) return undefined;
  if (seen?.changedSince) return { code: 'card_changed' };
  // The form was opened before the settings called the action irreversible.
  if (round.irreversible && seen?.place === 'several') return { code: 'read_first' };
  return seen?.hash === undefined || seen.part ? { code: 'read_first' } : undefined;
}

/** True if a decision agrees to values that someone entered and only the card shows. Forms send their own values. */
function agreesUnseen(approval: Approval, event: DecideEvent): boolean {
  const round = findRound(approval, event.round);
  const reading = round && event.values === undefined ? readChoice(round, event) : undefined;
  return reading !== undefined && 'choice' in reading && reading.choice.values !== undefined;
}

/** Finds the people whose votes no longer count, and how many other people can still vote. */
export async function findVoting(
  app: App,
  approval: Approval,
  by: string,
  mayAskSlack: boolean,
): Promise<Pick<DecideEvent, 'ineligibleVoters' | 'remainingVoters'>> {
  const [ineligibleVoters, remainingVoters] = await Promise.all([
    findLostVotes(app, approval, mayAskSlack),
    countOthers(app, approval, by),
  ]);
  return { ineligibleVoters, remainingVoters };
}

/** Lists the voters who may no longer decide. They voted on the card or were in the channel at that time. */
async function findLostVotes(app: App, approval: Approval, mayAskSlack: boolean): Promise<string[]> {
  const voters = currentRound(approval).votes.map(({ by }) => by);
  const refusals = await Promise.all(
    voters.map((by) => findRefusal(app, approval, by, { onCard: true, mayAskSlack })),
  );
  return voters.filter((_, at) => VOIDS_VOTE.has(refusals[at]?.code));
}

const VOIDS_VOTE: ReadonlySet<Refusal['code'] | undefined> = new Set(['not_approver', 'requester', 'guest']);

/** Counts the others who can still vote on options that need several votes; undefined: not known yet, or one vote is enough. */
async function countOthers(
  { crews, store, people }: App,
  approval: Approval,
  by: string,
): Promise<number | undefined> {
  const crew = crews.get(approval.crew);
  const round = currentRound(approval);
  if (!crew || !listOptions(round) || approval.policy.approvalsRequired <= 1) return undefined;
  return countOpenVotes(crew, { approval, run: await loadRunPeople({ store }, approval), by }, people);
}
