import type { App } from '../app.ts';
import { closeIfAnswered } from '../intake/check-review.ts';
import { type Approval, currentRound, findRound } from '../model/approval.ts';
import { isUserId } from '../model/crew/slack-ids.ts';
import { NOTE_KINDS, type Note } from '../model/note.ts';
import { LOST_OUTPUT, type Output } from '../model/output.ts';
import type { Round, StandIn } from '../model/round.ts';
import { CardError, type Clock } from '../ports.ts';
import {
  type Audience,
  findReminderAudience,
  findRequester,
  learnRight,
  listEscalated,
  splitByReach,
} from './audience.ts';
import { HERE, listNotified, MAX_MENTIONED, MENTION_INTERVAL } from './mentions.ts';
import { type AudienceWithSubstitutes, replaceAbsentPeople } from './stand-ins.ts';

/** Failures of the lane after which a note no longer waits for what Slack says about its person. */
const PERSON_TRIES = 5;

/** Notes that ask people to decide. */
type NotifyingKind = 'reminder' | 'escalated' | 'assigned' | 'expired';

/** Outcome of posting a note. */
export interface PostedNote {
  /** The note was not posted and waits until this time. */
  until?: number;
  /** Further notes for other people. */
  furtherNotes?: Note[];
  /** Approvers who are away, and their substitutes. */
  standIns?: StandIn[];
  /** There was nothing to post. */
  silent?: true;
  /** Slack ids of the users and groups that a message asking for a decision notified, or HERE. */
  notified?: string[];
}

/** Posts a note in the thread, unless it is outdated or must wait. Rejects with a CardError or a StoreError. */
export async function postNote(app: App, approval: Approval, note: Note): Promise<PostedNote> {
  const { cards, store } = app;
  if (isNoteOutdated(approval, note)) return { silent: true };
  switch (note.kind) {
    case 'whole_output': {
      const round = findRound(approval, note.round) as Round;
      await cards.file({ approval, round, output: await loadOutput(app, approval, round) });
      return {};
    }
    case 'run_result':
      await cards.note(approval, note, { result: await store.result(approval.crew, approval.executionId) });
      return {};
    case 'reminder':
      return (await closeIfAnswered(app, approval)) ? { silent: true } : remind(app, approval, note);
    case 'escalated': {
      if (await closeIfAnswered(app, approval)) return { silent: true };
      const to = await listEscalated(app, approval, note.to);
      if (to.length === 0) return { silent: true };
      return postToAudience(app, approval, note, await findAudienceByIds(app, approval, to));
    }
    case 'assigned':
      // No one is notified of their own action.
      if (note.to === note.by) return { silent: true };
      return postToAudience(app, approval, note, await findAudienceByIds(app, approval, [note.to], note.by));
    case 'expired':
      if (!note.decision) {
        const audience = await findReminderAudience(app, approval);
        return postToAudience(app, approval, note, await replaceAbsentPeople(app, approval, audience));
      }
      await cards.note(approval, note, {});
      return {};
    case 'mention':
      return postLateMention(app, approval, note);
    case 'direct':
      return postDirect(app, approval, note);
    case 'to_requester':
      return postToRequester(app, approval, note);
    default:
      await cards.note(approval, note, {});
      return {};
  }
}

async function remind(app: App, approval: Approval, note: Note & { kind: 'reminder' }): Promise<PostedNote> {
  const audience = await replaceAbsentPeople(app, approval, await findReminderAudience(app, approval));
  const { mention, direct, standIns, mentionElsewhere = [] } = audience;
  if (approval.policy.urgent || mention.includes(HERE)) return postToAudience(app, approval, note, audience);
  const { ids, dawn } = await app.people.findAwake(
    [...mention, ...direct, ...mentionElsewhere],
    app.clock.now(),
  );
  if (ids.length === 0 && dawn !== undefined) return { until: dawn };
  const awakeAudience = splitByReach(app, choosePlace(app, approval, ids), ids);
  // People who are asleep are not asked: the card keeps its text about them.
  const recordedStandIns = currentRound(approval).standIns ?? [];
  const updatedStandIns = standIns.flatMap((standIn) =>
    !standIn.asked || ids.includes(standIn.substitute)
      ? [standIn]
      : recordedStandIns.filter(({ away }) => away === standIn.away),
  );
  return postToAudience(app, approval, note, { ...awakeAudience, standIns: updatedStandIns });
}

