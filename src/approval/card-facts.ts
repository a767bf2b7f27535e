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
  findThreadCard,
  isTitleOnly,
} from './model/approval.ts';
import { isUserId } from './model/crew/slack-ids.ts';
import { type Field, type FieldValue, labelChoices, parseValues } from './model/fields.ts';
import { hashOutput, readOutput } from './model/output.ts';
import {
  canBeAnswered,
  type Decision,
  findOptionNumber,
  hasUndeliveredDecision,
  isAccepted,
  isClosed,
  isOpen,
  isPause,
  listOptions,
  type Push,
  type Question,
  type Round,
  readFingerprint,
} from './model/round.ts';
import { allowsCall, allowsFurtherCalls, mustBeWhole } from './model/tool-call.ts';

/** Facts that the card of a round shows beside the text of the output. */
export type CardFacts = Readonly<ReturnType<typeof buildCardFacts>>;
export type CardQuestion = NonNullable<CardFacts['question']>;
/** Progress of an accepted decision. `sent`: CrewAI's answer proves nothing; `fetched`: by the program that asked. */
export type Progress = 'sent' | 'accepted' | 'continued' | 'fetched';

/**
 * Builds the facts of a round's card. Leaves out facts that the card does not show in the round's state, so that they cause no
 * update. An absent fact does not count in the hash: if a later version adds a fact, cards without it stay up to date.
 */
export function buildCardFacts(approval: Approval, round: Round) {
  const { decision, delivery, review, question } = round;
  const isOfPause = isPause(round);
  const current = currentRound(approval);
  const isCurrent = round.number === current.number;
  const isOpenRound = isOpen(round);
  return {
    approvalId: approval.id,
    crew: approval.crew,
    task: approval.task,
    /** No webhook has named the task: its title is the beginning of the output. */
    titleOnly: isTitleOnly(approval) || undefined,
    round: round.number,
    output: readFingerprint(round),
    status: round.status,
    isCurrent,
    isUnchanged: isOpenRound && round.unchanged,
    /** What an approval starts cannot be taken back. */
    isIrreversible: isOpenRound ? round.irreversible : undefined,
    /** Only people who were shown all of the round may approve it or choose. */
    mustBeWhole: (isOpenRound && mustBeWhole(round)) || undefined,
    /** Count of invisible characters in the output. */
    unseen: isOpenRound && !question?.tool ? round.unseen : undefined,
    agent: isOpenRound && !review && !isTitleOnly(approval) ? findAgent(approval, round) : undefined,
    askedFor: isOpenRound && isOfPause ? (round.expectedOutput ?? round.description) : undefined,
    question: isOpenRound && !isOfPause ? buildQuestionFacts(round) : undefined,
    answers: isOpenRound ? buildAnsweredDecision(approval, round) : undefined,
    /** Title and link of the run. */
    run: isOpenRound ? approval.about : undefined,
    editedBy: isOpenRound ? round.edited?.by : undefined,
    canBeEdited: isOpenRound && isEditable(round) ? (true as const) : undefined,
    /** The agent steps may belong to any task of the run. */
    stepsOfRun: isOpenRound ? round.steps?.ofRun : undefined,
    /** Only on the card with which the thread begins: how the newest round ended. */
    outcome: isOpenRound || isCurrent ? undefined : buildOutcome(approval, round, current),
    /** Settings of the run that the bot ignored. */
    ignored: isOpenRound ? approval.ignored : undefined,
    runFailure:
      approval.runFailure && (isOpenRound || isCurrent) ? { reason: approval.runFailure.reason } : undefined,
    waiting: round.status === 'waiting' ? buildWaiting(approval, round) : undefined,
    decision,
    /** Values that were entered, as people read them. */
    entered: describeEntered(round),
    /** Person whose entries the other voters must agree to. */
    enteredBy: round.status === 'waiting' ? round.entered?.by : undefined,
    /** The round differs from the previous round only in its entered values. */
    isSameOutput: round.entered ? (true as const) : undefined,
    /** Number of the chosen option, from 1; set if options look the same. */
    optionNumber: findOptionNumber(round, decision),
    /** Set for a decision about a tool call. */
    ofTool: question?.tool && decision ? (allowsCall(round, decision) ? 'allowed' : 'blocked') : undefined,
    allowedCalls: round.allowedCalls?.map(({ at, text }) => ({ at, text })),
    /** Further calls of the tool run without asking. */
    hasPermission: allowsFurtherCalls(approval, round) || undefined,
    permissionEnded: round.permissionEnded?.by === undefined ? undefined : round.permissionEnded,
    alsoDecided: decision && listCoDeciders(decision, round),
    undelivered: hasUndeliveredDecision(round)
      ? {
          failure: readFailure(round),
          mayHaveArrived: round.status !== 'sending' && delivery?.unsure === true,
          canRetry: round.status !== 'refused' || !delivery?.failure || isWorthRetrying(delivery.failure),
          undoUntil: canBeUndone(round) ? delivery?.undoUntil : undefined,
          /** The program that asked has not fetched the decision yet. */
          isForProgram: question ? (true as const) : undefined,
        }
      : undefined,
    accepted: isAccepted(round) ? buildAccepted(round) : undefined,
    /** Why the program has not accepted the pushed answer. */
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
    /** Place of the newest round's card. */
    newer: isOpenRound || isCurrent ? undefined : findCardPlace(approval, current),
  };
}

