import { hash } from 'node:crypto';
import type { App } from '../app.ts';
import { type Approval, type AskedRules, currentRound, threadCard } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { isGroupId, isUserId, type Members, unfoldGroups } from '../model/crew/slack-ids.ts';
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
 * Who decides an approval's current round, by the settings, its run and what is known of people. Read anew each time, never
 * stored: settings and groups change. Whether one person may decide is `canDecide`'s.
 */
export interface Rights {
  /** Each of them has to allow a person. */
  rules: readonly TaskRules[];
  /** Nobody is named by the rules, the run, the question or CrewAI's routing: the members of the channel decide. */
  isOpenToChannel: boolean;
  /** Ids of the users and groups who may decide, with those that it was escalated to; votes and the assignee change nothing. */
  named: string[];
  /** Ids of the named who have not voted. Empty: nobody in particular. */
  unvoted: string[];
  /** Ids of those who are asked: an assignee who can still vote, else `unvoted`. */
  asked: string[];
  /** Slack ids of the requesters who cannot decide. */
  excluded: string[];
  /** Email addresses of such requesters, while their Slack ids are not known. */
  unknownRequesters: string[];
  /** Slack ids of the only people whom CrewAI's routing allows; undefined: the routing names nobody. */
  responders: string[] | undefined;
  /** False while a group cannot be read, or the Slack id of an address of the routing is not known: `named` may be wrong. */
  isKnown: boolean;
  /** True for a person who certainly may not decide, away from the card. */
  isRefused: (person: string) => boolean;
}

type KnownPeople = Pick<PeopleDirectory, 'members' | 'idOf' | 'isGone' | 'inChannel' | 'outsider'>;

/** What rights are read as if it had not happened. */
type Ignored = 'escalation' | 'routing';

/** `run`: with what the round's question names (`narrowRunPeople`). Pure. */
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
  const lists = rules.map((one) => listNamedBy(one, escalated, run, members));
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
    REFUSED.has(checkRules(person, { crew, approval, run, rules, ignored }, people));
  const bySettings = isOpenBySettings ? (responders ?? []) : intersectApprovers(lists, members);
  const named = keepAble(bySettings, { isRefused, responders }, people);

  const settled = votes.map(({ by }) => by);
  const isLeft = (id: string) => !settled.includes(id) && !isRefused(id);
  const isAsked = assignee !== undefined && isLeft(assignee);
  const unvoted = keepNamed(named, isLeft, members);
  const asked = isAsked ? [assignee] : unvoted;
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

/** Whether it was escalated, and the addresses that CrewAI's routing names. */
function readSituation(approval: Approval, ignored: Ignored | undefined) {
  const { escalatedAt, review } = currentRound(approval);
  return {
    escalated: escalatedAt !== undefined && ignored !== 'escalation',
    emails: ignored === 'routing' ? undefined : review?.responders,
  };
}

/** Ids of the users and groups who decide by one of the rules; empty: the members of the channel. */
function listNamedBy(
  { approvers, policy }: TaskRules,
  escalated: boolean,
  run: RunPeople,
  members: Members,
): string[] {
  const deciders = listDeciders(approvers, run, members);
  return deciders.length > 0 && escalated ? [...new Set([...deciders, ...policy.escalateTo])] : deciders;
}

interface CheckedRules {
  crew: Crew;
  approval: Approval;
  run: RunPeople;
  /** Those of the approval (`resolveRules`). */
  rules: readonly TaskRules[];
  /** The person clicked on the approval's card, which proves access to its channel. */
  onCard?: boolean;
  ignored?: Ignored | undefined;
}

/** Whether a person may decide by each of the rules and by CrewAI's routing. Pure. */
export function checkRules(
  person: string,
  { crew, approval, run, rules, onCard = false, ignored }: CheckedRules,
  people: KnownPeople,
): DecisionRight {
  const { escalated, emails } = readSituation(approval, ignored);
  const onOwn = onCard || hasAccess(people, person, findChannel(approval));
  const answers: DecisionRight[] = rules.map((one) => {
    const elsewhere = isUnnamed(approval) && one.channel !== crew.channel;
    const inChannel = elsewhere ? hasAccess(people, person, one.channel) : onOwn;
    return canDecide(person, one, run, { escalated, inChannel }, people);
  });
  answers.push(checkResponder(person, emails, people));
  return REFUSALS.find((refusal) => answers.includes(refusal)) ?? 'yes';
}

