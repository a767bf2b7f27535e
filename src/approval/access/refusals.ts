import type { App } from '../app.ts';
import type { Ask, DecideEvent } from '../lifecycle/events.ts';
import { type Refusal, refuseDecision } from '../lifecycle/refusal.ts';
import { readChoice } from '../lifecycle/votes.ts';
import { type Approval, currentRound, findRound, showsOtherOutput } from '../model/approval.ts';
import { listOptions, type Round } from '../model/round.ts';
import { allowsCall } from '../model/tool-call.ts';
import { canLookUp } from './can-look-up.ts';
import { countOpenVotes } from './count-deciders.ts';
import { findRefusal } from './deciders.ts';
import { loadRunPeople } from './rights.ts';

/** What a person does, as an event of the approval. */
interface Act {
  event:
    | (Exclude<Ask, { type: 'decide' }> & { by: string; round: number })
    | (DecideEvent & { hasRead?: true });
  /** The fingerprint of the output that the person saw; undefined: none was shown. */
  shown: string | undefined;
  /** It was done on the approval's own card. */
  onCard: boolean;
  /** False: Slack is not asked for what is not known. */
  asks: boolean;
}

/**
 * Why an act is refused, by what does not stand in its event: the first reason counts, and `transition` has those that follow
 * from the state. Each has its sentence under `refusals.decide` in the texts. Slack is asked for what is not known, for a second
 * at most in all.
 */
export async function refuseAct(
  app: App,
  approval: Approval,
  { event, shown, onCard, asks }: Act,
): Promise<Refusal | undefined> {
  if (showsOtherOutput(approval, event.round, shown)) return { code: 'other_output' };
  const [refused, assigneeMayNot] = await Promise.all([
    findRefusal(app, approval, event.by, { onCard, asks }),
    event.type === 'assign' ? findRefusal(app, approval, event.to, { asks }) : undefined,
  ]);
  // A stranger does not learn from an assignment what others may.
  if (refused) return refused;
  if (assigneeMayNot) return { code: 'assignee_may_not' };
  if (event.type !== 'decide') return undefined;
  if (allowsUnread(approval, event, onCard)) return { code: 'read_first' };
  return !onCard && agreesUnseen(approval, event) ? { code: 'values_required' } : undefined;
}

/**
 * Why a form that decides is not opened. Who may look the approval up reads what became of it, even if they may not decide;
 * others only that they may not.
 */
export async function refuseForm(
  app: App,
  approval: Approval,
  { round, by, onCard }: { round: number; by: string; onCard: boolean },
): Promise<Refusal | undefined> {
  const refused = await findRefusal(app, approval, by, { onCard });
  const settled = refuseDecision(approval, findRound(approval, round) as Round);
  if (!refused || !settled) return refused ?? settled;
  const crew = app.crews.get(approval.crew);
  const isShown = onCard || (crew && canLookUp(by, crew, app.people) === 'yes');
  return isShown ? settled : refused;
}

/** True for a refusal that is about the person, whatever they ask for. */
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

/** Whether it lets a tool run whose arguments the person has not seen: the card shows them, or the last page of all of them. */
function allowsUnread(approval: Approval, event: DecideEvent & { hasRead?: true }, onCard: boolean): boolean {
  const round = findRound(approval, event.round);
  // An option can be typed, too.
  const read = round && readChoice(round, event);
  if (!round || !read || 'refusal' in read || !allowsCall(round, read.choice)) return false;
  return !event.hasRead && (!onCard || round.question?.isLong === true);
}

/** Whether it agrees to values that somebody entered, where only the card shows them: a form sends its own. */
function agreesUnseen(approval: Approval, event: DecideEvent): boolean {
  const round = findRound(approval, event.round);
  const read = round && event.values === undefined ? readChoice(round, event) : undefined;
  return read !== undefined && 'choice' in read && read.choice.values !== undefined;
}

/** Whose votes do not count any more, and how many others may still vote. */
export async function findVoting(
  app: App,
  approval: Approval,
  by: string,
  asks: boolean,
): Promise<Pick<DecideEvent, 'without' | 'others'>> {
  const [without, others] = await Promise.all([
    findLostVotes(app, approval, asks),
    countOthers(app, approval, by),
  ]);
  return { without, others };
}

/** Those who have voted and may not decide any more. They voted on the card, or were in the channel then. */
async function findLostVotes(app: App, approval: Approval, asks: boolean): Promise<string[]> {
  const voters = currentRound(approval).votes.map(({ by }) => by);
  const refusals = await Promise.all(
    voters.map((by) => findRefusal(app, approval, by, { onCard: true, asks })),
  );
  return voters.filter((_, at) => VOTE_LOST.has(refusals[at]?.code));
}

const VOTE_LOST: ReadonlySet<Refusal['code'] | undefined> = new Set(['not_approver', 'requester', 'guest']);

/** How many others than a person may still vote on a review of several votes; undefined while that is not known. */
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