/** Finds why a pushed answer was not accepted. `not_taken`: the bot no longer sends the answer, and the program can fetch it. */
function readPush(round: Round): 'not_allowed' | 'not_taken' | undefined {
  const { question, allowedCalls = [], status, lapsed } = round;
  const isOver = (push?: Push) => push?.ended === 'gone' || push?.ended === 'late';
  if (allowedCalls.some(({ push }) => isOver(push))) return 'not_taken';
  const { push } = question ?? {};
  const isKnownToProgram = isAccepted(round) || (status === 'withdrawn' && !lapsed);
  if (!push || isKnownToProgram || status === 'waiting') return undefined;
  // Until this status is pushed, the record describes an earlier push. After an answer of 410, the bot pushes nothing more.
  const isStatusPushed = push.of === (status === 'sending' ? 'answered' : 'closed');
  if (!isStatusPushed && push.ended !== 'gone') return undefined;
  return isOver(push) ? 'not_taken' : push.notAllowed && 'not_allowed';
}

/** Builds the facts about an accepted decision. */
function buildAccepted(round: Round) {
  const { decision, delivery, continuedWith, question } = round;
  const progress = readProgress(round);
  /** CrewAI's own word for what it did, if it contradicts the decision. */
  const says =
    decision && delivery?.says !== undefined && contradictsDecision(decision, delivery.says)
      ? delivery.says
      : undefined;
  // A card shows `sent` as `accepted`: only the details show whether CrewAI's answer proves anything.
  const isUnproven = progress === 'sent' || says !== undefined;
  return {
    progress: isUnproven ? ('accepted' as const) : progress,
    /** Task with which the run continued. */
    with: isUnproven || progress !== 'continued' ? undefined : continuedWith,
    /** The program's next step after the chosen option. */
    next: question?.options?.[decision?.option ?? -1]?.next,
    says,
  };
}

/** Lists the people whose votes made the decision together with the last one; undefined: none. */
function listCoDeciders(decision: Decision, { votes }: Round): string[] | undefined {
  if (decision.rule) return undefined;
  const equalVotes = votes.filter((vote) => identifyChoice(vote) === identifyChoice(decision));
  const coDeciders = equalVotes.map(({ by }) => by).filter((by) => by !== decision.by);
  return coDeciders.length > 0 ? coDeciders : undefined;
}

/** Builds the facts that people need before they decide. */
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
    /** When more people could decide: the card then names them, too. Absent for a direct message, which names no deciders. */
    escalatedAt:
      approval.policy.escalateTo.length > 0 && !isUserId(approval.channel) ? round.escalatedAt : undefined,
    expiredAt: round.expiredAt,
    deadline: buildDeadline(approval, round),
    isRuleExhausted: round.expiredAt !== undefined && isExpiryRuleExhausted(approval, round),
  };
}

