import { canDecide } from './access/can-decide.ts';
import { hasAccess, learnRights } from './access/deciders.ts';
import type { App } from './app.ts';
import { type Approval, currentRound } from './model/approval.ts';
import { type Away, findDate, findEndOfDay, listAway, type NamedDay } from './model/away.ts';
import { isGroupId, isUserId } from './model/crew/slack-ids.ts';
import { listAllRules, resolveRules, type TaskRules } from './model/crew/task-rules.ts';
import { canDecideNow, listAsked, loadRunPeople } from './notify/audience.ts';
import { walk } from './queries/list-approvals.ts';
import { CONFLICT, retryConflicts } from './update.ts';

/** Why somebody cannot be away as they asked for. */
export type AwayRefusal =
  | { code: 'past_day' }
  | { code: 'far_day' }
  /** Of whoever was named as the substitute; `not_able`: they may decide nothing that the person decides. */
  | { code: 'self' }
  | { code: 'not_active' }
  | { code: 'not_able' }
  | { code: 'substitute_away'; day: string }
  /** The person decides in no crew. */
  | { code: 'nothing_to_decide' }
  | { code: 'cannot_check' };

/** What became of it. `notIn`: crews of which the substitute may decide not all that the person may. */
export interface GoneAway {
  away: Away;
  notIn: string[];
}

/** What a person is asked for already and their substitute may decide, oldest first. `more`: there may be more. */
export interface HandedOver {
  waiting: Approval[];
  more: boolean;
}

const LONGEST = 366 * 24 * 60 * 60_000;
const MOST_LISTED = 20;
/** Most of the approvals may wait for others, in milliseconds. */
const LOOKED_FOR = 5_000;

/**
 * A person is away until the end of a day in their time zone, and is asked nothing until then that their substitute may decide.
 * The settings alone say what that is. Asks Slack for what is not known. Rejects with a StoreError.
 */
export async function goAway(
  app: App,
  person: string,
  { day, substitute }: { day: NamedDay; substitute: string },
): Promise<GoneAway | AwayRefusal> {
  const { people, clock } = app;
  const now = clock.now();
  if (substitute === person) return { code: 'self' };
  await learnRightsInCrews(app, [person, substitute]);
  if (people.isGone(substitute) === undefined) return { code: 'cannot_check' };
  if (people.isGone(substitute)) return { code: 'not_active' };
  const zone = people.timeZone(person) ?? 'UTC';
  const date = findDate(day, now, zone);
  const until = findEndOfDay(date, zone);
  if (until <= now) return { code: 'past_day' };
  if (until - now > LONGEST) return { code: 'far_day' };
  const rights = compareRights(app, person, substitute);
  if ('code' in rights) return rights;
  const away: Away = { day: date, since: now, until, substitute };
  // No chains: a substitute is there.
  const taken = await changeAway(app, (all) => all.get(substitute) ?? all.set(person, away));
  if (!(taken instanceof Map)) return { code: 'substitute_away', day: taken.day };
  app.log.info({ person, substitute, until: date }, 'person is away');
  return { away, notIn: rights.notIn };
}

/** A person is back. False: they were not away. Rejects with a StoreError. */
export async function comeBack(app: App, person: string): Promise<boolean> {
  let was = false;
  await changeAway(app, (all) => {
    was = all.delete(person);
    return all;
  });
  if (was) app.log.info({ person }, 'person is back');
  return was;
}

/** Whether a person is away, and for whom they stand in. */
export interface Whereabouts {
  own?: Away | undefined;
  standsInFor: readonly { person: string; day: string }[];
}

/** Where a person is now. Rejects with a StoreError. */
export async function readAway(
  { store, clock }: Pick<App, 'store' | 'clock'>,
  person: string,
): Promise<Whereabouts> {
  const all = listAway((await store.away())?.record ?? {}, clock.now());
  const asked = [...all].filter(([, { substitute }]) => substitute === person);
  return { own: all.get(person), standsInFor: asked.map(([id, { day }]) => ({ person: id, day })) };
}

