import { hash } from 'node:crypto';
import type { App } from '../app.ts';
import { type Approval, currentRound, findThreadCard, type RecordedRules } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { isGroupId, isUserId, type ListMembers, unfoldGroups } from '../model/crew/slack-ids.ts';
import {
  intersectApprovers,
  isUnnamed,
  listCommonApprovers,
  resolveRules,
  type TaskRules,
} from '../model/crew/task-rules.ts';
import { listOptions } from '../model/round.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import type { PeopleDirectory } from '../ports.ts';
import {
  canDecide,
  checkResponder,
  type DecisionRight,
  listDeciders,
  listRequesters,
  narrowRunPeople,
  type RunPeople,
  readRequesterId,
} from './can-decide.ts';

/**
 * The people who decide on an approval's current round, by the settings, its run and known facts about people. Computed each
 * time, never stored: settings and groups change. `canDecide` checks a single person.
 */
export interface Rights {
  /** Each of the rules must allow a person. */
  rules: readonly TaskRules[];
  /** No rule, run, question or routing names anyone: the members of the channel decide. */
  isOpenToChannel: boolean;
  /** Ids of the users and groups who may decide, after an escalation also `escalateTo`. Votes and the assignee change nothing. */
  named: string[];
  /** Ids of named users and groups who have not voted; empty: no one in particular. */
  unvoted: string[];
  /** Ids of the people to ask: an assignee who can still vote, else `unvoted`. */
  asked: string[];
  /** Slack ids of requesters who cannot decide. */
  excluded: string[];
  /** Email addresses of such requesters whose Slack ids are not known yet. */
  unknownRequesters: string[];
  /** Slack ids of the only people whom CrewAI's routing allows; undefined: the routing names no one. */
  responders: string[] | undefined;
  /** False while a group cannot be read or the Slack id of a routing address is not known: `named` may be wrong. */
  isKnown: boolean;
  /** Returns true for a person who certainly may not decide, away from the card. */
  isRefused: (person: string) => boolean;
}

type KnownPeople = Pick<PeopleDirectory, 'members' | 'idOf' | 'isGone' | 'inChannel' | 'outsider'>;

/** Facts to ignore, as if they had not happened. */
type Ignored = 'escalation' | 'routing';

/** Reads the rights. `run`: merged with the round's question (`narrowRunPeople`). Pure. */
export function readRights(
  crew: Crew,
  approval: Approval,
  run: RunPeople,
  people: KnownPeople,
  ignored?: Ignored,
): Rights {
  const { members, idOf } = people;
  const { assignee, votes } = currentRound(approval);
  const rules = resolveRules(crew, approval);
  const { escalated, emails } = readSituation(approval, ignored);
  const responders = emails?.map((email) => idOf(email)).filter((id) => typeof id === 'string');
  const lists = rules.map((rule) => listNamedBy(rule, escalated, run, members));
  const isOpenBySettings = lists.every((list) => list.length === 0);
  const isOpenToChannel = isOpenBySettings && !responders;

  const requesters = rules.some(({ excludeRequester }) => excludeRequester) ? listRequesters(run) : [];
  const ids = requesters.map((requestedBy) => readRequesterId({ requestedBy }, people));
  const excluded = ids.filter((id) => typeof id === 'string');
  const unknownRequesters = requesters.filter((_, at) => ids[at] === undefined);

  const isKnown =
    [...rules.flatMap(({ approvers }) => approvers), ...lists.flat()].every(
      (id) => !isGroupId(id) || members(id) !== undefined,
    ) && !emails?.some((email) => idOf(email) === undefined);
  const isRefused = (person: string) =>
    CERTAIN_REFUSALS.has(checkRules(person, { crew, approval, run, rules, ignored }, people));
  const candidates = isOpenBySettings ? (responders ?? []) : intersectApprovers(lists, members);
  const named = listAbleToDecide(candidates, { isRefused, responders }, people);

  const voters = votes.map(({ by }) => by);
  const canStillVote = (id: string) => !voters.includes(id) && !isRefused(id);
  const isAssigneeAsked = assignee !== undefined && canStillVote(assignee);
  const unvoted = keepNamed(named, canStillVote, members);
  const asked = isAssigneeAsked ? [assignee] : unvoted;
  return {
    rules,
    isOpenToChannel,
    named,
    unvoted,
    asked,
    excluded,
    unknownRequesters,
    responders,
    isKnown,
    isRefused,
  };
}

