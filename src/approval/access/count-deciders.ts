import { repeat } from '../../lib/time.ts';
import type { App } from '../app.ts';
import { eachEntry } from '../each-entry.ts';
import { markIrreversible } from '../lifecycle/mark-irreversible.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import { type Approval, type ApproverShortage, addFact, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { isUserId, unfoldGroups } from '../model/crew/slack-ids.ts';
import { isUndecidableUnnamed, isUnnamed, listAllRules } from '../model/crew/task-rules.ts';
import { needsNamedApprovers } from '../model/tool-call.ts';
import type { PeopleDirectory } from '../ports.ts';
import { updateApproval } from '../update.ts';
import type { RunPeople } from './can-decide.ts';
import { learnRequesters, loadRights, loadRunPeople, type Rights, readRights } from './rights.ts';

const CHECK_INTERVAL = 60 * 60_000;
/** Delay before the first check, in milliseconds: the bot first connects to Slack and reads groups. */
const FIRST_CHECK_DELAY = 60_000;
const MAX_CHECKED = 1_000;

/**
 * Checks each hour that enough people can decide the waiting approvals: people leave, groups become empty, settings change.
 * Reports a shortage on the card and to the operators. Returns a function that stops the checks.
 */
export function startCountingDeciders(app: App): () => void {
  return repeat(
    app.clock,
    CHECK_INTERVAL,
    async () => {
      for (const crew of app.crews.values()) {
        try {
          await closeQuestionsOfNobody(app, crew);
          await checkCrew(app, crew);
        } catch (error) {
          app.log.error({ crew: crew.name, error }, 'deciders not counted; retrying in an hour');
        }
      }
    },
    { firstAfter: FIRST_CHECK_DELAY },
  );
}

/** Closes questions that need named approvers where the settings no longer name any: the program need not wait for nobody. */
async function closeQuestionsOfNobody(app: App, crew: Crew): Promise<void> {
  if (listAllRules(crew).every(({ approvers }) => approvers.length > 0)) return;
  for await (const { id } of eachEntry(app.store, 'waiting', [crew.name])) {
    const approval = (await app.store.approval(id))?.record;
    if (!approval || !needsNamedApprovers(currentRound(approval).question)) continue;
    if (!(await loadRights(app, approval))?.isOpenToChannel) continue;
    const { number: round } = currentRound(approval);
    const closed = await updateApproval(app.store, id, (current) =>
      applyEvent(current, { type: 'withdrawn', at: app.clock.now(), round, lapsed: 'no_approvers' }),
    );
    if (!closed) continue;
    app.log.warn({ crew: crew.name, approval: id }, 'question closed: no approvers are named');
    app.wake(closed);
  }
}

async function checkCrew(app: App, crew: Crew): Promise<void> {
  let checked = 0;
  let undecidable = 0;
  for await (const { id } of eachEntry(app.store, 'waiting', [crew.name])) {
    if (await isUndecidable(app, crew, id)) undecidable += 1;
    checked += 1;
    if (checked === MAX_CHECKED) break;
  }
  if (undecidable > 0) app.alert({ kind: 'too_few_deciders', crew: crew.name, approvals: undecidable });
}

async function isUndecidable(app: App, crew: Crew, id: string): Promise<boolean> {
  const marked = await updateApproval(app.store, id, (current) =>
    markIrreversible(current, crew, app.clock.now()),
  );
  if (marked) app.wake(marked);
  const approval = (await app.store.approval(id))?.record;
  if (!approval) return false;
  const run = await loadRunPeople(app, approval);
  const { isKnown, named } = readRights(crew, approval, run, app.people);
  const byId = isKnown ? named.filter(isUserId) : [];
  await Promise.all([app.people.learn(byId, []), learnRequesters(app, approval)]);
  const count = countDeciders(crew, approval, run, app.people);
  if (count === undefined) return approval.tooFew !== undefined;
  const changed = await updateApproval(app.store, id, (current) =>
    applyCount(current, count, app.clock.now()),
  );
  if (changed) app.wake(changed);
  return count !== 'enough';
}

/** Facts about people that counting needs. */
type PeopleFacts = Pick<
  PeopleDirectory,
  'members' | 'idOf' | 'isGone' | 'channelSize' | 'inChannel' | 'outsider'
>;