/** Finds the people to ask by id, or their substitutes. */
function findAudienceByIds(
  app: App,
  approval: Approval,
  ids: readonly string[],
  by?: string,
): Promise<AudienceWithSubstitutes> {
  return replaceAbsentPeople(app, approval, splitByReach(app, choosePlace(app, approval, ids), ids), by);
}

/** Posts a mention in a separate message, unless a message has mentioned the people in the meantime. */
async function postLateMention(
  app: App,
  approval: Approval,
  note: Note & { kind: 'mention' },
): Promise<PostedNote> {
  const { mentions, cards } = app;
  const channel = note.channel ?? approval.channel;
  const to = mentions.listNotMentioned(channel, note.to, note.since);
  const now = to.slice(0, MAX_MENTIONED);
  if (now.length === 0) return { silent: true };
  await cards.note(approval, note, {
    mentions: now,
    ...(note.channel === undefined ? {} : { elsewhere: note.channel }),
  });
  mentions.remember(channel, now);
  return { notified: now };
}

/** Posts a note that asks people to decide: mentions those in the channel and writes to the others. */
async function postToAudience(
  app: App,
  approval: Approval,
  note: Note & { round: number; kind: NotifyingKind },
  {
    mention: mentionedHere,
    direct,
    standIns,
    mentionElsewhere: mentionedElsewhere = [],
  }: AudienceWithSubstitutes,
): Promise<PostedNote> {
  const { mentions, cards } = app;
  const mention = [...mentionedHere, ...mentionedElsewhere];
  const channel = choosePlace(app, approval, mention);
  const elsewhere = channel === approval.channel ? {} : { elsewhere: channel };
  // A person whom someone else asked is mentioned at once.
  const { now, later } = mentions.admit(channel, mention, note.kind === 'assigned' ? mention : []);
  const reachesSomeone = now.length + later.length + direct.length > 0;
  // An `assigned` note needs its mention, now or later: there is nothing to post without one.
  const isPosted = note.kind !== 'assigned' || now.length > 0;
  if (isPosted)
    await cards.note(approval, note, {
      mentions: now,
      ...elsewhere,
      ...(reachesSomeone || isUserId(channel) ? {} : { broadcast: true }),
    });
  mentions.remember(channel, now);
  const furtherNotes = buildFurtherNotices(app.clock, note.round, { direct, later, ...elsewhere }, note.kind);
  return {
    furtherNotes: furtherNotes,
    standIns,
    ...(isPosted ? { notified: listNotified(channel, now) } : {}),
  };
}

/** Builds the notes for people whom a message does not mention. */
export function buildFurtherNotices(
  clock: Clock,
  round: number,
  { direct, later, elsewhere }: Pick<Audience, 'direct'> & { later: string[]; elsewhere?: string },
  why: Extract<Note, { kind: 'direct' }>['why'],
): Note[] {
  const laterMention = buildMention(clock, round, later, { channel: elsewhere, after: MENTION_INTERVAL });
  return [...direct.map((to): Note => ({ kind: 'direct', round, to, why })), ...laterMention];
}

/** Builds a note that mentions people in a separate message, in another channel than the cards' if one is given. */
export function buildMention(
  clock: Clock,
  round: number,
  to: string[],
  { channel, after = 0 }: { channel?: string | undefined; after?: number },
): Note[] {
  const since = clock.now();
  const place = channel === undefined ? {} : { channel };
  return to.length === 0 ? [] : [{ kind: 'mention', round, to, since, at: since + after, ...place }];
}

/** Asks a person in a direct message, if they may decide. */
async function postDirect(
  app: App,
  approval: Approval,
  note: Note & { kind: 'direct' },
): Promise<PostedNote> {
  const right = await learnRight(app, approval, note.to);
  // A substitute who may no longer decide stands in for no one.
  if (right === 'no') return { silent: true, ...askThemselves(app, approval, note) };
  if (right !== 'yes') {
    waitForFacts(approval, 'right to decide not known yet');
    return { silent: true, ...replaceDirect(app, approval, note) };
  }
  await app.cards.note(approval, note, { elsewhere: note.to });
  return { notified: [note.to] };
}