/** A substitute was told of what waits already. Rejects with a StoreError. */
export async function recordTold(app: App, person: string, { since }: Away): Promise<void> {
  await changeAway(app, (all) => {
    const away = all.get(person);
    return away?.since === since ? all.set(person, { ...away, told: true }) : all;
  });
}

/** Those whose substitutes were not told: the bot stopped before. Rejects with a StoreError. */
export async function listUntold({ store, clock }: App): Promise<[string, Away][]> {
  return [...listAway((await store.away())?.record ?? {}, clock.now())].filter(([, { told }]) => !told);
}

/** Changes who is away, as it is in the store; what `change` gives is the result, a map of all of them is stored. */
function changeAway<T>(
  { store, clock }: App,
  change: (all: Map<string, Away>) => Map<string, Away> | T,
): Promise<Map<string, Away> | T> {
  return retryConflicts('away', async () => {
    const stored = await store.away();
    const changed = change(listAway(stored?.record ?? {}, clock.now()));
    if (!(changed instanceof Map)) return changed;
    return (await store.saveAway(stored, Object.fromEntries(changed))) ? changed : CONFLICT;
  });
}

async function learnRightsInCrews({ crews, people }: App, ids: readonly string[]): Promise<void> {
  const rules = [...crews.values()].flatMap(listAllRules);
  const open = rules.filter(({ approvers, channel }) => approvers.length === 0 && !isUserId(channel));
  await Promise.all([
    people.learn(ids, []),
    people.learnMembers([...new Set(open.map(({ channel }) => channel))]),
  ]);
}

/** In which crews a substitute may not decide all that a person may. */
function compareRights(app: App, person: string, substitute: string): { notIn: string[] } | AwayRefusal {
  const right = (id: string, rules: TaskRules) =>
    canDecide(id, rules, {}, { escalated: false, inChannel: hasAccess(app, id, rules.channel) }, app.people);
  const crews = [...app.crews.values()].map((crew) => {
    const own = listAllRules(crew).filter((rules) => right(person, rules) === 'yes');
    return { name: crew.name, rights: own.map((rules) => right(substitute, rules)) };
  });
  const own = crews.filter(({ rights }) => rights.length > 0);
  if (own.length === 0) return { code: 'nothing_to_decide' };
  const all = own.flatMap(({ rights }) => rights);
  if (all.some((one) => one === 'cannot_check' || one === 'open_card')) return { code: 'cannot_check' };
  if (!all.includes('yes')) return { code: 'not_able' };
  return { notIn: own.filter(({ rights }) => rights.some((one) => one !== 'yes')).map(({ name }) => name) };
}

/** What waits for a person who is away. Rejects with a StoreError. */
export async function listHandedOver(app: App, person: string, { substitute }: Away): Promise<HandedOver> {
  const { store, crews, clock, people } = app;
  const isAsked = async (approval: Approval) => {
    const crew = crews.get(approval.crew);
    const { status, votes, mentioned = [] } = currentRound(approval);
    if (!crew || status !== 'waiting' || votes.some(({ by }) => by === substitute)) return false;
    await learnRights(app, substitute, [approval]);
    const run = await loadRunPeople(app, approval);
    const asked = [...mentioned, ...listAsked(resolveRules(crew, approval), approval, run, people)];
    const isOne = (id: string) =>
      id === person || (isGroupId(id) && people.members(id)?.has(person) === true);
    return asked.some(isOne) && canDecideNow(app, approval, substitute, run);
  };
  const waiting: Approval[] = [];
  const { why } = await walk(
    app,
    {
      read: (slice) => store.list('waiting', [...crews.keys()], slice),
      reverse: false,
      keeps: isAsked,
    },
    undefined,
    clock.now() + LOOKED_FOR,
    async (approval) => {
      if (waiting.length === MOST_LISTED) return 'enough';
      waiting.push(approval);
      return 'go_on';
    },
  );
  return { waiting, more: why !== 'end' };
}