/** Counts the people who can decide a waiting approval; undefined: not certain yet. Pure. */
export function countDeciders(
  crew: Crew,
  approval: Approval,
  run: RunPeople,
  people: PeopleFacts,
): ApproverShortage | 'enough' | undefined {
  const count = countByRights(crew, approval, readRights(crew, approval, run, people), people);
  if (count !== undefined || !currentRound(approval).review?.responders) return count;
  // The routing only excludes people: if too few are left without it, its people do not matter.
  const countWithoutRouting = countByRights(
    crew,
    approval,
    readRights(crew, approval, run, people, 'routing'),
    people,
  );
  return countWithoutRouting === 'enough' ? undefined : countWithoutRouting;
}

function countByRights(
  crew: Crew,
  approval: Approval,
  rights: Rights,
  people: PeopleFacts,
): ApproverShortage | 'enough' | undefined {
  const required = approval.policy.approvalsRequired;
  // Each requester whom Slack has not identified may be one of the counted people.
  const unknownCount = rights.unknownRequesters.length;
  if (rights.isOpenToChannel) {
    const size = people.channelSize(approval.channel);
    if (size === undefined) return undefined;
    const presences = [...new Set(rights.excluded)].map((id) => people.inChannel(id, approval.channel));
    // The bot is a member, too.
    const able = Math.max(0, size - 1 - presences.filter((isPresent) => isPresent === true).length);
    if (able < required) return { able, required };
    const unsureCount = unknownCount + presences.filter((isPresent) => isPresent === undefined).length;
    return able - unsureCount >= required ? 'enough' : undefined;
  }
  const listedPeople = listAble(rights, people);
  if (!listedPeople) return undefined;
  if (listedPeople.able.length === 0 && isUnnamed(approval) && isUndecidableUnnamed(crew))
    return { able: 0, required, why: 'unnamed' };
  const voters = currentRound(approval).votes.map(({ by }) => by);
  const able = new Set([...listedPeople.able, ...voters]);
  if (able.size < required) return { able: able.size, required };
  // Unknown people may have left. Slack removes people who leave from their groups, so group members count.
  const certain = [...able].filter(
    (id) => voters.includes(id) || !listedPeople.byId.has(id) || people.isGone(id) === false,
  );
  return certain.length - unknownCount >= required ? 'enough' : undefined;
}

/** Counts the people who can still vote, except the person `by`; undefined: not known yet. Pure. */
export function countOpenVotes(
  crew: Crew,
  { approval, run, by }: { approval: Approval; run: RunPeople; by: string },
  people: PeopleFacts,
): number | undefined {
  const voted = new Set([by, ...currentRound(approval).votes.map((vote) => vote.by)]);
  const rights = readRights(crew, approval, run, people);
  if (!rights.isOpenToChannel) return listAble(rights, people)?.able.filter((id) => !voted.has(id)).length;
  const size = people.channelSize(approval.channel);
  const presentVoters = [...voted].filter((id) => people.inChannel(id, approval.channel) !== false);
  const presentRequesters = rights.excluded.filter((id) => people.inChannel(id, approval.channel) === true);
  return size === undefined
    ? undefined
    : Math.max(0, size - 1 - new Set([...presentVoters, ...presentRequesters]).size);
}

/** Lists the named people who can decide, voters included; undefined: not known yet. `byId`: people named by their own ids. */
export function listAble(
  { named, isRefused, isKnown }: Rights,
  { members }: Pick<PeopleFacts, 'members'>,
): { able: string[]; byId: Set<string> } | undefined {
  if (!isKnown) return undefined;
  const able = unfoldGroups(named, members).filter((id) => !isRefused(id));
  return { able: [...new Set(able)], byId: new Set(named.filter(isUserId)) };
}

function applyCount(approval: Approval, count: ApproverShortage | 'enough', at: number): Approval {
  if (currentRound(approval).status !== 'waiting') return approval;
  const { tooFew: recordedShortage, ...withoutShortage } = approval;
  if (count === 'enough')
    return recordedShortage ? addFact(withoutShortage, { at, what: 'enough_deciders' }) : approval;
  if (JSON.stringify(recordedShortage) === JSON.stringify(count)) return approval;
  return addFact({ ...approval, tooFew: count }, { at, what: 'too_few_deciders', detail: `${count.able}` });
}
