import { type DecisionRight, type RunPeople, readRequesterId } from '../access/can-decide.ts';
import { checkRight } from '../access/deciders.ts';
import { listAbleToDecide, loadRights, type Rights } from '../access/rights.ts';
import type { App } from '../app.ts';
import { type Approval, currentRound, findRound } from '../model/approval.ts';
import { isGroupId, isUserId, unfoldGroups } from '../model/crew/slack-ids.ts';
import { findDisplayRules, type Notify, type TaskRules } from '../model/crew/task-rules.ts';
import type { Round } from '../model/round.ts';
import type { PeopleDirectory } from '../ports.ts';
import { HERE } from './mentions.ts';

/** Largest group to mention without its name in `notify`, and largest channel to call with `<!here>`, in people. */
export const LARGE_AUDIENCE = 20;
const MAX_DIRECT = 10;

/** People who must see something that waits. */
export interface Audience {
  /** Slack ids of the users and groups to mention in the message, or HERE. */
  mention: string[];
  /** People to notify by direct message: `notify` demands it, or they are outside the channel and a mention cannot reach them. */
  direct: string[];
  /** People of `mention` who are mentioned even if a message has just mentioned them. */
  mentionEvenIfRecent?: string[];
  /** The settings name no one who could be notified. */
  namesNobody?: true;
}

const NOBODY: Audience = { mention: [], direct: [] };

/**
 * Finds the person to whom CrewAI assigned a review, if in Slack and allowed to decide. Asks Slack to resolve email addresses,
 * for a second at most: the worker holds the lane meanwhile.
 */
export async function findAssignee(app: App, approval: Approval, round: Round): Promise<string | undefined> {
  const { people } = app;
  const { assignee, review } = round;
  const { assigneeEmail } = review ?? {};
  await learnReviewers(app, round);
  if (assignee !== undefined || assigneeEmail === undefined) return assignee;
  const id = people.idOf(assigneeEmail);
  if (!id) return undefined;
  await people.learn([id], []);
  return (await checkRight(app, approval, id)) === 'yes' ? id : undefined;
}

/** Asks Slack to resolve the email addresses of a review. */
async function learnReviewers({ people }: App, { review }: Round): Promise<void> {
  const { assigneeEmail, responders = [] } = review ?? {};
  const emails = [
    ...(assigneeEmail === undefined ? [] : [assigneeEmail]),
    ...responders.slice(0, LARGE_AUDIENCE),
  ];
  if (emails.some((email) => people.idOf(email) === undefined)) await people.learn([], emails);
}

/** Finds the people to notify when a round's card is posted. Asks Slack about one person at most, for a second. */
export async function findCardAudience(app: App, approval: Approval, round: Round): Promise<Audience> {
  const candidate = round.assignee ?? findAsker(approval, round);
  const asker = round.votes.some(({ by }) => by === candidate) ? undefined : candidate;
  const isAble = asker !== undefined && (await learnRight(app, approval, asker)) === 'yes';
  const expectedDecider = isAble ? asker : undefined;
  // Only the person who asked for the revision, or to whom a review is assigned, must look at the card. Others are notified if
  // one person is not enough.
  if (expectedDecider !== undefined && approval.policy.approvalsRequired === 1)
    return readNotify(app, approval) === 'none'
      ? NOBODY
      : { ...splitByReach(app, approval.channel, [expectedDecider]), mentionEvenIfRecent: [expectedDecider] };
  const rights = await loadRights(app, approval);
  const { mention, direct, namesNobody } = findWaitingAudience(app, approval, rights, rights?.unvoted);
  const mentionedPeople =
    expectedDecider === undefined || readNotify(app, approval) === 'none'
      ? mention
      : [expectedDecider, ...mention];
  return {
    mention: [...new Set(mentionedPeople)],
    direct,
    ...(expectedDecider === undefined ? {} : { mentionEvenIfRecent: [expectedDecider] }),
    ...(namesNobody ? { namesNobody } : {}),
  };
}

/** Finds the people to remind of a waiting round. */
export async function findReminderAudience(app: App, approval: Approval): Promise<Audience> {
  await learnReviewers(app, currentRound(approval));
  const rights = await loadRights(app, approval);
  const { assignee } = currentRound(approval);
  if (assignee !== undefined && rights?.asked.includes(assignee))
    return splitByReach(app, approval.channel, [assignee]);
  return findWaitingAudience(app, approval, rights);
}

