import type { KnownBlock } from '@slack/types';
import { type CardFacts, readProgress } from '../../../approval/card-facts.ts';
import { canBeUndone } from '../../../approval/lifecycle/delivery.ts';
import { identifyChoice } from '../../../approval/lifecycle/votes.ts';
import type { Approval } from '../../../approval/model/approval.ts';
import {
  type Decision,
  findOptionNumber,
  hasUndeliveredDecision,
  isAccepted,
  type Round,
  type StandIn,
} from '../../../approval/model/round.ts';
import type { Report } from '../../../approval/model/run/run-status.ts';
import { escapeAllUnseen } from '../../../lib/unseen.ts';
import type { Texts } from '../../texts/texts.ts';
import { prepareReason } from '../text/crewai.ts';
import { formatDate, formatTime, plain } from '../text/elements.ts';
import { clean, cleanLine, escapeLine, escapeText, sanitizeText } from '../text/escape.ts';
import {
  buildDecisionWords,
  type DecisionContext,
  humanizeName,
  mention,
  nameAgent,
  nameDecider,
  nameToolOption,
  writeSubject,
  writeTask,
} from '../text/names.ts';
import { truncate } from '../text/truncate.ts';
import { labelOptions } from './options.ts';

const ICONS: Readonly<Record<CardFacts['status'], string>> = {
  waiting: ':warning:',
  sending: ':hourglass_flowing_sand:',
  refused: ':x:',
  undelivered: ':x:',
  approved: ':white_check_mark:',
  revision_requested: ':leftwards_arrow_with_hook:',
  answered: ':white_check_mark:',
  superseded: ':fast_forward:',
  resolved_elsewhere: ':heavy_minus_sign:',
  run_ended: ':heavy_minus_sign:',
  given_up: ':heavy_minus_sign:',
  withdrawn: ':heavy_minus_sign:',
};

/** Describes the state of a round in mrkdwn, without guesses; undefined: nothing to say. `newerLink`: to a newer card. */
export function describeState(
  texts: Texts,
  facts: CardFacts,
  newerLink: string | undefined,
): string | undefined {
  const { by, at } = facts.permissionEnded ?? {};
  const endedPermission =
    by === undefined || at === undefined
      ? []
      : [texts.card.permissionEnded(mention(by), formatDate(texts, at))];
  const failedPush = facts.push === undefined ? [] : [texts.state.pushFailed[facts.push]];
  const sentences = [...listStateSentences(texts, facts), ...failedPush, ...endedPermission];
  if (sentences.length === 0) return undefined;
  const link = newerLink === undefined ? [] : [`<${newerLink}|${texts.actions.seeCurrentCard}>`];
  const isBlocked = facts.ofTool === 'blocked' && facts.status === 'answered';
  return [isBlocked ? ':no_entry:' : ICONS[facts.status], ...sentences, ...link].join(' ');
}

function listStateSentences(texts: Texts, facts: CardFacts): string[] {
  const { status, decision, alsoDecided: others, optionNumber: number, waiting, accepted } = facts;
  // `settle` always sets the time and, for `given_up`, the person.
  const { at = 0, by = '', via, isNotWaiting, mayHaveArrived, hasLapsed, isForProgram } = facts.closed ?? {};
  const decisionSentence = decision
    ? [
        texts.state.decided(
          buildDecisionWords(texts, decision, { isTool: isToolCall(facts), others, number }),
        ),
      ]
    : [];
  const endDate = formatDate(texts, at);
  switch (status) {
    case 'waiting':
      return waiting?.mayHaveContinued ? [texts.state.mayHaveContinued] : [];
    case 'sending':
    case 'refused':
    case 'undelivered':
      return [...decisionSentence, ...listDeliverySentences(texts, facts)];
    case 'approved':
    case 'revision_requested':
    case 'answered':
      return [...decisionSentence, ...(accepted ? [describeProgress(texts, accepted, decision)] : [])];
    case 'superseded':
      return [texts.state.superseded(endDate)];
    case 'resolved_elsewhere':
      if (isNotWaiting) return [texts.state.notWaiting(endDate)];
      return [
        ...decisionSentence,
        ...(decision ? [texts.state.noLongerWaiting] : []),
        texts.state.resolved(via, endDate),
      ];
    case 'run_ended':
      if (!decision) return [texts.state.runEnded(endDate)];
      if (isForProgram) return [...decisionSentence, texts.state.runEndedUnfetched(endDate)];
      return [
        ...decisionSentence,
        (mayHaveArrived ? texts.state.runEndedMaybeLater : texts.state.runEndedFirst)(endDate),
      ];
    case 'withdrawn':
      if (hasLapsed === 'no_approvers') return [texts.state.noApprovers(endDate)];
      if (hasLapsed === 'hidden_fields') return [texts.state.hiddenFields(endDate)];
      return [...decisionSentence, hasLapsed ? texts.state.lapsed(endDate) : texts.state.withdrawn(endDate)];
    case 'given_up':
      return [
        texts.state.closed(mention(by), endDate),
        ...(mayHaveArrived ? [texts.state.decisionMayHaveArrived] : []),
      ];
  }
}