/** Builds the deadline of people's decision, and the decision that the rule makes then. */
function buildDeadline(approval: Approval, round: Round) {
  const { at, decision } = findDeadline(approval, round) ?? {};
  if (at === undefined) return undefined;
  const { action, option, feedback } = decision ?? {};
  return { at, action, option, feedback: action === 'approve' ? undefined : feedback || undefined };
}

/** Lists the approvers who were away when asked and have not voted, each with a substitute; undefined: none. */
function listStandIns({ standIns = [], votes }: Round) {
  const unvotedStandIns = standIns.filter(({ away }) => !votes.some(({ by }) => by === away));
  return unvotedStandIns.length > 0 ? unvotedStandIns : undefined;
}

/**
 * Builds the facts of a question from a Flow or a program. Without options, people approve or request a revision. Anyone who
 * knows the callback URL of a review can answer it, so the URL is not a fact.
 */
function buildQuestionFacts(round: Round) {
  const { description, assignee, review, question } = round;
  return {
    text: description,
    isOfProgram: question ? (true as const) : undefined,
    tool: question?.tool ? buildToolFacts(question, round) : undefined,
    options: listOptions(round),
    styles: question?.options?.some(({ style }) => style)
      ? question.options.map(({ style }) => style)
      : undefined,
    /** The program's next step after each option. */
    next: question?.options?.some(({ next }) => next) ? question.options.map(({ next }) => next) : undefined,
    /** The Flow accepts free text instead of an option. */
    hasFreeText: review !== undefined,
    /** Free text beside an option. */
    remark: question && question.freeText !== 'none' ? question.freeText : undefined,
    /** Form for the values that go with some of the options. */
    form: buildFormFacts(round),
    canBeAnswered: canBeAnswered(round),
    blockedHost: review?.blockedHost,
    hasState: review?.stateHash !== undefined,
    /** When CrewAI expects a Flow's answer, and the answer that it assumes otherwise. */
    dueAt: review?.dueAt,
    defaultOutcome: review?.defaultOutcome,
    /** Index of the default option: several options can have the same label. */
    defaultOption: review && findDefaultOption(round),
    assigneeEmail: assignee === undefined ? review?.assigneeEmail : undefined,
  };
}

/** An entered value, with the field's name and title. `value`: absent if hidden. */
export type EnteredFact = Pick<Field, 'name' | 'title' | 'kind'> & { value?: FieldValue };

/** Describes the values of the decision, or those that voters must agree to, with the labels of choices. */
export function describeEntered({ question, decision, entered, status }: Round): EnteredFact[] | undefined {
  const valuesText = decision?.values ?? (status === 'waiting' ? entered?.values : undefined);
  if (valuesText === undefined || !question?.fields) return undefined;
  const values = parseValues(valuesText);
  return question.fields.flatMap((field) => {
    const { name, title, kind, hidden } = field;
    const value = getOwn(values, name);
    const fieldFacts = { name, kind, ...(title === undefined ? {} : { title }) };
    if (hidden) return [fieldFacts];
    return value === undefined ? [] : [{ ...fieldFacts, value: labelChoices(field, value) }];
  });
}

/** Builds the fields of the form, and which options open it. */
function buildFormFacts({ question, entered, status }: Round) {
  if (!question?.fields || status !== 'waiting') return undefined;
  // Without options, an approval asks for the values.
  const asks = question.options?.map(({ fields }) => fields === true) ?? [true];
  const enteredOption = entered ? (entered.option ?? 0) : undefined;
  return {
    /** True for options that ask for values. */
    asks,
    /** True for options that open the form: not for one whose values another person has entered. */
    opens: asks.map((opensForm, index) => opensForm && index !== enteredOption),
    /** Index of the option whose values have been entered: a person can enter other values. */
    again: enteredOption,
    fields: question.fields.map(({ name, title, required }) => ({
      name,
      ...(title === undefined ? {} : { title }),
      ...(required ? { required } : {}),
    })),
  };
}

/** Builds the facts of a tool call, which only runs if allowed. */
function buildToolFacts({ isLong, times, options = [] }: Question, { irreversible }: Round) {
  return { isLong, times, allows: irreversible ? [] : options.flatMap(({ allows }) => allows ?? []) };
}

