import { hash } from 'node:crypto';
import { getOwn, isObject } from '../lib/own-member.ts';
import {
  canBeUndone,
  classifyFailure,
  contradictsDecision,
  type FailureReason,
  isWorthRetrying,
} from './lifecycle/delivery.ts';
import { findDeadline, findDefaultOption, isExpiryRuleExhausted } from './lifecycle/timers.ts';
import { identifyChoice, isEditable } from './lifecycle/votes.ts';
import {
  type Approval,
  currentRound,
  findAgent,
  findRound,
  isTitleOnly,
  threadCard,
} from './model/approval.ts';
import { isUserId } from './model/crew/slack-ids.ts';
import { type Field, type FieldValue, labelChoices, parseValues } from './model/fields.ts';
import { hashOutput, readOutput } from './model/output.ts';
import {
  canBeAnswered,
  type Decision,
  hasUndeliveredDecision,
  isAccepted,
  isClosed,
  isOpen,
  isPause,
  listOptions,
  numberChosen,
  outputFingerprint,
  type Push,
  type Question,
  type Round,
} from './model/round.ts';
import { allowsCall, hasPermission } from './model/tool-call.ts';

/** All that the card of a round shows beside the text of its output. */
export type CardFacts = Readonly<ReturnType<typeof buildCardFacts>>;
/** How far an accepted decision has got: `sent` where CrewAI's answer proves nothing, `fetched` by the program that asked. */
export type Progress = 'sent' | 'accepted' | 'continued' | 'fetched';

/**
 * Facts that the card does not show in the round's state are left out, so that it is not updated for them. A fact that is
 * absent does not count in the hash: one that a later version adds leaves all cards up to date that do not have it.
 */
export function buildCardFacts(approval: Approval, round: Round) {
  const { decision, delivery, review, question } = round;
  const ofPause = isPause(round);
  const current = currentRound(approval);
  const isCurrent = round.number === current.number;
  const open = isOpen(round);
  return {
    approvalId: approval.id,
    crew: approval.crew,
    task: approval.task,
    /** The task is not named by CrewAI: its title is the beginning of the output. */
    titleOnly: isTitleOnly(approval) || undefined,
    round: round.number,
    output: outputFingerprint(round),
    status: round.status,
    isCurrent,
    isUnchanged: open && round.unchanged,
    unseen: open && !question?.tool ? round.unseen : undefined,
    agent: open && !review && !isTitleOnly(approval) ? findAgent(approval, round) : undefined,
    askedFor: open && ofPause ? (round.expectedOutput ?? round.description) : undefined,
    question: open && !ofPause ? buildQuestionFacts(round) : undefined,
    answers: open ? buildAnswered(approval, round) : undefined,
    run: open ? approval.about : undefined,
    editedBy: open ? round.edited?.by : undefined,
    canBeEdited: open && isEditable(round) ? (true as const) : undefined,
    stepsOfRun: open ? round.steps?.ofRun : undefined,
    /** On the card that the thread begins with: how the newest round ended. */
    outcome: open || isCurrent ? undefined : buildOutcome(approval, round, current),
    ignored: open ? approval.ignored : undefined,
    runFailure:
      approval.runFailure && (open || isCurrent) ? { reason: approval.runFailure.reason } : undefined,
    waiting: round.status === 'waiting' ? buildWaiting(approval, round) : undefined,
    decision,
    /** What was entered, as people read it. */
    entered: describeEntered(round),
    /** Who entered what the others have to agree to. */
    enteredBy: round.status === 'waiting' ? round.entered?.by : undefined,
    /** It differs from the round before in what was entered only. */
    isSameOutput: round.entered ? (true as const) : undefined,
    /** The place of the chosen option among others that look the same, from 1. */
    optionNumber: numberChosen(round, decision),
    /** A tool was decided on. */
    ofTool: question?.tool && decision ? (allowsCall(round, decision) ? 'allowed' : 'blocked') : undefined,
    allowedCalls: round.allowedCalls?.map(({ at, text }) => ({ at, text })),
    /** Further calls of the tool run unasked. */
    hasPermission: hasPermission(approval, round) || undefined,
    permissionEnded: round.permissionEnded?.by === undefined ? undefined : round.permissionEnded,
    alsoDecided: decision && listCoDeciders(decision, round),
    undelivered: hasUndeliveredDecision(round)
      ? {
          failure: readFailure(round),
          mayHaveArrived: round.status !== 'sending' && delivery?.unsure === true,
          canRetry: round.status !== 'refused' || !delivery?.failure || isWorthRetrying(delivery.failure),
          undoUntil: canBeUndone(round) ? delivery?.undoUntil : undefined,
          /** The program that asked has not fetched it yet. */
          isForProgram: question ? (true as const) : undefined,
        }
      : undefined,
    accepted: isAccepted(round) ? buildAccepted(round) : undefined,
    /** Why the program does not have the answer that is sent to it. */
    push: readPush(round),
    closed: isClosed(round)
      ? {
          at: round.settledAt,
          by: round.givenUpBy,
          mayHaveArrived: ['given_up', 'run_ended'].includes(round.status) && delivery?.unsure === true,
          via: review?.answeredVia,
          isNotWaiting: round.notWaiting,
          hasLapsed: round.lapsed,
          isForProgram: question && decision ? (true as const) : undefined,
        }
      : undefined,
    /** The card of the newest round. */
    newer: open || isCurrent ? undefined : findCardPlace(approval, current),
  };
}