/** Lists the people and groups that an approval is escalated to, except those who cannot decide. */
export async function listEscalated(app: App, approval: Approval, to: readonly string[]): Promise<string[]> {
  await learnReviewers(app, currentRound(approval));
  const rights = await loadRights(app, approval);
  if (!rights) return [];
  const { named = [] } = (await loadRights(app, approval, 'escalation')) ?? {};
  // The settings may have changed since then, and a pause without a name has the rules of all tasks.
  const newlyNamed = rights.named.filter((id) => !named.includes(id));
  return [...new Set([...listAbleToDecide(to, rights, app.people), ...newlyNamed])];
}

/** Finds the people to notify in the cards' channel, by the crew's `notify`. A direct message notifies its person anyway. */
function findWaitingAudience(
  app: App,
  approval: Approval,
  rights: Rights | undefined,
  asked = rights?.asked ?? [],
): Audience {
  const { channel } = approval;
  const notify = readNotify(app, approval);
  if (!rights || notify === 'none') return NOBODY;
  const { isOpenToChannel: isOpen } = rights;
  if (isUserId(channel)) return { mention: asked, direct: [] };
  if (notify === 'dm') {
    const direct = limitDirect(unfoldGroups(asked, app.people.members));
    return { mention: [], direct, ...(direct.length === 0 ? { namesNobody: true as const } : {}) };
  }
  const notified = chooseNotified(app, notify, asked, isOpen ? channel : undefined);
  if (notified.length === 0)
    return { ...NOBODY, ...(isOpen || asked.length > 0 ? { namesNobody: true as const } : {}) };
  return splitByReach(app, channel, notified);
}

function readNotify(app: App, approval: Approval): Notify {
  const crew = app.crews.get(approval.crew);
  return (crew && findDisplayRules(crew, approval).notify) ?? 'approvers';
}

/** `openChannel`: the channel whose members decide, if no approvers are named. */
function chooseNotified(
  app: App,
  notify: Exclude<Notify, 'dm' | 'none'>,
  asked: readonly string[],
  openChannel: string | undefined,
): string[] {
  if (notify === 'here') return [HERE];
  if (typeof notify === 'object') return [...notify];
  if (openChannel !== undefined)
    return (app.people.channelSize(openChannel) ?? LARGE_AUDIENCE + 1) <= LARGE_AUDIENCE ? [HERE] : [];
  return asked.filter((id) => !isGroupId(id) || (app.people.members(id)?.size ?? 0) <= LARGE_AUDIENCE);
}

/** Splits people by whether a mention in the channel reaches them. */
export function splitByReach(app: App, channel: string, ids: readonly string[]): Audience {
  if (isUserId(channel)) return { mention: [...ids], direct: [] };
  const isOutside = (id: string) => isUserId(id) && app.people.inChannel(id, channel) === false;
  return {
    mention: ids.filter((id) => !isOutside(id)),
    direct: limitDirect(unfoldGroups(ids, app.people.members).filter(isOutside)),
  };
}

/** Finds whether a person may decide. Asks Slack for unknown facts. */
export async function learnRight(app: App, approval: Approval, person: string): Promise<DecisionRight> {
  await app.people.learn([person], []);
  return checkRight(app, approval, person);
}

/** Finds the requester's Slack id; null: there is none in Slack; undefined: not known. Asks Slack if needed. */
export async function findRequester(app: App, run: RunPeople): Promise<string | null | undefined> {
  const knownId = readRequesterId(run, app.people);
  if (knownId !== undefined || run.requestedBy === undefined) return knownId;
  await app.people.learn([], [run.requestedBy]);
  return readRequesterId(run, app.people);
}

/** True if no one is notified of a crew's cards, because the settings name no one who could be. */
export function notifiesNobody(
  { notify = 'approvers', approvers, channel }: TaskRules,
  { members, channelSize }: Pick<PeopleDirectory, 'members' | 'channelSize'>,
): boolean {
  if (isUserId(channel)) return false;
  if (notify === 'dm') return approvers.length === 0;
  if (notify !== 'approvers') return false;
  if (approvers.length === 0) return (channelSize(channel) ?? 0) > LARGE_AUDIENCE;
  return approvers.every((id) => isGroupId(id) && (members(id)?.size ?? 0) > LARGE_AUDIENCE);
}

/** Finds the person whose request for a revision this round answers, or after whose answer a Flow asks again. */
function findAsker(approval: Approval, { number }: Round): string | undefined {
  const previousRound = findRound(approval, number - 1);
  const hasAnswer = previousRound?.status === 'revision_requested' || previousRound?.status === 'answered';
  return hasAnswer && !previousRound.decision?.rule ? previousRound.decision?.by : undefined;
}

function limitDirect(ids: readonly string[]): string[] {
  return [...new Set(ids.filter(isUserId))].slice(0, MAX_DIRECT);
}
