import type { App } from '../app.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import { isEmail, isGroupId, isUserId, unfoldGroups } from '../model/crew/slack-ids.ts';
import { resolveRules } from '../model/crew/task-rules.ts';
import type { NamedDeciders } from '../ports.ts';
import { type DecisionRight, listRequesters, narrowRunPeople, readRequesterIds } from './can-decide.ts';
import { listAble } from './count-deciders.ts';
import { checkRight } from './deciders.ts';
import { isOpenToChannel } from './who-is-asked.ts';

const MOST_NAMED = 6;
/** People of whom it is looked up whether they may decide. */
const MOST_CHECKED = 20;
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
  if (isOpenToChannel(rules, approval, run)) {
    // Of several channels a person has to be in each, and nobody decides on a tool without named approvers.
    const isOne = rules.length === 1 || rules.every(({ channel }) => channel === crew.channel);
    return question?.tool || !isOne ? undefined : 'channel';
  }
  const excludes = rules.some(({ excludeRequester }) => excludeRequester);
  const requesters = excludes ? listRequesters(run) : [];
  const emails = [...requesters.filter(isEmail), ...responders.slice(0, MOST_ADDRESSES)];
  const list = () => listAble(crew, approval, run, people);
  await people.learn([...(list()?.named ?? [])], emails);
  const known = list();
  if (!known || (excludes && readRequesterIds(run, people).includes(undefined))) return undefined;
  const rights = await readRights(app, approval, known.able.slice(0, MOST_CHECKED));
  const voted = votes.map(({ by }) => by);
  const isLeft = (id: string) => !voted.includes(id) && !(rights.has(id) && !UNREFUSED.has(rights.get(id)));
  const left = known.able.filter(isLeft);
  const peopleOf = (id: string) => unfoldGroups([id], people.members).filter((one) => left.includes(one));
  const isSure = (id: string) => isGroupId(id) || rights.get(id) === 'yes';
  const named = [...new Set(known.asked)]
    .slice(0, MOST_NAMED)
    .filter((id) => isSure(id) && peopleOf(id).length > 0 && people.nameOf(id) !== undefined);
  const covered = new Set(named.flatMap(peopleOf));
  // Nobody is counted of whom Slack does not say who they are.
  const isCounted = (id: string) => (rights.has(id) ? isSure(id) : people.isGone(id) === false);
  const others = left.filter((id) => !covered.has(id) && isCounted(id));
  if (named.length + others.length === 0) return undefined;
  return {
    names: named.map((id) => people.nameOf(id) as string),
    others: others.length,
    ...(named.some(isGroupId) ? { hasGroup: true } : {}),
  };
}

/** It is not known that they may not. */
const UNREFUSED: ReadonlySet<DecisionRight | undefined> = new Set(['yes', 'cannot_check', 'open_card']);

/** Whether these people may decide, by what is known of them. */
async function readRights(
  app: App,
  approval: Approval,
  ids: readonly string[],
): Promise<Map<string, DecisionRight>> {
  const rights = new Map<string, DecisionRight>();
  for (const id of ids.filter(isUserId)) rights.set(id, await checkRight(app, approval, id));
  return rights;
}