/** `not_taken`: it is not sent again, and can be fetched. */
function readPush(round: Round): 'not_allowed' | 'not_taken' | undefined {
  const { question, allowedCalls = [], status, lapsed } = round;
  const isOver = (push?: Push) => push?.ended === 'gone' || push?.ended === 'late';
  if (allowedCalls.some(({ push }) => isOver(push))) return 'not_taken';
  const { push } = question ?? {};
  const isTold = isAccepted(round) || (status === 'withdrawn' && !lapsed);
  const of = status === 'sending' ? 'answered' : 'closed';
  if (!push || isTold || status === 'waiting' || (push.of !== of && push.ended !== 'gone')) return undefined;
  return isOver(push) ? 'not_taken' : push.notAllowed && 'not_allowed';
}

/** How far an accepted decision has got. */
function buildAccepted(round: Round) {
  const { decision, delivery, continuedWith, question } = round;
  const progress = readProgress(round);
  /** CrewAI's own word for another decision than the one that was made. */
  const says =
    decision && delivery?.says !== undefined && contradictsDecision(decision, delivery.says)
      ? delivery.says
      : undefined;
  // Whether CrewAI's answer proves anything is in the details: the card says the same of both.
  const isOnlySent = progress === 'sent' || says !== undefined;
  return {
    progress: isOnlySent ? ('accepted' as const) : progress,
    /** The task that the run went on with. */
    with: isOnlySent || progress !== 'continued' ? undefined : continuedWith,
    /** What the program does after the option that was chosen. */
    next: question?.options?.[decision?.option ?? -1]?.next,
    says,
  };
}

/** Whose votes made the decision beside the last one. */
function listCoDeciders(decision: Decision, { votes }: Round): string[] | undefined {
  if (decision.rule) return undefined;
  const equal = votes.filter((vote) => identifyChoice(vote) === identifyChoice(decision));
  const others = equal.map(({ by }) => by).filter((by) => by !== decision.by);
  return others.length > 0 ? others : undefined;
}

/** What people need to know before they decide. */
function buildWaiting(approval: Approval, round: Round) {
  const required = approval.policy.approvalsRequired;
  return {
    isChoice: listOptions(round) !== undefined,
    mentioned: round.mentioned ?? [],
    isUnnotified: round.unnotified,
    mayHaveContinued: round.mayHaveContinued,
    runGoesSilent: runGoesSilent(approval, round),
    tooFew: approval.tooFew,
    required,
    votes: required > 1 ? round.votes : [],
    assignee: round.assignee,
    standIns: listStandIns(round),
    claimedBy: round.claim?.by,
    /** Others can decide too since then. The card of a direct message names nobody. */
    escalatedAt:
      approval.policy.escalateTo.length > 0 && !isUserId(approval.channel) ? round.escalatedAt : undefined,
    expiredAt: round.expiredAt,
    deadline: buildDeadline(approval, round),
    isRuleExhausted: round.expiredAt !== undefined && isExpiryRuleExhausted(approval, round),
  };
}

