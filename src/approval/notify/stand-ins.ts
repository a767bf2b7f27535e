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
  /** Slack ids of people who cannot see the channel, which is someone's direct message: they are notified in another channel. */
  elsewhere?: string[];
}

/**
 * Replaces people who are away by their substitutes. A substitute must be present and may decide only what the settings allow;
 * otherwise the person is asked as if present. Groups are resolved now. `except`: the person who asks, who does not stand in for
 * someone they ask. Sends no requests to Slack (`learnSubstitutes`).
 */
export async function replaceAbsentPeople(
  app: App,
  approval: Approval,
  audience: Audience,
  except?: string,
): Promise<AudienceWithSubstitutes> {
  const { clock, store } = app;
  const away = listAway((await store.absences())?.record, clock.now());
  const everyone = new Set([...audience.mention, ...audience.direct].flatMap((id) => listPeople(app, id)));
  // A person who is asked again is no longer replaced.
  const earlier = (currentRound(approval).standIns ?? []).filter((one) => !everyone.has(one.away));
  const gone = [...away].filter(
    ([id, { since }]) => everyone.has(id) && !hasDecidedSince(approval, id, since),
  );
  if (gone.length === 0) return { ...audience, standIns: earlier };

  const checked = await Promise.all(
    gone.map(async ([id, { substitute, day }]): Promise<StandIn> => {
      if (substitute === except) return { away: id, day, substitute, why: 'by_substitute' };
      const right = away.has(substitute) ? 'no' : await checkRight(app, approval, substitute);
      const isUnknown = right === 'cannot_check' || right === 'open_card';
      const found =
        right === 'yes' ? { asked: true as const } : isUnknown ? { why: 'unchecked' as const } : {};
      return { away: id, day, substitute, ...found };
    }),
  );
  const standIns = await keepEnoughVotes(app, approval, checked, { everyone, earlier });
  const replaced = new Map(standIns.flatMap((one) => (one.asked ? [[one.away, one.substitute]] : [])));
  const kept = {
    mention: await keepOthers(app, approval, audience.mention, replaced),
    direct: audience.direct.filter((id) => !replaced.has(id)),
  };
  return {
    ...audience,
    ...addSubstitutes(app, approval, kept, {
      // A person who has voted has no other vote.
      substitutes: [...new Set(replaced.values())].filter((id) => !hasVoted(approval, id)),
      byDirect: audience.mention.length === 0 && audience.direct.length > 0,
    }),
    ...(audience.always ? { always: audience.always.map((id) => replaced.get(id) ?? id) } : {}),
    standIns: [...earlier, ...standIns],
  };
}

/** Asks Slack for the rights of substitutes before anyone is asked, for a second at most. */
export async function learnSubstitutes(app: App, approval: Approval): Promise<void> {
  const away = listAway((await app.store.absences())?.record, app.clock.now());
  const crew = app.crews.get(approval.crew);
  if (away.size === 0 || !crew) return;
  const run = await loadRunPeople(app, approval);
  const approvers = resolveRules(crew, approval).flatMap((rules) => rules.approvers);
  const named = [...approvers, ...(run.approvers ?? [])].filter(isUserId);
  const substitutes = new Set([...away.values()].map(({ substitute }) => substitute));
  await Promise.all([
    app.people.learn(named, []),
    ...[...substitutes].slice(0, LARGE_AUDIENCE).map((id) => learnRights(app, id, [approval])),
  ]);
}

/** Lists the members of a group. A large group is mentioned by name, so none of its members is replaced. */
function listPeople({ people }: App, id: string): string[] {
  const all = unfoldGroups([id], people.members);
  return all.length > LARGE_AUDIENCE ? [] : all;
}

/** Asks people despite their absence if the substitutes and the others have too few votes: one person has one vote. */
async function keepEnoughVotes(
  app: App,
  approval: Approval,
  standIns: readonly StandIn[],
  { everyone, earlier }: { everyone: ReadonlySet<string>; earlier: readonly StandIn[] },
): Promise<StandIn[]> {
  const required = approval.policy.approvalsRequired;
  const rights = required === 1 ? undefined : await loadRights(app, approval);
  if (!rights || rights.isOpenToChannel) return [...standIns];
  const voted = currentRound(approval).votes.map(({ by }) => by);
  const gone = [...standIns, ...earlier].filter((one) => one.asked).map((one) => one.away);
  const others = new Set([...everyone, ...rights.named.flatMap((id) => listPeople(app, id))]);
  for (const id of [...voted, ...gone]) others.delete(id);
  const able = new Set<string>();
  for (const id of others) if (MAY_BE_ASKED.has(await checkRight(app, approval, id))) able.add(id);
  const replaced = new Set<string>();
  for (const { away, substitute, asked: isAsked } of standIns) {
    if (!isAsked || able.has(substitute) || voted.includes(substitute)) continue;
    able.add(substitute);
    replaced.add(away);
  }
  return standIns.map((one) => {
    const { away, day, substitute } = one;
    if (!one.asked || replaced.has(away) || able.size + voted.length >= required) return one;
    able.add(away);
    return { away, day, substitute, why: 'own_vote' };
  });
}

/** Removes the people who are replaced. A group with such members is listed person by person, as far as they may decide. */
async function keepOthers(
  app: App,
  approval: Approval,
  ids: readonly string[],
  replaced: ReadonlyMap<string, string>,
): Promise<string[]> {
  const unfolded = await Promise.all(
    ids.map(async (id) => {
      const members = listPeople(app, id);
      if (!isGroupId(id) || !members.some((member) => replaced.has(member))) return [id];
      const rights = await Promise.all(members.map((member) => checkRight(app, approval, member)));
      return members.filter(
        (member, index) => !hasVoted(approval, member) && MAY_BE_ASKED.has(rights[index] ?? 'no'),
      );
    }),
  );
  return [...new Set(unfolded.flat())].filter((id) => !replaced.has(id));
}
const MAY_BE_ASKED: ReadonlySet<string> = new Set(['yes', 'cannot_check', 'open_card']);

/** Adds the substitutes: by direct message if all are asked by one. In someone's direct message, no one else sees the card. */
function addSubstitutes(
  app: App,
  { channel, crew }: Approval,
  { mention, direct }: Pick<Audience, 'mention' | 'direct'>,
  { substitutes, byDirect }: { substitutes: readonly string[]; byDirect: boolean },
): Pick<AudienceWithSubstitutes, 'mention' | 'direct' | 'elsewhere'> {
  if (isUserId(channel)) {
    const others = substitutes.filter((id) => id !== channel);
    const here = [...new Set([...mention, ...substitutes])].filter((id) => !others.includes(id));
    const reach = splitByReach(app, app.crews.get(crew)?.channel ?? channel, others);
    return { mention: here, direct: [...direct, ...reach.direct], elsewhere: reach.mention };
  }
  const added = substitutes.filter((id) => ![...mention, ...direct].includes(id));
  const reach = byDirect ? { mention: [], direct: added } : splitByReach(app, channel, added);
  return { mention: [...mention, ...reach.mention], direct: [...direct, ...reach.direct] };
}
