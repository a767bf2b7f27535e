import { nameDeciders } from '../access/name-deciders.ts';
import type { Alert } from '../alerts.ts';
import type { App } from '../app.ts';
import { buildCardFacts, hashCardFacts } from '../card-facts.ts';
import { clearShownContent, freezeCard, recordCard, recordStandIns, removeCard } from '../lifecycle/cards.ts';
import { computeBackoff, failLane, removeNote } from '../lifecycle/lanes.ts';
import { addNote } from '../lifecycle/rounds.ts';
import { applyEvent } from '../lifecycle/transitions.ts';
import {
  type Approval,
  addFact,
  currentRound,
  FREE_LANE,
  findNextNote,
  type LaneName,
} from '../model/approval.ts';
import { isUserId } from '../model/crew/slack-ids.ts';
import { findDisplayRules } from '../model/crew/task-rules.ts';
import { NOTE_KINDS, type Note } from '../model/note.ts';
import type { Card, Round } from '../model/round.ts';
import { type AgentStep, agentStepsSchema } from '../model/run/agent-steps.ts';
import { findAssignee, findCardAudience } from '../notify/audience.ts';
import {
  buildFurtherNotices,
  buildMention,
  loadOutput,
  type PostedNote,
  postNote,
  replaceDirect,
} from '../notify/post-note.ts';
import { type AudienceWithSubstitutes, replaceAbsentPeople } from '../notify/stand-ins.ts';
import { type CardContent, CardError, type CardFailure } from '../ports.ts';
import type { StepOutcome, Workable } from './work.ts';

export async function postCard(
  app: App,
  approval: Approval,
  storedRound: Round,
): Promise<StepOutcome<Approval>> {
  const isWaiting = storedRound.status === 'waiting';
  const assignee = isWaiting ? await findAssignee(app, approval, storedRound) : undefined;
  const round = assignee === undefined ? storedRound : { ...storedRound, assignee };
  const audience: AudienceWithSubstitutes = isWaiting
    ? await replaceAbsentPeople(app, approval, await findCardAudience(app, approval, round))
    : { mention: [], direct: [], standIns: [] };
  const { mention, direct, mentionEvenIfRecent, namesNobody, standIns, mentionElsewhere = [] } = audience;
  const { now: mentioned, later } = app.mentions.admit(approval.channel, mention, mentionEvenIfRecent);
  const crew = app.crews.get(approval.crew);
  const broadcast = isWaiting && crew !== undefined && findDisplayRules(crew, approval).rounds !== 'thread';
  try {
    const postedRound = { ...round, mentioned, ...(namesNobody ? { unnotified: namesNobody } : {}) };
    const content = await loadContent(app, approval, postedRound);
    const shown = hashCardFacts(buildCardFacts(approval, postedRound));
    const place = await app.cards.post(content, { broadcast });
    app.mentions.remember(approval.channel, mentioned);
    const channel = crew?.channel ?? approval.channel;
    const notices = [
      ...buildFurtherNotices(app.clock, round.number, { direct, later }, 'waiting'),
      ...buildMention(app.clock, round.number, mentionElsewhere, { channel }),
    ];
    const apply = (current: Approval) => {
      const withCard = recordCard(current, round.number, { ...place, shown }, app.clock.now(), {
        mentioned,
        nobody: namesNobody,
        assignee,
      });
      const withStandIns = recordStandIns(withCard, round.number, standIns, app.clock.now());
      return notices.reduce(addNote, withStandIns);
    };
    return {
      apply,
      failed: false,
      logMessage: 'card posted',
      logFields: { round: round.number, channel: place.channel },
    };
  } catch (error) {
    const failure = readCardFailure(error);
    return moveCardToChannel(app, approval, failure) ?? describeSlackFailure(app, approval, 'card', failure);
  }
}
/** Moves a card to the crew's channel if Slack rejects it as a direct message; undefined: another failure. */
function moveCardToChannel(
  app: App,
  approval: Approval,
  failure: CardFailure,
): StepOutcome<Approval> | undefined {
  const channel = app.crews.get(approval.crew)?.channel;
  const isChannelRefused = failure.kind === 'blocked' && failure.of === 'channel';
  if (!isChannelRefused || !isUserId(approval.channel) || channel === undefined) return undefined;
  const why = failure.reason;
  const apply = (current: Approval) =>
    applyEvent(current, { type: 'dm_rejected', at: app.clock.now(), channel, why });
  const logFields = { to: approval.channel, channel, reason: why };
  return {
    apply,
    failed: true,
    logMessage: 'direct message rejected, card goes to the channel',
    logFields,
  };
}
export async function updateCard(
  app: App,
  approval: Approval,
  round: Round,
  card: Card,
): Promise<StepOutcome<Approval>> {
  const shown = hashCardFacts(buildCardFacts(approval, round));
  const logFields = { round: round.number, status: round.status };
  try {
    await app.cards.update(await loadContent(app, approval, round), card);
    const apply = (current: Approval) =>
      recordCard(current, round.number, { ...card, shown }, app.clock.now());
    return { apply, failed: false, logMessage: 'card updated', logFields };
  } catch (error) {
    const failure = readCardFailure(error);
    if (failure.kind === 'frozen') {
      const apply = (current: Approval) => freezeCard(current, round.number, card, shown, app.clock.now());
      return { apply, failed: true, logMessage: 'card no longer editable', logFields };
    }
    if (failure.kind !== 'gone') {
      const outcome = describeSlackFailure(app, approval, 'card', failure);
      return {
        ...outcome,
        apply: (current) => outcome.apply(clearShownContent(current, round.number, card)),
      };
    }
    const apply = (current: Approval) => removeCard(current, round.number, card, shown);
    return { apply, failed: true, logMessage: 'card deleted in Slack', logFields };
  }
}
async function loadContent(app: App, approval: Approval, round: Round): Promise<CardContent> {
  const { preview, showSteps } = app.crews.get(approval.crew) ?? {};
  const steps = showSteps ? await loadSteps(app, approval, round) : undefined;
  const deciders =
    round.number === currentRound(approval).number ? await nameDeciders(app, approval) : undefined;
  return { approval, round, output: await loadOutput(app, approval, round), preview, steps, deciders };
}

