import type { App } from '../app.ts';
import { countApprovalsRequired } from '../lifecycle/rounds.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import { hasDecidedSince, listAway } from '../model/away.ts';
import { isGroupId, isUserId } from '../model/crew/slack-ids.ts';
import { resolveRules } from '../model/crew/task-rules.ts';
import type { StandIn } from '../model/round.ts';
import { type Audience, canDecideNow, findExcluded, LARGE, loadRunPeople, splitByReach } from './audience.ts';

const MOST_NAMED = 10;

/** Who is asked, and who of them is away. */
export interface Asked extends Audience {
  standIns: StandIn[];
}

/**
 * Those who are asked, with substitutes instead of people who are away. A substitute has to be there and may decide only what
 * the settings allow; else the person is asked as if they were there. Groups are resolved now. Asks Slack for what is not known.
 */
export async function askSubstitutes(app: App, approval: Approval, audience: Audience): Promise<Asked> {
  const { people, clock, store } = app;
  const away = listAway((await store.away())?.record ?? {}, clock.now());
  const asked = [...audience.mention, ...audience.direct];
  const everyone = new Set(asked.flatMap((id) => (isGroupId(id) ? [...(people.members(id) ?? [])] : [id])));
  const gone = [...away].filter(
    ([id, { since }]) => everyone.has(id) && !hasDecidedSince(approval, id, since),
  );
  if (gone.length === 0) return { ...audience, standIns: [] };

  await people.learn(
    gone.map(([, { substitute }]) => substitute),
    [],
  );
  const run = await loadRunPeople(app, approval);
  const round = currentRound(approval);
  // One person has one vote, so whoever decides for themselves does not make up for another where several are needed.
  const needsSeveral = countApprovalsRequired(approval, round) > 1;
  const taken = new Set(needsSeveral ? [...everyone, ...round.votes.map(({ by }) => by)] : []);
  const replaced = new Map<string, string>();
  const standIns = gone.slice(0, MOST_NAMED).map(([id, { substitute, day }]): StandIn => {
    const isAble =
      !away.has(substitute) && !taken.has(substitute) && canDecideNow(app, approval, substitute, run);
    if (!isAble) return { away: id, day, substitute };
    if (needsSeveral) taken.add(substitute);
    replaced.set(id, substitute);
    return { away: id, day, substitute, asked: true };
  });

  const crew = app.crews.get(approval.crew);
  const excluded = crew && findExcluded(resolveRules(crew, approval), run, people);
  const unfold = (id: string): string[] => {
    const members = isGroupId(id) ? [...(people.members(id) ?? [])] : [];
    // A large group is called as such.
    if (!members.some((member) => replaced.has(member)) || members.length > LARGE) return [id];
    return members.filter((member) => member !== excluded);
  };
  const stays = (id: string) => !replaced.has(id);
  const mention = [...new Set(audience.mention.flatMap(unfold))].filter(stays);
  const direct = audience.direct.filter(stays);
  const added = [...new Set(replaced.values())].filter((id) => ![...mention, ...direct].includes(id));
  const reach = findReach(app, approval, audience, added);
  return {
    ...audience,
    mention: [...mention, ...reach.mention],
    direct: [...direct, ...reach.direct],
    ...(audience.always ? { always: audience.always.map((id) => replaced.get(id) ?? id) } : {}),
    standIns,
  };
}

/** Where all are asked by direct messages, substitutes are too; in somebody's direct message nobody else sees the card. */
function findReach(
  app: App,
  { channel }: Approval,
  { mention, direct }: Audience,
  added: string[],
): Pick<Audience, 'mention' | 'direct'> {
  const byDirect = mention.length === 0 && direct.length > 0;
  if (!byDirect && !isUserId(channel)) return splitByReach(app, channel, added);
  const here = added.filter((id) => id === channel);
  return { mention: here, direct: added.filter((id) => id !== channel) };
}
