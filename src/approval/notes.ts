import {
  type Approval,
  currentRound,
  type Note,
  type Notice,
  type Round,
  roundNumbered,
} from './approval.ts';
import type { Audience, Audiences } from './audience.ts';
import type { Crew } from './crew.ts';
import { MENTIONED_EVERY, type Mentions } from './mentions.ts';
import { LOST_OUTPUT, type Output } from './output.ts';
import { isUserId } from './policy.ts';
import type { ApprovalStore, Cards, Clock, PeopleDirectory } from './ports.ts';

/** What came of a note. */
export interface Said {
  /** It was not posted: it waits until then. */
  until?: number;
  /** What others are told because of it. */
  more?: Notice[];
}

/** Says what is for the thread: to whom, where, and whether it is the time for it. */
export function createNotes({
  store,
  cards,
  settings,
  people,
  audiences,
  mentions,
  clock,
}: {
  store: ApprovalStore;
  cards: Cards;
  settings: ReadonlyMap<string, Crew>;
  people: PeopleDirectory;
  audiences: Audiences;
  mentions: Mentions;
  clock: Clock;
}) {
  /** Posts what the note says, if it is its time and it still matters. */
  async function say(approval: Approval, note: Note): Promise<Said> {
    if (isOver(approval, note)) return {};
    switch (note.kind) {
      case 'whole_output': {
        const round = roundNumbered(approval, note.round) as Round;
        await cards.file({ approval, round, output: await outputOf(store, approval, round) });
        return {};
      }
      case 'whole_changes':
        await sayChanges(approval, note.round);
        return {};
      case 'run_result':
        await cards.note(approval, note, { result: await store.result(approval.crew, approval.executionId) });
        return {};
      case 'reminder':
        return remind(approval, note);
      case 'escalated':
        return sayTo(approval, note, note.to, 'escalated');
      case 'assigned':
        return sayTo(approval, note, note.to === note.by ? [] : [note.to], 'assigned');
      case 'expired': {
        const asked = note.decision ? [] : await audiences.askedToDecide(approval);
        return sayTo(approval, note, asked, 'expired');
      }
      case 'mention': {
        const to = mentions.notMentionedSince(approval.channel, note.to, note.since);
        if (to.length > 0) await cards.note(approval, note, { calls: to });
        mentions.mentioned(approval.channel, to);
        return {};
      }
      case 'direct':
        await cards.note(approval, note, { elsewhere: note.to });
        return {};
      case 'to_requester':
        await tellRequester(approval, note);
        return {};
      default:
        await cards.note(approval, note, {});
        return {};
    }
  }

  async function remind(approval: Approval, note: Note & { kind: 'reminder' }): Promise<Said> {
    const asked = await audiences.askedToDecide(approval);
    if (approval.policy.urgent) return sayTo(approval, note, asked, 'reminder');
    const { ids, dawn } = await people.awake(asked, clock.now());
    if (ids.length === 0 && dawn !== undefined) return { until: dawn };
    return sayTo(approval, note, ids, 'reminder');
  }

  /** Posts a note that asks people to decide: it mentions those in the channel, and writes to the others. */
  async function sayTo(
    approval: Approval,
    note: Note & { round: number },
    ids: readonly string[],
    why: Extract<Notice, { kind: 'direct' }>['why'],
  ): Promise<Said> {
    const elsewhere = elsewhereFor(approval, ids);
    const channel = elsewhere ?? approval.channel;
    const audience = isUserId(channel)
      ? { mention: [...ids], direct: [] }
      : audiences.reach(channel, ids, ids);
    const { now, later } = mentions.admit(channel, audience.mention);
    const reached = now.length + later.length + audience.direct.length > 0;
    const decided = 'decision' in note && note.decision !== undefined;
    await cards.note(approval, note, {
      calls: now,
      ...(elsewhere === undefined ? {} : { elsewhere }),
      ...(reached || decided || isUserId(channel) ? {} : { broadcast: true }),
    });
    mentions.mentioned(channel, now);
    return { more: furtherNotices(note.round, { ...audience, later }, why) };
  }

  /** What people are told beside a message that could not reach them. */
  function furtherNotices(
    round: number,
    { direct, later }: Pick<Audience, 'direct'> & { later: string[] },
    why: Extract<Notice, { kind: 'direct' }>['why'],
  ): Notice[] {
    const now = clock.now();
    const held: Notice[] =
      later.length > 0 ? [{ kind: 'mention', round, to: later, since: now, at: now + MENTIONED_EVERY }] : [];
    return [...direct.map((to): Notice => ({ kind: 'direct', round, to, why })), ...held];
  }

  async function sayChanges(approval: Approval, number: number): Promise<void> {
    const [round, earlier] = [number, number - 1].map((one) => roundNumbered(approval, one)) as [
      Round,
      Round,
    ];
    const [output, before] = [
      await outputOf(store, approval, round),
      await outputOf(store, approval, earlier),
    ];
    await cards.changes({ approval, round, output }, before);
  }

  /** Where the run's requester is told; never of their own decision. */
  async function tellRequester(approval: Approval, note: Note & { kind: 'to_requester' }): Promise<void> {
    const run = (await store.execution(approval.crew, approval.executionId))?.record;
    const requester = run && (await audiences.requesterOf(run));
    const own = note.what === 'decided' && roundNumbered(approval, note.round)?.decision?.by === requester;
    if (requester && isUserId(requester) && !own) await cards.note(approval, note, { elsewhere: requester });
  }

  /** People who are asked on an approval in someone else's direct message cannot see it: the crew's channel tells them. */
  function elsewhereFor(approval: Approval, ids: readonly string[]): string | undefined {
    const others = ids.some((id) => id !== approval.channel);
    const channel = settings.get(approval.crew)?.channel;
    return others && isUserId(approval.channel) ? channel : undefined;
  }

  return { say, furtherNotices };
}

/** What a round shows. */
export async function outputOf(store: ApprovalStore, approval: Approval, round: Round): Promise<Output> {
  return (await store.output(approval.id, round.hashes[0] as string)) ?? LOST_OUTPUT;
}

const ASKING: Note['kind'][] = ['reminder', 'escalated', 'assigned', 'mention', 'direct'];

/** It asks for a decision on a round that no longer waits. */
function isOver(approval: Approval, note: Note): boolean {
  const asks = ASKING.includes(note.kind) || (note.kind === 'expired' && !note.decision);
  if (!asks || !('round' in note)) return false;
  const { number, status } = currentRound(approval);
  return note.round !== number || status !== 'waiting';
}