/** Loads the agent's steps before a round; undefined: none are stored. */
async function loadSteps(
  { store }: App,
  { id }: Approval,
  { steps }: Round,
): Promise<AgentStep[] | undefined> {
  const stored = steps ? await store.output(id, steps.hash) : undefined;
  return stored && agentStepsSchema.safeParse(JSON.parse(stored.text)).data;
}

export async function runThreadStep(app: App, approval: Approval): Promise<StepOutcome<Approval>> {
  const note = findNextNote(approval) as Note;
  const logFields = { note: note.kind };
  // Slack may reject messages to one person while the card's channel works.
  const isForPerson = NOTE_KINDS[note.kind].to === 'person';
  try {
    const posted = await postNote(app, approval, note);
    const { until, silent } = posted;
    if (until !== undefined) {
      const round = currentRound(approval).number;
      const apply = (current: Approval) =>
        applyEvent(removeNote(current, note), {
          type: 'reminder_postponed',
          at: app.clock.now(),
          round,
          until,
        });
      return { apply, failed: false, logMessage: 'reminder postponed until morning', logFields };
    }
    return {
      apply: (current) => recordPosted(app, current, note, posted),
      failed: false,
      logMessage: 'note posted',
      logFields,
      ...(silent ? { madeNoCall: silent } : {}),
      ...(isForPerson ? { isOffChannel: true } : {}),
    };
  } catch (error) {
    const failure = readCardFailure(error);
    if (isForPerson && isRejected(failure)) {
      const replacement = replaceDirect(app, approval, note);
      const apply = (current: Approval) => recordPosted(app, current, note, replacement);
      return {
        isOffChannel: true,
        apply,
        failed: true,
        logMessage: 'direct message rejected',
        logFields: { ...logFields, reason: failure.reason },
      };
    }
    if (failure.kind !== 'gone') return describeSlackFailure(app, approval, 'thread', failure);
    return {
      apply: (current) => removeNote(current, note),
      failed: true,
      logMessage: 'thread deleted in Slack',
      logFields,
    };
  }
}
/** Removes a posted note and records its results: further notes, stand-ins, the people notified. */
function recordPosted(
  { clock }: App,
  approval: Approval,
  note: Note,
  { furtherNotes = [], standIns, notified }: PostedNote,
): Approval {
  const at = clock.now();
  const withFurtherNotes = furtherNotes.reduce(addNote, removeNote(approval, note));
  const withStandIns = standIns
    ? recordStandIns(withFurtherNotes, currentRound(approval).number, standIns, at)
    : withFurtherNotes;
  if (!notified || !('round' in note)) return withStandIns;
  return addFact(withStandIns, {
    at,
    what: 'notified',
    round: note.round,
    detail: notified.length > 0 ? notified.join(', ') : undefined,
  });
}

