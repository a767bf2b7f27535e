import type { App } from '../app.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import { isGroupId, isUserId, unfoldGroups } from '../model/crew/slack-ids.ts';
import type { NamedDeciders } from '../ports.ts';
import { type DecisionRight, narrowRunPeople } from './can-decide.ts';
import { listAble } from './count-deciders.ts';
import { checkRight } from './deciders.ts';
import { readRights } from './rights.ts';

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
  const run = narrowRunPeople(record, question);
  const before = readRights(crew, approval, run, people);
  const { rules } = before;
  if (before.isOpenToChannel) {
    // Of several channels a person has to be in each, and nobody decides on a tool without named approvers.
    const isOne = rules.length === 1 || rules.every(({ channel }) => channel === crew.channel);
    return question?.tool || !isOne ? undefined : 'channel';
  }
  const emails = [...before.unknownRequesters, ...(review?.responders ?? []).slice(0, MOST_ADDRESSES)];
  await people.learn(before.isKnown ? before.named.filter(isUserId) : [], emails);
  const rights = readRights(crew, approval, run, people);
  const able = listAble(rights, people)?.able;
  if (!able || rights.unknownRequesters.length > 0) return undefined;
  const checked = await checkRights(app, approval, able.slice(0, MOST_CHECKED));
  const voted = votes.map(({ by }) => by);
  const isLeft = (id: string) => !voted.includes(id) && !(checked.has(id) && !UNREFUSED.has(checked.get(id)));
  const left = new Set(able.filter(isLeft));
  const peopleOf = (id: string) => unfoldGroups([id], people.members).filter((one) => left.has(one));
  const isSure = (id: string) => isGroupId(id) || checked.get(id) === 'yes';
  const named = rights.named
    .slice(0, MOST_NAMED)
    .filter((id) => isSure(id) && peopleOf(id).length > 0 && people.nameOf(id) !== undefined);
  const covered = new Set(named.flatMap(peopleOf));
  // Nobody is counted of whom Slack does not say who they are.
  const isCounted = (id: string) => (checked.has(id) ? isSure(id) : people.isGone(id) === false);
  const others = [...left].filter((id) => !covered.has(id) && isCounted(id));
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
async function checkRights(
  app: App,
  approval: Approval,
  ids: readonly string[],
): Promise<Map<string, DecisionRight>> {
  const rights = new Map<string, DecisionRight>();
  for (const id of ids.filter(isUserId)) rights.set(id, await checkRight(app, approval, id));
  return rights;
}
