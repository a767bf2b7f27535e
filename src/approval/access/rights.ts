import { hash } from 'node:crypto';
import type { App } from '../app.ts';
import { type Approval, type AskedRules, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { isGroupId, isUserId, unfoldGroups } from '../model/crew/slack-ids.ts';
import { listCommonApprovers, resolveRules, type TaskRules } from '../model/crew/task-rules.ts';
import { listOptions } from '../model/round.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import type { PeopleDirectory } from '../ports.ts';
import {
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
  /** Ids of those who are asked: the assignee, else the named who have not voted. Empty: nobody in particular. */
  asked: string[];
  /** Slack ids of the requesters who cannot decide. */
  excluded: string[];
  /** Email addresses of such requesters, while their Slack ids are not known. */
  unknownRequesters: string[];
  /** Slack ids of the only people whom CrewAI's routing allows; undefined: the routing names nobody. */
  responders: string[] | undefined;
  /** False while a group cannot be read, or the Slack id of an address of the routing is not known: `named` may be wrong. */
  isKnown: boolean;
}

type KnownPeople = Pick<PeopleDirectory, 'members' | 'idOf' | 'isGone' | 'inChannel'>;

/** `run`: with what the round's question names (`narrowRunPeople`). Pure. */
export function readRights(crew: Crew, approval: Approval, run: RunPeople, people: KnownPeople): Rights {
  const { members, idOf } = people;
  const { assignee, votes, escalatedAt, review } = currentRound(approval);
  const rules = resolveRules(crew, approval);
  const emails = review?.responders;
  const responders = emails?.map((email) => idOf(email)).filter((id) => typeof id === 'string');
  const isOpenBySettings = rules.every(({ approvers }) => listDeciders(approvers, run).length === 0);
  const isOpenToChannel = isOpenBySettings && !responders;

  const requesters = rules.some(({ excludeRequester }) => excludeRequester) ? listRequesters(run) : [];
  const ids = requesters.map((requestedBy) => readRequesterId({ requestedBy }, people));
  const excluded = ids.filter((id) => typeof id === 'string');
  const unknownRequesters = requesters.filter((_, at) => ids[at] === undefined);

  const deciders = listDeciders(listCommonApprovers(rules, members), run, members);
  const escalatedTo = escalatedAt === undefined ? [] : approval.policy.escalateTo;
  const bySettings = isOpenBySettings ? (responders ?? []) : [...new Set([...deciders, ...escalatedTo])];
  const named = keepAble(bySettings, { excluded, responders }, people);

  const groups = [...rules.flatMap(({ approvers }) => approvers), ...bySettings].filter(isGroupId);
  const isKnown =
    groups.every((id) => members(id) !== undefined) && !emails?.some((email) => idOf(email) === undefined);

  const isAble = (id: string) =>
    isOpenToChannel
      ? people.inChannel(id, approval.channel) !== false
      : !isKnown || unfoldGroups(named, members).includes(id);
  const assigned = assignee === undefined ? [] : leaveOut([assignee], excluded, people).filter(isAble);
  const settled = [...votes.map(({ by }) => by), ...excluded];
  const asked = assigned.length > 0 ? assigned : leaveOut(named, settled, people);
  return { rules, isOpenToChannel, named, asked, excluded, unknownRequesters, responders, isKnown };
}

/** The same by what is stored now; undefined if the crew is no longer in the settings. */
export async function loadRights(
  app: Pick<App, 'crews' | 'people' | 'store'>,
  approval: Approval,
): Promise<Rights | undefined> {
  const crew = app.crews.get(approval.crew);
  return crew && readRights(crew, approval, await loadRunPeople(app, approval), app.people);
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
  const { unknownRequesters = [] } = (await loadRights(app, approval)) ?? {};
  if (unknownRequesters.length > 0) await app.people.learn([], unknownRequesters);
}

/**
 * Those of the users and groups who can decide: no excluded requester, nobody who was deactivated, and only people whom CrewAI's
 * routing allows.
 */
export function keepAble(
  ids: readonly string[],
  { excluded, responders }: Pick<Rights, 'excluded' | 'responders'>,
  people: Pick<KnownPeople, 'members' | 'isGone'>,
): string[] {
  const meant = new Set(responders && [...ids, ...unfoldGroups(ids, people.members)]);
  return leaveOut(responders ? responders.filter((id) => meant.has(id)) : ids, excluded, people);
}

/** Without `people` and those who were deactivated, and without groups all of whose members are in `people`. */
function leaveOut(
  ids: readonly string[],
  people: readonly string[],
  { members, isGone }: Pick<KnownPeople, 'members' | 'isGone'>,
): string[] {
  return ids.filter((id) => {
    if (!isGroupId(id)) return !people.includes(id) && isGone(id) !== true;
    const all = [...(members(id) ?? [])];
    return all.length === 0 || !all.every((member) => people.includes(member));
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