/** Of several rules the most certain refusal counts. */
const REFUSALS = ['no', 'requester', 'guest', 'not_member', 'cannot_check', 'open_card'] as const;
/** Those that do not wait for an answer of Slack. */
const REFUSED: ReadonlySet<DecisionRight> = new Set(['no', 'requester', 'guest', 'not_member']);

/** A direct message has no member list: the person whom it goes to has access. */
export function hasAccess(
  people: Pick<PeopleDirectory, 'inChannel'>,
  person: string,
  channel: string,
): boolean | undefined {
  return isUserId(channel) ? channel === person : people.inChannel(person, channel);
}

/** Where its cards are; before the first is posted, where they go. */
export function findChannel(approval: Approval): string {
  return isUserId(approval.channel) ? approval.channel : (threadCard(approval)?.channel ?? approval.channel);
}

/** The same by what is stored now; undefined if the crew is no longer in the settings. */
export async function loadRights(
  app: Pick<App, 'crews' | 'people' | 'store'>,
  approval: Approval,
  ignored?: Ignored,
): Promise<Rights | undefined> {
  const crew = app.crews.get(approval.crew);
  return crew && readRights(crew, approval, await loadRunPeople(app, approval), app.people, ignored);
}

/** What its run and its question say of who decides an approval. */
export async function loadRunPeople({ store }: Pick<App, 'store'>, approval: Approval): Promise<RunPeople> {
  const run = (await store.run(approval.crew, approval.executionId))?.record;
  return narrowRunPeople(run ?? {}, currentRound(approval).question);
}

/** Asks Slack whose the email addresses of requesters are who cannot decide, for a second at most. */
export async function learnRequesters(
  app: Pick<App, 'crews' | 'people' | 'store'>,
  approval: Approval,
): Promise<void> {
  const unknown = await loadUnknownRequesters(app, approval);
  if (unknown.length > 0) await app.people.learn([], unknown);
}

/** The email addresses of requesters who cannot decide and whose Slack ids are not known. Reads the run only where there can be some. */
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
 * Those of the users and groups who can decide, as far as that is known. Where CrewAI's routing names people, these one by one: with
 * the users whom an address may belong to that Slack has not resolved yet.
 */
export function keepAble(
  ids: readonly string[],
  { isRefused, responders }: Pick<Rights, 'isRefused' | 'responders'>,
  { members }: Pick<KnownPeople, 'members'>,
): string[] {
  const isAble = (id: string) => !isRefused(id);
  if (!responders) return keepNamed(ids, isAble, members);
  const meant = new Set([...ids, ...unfoldGroups(ids, members)]);
  const mayBeMeant = ids.some((id) => isGroupId(id) && members(id) === undefined);
  const routed = responders.filter((id) => mayBeMeant || meant.has(id));
  return [...new Set([...routed, ...ids.filter(isUserId)])].filter(isAble);
}

/** The users that fit, and the groups with a member who fits, or whose members are not known. */
function keepNamed(ids: readonly string[], fits: (person: string) => boolean, members: Members): string[] {
  return ids.filter((id) => {
    if (!isGroupId(id)) return fits(id);
    const all = [...(members(id) ?? [])];
    return all.length === 0 || all.some(fits);
  });
}

/** Whom the opening of a round asks and under which rules, for the history: by the settings, without what Slack says. Pure. */
export function describeAsked(crew: Crew, approval: Approval, record: RunRecord): AskedRules {
  const round = currentRound(approval);
  const run = narrowRunPeople(record, round.question);
  const rules = resolveRules(crew, approval);
  const { escalateTo, escalateAfter, onExpiry, expireAfter, undoWindow } = approval.policy;
  const excludeRequester = rules.some((rule) => rule.excludeRequester);
  const options = listOptions(round);
  return {
    channel: approval.channel,
    approvers: listDeciders(listCommonApprovers(rules), run),
    approvalsRequired: approval.policy.approvalsRequired,
    excludeRequester,
    ...(excludeRequester && isUserId(run.requestedBy ?? '') ? { requester: run.requestedBy } : {}),
    allowGuests: rules.every((rule) => rule.allowGuests),
    escalateTo,
    escalateAfter,
    onExpiry,
    expireAfter,
    undoWindow,
    ...(options ? { options: hash('sha256', JSON.stringify(options)) } : {}),
  };
}
