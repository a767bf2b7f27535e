import type { App } from '../app.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { isGroupId, isUserId, unfoldGroups } from '../model/crew/slack-ids.ts';
import type { NamedDeciders, PeopleDirectory } from '../ports.ts';
import { type DecisionRight, narrowRunPeople, type RunPeople } from './can-decide.ts';
import { listAble } from './count-deciders.ts';
import { checkRules, findChannel, type Rights, readRights } from './rights.ts';

const MOST_NAMED = 6;
/** Most people per approval to check for the right to decide. */
const MOST_CHECKED = 20;
/** Longest turn of the event loop, in milliseconds: with groups of 5,000 an approval takes 10 to 50. */
const LONGEST_TURN = 10;
/** Most addresses of a routing to ask Slack about. */
const MOST_ADDRESSES = 20;

/** Names the people who can still decide; undefined: not certain. Asks Slack for unknown names, for a second at most in all. */
export async function nameDeciders(
  app: App,
  approval: Approval,
  naming?: Naming,
): Promise<NamedDeciders | undefined> {
  return (await nameDecidersOfAll(app, [approval], naming)).get(approval.id);
}

interface Naming {
  /** Most people to name in one approval; the others are counted. */
  most?: number;
  /** False: do not ask Slack for unknown names. */
  asks?: boolean;
}

/** Names the deciders of several approvals, with one request to Slack. */
export async function nameDecidersOfAll(
  app: App,
  approvals: readonly Approval[],
  { most = MOST_NAMED, asks = true }: Naming = {},
): Promise<Map<string, NamedDeciders>> {
  const { people } = app;
  let since = app.clock.now();
  const takeTurn = async () => {
    if (app.clock.now() - since < LONGEST_TURN) return;
    await app.giveWay(() => {});
    since = app.clock.now();
  };
  const waiting: DeciderFacts[] = [];
  for (const approval of approvals) {
    await takeTurn();
    const one = await readDeciderFacts(app, approval);
    if (one) waiting.push(one);
  }
  const ids = waiting.flatMap(({ rights }) => (rights.isKnown ? rights.named.filter(isUserId) : []));
  const emails = waiting.flatMap(({ rights, responders }) => [...rights.unknownRequesters, ...responders]);
  if (asks && ids.length + emails.length > 0) await people.learn(ids, emails);
  const all = new Map<string, NamedDeciders>();
  for (const one of waiting) {
    await takeTurn();
    const named = nameKnown(people, one, most);
    if (named) all.set(one.approval.id, named);
  }
  return all;
}

interface DeciderFacts {
  crew: Crew;
  approval: Approval;
  run: RunPeople;
  /** Rights before the request to Slack. */
  rights: Rights;
  /** Email addresses in its routing. */
  responders: readonly string[];
}

async function readDeciderFacts(
  { crews, store, people }: App,
  approval: Approval,
): Promise<DeciderFacts | undefined> {
  const crew = crews.get(approval.crew);
  const { status, question, review } = currentRound(approval);
  if (!crew || status !== 'waiting' || isUserId(approval.channel)) return undefined;
  const record = (await store.run(approval.crew, approval.executionId))?.record;
  if (!record || record.lost) return undefined;
  const run = narrowRunPeople(record, question);
  const responders = (review?.responders ?? []).slice(0, MOST_ADDRESSES);
  return { crew, approval, run, rights: readRights(crew, approval, run, people), responders };
}

function nameKnown(
  people: PeopleDirectory,
  { crew, approval, run }: DeciderFacts,
  most: number,
): NamedDeciders | undefined {
  const { question, votes } = currentRound(approval);
  const rights = readRights(crew, approval, run, people);
  const { rules } = rights;
  if (rights.isOpenToChannel) {
    // With several channels, a person must be in each. Without named approvers, no one decides on a tool.
    const isOne = rules.length === 1 || rules.every(({ channel }) => channel === crew.channel);
    // The requester may be in the channel but does not decide.
    const isAnyone =
      rights.unknownRequesters.length === 0 &&
      rights.excluded.every((id) => people.inChannel(id, findChannel(approval)) === false);
    return question?.tool || !isOne || !isAnyone ? undefined : 'channel';
  }
  const able = listAble(rights, people)?.able;
  if (!able || rights.unknownRequesters.length > 0) return undefined;
  const checked = new Map(
    able
      .slice(0, MOST_CHECKED)
      .filter(isUserId)
      .map((id) => [id, checkRules(id, { crew, approval, run, rules }, people)]),
  );
  const voted = votes.map(({ by }) => by);
  const isLeft = (id: string) => !voted.includes(id) && !(checked.has(id) && !UNREFUSED.has(checked.get(id)));
  const left = new Set(able.filter(isLeft));
  const peopleOf = (id: string) => unfoldGroups([id], people.members).filter((one) => left.has(one));
  const isSure = (id: string) => isGroupId(id) || checked.get(id) === 'yes';
  const named = rights.named
    .slice(0, most)
    .filter((id) => isSure(id) && peopleOf(id).length > 0 && people.nameOf(id) !== undefined);
  const covered = new Set(named.flatMap(peopleOf));
  // People whom Slack has not identified are not counted.
  const isCounted = (id: string) => (checked.has(id) ? isSure(id) : people.isGone(id) === false);
  const others = [...left].filter((id) => !covered.has(id) && isCounted(id));
  if (named.length + others.length === 0) return undefined;
  return {
    names: named.map((id) => people.nameOf(id) as string),
    others: others.length,
    ...(named.some(isGroupId) ? { hasGroup: true } : {}),
  };
}

/** Rights that do not refuse for certain. */
const UNREFUSED: ReadonlySet<DecisionRight | undefined> = new Set(['yes', 'cannot_check', 'open_card']);
