import { checkRight, learnRights } from '../access/deciders.ts';
import { loadRights, loadRunPeople } from '../access/rights.ts';
import type { App } from '../app.ts';
import { type Approval, currentRound, hasVoted } from '../model/approval.ts';
import { hasDecidedSince, listAway } from '../model/away.ts';
import { isGroupId, isUserId, unfoldGroups } from '../model/crew/slack-ids.ts';
import { resolveRules } from '../model/crew/task-rules.ts';
import type { StandIn } from '../model/round.ts';
import { type Audience, LARGE_AUDIENCE, splitByReach } from './audience.ts';

/** People to ask, and which of them are away. */
export interface AudienceWithSubstitutes extends Audience {
  standIns: StandIn[];
  /** If the card is in a direct message: Slack ids of substitutes who cannot see it. They are mentioned in the crew's channel. */
  mentionElsewhere?: string[];
}

/**
 * Replaces people who are away with their substitutes. A substitute must be present, and known to be allowed to decide; otherwise
 * the bot asks the person as if present. Resolves groups. `askedBy`: the person who asks; this person cannot be the substitute.
 * Uses only facts that the bot already has (`learnSubstitutes` asks Slack).
 */
export async function replaceAbsentPeople(
  app: App,
  approval: Approval,
  audience: Audience,
  askedBy?: string,
): Promise<AudienceWithSubstitutes> {
  const { clock, store } = app;
  const away = listAway((await store.absences())?.record, clock.now());
  const everyone = new Set([...audience.mention, ...audience.direct].flatMap((id) => listPeople(app, id)));
  // The substitutes of people in this audience are chosen anew below.
  const earlierStandIns = (currentRound(approval).standIns ?? []).filter(
    (standIn) => !everyone.has(standIn.away),
  );
  const absentPeople = [...away].filter(
    ([id, { since }]) => everyone.has(id) && !hasDecidedSince(approval, id, since),
  );
  if (absentPeople.length === 0) return { ...audience, standIns: earlierStandIns };

  const checkedStandIns = await Promise.all(
    absentPeople.map(async ([id, { substitute, day }]): Promise<StandIn> => {
      if (substitute === askedBy) return { away: id, day, substitute, why: 'by_substitute' };
      const right = away.has(substitute) ? 'no' : await checkRight(app, approval, substitute);
      const isUnknown = right === 'cannot_check' || right === 'open_card';
      const outcome =
        right === 'yes' ? { asked: true as const } : isUnknown ? { why: 'unchecked' as const } : {};
      return { away: id, day, substitute, ...outcome };
    }),
  );
  const standIns = await keepEnoughVotes(app, approval, checkedStandIns, { everyone, earlierStandIns });
  const substituteByPerson = new Map(
    standIns.flatMap((standIn) => (standIn.asked ? [[standIn.away, standIn.substitute]] : [])),
  );
  const remainingPeople = {
    mention: await removeReplacedPeople(app, approval, audience.mention, substituteByPerson),
    direct: audience.direct.filter((id) => !substituteByPerson.has(id)),
  };
  return {
    ...audience,
    ...addSubstitutes(app, approval, remainingPeople, {
      // A person who has voted has no other vote.
      substitutes: [...new Set(substituteByPerson.values())].filter((id) => !hasVoted(approval, id)),
      byDirect: audience.mention.length === 0 && audience.direct.length > 0,
    }),
    ...(audience.mentionEvenIfRecent
      ? { mentionEvenIfRecent: audience.mentionEvenIfRecent.map((id) => substituteByPerson.get(id) ?? id) }
      : {}),
    standIns: [...earlierStandIns, ...standIns],
  };
}

/** Requests the rights of substitutes from Slack, for a second at most. Must run before `replaceAbsentPeople`. */
export async function learnSubstitutes(app: App, approval: Approval): Promise<void> {
  const away = listAway((await app.store.absences())?.record, app.clock.now());
  const crew = app.crews.get(approval.crew);
  if (away.size === 0 || !crew) return;
  const run = await loadRunPeople(app, approval);
  const approvers = resolveRules(crew, approval).flatMap((rules) => rules.approvers);
  const namedPeople = [...approvers, ...(run.approvers ?? [])].filter(isUserId);
  const substitutes = new Set([...away.values()].map(({ substitute }) => substitute));
  await Promise.all([
    app.people.learn(namedPeople, []),
    ...[...substitutes].slice(0, LARGE_AUDIENCE).map((id) => learnRights(app, id, [approval])),
  ]);
}