/** Rejects a few times while Slack does not say who a person is, so that the note is posted later. */
function waitForFacts({ lanes }: Approval, reason: string): void {
  if (lanes.thread.failures < PERSON_TRIES) throw new CardError({ kind: 'try_again', reason });
}

/**
 * Replaces a direct message that the bot cannot send: mentions the person in the thread if they can see it, or asks the people for
 * whom a substitute stood in.
 */
export function replaceDirect(app: App, approval: Approval, note: Note): PostedNote {
  if (note.kind !== 'direct') return {};
  const { people, clock } = app;
  const canSeeCard = (id: string) => people.inChannel(id, approval.channel) !== false;
  return canSeeCard(note.to)
    ? { furtherNotes: buildMention(clock, note.round, [note.to], {}) }
    : askThemselves(app, approval, note, 'not_reached');
}

/** Asks the people who are away themselves, since their substitute cannot be asked. */
function askThemselves(
  { people, clock }: App,
  approval: Approval,
  note: Note & { kind: 'direct' },
  why?: StandIn['why'],
): PostedNote {
  const canSeeCard = (id: string) => people.inChannel(id, approval.channel) !== false;
  const { standIns = [] } = currentRound(approval);
  const uncoveredPeople = standIns
    .filter((standIn) => standIn.asked && standIn.substitute === note.to)
    .map(({ away }) => away);
  if (uncoveredPeople.length === 0) return {};
  const directs = uncoveredPeople.filter((id) => !canSeeCard(id)).map((to): Note => ({ ...note, to }));
  return {
    furtherNotes: [...buildMention(clock, note.round, uncoveredPeople.filter(canSeeCard), {}), ...directs],
    standIns: standIns.map((standIn) =>
      uncoveredPeople.includes(standIn.away)
        ? { away: standIn.away, day: standIn.day, substitute: standIn.substitute, ...(why ? { why } : {}) }
        : standIn,
    ),
  };
}

/** Notifies the run's requester in a direct message, but not of their own decision. */
async function postToRequester(
  app: App,
  approval: Approval,
  note: Note & { kind: 'to_requester' },
): Promise<PostedNote> {
  const run = (await app.store.run(approval.crew, approval.executionId))?.record;
  const requester = run && (await findRequester(app, run));
  const isUnknown = run?.requestedBy !== undefined && requester === undefined;
  if (isUnknown) waitForFacts(approval, 'requester not known yet');
  const isOwnDecision =
    note.what === 'decided' && findRound(approval, note.round)?.decision?.by === requester;
  if (!requester || !isUserId(requester) || isOwnDecision) return { silent: true };
  await app.cards.note(approval, note, { elsewhere: requester });
  return {};
}

/** Chooses the channel to ask in: the crew's if the card is in a direct message that not all the people can see. */
function choosePlace(app: App, approval: Approval, ids: readonly string[]): string {
  const hasOthers = ids.some((id) => id !== approval.channel);
  const isElsewhere = hasOthers && isUserId(approval.channel);
  return (isElsewhere ? app.crews.get(approval.crew)?.channel : undefined) ?? approval.channel;
}

/** Loads the output of a round. */
export async function loadOutput(
  { store }: Pick<App, 'store'>,
  approval: Approval,
  round: Round,
): Promise<Output> {
  return (await store.output(approval.id, round.hashes[0] as string)) ?? LOST_OUTPUT;
}

/** Loads a round's output in a separate turn of the event loop: reading 1 MiB takes about 10 ms, and a list shows ten outputs. */
export async function loadOutputInTurn(
  app: Pick<App, 'store' | 'giveWay'>,
  approval: Approval,
  round: Round,
): Promise<Output> {
  await app.giveWay();
  return loadOutput(app, approval, round);
}

/** True if a note asks for a decision on a round that no longer waits. */
function isNoteOutdated(approval: Approval, note: Note): boolean {
  const asks = NOTE_KINDS[note.kind].asks || (note.kind === 'expired' && !note.decision);
  if (!asks || !('round' in note)) return false;
  const { number, status } = currentRound(approval);
  return note.round !== number || status !== 'waiting';
}