/** Writes how the newest round ended, for the card that opens the thread. */
export function writeOutcome(
  texts: Texts,
  { round, decided }: NonNullable<CardFacts['outcome']>,
  isTool: boolean,
): string {
  if (!decided) return `${ICONS.given_up} ${texts.card.outcome(round, texts.card.endedWithout)}`;
  const decisionText = describeDecision(texts, decided.decision, { isTool, number: decided.optionNumber });
  return `${ICONS[decided.status]} ${texts.card.outcome(round, decisionText)}`;
}

/** True if the decision is on a tool call. */
export function isToolCall({ question, ofTool }: CardFacts): boolean {
  return question?.tool !== undefined || ofTool !== undefined;
}

/** Lists the sentences about a decision that CrewAI or the program has not accepted. */
function listDeliverySentences(texts: Texts, { status, undelivered, push }: CardFacts): string[] {
  const { failure, mayHaveArrived, canRetry, undoUntil, isForProgram } = undelivered ?? {};
  // The sentence about the failed push already says that the program does not have the decision.
  if (isForProgram && push === 'not_taken') return [];
  if (isForProgram)
    return [
      undoUntil === undefined
        ? texts.state.notFetched
        : texts.state.canBeUndone(formatTime(texts, undoUntil)),
    ];
  if (status === 'sending') {
    if (failure) return [texts.crewai.failures[failure], texts.state.retrying];
    return [
      undoUntil === undefined ? texts.state.sending : texts.state.canBeUndone(formatTime(texts, undoUntil)),
    ];
  }
  const failureSentence = failure ? [texts.crewai.failures[failure]] : [];
  const retrySentence = canRetry ? [texts.state.retrySendsAgain] : [];
  if (status === 'refused')
    return [
      ...failureSentence,
      ...(mayHaveArrived ? [texts.state.earlierMayHaveArrived] : []),
      ...retrySentence,
      texts.state.closeEndsThis,
    ];
  const isUnanswered = mayHaveArrived && failure === 'no_answer';
  const outcomeSentence = mayHaveArrived ? texts.state.mayHaveArrived : texts.state.notDelivered;
  return [
    ...(isUnanswered ? [texts.state.mayHaveArrivedUnanswered] : [outcomeSentence, ...failureSentence]),
    ...retrySentence,
    texts.state.closeEndsThis,
  ];
}

/** Describes the progress of an accepted decision. A choice answers a Flow or a program, never a crew. */
export function describeProgress(
  texts: Texts,
  { says, progress, with: task, next }: NonNullable<CardFacts['accepted']>,
  decision: Decision | undefined,
): string {
  if (says !== undefined) return texts.state.acceptedOtherwise(escapeLine(says, 40));
  const asker = decision?.action === 'choose' ? 'flow' : 'crew';
  switch (progress) {
    case 'fetched':
      return texts.state.received(next && escapeLine(next, Number.POSITIVE_INFINITY));
    case 'continued':
      return texts.state.goesOn(asker, task === undefined ? undefined : `*${writeTask(texts, task, 100)}*`);
    default:
      return texts.state.notHeardOf(asker);
  }
}

/**
 * Describes what people must know before they decide, in lines, the most important first. `isCountSaid`: another sentence says
 * how many people must choose the same answer.
 */
