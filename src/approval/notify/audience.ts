import { canDecide, type RunPeople } from '../access/can-decide.ts';
import { countApprovalsRequired } from '../lifecycle/rounds.ts';
import { type Approval, currentRound, findRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { isApproverId, isGroupId, isUserId } from '../model/crew/slack-ids.ts';
import { type Notify, resolveRules, type TaskRules } from '../model/crew/task-rules.ts';
import type { Round } from '../model/round.ts';
import type { ApprovalStore, PeopleDirectory } from '../ports.ts';
import { isOpenToChannel, listAsked } from './asked.ts';
import { HERE } from './mentions.ts';

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

/** One notion of who must see a card, a reminder, an expiry, an escalation. Everything rejects with a StoreError. */
export function createAudiences({
  store,
  settings,
  people,
}: {
  store: ApprovalStore;
  settings: ReadonlyMap<string, Crew>;
  people: PeopleDirectory;
}) {
  const runOf = async (approval: Approval): Promise<RunPeople> =>
    (await store.execution(approval.crew, approval.executionId))?.record ?? {};

  /** Who is told of a round when its card is posted. Asks Slack for nothing: its lane is claimed. */
  async function ofCard(approval: Approval, round: Round): Promise<Audience> {
    const run = await runOf(approval);
    const asker = findReviser(approval, round);
    const answers = asker !== undefined && may(approval, asker, run) ? asker : undefined;
    // Whoever asked for it looks at the answer; others only where one person is not enough.
    if (answers !== undefined && countApprovalsRequired(approval, round) === 1)
      return notifyOf(approval) === 'none'
        ? NOBODY
        : { ...reach(approval.channel, [answers]), always: [answers] };
    const { mention, direct, nobody } = ofWaiting(approval, run);
    const all = answers === undefined || notifyOf(approval) === 'none' ? mention : [answers, ...mention];
    return {
      mention: [...new Set(all)],
      direct,
      ...(answers === undefined ? {} : { always: [answers] }),
      ...(nobody ? { nobody } : {}),
    };
  }

  /** Who is told again of a round that waits. */
  async function ofReminder(approval: Approval): Promise<Audience> {
    const run = await runOf(approval);
    const { assignee } = currentRound(approval);
    if (assignee !== undefined) return reach(approval.channel, [assignee]);
    await learnRequester(run);
    return ofWaiting(approval, run);
  }

  /** By the settings, in the channel of its cards; a direct message notifies by itself. */
  function ofWaiting(approval: Approval, run: RunPeople): Audience {
    const { channel } = approval;
    const crew = settings.get(approval.crew);
    const notify = notifyOf(approval);
    if (!crew || notify === 'none') return NOBODY;
    const asked = listAsked(resolveRules(crew, approval), approval, run, people);
    if (isUserId(channel)) return { mention: asked, direct: [] };
    const open = isOpenToChannel(resolveRules(crew, approval));
    if (notify === 'dm') {
      const direct = limitDirect(unfolded(asked));
      return { mention: [], direct, ...(direct.length === 0 ? { nobody: true as const } : {}) };
    }
    const told = byNotify(notify, asked, open ? channel : undefined);
    if (told.length === 0)
      return { ...NOBODY, ...(open || asked.length > 0 ? { nobody: true as const } : {}) };
    return reach(channel, told);
  }

  function notifyOf(approval: Approval): Notify {
    const crew = settings.get(approval.crew);
    return (crew && resolveRules(crew, approval)[0]?.notify) ?? 'approvers';
  }

  /** `open`: the channel whose members decide, where no approvers are named. */
  function byNotify(
    notify: Exclude<Notify, 'dm' | 'none'>,
    asked: readonly string[],
    open: string | undefined,
  ): string[] {
    if (notify === 'here') return [HERE];
    if (typeof notify === 'object') return [...notify];
    if (open !== undefined) return (people.channelSize(open) ?? LARGE + 1) <= LARGE ? [HERE] : [];
    return asked.filter((id) => !isGroupId(id) || (people.members(id)?.size ?? 0) <= LARGE);
  }

  /** Splits people by whether a mention in the channel reaches them. */
  function reach(channel: string, ids: readonly string[]): Audience {
    if (isUserId(channel)) return { mention: [...ids], direct: [] };
    const isOutside = (id: string) => isUserId(id) && people.inChannel(id, channel) === false;
    return {
      mention: ids.filter((id) => !isOutside(id)),
      direct: limitDirect(unfolded(ids).filter(isOutside)),
    };
  }

  /** Whether someone certainly may decide it: only then they are written to. Asks Slack for what is not known. */
  async function mayBeWritten(approval: Approval, person: string): Promise<boolean> {
    await people.learn([person], []);
    return may(approval, person, await runOf(approval));
  }

  function may(approval: Approval, person: string, run: RunPeople): boolean {
    const crew = settings.get(approval.crew);
    if (!crew) return false;
    const escalated = currentRound(approval).escalatedAt !== undefined;
    const inChannel = isUserId(approval.channel)
      ? approval.channel === person
      : people.inChannel(person, approval.channel);
    return resolveRules(crew, approval).every(
      (rules) => canDecide(person, rules, run, { escalated, inChannel }, people) === 'yes',
    );
  }

  /** Slack id of whoever started a run; null for nobody in Slack, undefined while it is not known. */
  async function requesterOf(run: RunPeople): Promise<string | null | undefined> {
    await learnRequester(run);
    const { requestedBy } = run;
    return requestedBy === undefined || isApproverId(requestedBy) ? requestedBy : people.idOf(requestedBy);
  }

  async function learnRequester({ requestedBy }: RunPeople): Promise<void> {
    if (requestedBy === undefined || isApproverId(requestedBy)) return;
    if (people.idOf(requestedBy) === undefined) await people.learn([], [requestedBy]);
  }

  function unfolded(ids: readonly string[]): string[] {
    return ids.flatMap((id) => (isGroupId(id) ? [...(people.members(id) ?? [])] : [id]));
  }

  return { ofCard, ofReminder, requesterOf, reach, mayBeWritten };
}

/** Whether nobody is told of a crew's cards: nobody is named who could be. */
export function notifiesNobody(
  { notify = 'approvers', approvers, channel }: TaskRules,
  { members, channelSize }: Pick<PeopleDirectory, 'members' | 'channelSize'>,
): boolean {
  if (isUserId(channel)) return false;
  if (notify === 'dm') return approvers.length === 0;
  if (notify !== 'approvers') return false;
  if (approvers.length === 0) return (channelSize(channel) ?? 0) > LARGE;
  return approvers.every((id) => isGroupId(id) && (members(id)?.size ?? 0) > LARGE);
}

/** The person whose request for a revision this round answers. */
function findReviser(approval: Approval, { number }: Round): string | undefined {
  const before = findRound(approval, number - 1);
  if (before?.status !== 'revision_requested' || !before.decision || before.decision.rule) return undefined;
  return before.decision.by;
}

function limitDirect(ids: readonly string[]): string[] {
  return [...new Set(ids.filter(isUserId))].slice(0, MOST_DIRECT);
}

export type Audiences = ReturnType<typeof createAudiences>;
