import { type Approval, currentRound, type Round, roundNumbered } from './approval.ts';
import type { Crew } from './crew.ts';
import { HERE } from './mentions.ts';
import { deciders, isApproverId, isGroupId, isUserId, type RunPeople } from './policy.ts';
import type { ApprovalStore, PeopleDirectory } from './ports.ts';
import { approvalsRequired } from './rounds.ts';
import { commonApprovers, type Notify, rulesOf, type TaskRules } from './task-rules.ts';

/** A larger group is mentioned only where `notify` names it; a larger channel is not called by `<!here>`. */
export const LARGE = 20;
const MOST_DIRECT = 10;

/** Who must see something that waits. */
export interface Audience {
  /** Mentioned in the message: ids of users and groups, or HERE. */
  mention: string[];
  /** People outside the channel, whom a mention does not reach: they get a direct message. */
  direct: string[];
  /** Those of the mentioned who are mentioned however lately they were before. */
  always?: string[];
  /** The settings name nobody who could be told. */
  nobody?: true;
}

const NOBODY: Audience = { mention: [], direct: [] };

/** One notion of who must see a card, a reminder, an escalation. Everything rejects with a StoreError. */
export function createAudiences({
  store,
  settings,
  people,
}: {
  store: ApprovalStore;
  settings: ReadonlyMap<string, Crew>;
  people: PeopleDirectory;
}) {
  /** Who is told of a round when its card is posted. */
  async function ofCard(approval: Approval, round: Round): Promise<Audience> {
    const crew = settings.get(approval.crew);
    // A direct message notifies by itself.
    if (!crew || isUserId(approval.channel)) return NOBODY;
    const all = rulesOf(crew, approval);
    const { notify = 'approvers' } = all[0] as TaskRules;
    const open = all.every(({ approvers }) => approvers.length === 0);
    if (notify === 'none') return NOBODY;
    const asker = whoAskedFor(approval, round);
    // Whoever asked for it looks at the answer; others only where one person is not enough.
    if (asker !== undefined && approvalsRequired(approval, round) === 1)
      return { ...reach(approval.channel, [asker], []), always: [asker] };
    const asked = await askedToDecide(approval);
    const told = [
      ...(asker === undefined ? [] : [asker]),
      ...byNotify(notify, asked, open ? approval.channel : undefined),
    ];
    if (notify === 'dm') return { mention: [], direct: direct(unfolded(told)) };
    if (told.length === 0) return { ...NOBODY, ...(open || asked.length > 0 ? { nobody: true } : {}) };
    return { ...reach(approval.channel, [...new Set(told)], asked), ...(asker ? { always: [asker] } : {}) };
  }

  /** `open`: the channel whose members decide, where no approvers are named. */
  function byNotify(notify: Notify, asked: readonly string[], open: string | undefined): string[] {
    if (notify === 'here') return [HERE];
    if (typeof notify === 'object') return [...notify];
    if (open !== undefined) return (people.channelSize(open) ?? LARGE + 1) <= LARGE ? [HERE] : [];
    return asked.filter((id) => !isGroupId(id) || (people.members(id)?.size ?? 0) <= LARGE);
  }

  /** Splits people by whether a mention in the channel reaches them; only those who may decide get a direct message. */
  function reach(channel: string, ids: readonly string[], deciding: readonly string[]): Audience {
    const outside = (id: string) => isUserId(id) && people.inChannel(id, channel) === false;
    const may = new Set(unfolded(deciding));
    const inGroups = ids
      .filter(isGroupId)
      .flatMap((id) => [...(people.members(id) ?? [])])
      .filter((id) => outside(id) && may.has(id));
    const away = ids.filter((id) => outside(id) && (may.has(id) || deciding.length === 0));
    return {
      mention: ids.filter((id) => !away.includes(id)),
      direct: direct([...away, ...inGroups]),
    };
  }

  /** Slack ids of those who are to decide; none: nobody in particular. */
  async function askedToDecide(approval: Approval): Promise<string[]> {
    const { assignee, votes, escalatedAt } = currentRound(approval);
    if (assignee !== undefined) return [assignee];
    const crew = settings.get(approval.crew);
    if (!crew) return [];
    const run: RunPeople = (await store.execution(approval.crew, approval.executionId))?.record ?? {};
    const all = rulesOf(crew, approval);
    const rules = { ...(all[0] as TaskRules), approvers: commonApprovers(all) };
    const asked = deciders(rules, run, people.members);
    const more = escalatedAt === undefined || asked.length === 0 ? [] : approval.policy.escalateTo;
    const done = votes.map(({ by }) => by);
    const excluding = all.some(({ excludeRequester }) => excludeRequester);
    const excluded = excluding ? await requesterOf(run) : undefined;
    return [...new Set([...asked, ...more])].filter((id) => !done.includes(id) && id !== excluded);
  }

  /** Slack id of whoever started a run; null for nobody in Slack, undefined while it is not known. */
  async function requesterOf({ requestedBy }: RunPeople): Promise<string | null | undefined> {
    if (requestedBy === undefined || isApproverId(requestedBy)) return requestedBy;
    if (people.idOf(requestedBy) === undefined) await people.learn([], [requestedBy]);
    return people.idOf(requestedBy);
  }

  function unfolded(ids: readonly string[]): string[] {
    return ids.flatMap((id) => (isGroupId(id) ? [...(people.members(id) ?? [])] : [id]));
  }

  return { ofCard, askedToDecide, requesterOf, reach };
}

/** Whether nobody is told of a crew's cards: nobody is named, and the channel is too large to call everyone. */
export function notifiesNobody(
  { notify = 'approvers', approvers, channel }: TaskRules,
  { members, channelSize }: Pick<PeopleDirectory, 'members' | 'channelSize'>,
): boolean {
  if (notify !== 'approvers' || isUserId(channel)) return false;
  if (approvers.length === 0) return (channelSize(channel) ?? 0) > LARGE;
  return approvers.every((id) => isGroupId(id) && (members(id)?.size ?? 0) > LARGE);
}

/** The person whose request for a revision this round answers. */
function whoAskedFor(approval: Approval, { number }: Round): string | undefined {
  const before = roundNumbered(approval, number - 1);
  if (before?.status !== 'revision_requested' || !before.decision || before.decision.rule) return undefined;
  return before.decision.by;
}

function direct(ids: readonly string[]): string[] {
  return [...new Set(ids.filter(isUserId))].slice(0, MOST_DIRECT);
}

export type Audiences = ReturnType<typeof createAudiences>;
