import type { App } from '../app.ts';
import type { Refusal } from '../lifecycle/refusal.ts';
import { type Approval, currentRound, findThreadRoot } from '../model/approval.ts';
import { isUserId } from '../model/crew/slack-ids.ts';
import { isUnnamed, resolveRules } from '../model/crew/task-rules.ts';
import type { Round } from '../model/round.ts';
import { needsNamedApprovers } from '../model/tool-call.ts';
import { checkResponder, type DecisionRight, narrowRunPeople } from './can-decide.ts';
import { checkRules, findChannel, hasAccess, loadUnknownRequesters, readRights } from './rights.ts';

/** Options for checking the right to decide. */
interface DeciderCheck {
  /** The person clicked on the approval's own card, which proves access to the channel. */
  onCard?: boolean | undefined;
  /** False: do not ask Slack for unknown facts. */
  mayAskSlack?: boolean;
}

/** Finds why a person may not decide; undefined: they may. Asks Slack for unknown facts, for a second at most. */
export async function findRefusal(
  app: App,
  approval: Approval,
  by: string,
  { onCard = false, mayAskSlack = true }: DeciderCheck = {},
): Promise<Refusal | undefined> {
  // The crew is no longer in the settings, so no one is its approver.
  if (!app.crews.has(approval.crew)) return { code: 'not_approver' };
  let right = await checkRight(app, approval, by, onCard);
  if (mayAskSlack && (right === 'cannot_check' || right === 'open_card')) {
    await learnRights(app, by, [approval]);
    right = await checkRight(app, approval, by, onCard);
  }
  if (right === 'no') app.people.refreshGroups();
  return right === 'yes' ? undefined : { code: right === 'no' ? 'not_approver' : right };
}

/** Asks Slack for unknown facts about a person and the channels whose members decide, for a second at most. */
export async function learnRights(app: App, person: string, approvals: readonly Approval[]): Promise<void> {
  const channels: string[] = [];
  const emails: string[] = [];
  for (const approval of approvals) {
    emails.push(...(currentRound(approval).review?.responders ?? []));
    const crew = app.crews.get(approval.crew);
    if (!crew) continue;
    const rules = resolveRules(crew, approval);
    // If no approvers are named, the channel's members decide; if the task is not named, also the members of all task channels.
    const openRules = rules.filter(({ approvers }) => approvers.length === 0);
    if (openRules.length > 0) channels.push(findChannel(approval));
    if (isUnnamed(approval))
      channels.push(
        ...openRules.map(({ channel }) => channel).filter((id) => id !== crew.channel && !isUserId(id)),
      );
    emails.push(...(await loadUnknownRequesters(app, approval)));
  }
  await Promise.all([app.people.learn([person], emails), app.people.learnMembers([...new Set(channels)])]);
}

/** Checks whether a person may decide, by known facts only. */
export async function checkRight(
  app: App,
  approval: Approval,
  by: string,
  onCard = false,
): Promise<DecisionRight> {
  const crew = app.crews.get(approval.crew);
  if (!crew) return 'no';
  const run = (await app.store.run(approval.crew, approval.executionId))?.record;
  // The run's own approvers are not known: no one decides, rather than everyone.
  if (!run || run.lost) return 'cannot_check';
  const question = currentRound(approval).question;
  const narrowed = narrowRunPeople(run, question);
  if (needsNamedApprovers(question) && readRights(crew, approval, narrowed, app.people).isOpenToChannel)
    return 'no';
  const rules = resolveRules(crew, approval);
  return checkRules(by, { crew, approval, run: narrowed, rules, onCard }, app.people);
}

/**
 * True if a message is a card of the approval: a recorded one, or one of the bot's in the cards' place (Slack's answer was lost).
 */
export function isOwnCard(
  { people }: App,
  approval: Approval,
  { channel, ts, own = false }: { channel: string; ts: string; own?: boolean },
  by: string,
): boolean {
  const cards = approval.rounds.flatMap(({ card, duplicateCards }) => [card, ...duplicateCards]);
  if (cards.some((card) => card?.channel === channel && card.ts === ts)) return true;
  if (!own) return false;
  if (isUserId(approval.channel)) return channel.startsWith('D') && by === approval.channel;
  const place = findThreadRoot(approval)?.channel ?? approval.channel;
  return channel === (people.channelId(place) ?? place);
}

/** True if a person may see the approval's contents outside its channel: people who may decide on it. */
export async function canSeeOutsideChannel(app: App, approval: Approval, person: string): Promise<boolean> {
  return (await findRefusal(app, approval, person)) === undefined;
}

/** True if a person may read an output outside its channel: the channel's members and people who may decide on it. */
export async function canReadOutput(app: App, approval: Approval, person: string): Promise<boolean> {
  return (
    hasAccess(app.people, person, findChannel(approval)) === true ||
    canSeeOutsideChannel(app, approval, person)
  );
}

/** Returns why CrewAI's routing forbids a person to answer this round of a review, even an old one; undefined: they may. */
export function refuseResponder({ people }: App, { review }: Round, by: string): Refusal | undefined {
  const right = checkResponder(by, review?.responders, people);
  if (right === 'yes') return undefined;
  return { code: right === 'no' ? 'not_approver' : right };
}
