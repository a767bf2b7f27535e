import { canDecide, type DecisionRight } from './access/can-decide.ts';
import { checkRight, learnRights } from './access/deciders.ts';
import { hasAccess, loadRights } from './access/rights.ts';
import type { App } from './app.ts';
import { type Approval, currentRound, hasVoted } from './model/approval.ts';
import {
  type Absences,
  type Away,
  addDays,
  findDate,
  findDateIn,
  findEndOfDay,
  listAway,
  listSentNotices,
  type NamedDay,
} from './model/away.ts';
import type { Crew } from './model/crew/crew.ts';
import { isGroupId, isUserId } from './model/crew/slack-ids.ts';
import { listAllRules, type TaskRules } from './model/crew/task-rules.ts';
import { searchLists } from './queries/list-approvals.ts';
import { CONFLICT, retryConflicts } from './update.ts';

/** Why a person cannot be away as they asked. */
export type AwayRefusal =
  | { code: 'past_day' }
  | { code: 'far_day' }
  | { code: 'self' }
  /** The substitute is a bot, or deactivated. */
  | { code: 'not_active' }
  /** The substitute may decide nothing that the person may decide. */
  | { code: 'not_able' }
  | { code: 'substitute_away'; day: string }
  /** The person may decide in no crew. */
  | { code: 'nothing_to_decide' }
  | { code: 'cannot_check' };

/** A recorded absence, and what the person must know about it. */
export interface RecordedAbsence {
  away: Away;
  /** Crews in which the substitute may not decide everything that the person may. */
  notIn: string[];
  /** Crews with rules, for all or some of their tasks, that name no approvers. */
  openIn: string[];
  /** Crews in which several people approve: the bot still asks the person if the others are too few. */
  severalIn: string[];
  /** People for whom the person stands in. The bot asks them again, since their substitute is away now. */
  standsInFor: string[];
}

/** Approvals that wait for a person and that their substitute may decide, oldest first. `more`: there may be more. */
export interface HandedOverApprovals {
  waiting: Approval[];
  more: boolean;
}

/** Absence of a person, and the people for whom they stand in. */
export interface Whereabouts {
  ownAbsence?: Away | undefined;
  /** The substitute is away, too. */
  isAlone?: boolean;
  standsInFor: readonly { person: string; day: string }[];
  /** By the settings, the person may not decide in any crew. */
  decidesNothing?: boolean;
}

const MAX_DAYS = 366;
const MAX_LISTED = 20;
/** Longest search for handed-over approvals, in milliseconds: most approvals may wait for others. */
const LONGEST_SEARCH = 5_000;

/**
 * Records that a person is away until the end of a day in their time zone. Until then the bot asks their substitute instead, if
 * the substitute may decide an approval. The result compares both by the settings alone, without the people whom runs name. Asks
 * Slack for unknown facts. Rejects with a StoreError.
 */
export function goAway(
  app: App,
  person: string,
  { day, substitute }: { day: NamedDay; substitute: string },
): Promise<RecordedAbsence | AwayRefusal> {
  return app.serialize(`away ${person}`, async () => {
    const { people, clock } = app;
    const now = clock.now();
    if (substitute === person) return { code: 'self' };
    await learnRightsInCrews(app, [person, substitute]);
    const zone = people.timeZone(person);
    if (zone === undefined || people.isGone(substitute) === undefined) return { code: 'cannot_check' };
    if (people.isGone(substitute)) return { code: 'not_active' };
    const today = findDateIn(zone, now);
    const date = findDate(day, today);
    if (date < today) return { code: 'past_day' };
    if (date > addDays(today, MAX_DAYS)) return { code: 'far_day' };
    const rights = compareRights(app, person, substitute);
    if ('code' in rights) return rights;
    const away = { day: date, until: findEndOfDay(date, zone), substitute };
    const outcome = await recordAway(app, person, away);
    if (!('code' in outcome)) app.log.info({ person, substitute, until: date }, 'person is away');
    return 'code' in outcome ? outcome : { ...rights, ...outcome };
  });
}

function recordAway(
  app: App,
  person: string,
  absence: Omit<Away, 'since'>,
): Promise<Pick<RecordedAbsence, 'away' | 'standsInFor'> | AwayRefusal> {
  return changeAbsences<Pick<RecordedAbsence, 'away' | 'standsInFor'> | AwayRefusal>(app, ({ awayById }) => {
    // No chains: a substitute must not be away.
    const substituteAbsence = awayById.get(absence.substitute);
    if (substituteAbsence) return { code: 'substitute_away', day: substituteAbsence.day };
    const away = { ...absence, since: awayById.get(person)?.since ?? app.clock.now() };
    awayById.set(person, away);
    const standsInFor = [...awayById].filter(([, { substitute }]) => substitute === person).map(([id]) => id);
    return { away, standsInFor };
  });
}

/** Records that a person is back. False: they were not away. Rejects with a StoreError. */
export function comeBack(app: App, person: string): Promise<boolean> {
  return app.serialize(`away ${person}`, async () => {
    const wasAway = await changeAbsences(app, ({ awayById }) => awayById.delete(person));
    if (wasAway) app.log.info({ person }, 'person is back');
    return wasAway;
  });
}

/** Reads whether a person is away, and for whom they stand in. Rejects with a StoreError. */
export async function readAway(app: App, person: string): Promise<Whereabouts> {
  const awayById = listAway((await app.store.absences())?.record, app.clock.now());
  const absence = awayById.get(person);
  const replacedPeople = [...awayById].filter(([, { substitute }]) => substitute === person);
  const rights = listRights(app, person).map((row) => row.personRight);
  return {
    ownAbsence: absence,
    ...(absence && awayById.has(absence.substitute) ? { isAlone: true } : {}),
    standsInFor: replacedPeople.map(([id, { day }]) => ({ person: id, day })),
    ...(rights.some((right) => right === 'yes' || isUnknown(right)) ? {} : { decidesNothing: true }),
  };
}

