import type { App } from '../app.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import { isEmail, isGroupId, isUserId, unfoldGroups } from '../model/crew/slack-ids.ts';
import { resolveRules } from '../model/crew/task-rules.ts';
import type { NamedDeciders } from '../ports.ts';
import { namesNobody, narrowRunPeople, readRequesterId } from './can-decide.ts';
import { checkRight } from './deciders.ts';
import { listAble } from './who-is-asked.ts';

const MOST_NAMED = 6;
const MOST_LEARNED = 8;
/** Addresses of a routing that Slack is asked about. */
const MOST_ADDRESSES = 20;

/**
 * Who can still decide a waiting approval; undefined where that is not sure. Asks Slack for names that are not known, for a
 * second at most in all.
 */
export async function nameDeciders(app: App, approval: Approval): Promise<NamedDeciders | undefined> {
  const { people } = app;
  const crew = app.crews.get(approval.crew);
  const { status, question, review, votes } = currentRound(approval);
  if (!crew || status !== 'waiting' || isUserId(approval.channel)) return undefined;
  const record = (await app.store.run(approval.crew, approval.executionId))?.record;
  if (!record || record.lost) return undefined;
  const rules = resolveRules(crew, approval);
  const run = narrowRunPeople(record, question);
  const responders = review?.responders ?? [];
  if (rules.every((one) => namesNobody(one, run)) && !review?.responders) {
    // Of several channels a person has to be in each, and nobody decides on a tool without named approvers.
    const isOne = rules.length === 1 || rules.every(({ channel }) => channel === crew.channel);
    return question?.tool || !isOne ? undefined : 'channel';
  }
  // Neither who started the run nor who asked the question decides.
  const requesters = rules.some(({ excludeRequester }) => excludeRequester)
    ? [record.requestedBy, question?.requestedBy].filter((one) => one !== undefined)
    : [];
  const list = () => listAble(rules, approval, run, people);
  const emails = [...requesters.filter(isEmail), ...responders.slice(0, MOST_ADDRESSES)];
  await people.learn(list().filter(isUserId).slice(0, MOST_LEARNED), emails);
  const able = list();
  const isUnknown =
    responders.some((email) => people.idOf(email) === undefined) ||
    [...rules.flatMap(({ approvers }) => approvers), ...able].some(
      (id) => isGroupId(id) && people.members(id) === undefined,
    );
  if (isUnknown) return undefined;
  const first = able.slice(0, MOST_NAMED);
  const refused = await findRefused(app, approval, first);
  const named = first.filter((id) => !refused.includes(id) && people.nameOf(id) !== undefined);
  const others = new Set(unfoldGroups(able, people.members));
  const excluded = requesters.map((one) => readRequesterId({ requestedBy: one }, people));
  const counted = [...unfoldGroups(named, people.members), ...votes.map(({ by }) => by)];
  for (const id of [...counted, ...refused, ...excluded]) if (id) others.delete(id);
  if (named.length + others.size === 0) return undefined;
  return { names: named.map((id) => people.nameOf(id) as string), others: others.size };
}

/** Those of these people who certainly may not decide: they have left, are guests or not in the channel, or it is their run. */
async function findRefused(app: App, approval: Approval, ids: readonly string[]): Promise<string[]> {
  const refused: string[] = [];
  for (const id of ids.filter(isUserId)) {
    const right = await checkRight(app, approval, id);
    if (right !== 'yes' && right !== 'cannot_check' && right !== 'open_card') refused.push(id);
  }
  return refused;
}