export function describeOpenRound(texts: Texts, facts: CardFacts, isCountSaid = false): AttentionLine[] {
  const { waiting, runFailure, question } = facts;
  const times = question?.tool?.times;
  const lines: (string | undefined | AttentionLine)[] = [
    describeState(texts, facts, undefined),
    runFailure && describeRunFailure(texts, runFailure),
  ];
  if (waiting) {
    const { runGoesSilent, tooFew, assignee, standIns, claimedBy, expiredAt, deadline, isRuleExhausted } =
      waiting;
    lines.push(
      facts.isIrreversible && `:warning: ${texts.state.irreversible}`,
      tooFew && `:warning: ${describeApproverShortage(texts, tooFew)}`,
      times === undefined ? undefined : `:repeat: ${texts.card.askedTimes(times)}`,
      progress(isCountSaid ? undefined : describeVotes(texts, waiting, question)),
      expiredAt === undefined
        ? undefined
        : `:alarm_clock: ${texts.state.expired(formatDate(texts, expiredAt))}`,
      deadline && `:alarm_clock: ${describeDeadline(texts, deadline, question)}`,
      isRuleExhausted ? texts.state.ruleExhausted : undefined,
      progress(assignee && `:point_right: ${texts.state.assigned(mention(assignee))}`),
      progress(claimedBy && `:eyes: ${texts.state.claimed(mention(claimedBy))}`),
      runGoesSilent ? `:warning: ${texts.state.runGoesSilent}` : undefined,
      ...describeStandIns(texts, standIns ?? []).map(progress),
    );
  }
  return lines.flatMap((line) => (line ? [typeof line === 'string' ? { text: line } : line] : []));
}

/** A line about an open round. `isProgress`: what people do about the round, which changes while others look at it. */
export interface AttentionLine {
  text: string;
  isProgress?: true;
}

function progress(text: string | undefined): AttentionLine | undefined {
  return text ? { text, isProgress: true } : undefined;
}

/** Describes until when people can decide, and what happens if they do not. */
function describeDeadline(
  texts: Texts,
  { at, action, option, feedback = '' }: NonNullable<Waiting['deadline']>,
  { options = [], tool }: Partial<NonNullable<CardFacts['question']>> = {},
): string {
  const optionLabel = labelOptions(texts, options)[option ?? -1] ?? feedback;
  const label = (tool && nameToolOption(texts, optionLabel)) ?? optionLabel;
  return texts.card.deadline(
    formatDate(texts, at),
    action,
    escapeLine(action === 'choose' ? label : feedback, 75),
  );
}

const MAX_STAND_INS = 5;

/** Describes the approvers who were away and who was asked: they themselves or their substitutes. */
function describeStandIns(texts: Texts, standIns: readonly StandIn[]): string[] {
  const lines = standIns.slice(0, MAX_STAND_INS).map(({ away, day, substitute, asked, why }) => {
    const [person, standIn, until] = [mention(away), mention(substitute), texts.away.day(day)];
    return asked
      ? texts.away.askedInstead(standIn, person, until)
      : texts.away.askedDespiteAbsence(person, standIn, until, why);
  });
  const hiddenCount = standIns.length - lines.length;
  return [
    ...lines.map((line) => `:bust_in_silhouette: ${line}`),
    ...(hiddenCount > 0 ? [texts.lists.andMore(hiddenCount)] : []),
  ];
}

export function describeRunFailure(texts: Texts, { reason }: { reason?: Report | undefined }): string {
  return `:x: ${texts.runs.failed(prepareReason(texts, reason, 300))}`;
}

/** Maximum length of a program's title with its escapes. The title is the program's question: up to 300 characters. */
const TITLE_SHOWN = 300;
/** The same maximum on a card: there, the title fits beside 80 mentions. */
export const LONGEST_TITLE = 900;

/**
 * Describes what is asked, and who asks. `hidesTitle`: the title is the beginning of the output, which must not be shown here.
 * `max`: characters of a program's title.
 */
export function describeTask(
  texts: Texts,
  { crew, task, round, isUnchanged, question, agent, waiting }: CardFacts,
  { hidesTitle = false, max = TITLE_SHOWN } = {},
): string {
  const titleMax = question?.isOfProgram ? max : 150;
  const title = hidesTitle ? texts.card.output : `*${writeTask(texts, task, titleMax)}*`;
  const name = texts.card.inRound(title, round, isUnchanged);
  const asker = nameAgent(agent) ?? escapeLine(crew, 64);
  if (question?.tool) return texts.card.toolAsks(asker, `*${writeSubject(texts, task, true, max)}*`);
  if (question?.isOfProgram) return texts.card.programAsks(asker, name);
  if (question) return texts.card.flowAsks(escapeLine(crew, 64), name);
  return texts.card.asksForApproval(asker, name, { hidesTitle, isOver: !waiting });
}

const LONGEST_NAME = 120;
/** https://docs.slack.dev/reference/block-kit/blocks/header-block */
const LONGEST_HEADER = 150;

/** Builds the header that begins an entry in a list. Outputs never become headers, so no output can look like an entry. */
export function buildEntryHeader(texts: Texts, facts: CardFacts): KnownBlock {
  return { type: 'header', text: plain(truncate(writePlainTask(texts, facts), LONGEST_HEADER)) };
}