function buildOutcome(approval: Approval, round: Round, current: Round) {
  const isRoot =
    !approval.thread && findThreadCard(approval) !== undefined && findThreadCard(approval) === round.card;
  if (!isRoot || isOpen(current)) return undefined;
  const { number, status, decision } = current;
  if (!decision || !isAccepted(current)) return { round: number };
  const { action, option, by, rule } = decision;
  const feedback = option === undefined ? '' : decision.feedback;
  const shownDecision = { action, option, feedback, by, rule, at: 0 };
  return {
    round: number,
    decided: { status, decision: shownDecision, optionNumber: findOptionNumber(current, decision) },
  };
}

function hasOutput({ hashes }: Round, text: string): boolean {
  return [text, text.trim()].some((variant) => hashes.includes(hashOutput(readOutput(variant))));
}

/** Builds the facts of the previous round's accepted decision, which this output answers; undefined: none. */
function buildAnsweredDecision(approval: Approval, round: Round) {
  const previousRound = findRound(approval, round.number - 1);
  if (!previousRound?.decision || !['revision_requested', 'answered'].includes(previousRound.status))
    return undefined;
  const { decision } = previousRound;
  return {
    decision,
    optionNumber: findOptionNumber(previousRound, decision),
    alsoDecided: listCoDeciders(decision, previousRound),
    isLikely: round.after?.likely,
    /** The round's own webhook names the task, and does not just repeat an earlier output. */
    isNamed: isNamedAnswer(approval, round) || undefined,
    /** True if the output is the text that a person asked to use as it is. */
    isExact: decision.edited === undefined ? undefined : hasOutput(round, decision.edited),
  };
}

function isNamedAnswer({ rounds }: Approval, round: Round): boolean {
  if (round.unnamed) return false;
  if (!isPause(round) || round.after?.brought === 'ticket') return true;
  const earlierHashes = rounds.filter(({ number }) => number < round.number).flatMap(({ hashes }) => hashes);
  return !round.hashes.some((hash) => earlierHashes.includes(hash));
}

/** True if CrewAI has no address to report to after this round's decision: neither a task URL nor a human-input webhook. */
function runGoesSilent({ urls, humanInputUrl }: Approval, round: Round): boolean {
  const { humanInput } = round;
  return isPause(round) && urls.task === undefined && !(humanInput && humanInputUrl !== undefined);
}

/** Finds why CrewAI does not have the decision; undefined: no attempt has failed yet. */
function readFailure({ status, delivery }: Round): FailureReason | undefined {
  if (delivery?.failure) return classifyFailure(delivery.failure);
  return status === 'sending' ? undefined : 'no_answer';
}

/**
 * Returns the progress of an accepted decision. On the live dialect, an answer does not prove that CrewAI accepted the decision:
 * only a webhook of the run does.
 */
export function readProgress({ delivery, continuedAt, question }: Round): Progress {
  if (question) return 'fetched';
  if (continuedAt !== undefined) return 'continued';
  return (delivery?.dialect ?? 'documented') === 'documented' ? 'accepted' : 'sent';
}

/** Finds the place of a round's card. `threadTs`: without it, Slack opens the channel instead of a message in a thread. */
export function findCardPlace(approval: Approval, { card }: Round) {
  if (!card) return undefined;
  const root = findThreadCard(approval);
  const isInThread = root && root.ts !== card.ts && root.channel === card.channel;
  return { channel: card.channel, ts: card.ts, threadTs: isInThread ? root.ts : undefined };
}

/**
 * Hashes the facts. A card that was built from facts with another hash is out of date. Keys are sorted because a record that was
 * just changed has its keys in another order than the same record read from the store.
 */
export function hashCardFacts({ waiting, ...facts }: CardFacts): string {
  // The thread reports claims and assignments: an update of the card would fold text that someone is reading.
  const { claimedBy: _, assignee: __, ...lastingFacts } = waiting ?? {};
  const text = JSON.stringify({ ...facts, waiting: waiting && lastingFacts }, (_, value: unknown) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value,
  );
  return hash('sha256', text).slice(0, 16);
}