/** True if Slack rejected the message, with an error that the bot knows or not. A message to one person is then not retried. */
export function isRejected(failure: CardFailure): boolean {
  return (
    (failure.kind === 'blocked' && failure.of === 'channel') ||
    (failure.kind === 'try_again' && failure.unknown === true)
  );
}

export function describeSlackFailure<R extends Workable>(
  app: App,
  record: R,
  lane: LaneName,
  cardFailure: CardFailure,
): StepOutcome<R> {
  const attempts = (record.lanes[lane] ?? FREE_LANE).failures + 1;
  const failure = treatUnknownAsBlocked(cardFailure, attempts);
  const retryAfter = failure.kind === 'try_again' ? (failure.retryAfterMs ?? 0) : 0;
  const alert = findSlackAlert(record.channel, failure);
  // The queue waits out a rate limit. This record only has to take its turn again.
  const retryWait = retryAfter > 0 ? RATE_LIMIT_WAIT : computeBackoff(attempts, app.random);
  const wait = failure.kind === 'blocked' ? BLOCKED_RETRY_WAIT : retryWait;
  return {
    apply: (current) => failLane(current, lane, app.clock.now() + wait, failure.kind === 'blocked'),
    failed: true,
    logMessage: 'Slack call failed, retrying',
    logFields: { lane, channel: record.channel, reason: failure.reason, againInMs: Math.round(wait) },
    ...(retryAfter > 0 ? { pauseMs: retryAfter } : {}),
    ...(alert ? { alert } : {}),
    ...(failure.kind === 'blocked' ? { blocked: failure.reason } : {}),
  };
}

/** Shortest rate limit that operators are told about, in milliseconds. */
const SHORTEST_ALERTED_LIMIT = 5 * 60_000;

function findSlackAlert(channel: string, failure: CardFailure): Alert | undefined {
  const { kind, reason } = failure;
  if (kind === 'blocked')
    return failure.of === 'token'
      ? { kind: 'slack_token_rejected', reason }
      : { kind: 'channel_blocked', channel, reason };
  const wait = kind === 'try_again' ? (failure.retryAfterMs ?? 0) : 0;
  return wait < SHORTEST_ALERTED_LIMIT
    ? undefined
    : { kind: 'slack_rate_limit', channel, minutes: Math.round(wait / 60_000) };
}

/** Treats an unknown error of Slack as a blocked channel from the third attempt on: it is not retried silently forever. Pure. */
export function treatUnknownAsBlocked(failure: CardFailure, attempts: number): CardFailure {
  const isKnown = failure.kind !== 'try_again' || !failure.unknown || attempts < MAX_UNKNOWN_FAILURES;
  return isKnown ? failure : { kind: 'blocked', reason: failure.reason, of: 'channel' };
}

export function readCardFailure(error: unknown): CardFailure {
  if (error instanceof CardError) return error.failure;
  throw error;
}
/** Wait before a rejected channel or token is tried again, in milliseconds. */
export const BLOCKED_RETRY_WAIT = 60 * 60000;
/** Wait before a step that met a rate limit takes its turn again, in milliseconds. */
const RATE_LIMIT_WAIT = 1000;
const MAX_UNKNOWN_FAILURES = 3;