/** Until when people decide, and what is decided without them then. */
function buildDeadline(approval: Approval, round: Round) {
  const { at, decision } = findDeadline(approval, round) ?? {};
  if (at === undefined) return undefined;
  const { action, option, feedback } = decision ?? {};
  return { at, action, option, feedback: action === 'approve' ? undefined : feedback || undefined };
}

/** Those who were asked while away and have not voted. */
function listStandIns({ standIns = [], votes }: Round) {
  const open = standIns.filter(({ away }) => !votes.some(({ by }) => by === away));
  return open.length > 0 ? open : undefined;
}

/**
 * What a Flow or a program asks; without options it is approved, or a revision is requested. Whoever knows the callback of a
 * review can answer it, so that URL is no fact.
 */
function buildQuestionFacts(round: Round) {
  const { description, assignee, review, question } = round;
  return {
    text: description,
    isOfProgram: question ? (true as const) : undefined,
    tool: question?.tool ? buildToolFacts(question) : undefined,
    options: listOptions(round),
    styles: question?.options?.some(({ style }) => style)
      ? question.options.map(({ style }) => style)
      : undefined,
    /** What the program does after each of them. */
    next: question?.options?.some(({ next }) => next) ? question.options.map(({ next }) => next) : undefined,
    /** An answer in free text is taken instead of an option. */
    hasFreeText: review !== undefined,
    /** A text goes with an option. */
    remark: question && question.freeText !== 'none' ? question.freeText : undefined,
    /** Values that go with some of the options. */
    form: buildFormFacts(round),
    canBeAnswered: canBeAnswered(round),
    blockedHost: review?.blockedHost,
    hasState: review?.stateHash !== undefined,
    /** When CrewAI expects the answer of a Flow, and the one that it gives itself. */
    dueAt: review?.dueAt,
    defaultOutcome: review?.defaultOutcome,
    /** Its index: several options can have one label. */
    defaultOption: review && findDefaultOption(round),
    assigneeEmail: assignee === undefined ? review?.assigneeEmail : undefined,
  };
}

/** A value that was entered, by the name that people know. `value`: absent where it is hidden. */
export type EnteredFact = Pick<Field, 'name' | 'title' | 'kind'> & { value?: FieldValue };

/** The values of the decision, or those that a decision has to agree to; choices by their labels. */
export function describeEntered({ question, decision, entered, status }: Round): EnteredFact[] | undefined {
  const written = decision?.values ?? (status === 'waiting' ? entered?.values : undefined);
  if (written === undefined || !question?.fields) return undefined;
  const values = parseValues(written);
  return question.fields.flatMap((field) => {
    const { name, title, kind, hidden } = field;
    const value = getOwn(values, name);
    const about = { name, kind, ...(title === undefined ? {} : { title }) };
    if (hidden) return [about];
    return value === undefined ? [] : [{ ...about, value: labelChoices(field, value) }];
  });
}

/** Which options open a form for values, and what that asks for. */
function buildFormFacts({ question, entered, status }: Round) {
  if (!question?.fields || status !== 'waiting') return undefined;
  // Without options, an approval asks for them.
  const asks = question.options?.map(({ fields }) => fields === true) ?? [true];
  const known = entered ? (entered.option ?? 0) : undefined;
  return {
    asks,
    /** Not where the values are known that others entered. */
    opens: asks.map((does, index) => does && index !== known),
    /** Of those options, the ones that were answered before: other values can be entered. */
    again: known,
    fields: question.fields.map(({ name, title, required }) => ({
      ...{ name, ...(title === undefined ? {} : { title }), ...(required ? { required } : {}) },
    })),
  };
}