/** Lists the members of a group. A large group is mentioned by name, so none of its members is replaced. */
function listPeople({ people }: App, id: string): string[] {
  const members = unfoldGroups([id], people.members);
  return members.length > LARGE_AUDIENCE ? [] : members;
}

/** Keeps absent people in the audience if their substitutes and the people who are present cannot give enough votes together. */
async function keepEnoughVotes(
  app: App,
  approval: Approval,
  standIns: readonly StandIn[],
  { everyone, earlierStandIns }: { everyone: ReadonlySet<string>; earlierStandIns: readonly StandIn[] },
): Promise<StandIn[]> {
  const required = approval.policy.approvalsRequired;
  const rights = required === 1 ? undefined : await loadRights(app, approval);
  if (!rights || rights.isOpenToChannel) return [...standIns];
  const voters = currentRound(approval).votes.map(({ by }) => by);
  const awayPeople = [...standIns, ...earlierStandIns].filter(({ asked }) => asked).map(({ away }) => away);
  const presentPeople = new Set([...everyone, ...rights.named.flatMap((id) => listPeople(app, id))]);
  for (const id of [...voters, ...awayPeople]) presentPeople.delete(id);
  const able = new Set<string>();
  for (const id of presentPeople) if (MAY_BE_ASKED.has(await checkRight(app, approval, id))) able.add(id);
  const replacedPeople = new Set<string>();
  for (const { away, substitute, asked: isAsked } of standIns) {
    if (!isAsked || able.has(substitute) || voters.includes(substitute)) continue;
    able.add(substitute);
    replacedPeople.add(away);
  }
  return standIns.map((standIn) => {
    const { away, day, substitute } = standIn;
    if (!standIn.asked || replacedPeople.has(away) || able.size + voters.length >= required) return standIn;
    able.add(away);
    return { away, day, substitute, why: 'own_vote' };
  });
}

/** Removes the people who have substitutes. Replaces a group that has such members with its members who may decide. */
async function removeReplacedPeople(
  app: App,
  approval: Approval,
  ids: readonly string[],
  substituteByPerson: ReadonlyMap<string, string>,
): Promise<string[]> {
  const unfolded = await Promise.all(
    ids.map(async (id) => {
      const members = listPeople(app, id);
      if (!isGroupId(id) || !members.some((member) => substituteByPerson.has(member))) return [id];
      const rights = await Promise.all(members.map((member) => checkRight(app, approval, member)));
      return members.filter(
        (member, index) => !hasVoted(approval, member) && MAY_BE_ASKED.has(rights[index] ?? 'no'),
      );
    }),
  );
  return [...new Set(unfolded.flat())].filter((id) => !substituteByPerson.has(id));
}
const MAY_BE_ASKED: ReadonlySet<string> = new Set(['yes', 'cannot_check', 'open_card']);

/** Adds the substitutes. `byDirect`: all people of the audience get direct messages. Only its recipient sees a card in one. */
function addSubstitutes(
  app: App,
  { channel, crew }: Approval,
  { mention, direct }: Pick<Audience, 'mention' | 'direct'>,
  { substitutes, byDirect }: { substitutes: readonly string[]; byDirect: boolean },
): Pick<AudienceWithSubstitutes, 'mention' | 'direct' | 'mentionElsewhere'> {
  if (isUserId(channel)) {
    const outsiders = substitutes.filter((id) => id !== channel);
    const here = [...new Set([...mention, ...substitutes])].filter((id) => !outsiders.includes(id));
    const reach = splitByReach(app, app.crews.get(crew)?.channel ?? channel, outsiders);
    return { mention: here, direct: [...direct, ...reach.direct], mentionElsewhere: reach.mention };
  }
  const newPeople = substitutes.filter((id) => ![...mention, ...direct].includes(id));
  const reach = byDirect ? { mention: [], direct: newPeople } : splitByReach(app, channel, newPeople);
  return { mention: [...mention, ...reach.mention], direct: [...direct, ...reach.direct] };
}