/** Stored absences, to be changed. `awayById`: the people who are away now. */
type Draft = Omit<Absences, 'people'> & { awayById: Map<string, Away> };

/**
 * Changes the absences as stored. `change` edits the draft and may run again; resolves with its last result. Rejects with a
 * StoreError.
 */
export function changeAbsences<T>({ store, clock }: App, change: (absences: Draft) => T): Promise<T> {
  return retryConflicts('absences', async () => {
    const stored = await store.absences();
    const { told = [], sendingUntil } = stored?.record ?? {};
    const draft: Draft = {
      awayById: listAway(stored?.record, clock.now()),
      told,
      ...(sendingUntil === undefined ? {} : { sendingUntil }),
    };
    const write = ({ awayById, ...rest }: Draft) => ({ people: Object.fromEntries(awayById), ...rest });
    const textBefore = JSON.stringify(write(draft));
    const result = change(draft);
    draft.told = listSentNotices(draft.awayById, draft.told, clock.now());
    if (JSON.stringify(write(draft)) === textBefore) return result;
    return (await store.saveAbsences(stored, write(draft))) ? result : CONFLICT;
  });
}

async function learnRightsInCrews({ crews, people }: App, ids: readonly string[]): Promise<void> {
  const rules = [...crews.values()].flatMap(listAllRules);
  const openRules = rules.filter(({ approvers, channel }) => approvers.length === 0 && !isUserId(channel));
  await Promise.all([
    people.learn(ids, []),
    people.learnMembers([...new Set(openRules.map(({ channel }) => channel))]),
  ]);
}

/** Lists, for the rules of each crew, before and after an escalation, if a person and their substitute may decide. */
function listRights(
  { crews, people }: App,
  person: string,
  substitute = person,
): { crew: Crew; rules: TaskRules; personRight: DecisionRight; substituteRight: DecisionRight }[] {
  const findRight = (id: string, rules: TaskRules, escalated: boolean) => {
    const inChannel = hasAccess(people, id, rules.channel);
    return canDecide(id, rules, {}, { escalated, inChannel }, people);
  };
  return [...crews.values()].flatMap((crew) =>
    listAllRules(crew).flatMap((rules) =>
      [false, true].map((escalated) => ({
        crew,
        rules,
        personRight: findRight(person, rules, escalated),
        substituteRight: findRight(substitute, rules, escalated),
      })),
    ),
  );
}

const isUnknown = (right: DecisionRight) => right === 'cannot_check' || right === 'open_card';

/** Compares what a substitute may decide with what the person may decide. */
function compareRights(
  app: App,
  person: string,
  substitute: string,
): Pick<RecordedAbsence, 'notIn' | 'openIn' | 'severalIn'> | AwayRefusal {
  const rows = listRights(app, person, substitute);
  const decidableRows = rows.filter((row) => row.personRight === 'yes');
  if (decidableRows.length === 0)
    return { code: rows.some((row) => isUnknown(row.personRight)) ? 'cannot_check' : 'nothing_to_decide' };
  if (decidableRows.some(({ substituteRight }) => isUnknown(substituteRight)))
    return { code: 'cannot_check' };
  if (!decidableRows.some(({ substituteRight }) => substituteRight === 'yes')) return { code: 'not_able' };
  const listCrewNames = (rows: typeof decidableRows) => [...new Set(rows.map(({ crew }) => crew.name))];
  return {
    notIn: listCrewNames(decidableRows.filter(({ substituteRight }) => substituteRight !== 'yes')),
    openIn: listCrewNames(decidableRows.filter(({ rules }) => rules.approvers.length === 0)),
    severalIn: listCrewNames(decidableRows.filter(({ rules }) => rules.policy.approvalsRequired > 1)),
  };
}

/** Lists the approvals that wait for a person who is away and that their substitute may decide. Rejects with a StoreError. */
export async function listHandedOver(
  app: App,
  person: string,
  { substitute }: Away,
): Promise<HandedOverApprovals> {
  const { store, crews, clock } = app;
  const waiting: Approval[] = [];
  const { why } = await searchLists(
    app,
    {
      read: (slice) => store.list('waiting', [...crews.keys()], slice),
      reverse: false,
      keeps: (approval) => isHandedOver(app, approval, person, substitute),
    },
    undefined,
    clock.now() + LONGEST_SEARCH,
    async (approval) => {
      if (waiting.length === MAX_LISTED) return 'enough';
      waiting.push(approval);
      return 'go_on';
    },
  );
  return { waiting, more: why !== 'end' };
}

/** True if an approval waits for the person, by name or as a member of its channel, and the substitute may decide it. */
async function isHandedOver(
  app: App,
  approval: Approval,
  person: string,
  substitute: string,
): Promise<boolean> {
  const { people } = app;
  const isWaiting = currentRound(approval).status === 'waiting';
  if (!isWaiting || hasVoted(approval, person) || hasVoted(approval, substitute)) return false;
  const rights = await loadRights(app, approval);
  if (!rights) return false;
  const { asked, isOpenToChannel } = rights;
  const includesPerson = (id: string) =>
    id === person || (isGroupId(id) && people.members(id)?.has(person) === true);
  const isOpen = asked.length === 0 && isOpenToChannel;
  if (!isOpen && !asked.some(includesPerson)) return false;
  await learnRights(app, substitute, [approval]);
  if ((await checkRight(app, approval, substitute)) !== 'yes') return false;
  return !isOpen || (await checkRight(app, approval, person)) === 'yes';
}
