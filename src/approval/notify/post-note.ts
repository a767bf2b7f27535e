import { type Approval, currentRound, findRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { isUserId } from '../model/crew/slack-ids.ts';
import type { Note, Notice } from '../model/note.ts';
import { LOST_OUTPUT, type Output } from '../model/output.ts';
import type { Round } from '../model/round.ts';
import { type ApprovalStore, CardError, type Cards, type Clock, type PeopleDirectory } from '../ports.ts';
import type { Audience, Audiences } from './audience.ts';
import { HERE, MENTIONED_EVERY, type Mentions, MOST_MENTIONED } from './mentions.ts';

/** How often a lane fails before whoever started a run is not looked for any more. */
const REQUESTER_TRIES = 5;

/** Notes that ask people to decide. */
type Asking = 'reminder' | 'escalated' | 'assigned' | 'expired';

/** What came of a note. */
export interface Said {
  /** It was not posted: it waits until then. */
  until?: number;
  /** What others are told because of it. */
  more?: Notice[];
  /** There was nothing to post. */
  silent?: true;
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
    if (isOver(approval, note)) return { silent: true };
    switch (note.kind) {
      case 'whole_output': {
        const round = findRound(approval, note.round) as Round;
        await cards.file({ approval, round, output: await loadOutput(store, approval, round) });
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
        return sayTo(approval, note, audiences.reach(placeFor(approval, note.to), note.to));
      case 'assigned':
        // The card says who; nobody is disturbed by what they did themselves.
        if (note.to === note.by) return { silent: true };
        return sayTo(approval, note, audiences.reach(placeFor(approval, [note.to]), [note.to]));
      case 'expired':
        if (!note.decision) return sayTo(approval, note, await audiences.ofReminder(approval));
        await cards.note(approval, note, {});
        return {};
      case 'mention':
        return mentionLater(approval, note);
      case 'direct':
        if (!(await audiences.mayBeWritten(approval, note.to))) return { silent: true };
        await cards.note(approval, note, { elsewhere: note.to });
        return {};
      case 'to_requester':
        return tellRequester(approval, note);
      default:
        await cards.note(approval, note, {});
        return {};
    }
  }

  async function remind(approval: Approval, note: Note & { kind: 'reminder' }): Promise<Said> {
    const audience = await audiences.ofReminder(approval);
    const { mention, direct } = audience;
    if (approval.policy.urgent || mention.includes(HERE)) return sayTo(approval, note, audience);
    const { ids, dawn } = await people.findAwake([...mention, ...direct], clock.now());
    if (ids.length === 0 && dawn !== undefined) return { until: dawn };
    return sayTo(approval, note, audiences.reach(placeFor(approval, ids), ids));
  }

  /** It may have been said meanwhile. */
  async function mentionLater(approval: Approval, note: Note & { kind: 'mention' }): Promise<Said> {
    const channel = note.channel ?? approval.channel;
    const to = mentions.notMentionedSince(channel, note.to, note.since);
    const now = to.slice(0, MOST_MENTIONED);
    if (now.length === 0) return { silent: true };
    await cards.note(approval, note, {
      mentions: now,
      ...(note.channel === undefined ? {} : { elsewhere: note.channel }),
    });
    mentions.mentioned(channel, now);
    return {};
  }

  /** Posts a note that asks people to decide: it mentions those in the channel, and writes to the others. */
  async function sayTo(
    approval: Approval,
    note: Note & { round: number; kind: Asking },
    { mention, direct }: Audience,
  ): Promise<Said> {
    const channel = placeFor(approval, mention);
    const elsewhere = channel === approval.channel ? {} : { elsewhere: channel };
    // Someone who was asked by a person is told at once.
    const { now, later } = mentions.admit(channel, mention, note.kind === 'assigned' ? mention : []);
    const reaches = now.length + later.length + direct.length > 0;
    // Whoever is asked alone is told by the mention, sooner or later: without one there is nothing to say.
    if (note.kind !== 'assigned' || now.length > 0)
      await cards.note(approval, note, {
        mentions: now,
        ...elsewhere,
        ...(reaches || isUserId(channel) ? {} : { broadcast: true }),
      });
    mentions.mentioned(channel, now);
    return { more: furtherNotices(note.round, { direct, later, ...elsewhere }, note.kind) };
  }

  /** What people are told beside a message that could not reach them. */
  function furtherNotices(
    round: number,
    { direct, later, elsewhere }: Pick<Audience, 'direct'> & { later: string[]; elsewhere?: string },
    why: Extract<Notice, { kind: 'direct' }>['why'],
  ): Notice[] {
    const now = clock.now();
    const held: Notice[] =
      later.length > 0
        ? [
            {
              kind: 'mention',
              round,
              to: later,
              since: now,
              at: now + MENTIONED_EVERY,
              ...(elsewhere === undefined ? {} : { channel: elsewhere }),
            },
          ]
        : [];
    return [...direct.map((to): Notice => ({ kind: 'direct', round, to, why })), ...held];
  }

  /** Who was to get a direct message that Slack does not take is mentioned in the thread, unless they cannot see it. */
  function insteadOfDirect(approval: Approval, note: Note): Notice[] {
    if (note.kind !== 'direct' || people.inChannel(note.to, approval.channel) === false) return [];
    const now = clock.now();
    return [{ kind: 'mention', round: note.round, to: [note.to], since: now, at: now }];
  }

  async function sayChanges(approval: Approval, number: number): Promise<void> {
    const [round, earlier] = [number, number - 1].map((one) => findRound(approval, one)) as [Round, Round];
    const [output, before] = [
      await loadOutput(store, approval, round),
      await loadOutput(store, approval, earlier),
    ];
    await cards.changes({ approval, round, output }, before);
  }

  /** Where the run's requester is told; never of their own decision. */
  async function tellRequester(approval: Approval, note: Note & { kind: 'to_requester' }): Promise<Said> {
    const run = (await store.execution(approval.crew, approval.executionId))?.record;
    const requester = run && (await audiences.requesterOf(run));
    const isUnknown = run?.requestedBy !== undefined && requester === undefined;
    if (isUnknown && approval.lanes.thread.failures < REQUESTER_TRIES)
      throw new CardError({ kind: 'try_again', reason: 'requester not known yet' });
    const own = note.what === 'decided' && findRound(approval, note.round)?.decision?.by === requester;
    if (!requester || !isUserId(requester) || own) return { silent: true };
    await cards.note(approval, note, { elsewhere: requester });
    return {};
  }

  /** People who are asked on an approval in someone else's direct message cannot see it: the crew's channel tells them. */
  function placeFor(approval: Approval, ids: readonly string[]): string {
    const others = ids.some((id) => id !== approval.channel);
    const isElsewhere = others && isUserId(approval.channel);
    return (isElsewhere ? settings.get(approval.crew)?.channel : undefined) ?? approval.channel;
  }

  return { say, furtherNotices, insteadOfDirect };
}

/** What a round shows. */
export async function loadOutput(store: ApprovalStore, approval: Approval, round: Round): Promise<Output> {
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