/** Writes the task and its round as plain text. */
export function writePlainTask(texts: Texts, { task, round, question }: CardFacts): string {
  const taskName = cleanLine(question?.tool ? escapeAllUnseen(task) : humanizeName(task));
  return texts.card.inRound(truncate(sanitizeText(taskName), LONGEST_NAME) || texts.card.unnamed, round);
}

type Waiting = NonNullable<CardFacts['waiting']>;

function describeApproverShortage(
  texts: Texts,
  { able, required, why }: NonNullable<Waiting['tooFew']>,
): string {
  const problem =
    why === 'unnamed' ? texts.state.undecidableUnnamed : texts.state.tooFewApprovers(able, required);
  return `${problem} ${texts.state.changeApprovers}`;
}

/** Describes how many people have voted for what; undefined: one person decides alone. */
export function describeVotes(
  texts: Texts,
  { required, votes, isChoice }: Waiting,
  { options = [], tool }: Partial<NonNullable<CardFacts['question']>> = {},
): string | undefined {
  if (required <= 1) return undefined;
  if (!isChoice) {
    const approvals = votes.filter(({ action }) => action === 'approve');
    const people = approvals.map(({ by }) => mention(by)).join(', ');
    return `:ballot_box_with_check: ${texts.state.approvals(approvals.length, required, people)}`;
  }
  const voteCounts = [...new Set(votes.map(identifyChoice))].map((choice) => {
    const equalVotes = votes.filter((vote) => identifyChoice(vote) === choice);
    const vote = equalVotes[0] as Decision;
    const label = options[vote.option ?? -1] && labelOptions(texts, options)[vote.option ?? -1];
    const labelledVote = label === undefined ? vote : { ...vote, feedback: label };
    const { option } = buildDecisionWords(texts, labelledVote, { isTool: tool !== undefined });
    return { option, people: equalVotes.map(({ by }) => mention(by)) };
  });
  return `:ballot_box_with_check: ${texts.state.votes(required, voteCounts)}`;
}

/** Describes a decision: "Approved by @Ana", "Revision requested by @Ben", "@Ana chose *publish*". */
export function describeDecision(
  texts: Texts,
  decision: Decision,
  context: Omit<DecisionContext, 'dated'>,
): string {
  return texts.state.decision(buildDecisionWords(texts, decision, { ...context, dated: false }));
}

const QUOTED_LINES = 12;

/** Writes feedback as a quote, at most `max` characters and 12 lines. */
export function quote(feedback: string, max: number): string {
  const lines = clean(feedback).trim().split('\n');
  const quotedLines = lines.length > QUOTED_LINES ? [...lines.slice(0, QUOTED_LINES - 1), '…'] : lines;
  return escapeText(quotedLines.join('\n'), max - QUOTED_LINES)
    .split('\n')
    .map((line) => `>${line}`)
    .join('\n');
}

/** True if `quote` shows the whole text. */
export function isQuotedWhole(feedback: string, max: number): boolean {
  const text = clean(feedback).trim();
  return text.split('\n').length <= QUOTED_LINES && escapeText(text).length <= max - QUOTED_LINES;
}

/** Names the person or rule that caused the state of a round; undefined: neither did, even if someone had decided before. */
export function nameStateActor(texts: Texts, round: Round): string | undefined {
  if (round.status === 'given_up') return round.givenUpBy && mention(round.givenUpBy);
  const isCausedByDecision = hasUndeliveredDecision(round) || isAccepted(round);
  return round.decision && isCausedByDecision ? nameDecider(texts, round.decision) : undefined;
}

/** Summarizes the state of a round in a few words, for a list. */
export function summarizeState(texts: Texts, approval: Approval, round: Round): string {
  const hasFinished =
    approval.runEndedAt !== undefined && approval.runFailure === undefined && round.status === 'approved';
  const { decision } = round;
  const isTool = round.question?.tool === true;
  const option =
    decision &&
    buildDecisionWords(texts, decision, { isTool, number: findOptionNumber(round, decision) }).option;
  if (round.question && round.status === 'sending')
    return canBeUndone(round) ? texts.state.summaryNotSent : texts.state.summaryNotFetched(option);
  if (round.lapsed === 'no_approvers') return texts.state.summaryNoApprovers;
  if (round.lapsed === 'hidden_fields') return texts.state.summaryHiddenFields;
  if (round.lapsed) return texts.state.summaryLapsed;
  return texts.state.summary(round.status, hasFinished ? 'finished' : readProgress(round), option);
}