/** A call of a tool, which runs only if it is allowed. */
function buildToolFacts({ isLong, times, options = [] }: Question) {
  return { isLong, times, allows: options.flatMap(({ allows }) => allows ?? []) };
}

function buildOutcome(approval: Approval, round: Round, current: Round) {
  const isRoot =
    !approval.thread && threadCard(approval) !== undefined && threadCard(approval) === round.card;
  if (!isRoot || isOpen(current)) return undefined;
  const { number, status, decision } = current;
  if (!decision || !isAccepted(current)) return { round: number };
  const { action, option, by, rule } = decision;
  const feedback = option === undefined ? '' : decision.feedback;
  const made = { action, option, feedback, by, rule, at: 0 };
  return {
    round: number,
    decided: { status, decision: made, optionNumber: numberChosen(current, decision) },
  };
}

function hasText({ hashes }: Round, text: string): boolean {
  return [text, text.trim()].some((one) => hashes.includes(hashOutput(readOutput(one))));
}

/** The accepted decision of the round before, to which this output is the answer. */
function buildAnswered(approval: Approval, round: Round) {
  const before = findRound(approval, round.number - 1);
  if (!before?.decision || !['revision_requested', 'answered'].includes(before.status)) return undefined;
  const { decision } = before;
  return {
    decision,
    optionNumber: numberChosen(before, decision),
    alsoDecided: listCoDeciders(decision, before),
    isLikely: round.after?.likely,
    /** Its own webhook names the same task, and does not only tell an output again. */
    isNamed: isNamedAnswer(approval, round) || undefined,
    /** Whether it is the text that a person asked to use as it is. */
    isExact: decision.edited === undefined ? undefined : hasText(round, decision.edited),
  };
}

function isNamedAnswer({ rounds }: Approval, round: Round): boolean {
  if (round.unnamed) return false;
  if (!isPause(round) || round.after?.brought === 'ticket') return true;
  const earlier = rounds.filter(({ number }) => number < round.number).flatMap(({ hashes }) => hashes);
  return !round.hashes.some((hash) => earlier.includes(hash));
}

/** CrewAI has no address to report to after this round's decision: neither a task URL nor a human-input webhook. */
function runGoesSilent({ urls, humanInputUrl }: Approval, round: Round): boolean {
  const { humanInput } = round;
  return isPause(round) && urls.task === undefined && !(humanInput && humanInputUrl !== undefined);
}

/** Why CrewAI does not have the decision yet; undefined before the first attempt has failed. */
function readFailure({ status, delivery }: Round): FailureReason | undefined {
  if (delivery?.failure) return classifyFailure(delivery.failure);
  return status === 'sending' ? undefined : 'no_answer';
}

/** On the live dialect an answer does not prove that CrewAI accepted a decision: only a webhook of the run does. */
export function readProgress({ delivery, continuedAt, question }: Round): Progress {
  if (question) return 'fetched';
  if (continuedAt !== undefined) return 'continued';
  return (delivery?.dialect ?? 'documented') === 'documented' ? 'accepted' : 'sent';
}

/** Where the card of a round is. Without `threadTs` Slack opens the channel of a message that is in a thread. */
export function findCardPlace(approval: Approval, { card }: Round) {
  if (!card) return undefined;
  const root = threadCard(approval);
  const inThread = root && root.ts !== card.ts && root.channel === card.channel;
  return { channel: card.channel, ts: card.ts, threadTs: inThread ? root.ts : undefined };
}

/**
 * Tells facts apart: a card that was built from facts with another hash is out of date. Keys are sorted, since records that
 * were just written have theirs in another order than those that were read.
 */
export function hashCardFacts({ waiting, ...facts }: CardFacts): string {
  // Who looks after it is said in the thread: an update would fold what someone is reading.
  const { claimedBy: _, assignee: __, ...lasting } = waiting ?? {};
  const text = JSON.stringify({ ...facts, waiting: waiting && lasting }, (_, value: unknown) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
  return hash('sha256', text).slice(0, 16);
}