/** Reads whether the round was escalated, and the email addresses of CrewAI's routing. */
function readSituation(approval: Approval, ignored: Ignored | undefined) {
  const { escalatedAt, review } = currentRound(approval);
  return {
    escalated: escalatedAt !== undefined && ignored !== 'escalation',
    emails: ignored === 'routing' ? undefined : review?.responders,
  };
}

/** Lists the users and groups who decide by one rule; empty: the members of the channel. */
function listNamedBy(
  { approvers, policy }: TaskRules,
  escalated: boolean,
  run: RunPeople,
  members: ListMembers,
): string[] {
  const deciders = listDeciders(approvers, run, members);
  return deciders.length > 0 && escalated ? [...new Set([...deciders, ...policy.escalateTo])] : deciders;
}

interface CheckedRules {
  crew: Crew;
  approval: Approval;
  run: RunPeople;
  /** Rules of the approval (`resolveRules`). */
  rules: readonly TaskRules[];
  /** The person clicked on the approval's card, which proves access to its channel. */
  onCard?: boolean;
  ignored?: Ignored | undefined;
}

/** Checks whether a person may decide by each rule and by CrewAI's routing. Pure. */
export function checkRules(
  person: string,
  { crew, approval, run, rules, onCard = false, ignored }: CheckedRules,
  people: KnownPeople,
): DecisionRight {
  const { escalated, emails } = readSituation(approval, ignored);
  const inOwnChannel = onCard || hasAccess(people, person, findChannel(approval));
  const answers: DecisionRight[] = rules.map((rule) => {
    const hasOtherChannel = isUnnamed(approval) && rule.channel !== crew.channel;
    const inChannel = hasOtherChannel ? hasAccess(people, person, rule.channel) : inOwnChannel;
    return canDecide(person, rule, run, { escalated, inChannel }, people);
  });
  answers.push(checkResponder(person, emails, people));
  return REFUSALS_BY_CERTAINTY.find((refusal) => answers.includes(refusal)) ?? 'yes';
}

/** With several rules, the most certain refusal wins. */
const REFUSALS_BY_CERTAINTY = [
  'no',
  'requester',
  'guest',
  'not_member',
  'cannot_check',
  'open_card',
] as const;
/** Refusals that do not wait for an answer from Slack. */
const CERTAIN_REFUSALS: ReadonlySet<DecisionRight> = new Set(['no', 'requester', 'guest', 'not_member']);

/** Checks access to a channel. A direct message has no member list: the person it goes to has access. */
export function hasAccess(
  people: Pick<PeopleDirectory, 'inChannel'>,
  person: string,
  channel: string,
): boolean | undefined {
  return isUserId(channel) ? channel === person : people.inChannel(person, channel);
}

/** Finds the channel of the cards; before the first card is posted, the channel it will go to. */
export function findChannel(approval: Approval): string {
  return isUserId(approval.channel)
    ? approval.channel
    : (findThreadCard(approval)?.channel ?? approval.channel);
}

/** Reads the rights from stored facts; undefined: the crew is no longer in the settings. */
export async function loadRights(
  app: Pick<App, 'crews' | 'people' | 'store'>,
  approval: Approval,
  ignored?: Ignored,
): Promise<Rights | undefined> {
  const crew = app.crews.get(approval.crew);
  return crew && readRights(crew, approval, await loadRunPeople(app, approval), app.people, ignored);
}

