import type { App } from '../app.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { isGroupId, isUserId, unfoldGroups } from '../model/crew/slack-ids.ts';
import { needsNamedApprovers } from '../model/tool-call.ts';
import type { NamedDeciders, PeopleDirectory } from '../ports.ts';
import { type DecisionRight, narrowRunPeople, type RunPeople } from './can-decide.ts';
import { listAble } from './count-deciders.ts';
import { checkRules, findChannel, type Rights, readRights } from './rights.ts';

const MAX_NAMED = 6;
/** Most people per approval to check for the right to decide. */
const MAX_CHECKED = 20;
/** Longest turn of the event loop, in milliseconds: with groups of 5,000 an approval takes 10 to 50. */
const LONGEST_TURN = 10;
/** Most addresses of a routing to ask Slack about. */
const MAX_ADDRESSES = 20;

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
  max?: number;
  /** False: do not ask Slack for unknown names. */
  mayAskSlack?: boolean;
}

/** Names the deciders of several approvals, with one request to Slack. */
export async function nameDecidersOfAll(
  app: App,
  approvals: readonly Approval[],
  { max = MAX_NAMED, mayAskSlack = true }: Naming = {},
): Promise<Map<string, NamedDeciders>> {
  const { people } = app;
  let turnStart = app.clock.now();
  const takeTurn = async () => {
    if (app.clock.now() - turnStart < LONGEST_TURN) return;
    await app.giveWay();
    turnStart = app.clock.now();
  };
  const waitingFacts: DeciderFacts[] = [];
  for (const approval of approvals) {
    await takeTurn();
    const facts = await readDeciderFacts(app, approval);
    if (facts) waitingFacts.push(facts);
  }
  const ids = waitingFacts.flatMap(({ rights }) => (rights.isKnown ? rights.named.filter(isUserId) : []));
  const emails = waitingFacts.flatMap(({ rights, responders }) => [
    ...rights.unknownRequesters,
    ...responders,
  ]);
  if (mayAskSlack && ids.length + emails.length > 0) await people.learn(ids, emails);
  const decidersById = new Map<string, NamedDeciders>();
  for (const facts of waitingFacts) {
    await takeTurn();
    const deciders = nameFromFacts(people, facts, max);
    if (deciders) decidersById.set(facts.approval.id, deciders);
  }
  return decidersById;
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
  const responders = (review?.responders ?? []).slice(0, MAX_ADDRESSES);
  return { crew, approval, run, rights: readRights(crew, approval, run, people), responders };
}

function nameFromFacts(
  people: PeopleDirectory,
  { crew, approval, run }: DeciderFacts,
  max: number,
): NamedDeciders | undefined {
  const { question, votes } = currentRound(approval);
  const rights = readRights(crew, approval, run, people);
  const { rules } = rights;
  if (rights.isOpenToChannel) {
    // With several channels, a person must be in each. Where named approvers are needed and missing, no one decides.
    const hasSingleChannel = rules.length === 1 || rules.every(({ channel }) => channel === crew.channel);
    // The requester may be in the channel but does not decide.
    const isEveryMember =
      rights.unknownRequesters.length === 0 &&
      rights.excluded.every((id) => people.inChannel(id, findChannel(approval)) === false);
    return needsNamedApprovers(question) || !hasSingleChannel || !isEveryMember ? undefined : 'channel';
  }
  const able = listAble(rights, people)?.able;
  if (!able || rights.unknownRequesters.length > 0) return undefined;
  const rightById = new Map(
    able
      .slice(0, MAX_CHECKED)
      .filter(isUserId)
      .map((id) => [id, checkRules(id, { crew, approval, run, rules }, people)]),
  );
  const voters = votes.map(({ by }) => by);
  const canStillDecide = (id: string) =>
    !voters.includes(id) && !(rightById.has(id) && !UNREFUSED.has(rightById.get(id)));
  const remainingIds = new Set(able.filter(canStillDecide));
  const listRemaining = (id: string) =>
    unfoldGroups([id], people.members).filter((person) => remainingIds.has(person));
  const isSure = (id: string) => isGroupId(id) || rightById.get(id) === 'yes';
  const namedIds = rights.named
    .slice(0, max)
    .filter((id) => isSure(id) && listRemaining(id).length > 0 && people.nameOf(id) !== undefined);
  const covered = new Set(namedIds.flatMap(listRemaining));
  // People whom Slack has not identified are not counted.
  const isCounted = (id: string) => (rightById.has(id) ? isSure(id) : people.isGone(id) === false);
  const others = [...remainingIds].filter((id) => !covered.has(id) && isCounted(id));
  if (namedIds.length + others.length === 0) return undefined;
  return {
    names: namedIds.map((id) => people.nameOf(id) as string),
    others: others.length,
    ...(namedIds.some(isGroupId) ? { hasGroup: true } : {}),
  };
}

/** Rights that do not refuse for certain. */
const UNREFUSED: ReadonlySet<DecisionRight | undefined> = new Set(['yes', 'cannot_check', 'open_card']);