/** Loads the people whom an approval's run and question name. */
export async function loadRunPeople({ store }: Pick<App, 'store'>, approval: Approval): Promise<RunPeople> {
  const run = (await store.run(approval.crew, approval.executionId))?.record;
  return narrowRunPeople(run ?? {}, currentRound(approval).question);
}

/** Asks Slack for the Slack ids of requesters who cannot decide and are known by email address, for a second at most. */
export async function learnRequesters(
  app: Pick<App, 'crews' | 'people' | 'store'>,
  approval: Approval,
): Promise<void> {
  const emails = await loadUnknownRequesters(app, approval);
  if (emails.length > 0) await app.people.learn([], emails);
}

/** Lists the requesters who cannot decide and are known only by email address. Reads the run only if rules exclude requesters. */
export async function loadUnknownRequesters(
  app: Pick<App, 'crews' | 'people' | 'store'>,
  approval: Approval,
): Promise<string[]> {
  const crew = app.crews.get(approval.crew);
  if (!crew || !resolveRules(crew, approval).some(({ excludeRequester }) => excludeRequester)) return [];
  const requesters = listRequesters(await loadRunPeople(app, approval));
  return requesters.filter((requestedBy) => readRequesterId({ requestedBy }, app.people) === undefined);
}

/**
 * Keeps the users and groups who can decide, by known facts. If CrewAI's routing names people, lists them one by one, even those
 * who may be in a group that cannot be read yet.
 */
export function listAbleToDecide(
  ids: readonly string[],
  { isRefused, responders }: Pick<Rights, 'isRefused' | 'responders'>,
  { members }: Pick<KnownPeople, 'members'>,
): string[] {
  const isAble = (id: string) => !isRefused(id);
  if (!responders) return keepNamed(ids, isAble, members);
  const covered = new Set([...ids, ...unfoldGroups(ids, members)]);
  const hasUnknownGroup = ids.some((id) => isGroupId(id) && members(id) === undefined);
  const routedPeople = responders.filter((id) => hasUnknownGroup || covered.has(id));
  return [...new Set([...routedPeople, ...ids.filter(isUserId)])].filter(isAble);
}

/** Keeps the users that fit, and the groups with a member who fits or without known members. */
function keepNamed(
  ids: readonly string[],
  fits: (person: string) => boolean,
  members: ListMembers,
): string[] {
  return ids.filter((id) => {
    if (!isGroupId(id)) return fits(id);
    const groupMembers = [...(members(id) ?? [])];
    return groupMembers.length === 0 || groupMembers.some(fits);
  });
}

/** Describes for the history whom a new round asks and by which rules: from the settings, without facts from Slack. Pure. */
export function buildRecordedRules(crew: Crew, approval: Approval, record: RunRecord): RecordedRules {
  const round = currentRound(approval);
  const run = narrowRunPeople(record, round.question);
  const rules = resolveRules(crew, approval);
  const { escalateTo, escalateAfter, onExpiry, expireAfter, undoWindow } = approval.policy;
  const excludeRequester = rules.some((rule) => rule.excludeRequester);
  const commonApprovers = listCommonApprovers(rules);
  // Members of groups are not known here: without a common id, everyone whom a rule names.
  const approvers =
    commonApprovers.length > 0 ? commonApprovers : [...new Set(rules.flatMap((rule) => rule.approvers))];
  const options = listOptions(round);
  return {
    channel: approval.channel,
    approvers: listDeciders(approvers, run),
    approvalsRequired: approval.policy.approvalsRequired,
    excludeRequester,
    ...(excludeRequester && isUserId(run.requestedBy ?? '') ? { requester: run.requestedBy } : {}),
    allowGuests: rules.every((rule) => rule.allowGuests),
    escalateTo,
    escalateAfter,
    onExpiry,
    expireAfter,
    undoWindow,
    ...(round.irreversible ? { irreversible: true as const } : {}),
    ...(options ? { options: hash('sha256', JSON.stringify(options)) } : {}),
  };
}
