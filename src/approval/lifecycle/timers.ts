import { type Approval, addFact, currentRound } from '../model/approval.ts';
import { type Decision, listOptions, needsValues, type Question, type Round } from '../model/round.ts';
import { eraseHidden, findHiddenEnd } from './erase-hidden.ts';
import type { ApprovalEvent } from './events.ts';
import { closeAbandoned, findAbandonedTime, REVISE } from './questions.ts';
import { addNote, recordDecision, replaceRound } from './rounds.ts';

/** Returns when the round's next timer is due; undefined: never. */
export function findNextTimer(approval: Approval, round: Round): number | undefined {
  const times = [
    findAbandonedTime(round),
    findHiddenEnd(approval),
    ...(round.status === 'waiting'
      ? [
          round.claim?.until,
          findReminderTime(approval, round),
          findEscalationTime(approval, round),
          findExpiryTime(approval, round),
        ]
      : []),
  ].filter((time) => time !== undefined);
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** Fires due timers in this order: abandoned question, hidden values, end of a claim, reminder, escalation, deadline. */
export function fireTimers(approval: Approval, { at }: { at: number }): Approval {
  const isDue = (time: number | undefined) => time !== undefined && time <= at;
  if (isDue(findAbandonedTime(currentRound(approval)))) return closeAbandoned(approval, at);
  let updated = eraseHidden(approval, at);
  if (currentRound(updated).status === 'waiting' && isDue(currentRound(updated).claim?.until)) {
    const { claim: _, ...unclaimedRound } = currentRound(updated);
    updated = replaceRound(updated, unclaimedRound);
  }
  if (isDue(findReminderTime(updated, currentRound(updated)))) updated = addReminder(updated, at);
  if (isDue(findEscalationTime(updated, currentRound(updated)))) updated = escalate(updated, at);
  return isDue(findExpiryTime(updated, currentRound(updated))) ? expire(updated, at) : updated;
}

/** Postpones a reminder that was not posted, since it is night for the people to remind. */
export function postponeReminder(
  approval: Approval,
  event: { at: number; round: number; until: number },
): Approval {
  const round = currentRound(approval);
  if (round.number !== event.round || round.status !== 'waiting') return approval;
  const reminders = Math.max(0, (round.reminders ?? 0) - 1);
  return replaceRound(approval, { ...round, reminders, remindNotBefore: event.until });
}

/** Returns when the next reminder is due: after the set time from the round's start, then twice, then four times that time. */
function findReminderTime({ policy }: Approval, round: Round): number | undefined {
  if (round.status !== 'waiting' || policy.remindAfter === undefined || round.expiredAt !== undefined) {
    return undefined;
  }
  const at = round.receivedAt + policy.remindAfter * 2 ** (round.reminders ?? 0);
  return Math.max(at, round.remindNotBefore ?? 0);
}

function findEscalationTime({ policy }: Approval, round: Round): number | undefined {
  const isWaiting = round.status === 'waiting' && round.escalatedAt === undefined;
  return isWaiting && policy.escalateAfter !== undefined
    ? round.receivedAt + policy.escalateAfter
    : undefined;
}

function findExpiryTime(approval: Approval, round: Round): number | undefined {
  const isWaiting = round.status === 'waiting' && round.expiredAt === undefined;
  return isWaiting ? deadlineOf(approval, round) : undefined;
}

/** Returns the earlier deadline of the crew's and the program's. */
export function deadlineOf(
  { policy }: Pick<Approval, 'policy'>,
  { receivedAt, question }: Round,
): number | undefined {
  const crewDeadline = policy.expireAfter === undefined ? undefined : receivedAt + policy.expireAfter;
  const times = [crewDeadline, question?.expiresAt].filter((time) => time !== undefined);
  return times.length > 0 ? Math.min(...times) : undefined;
}

function addReminder(approval: Approval, at: number): Approval {
  const round = currentRound(approval);
  const { remindNotBefore: _, ...rest } = round;
  // After a long time away one reminder stands for all missed ones.
  let reminders = round.reminders ?? 0;
  do reminders += 1;
  while (round.receivedAt + (approval.policy.remindAfter ?? at) * 2 ** reminders <= at);
  const withCount = replaceRound(approval, { ...rest, reminders });
  // A reminder that could not be posted yet is enough.
  const isQueued = approval.notes.some((note) => note.kind === 'reminder');
  const withNote = isQueued ? withCount : addNote(withCount, { kind: 'reminder', round: round.number });
  return addFact(withNote, { at, what: 'reminded', round: round.number });
}

function escalate(approval: Approval, at: number): Approval {
  const round = currentRound(approval);
  const { escalateTo: to } = approval.policy;
  const withEscalation = addNote(replaceRound(approval, { ...round, escalatedAt: at }), {
    kind: 'escalated',
    round: round.number,
    to,
  });
  return addFact(withEscalation, { at, what: 'escalated', round: round.number, detail: to.join(', ') });
}

/** Number of revisions in a row that an expiry rule requests; then a person must decide. */
const RULE_REVISIONS = 3;

/** True if the expiry rule sent back the last three rounds before this one: the rule does not decide on this one. */
export function isExpiryRuleExhausted(approval: Approval, { number }: Pick<Round, 'number'>): boolean {
  const previousRounds = approval.rounds.filter((round) => round.number < number).slice(-RULE_REVISIONS);
  const revisedByRule = previousRounds.filter(
    ({ decision }) => decision?.rule === 'expiry' && decision.action === 'request_revision',
  );
  return revisedByRule.length === RULE_REVISIONS;
}

/** Returns the deadline of a waiting round and what its rule decides then, if anything; undefined: no deadline. */
export function findDeadline(
  approval: Approval,
  round: Round,
): { at: number; decision: Decision | undefined } | undefined {
  const at = findExpiryTime(approval, round);
  if (at === undefined) return undefined;
  return {
    at,
    decision: isExpiryRuleExhausted(approval, round) ? undefined : decideByRule(approval, round, at),
  };
}

/**
 * Decides by the expiry rule; undefined: the rule decides nothing. On a Flow only `default` decides: the Flow's default outcome.
 */
function decideByRule({ policy }: Approval, round: Round, at: number): Decision | undefined {
  const { onExpiry, expiryText } = policy;
  const { review, question, irreversible } = round;
  // No rule approves what cannot be taken back, or takes an option, which may start it.
  if (irreversible && (onExpiry !== 'request_revision' || listOptions(round))) return undefined;
  const rule = { by: '', at, rule: 'expiry' as const };
  const option = findDefaultOption(round);
  if (onExpiry === 'default' && question?.defaultOption !== undefined)
    return { ...chooseDefault(question, option), ...rule };
  // Nobody enters values at the deadline, or is shown anything.
  const cannotApprove = question?.requireWhole || needsValues(question, { action: 'approve' });
  if (!listOptions(round) && onExpiry === 'approve' && cannotApprove) return undefined;
  if (!listOptions(round))
    return onExpiry === 'approve' || onExpiry === 'request_revision'
      ? { action: onExpiry, feedback: expiryText, ...rule }
      : undefined;
  const { defaultOutcome, callbackUrl } = review ?? {};
  if (onExpiry !== 'default' || defaultOutcome === undefined || callbackUrl === undefined) return undefined;
  return { action: 'choose', feedback: defaultOutcome, ...(option === undefined ? {} : { option }), ...rule };
}

/** Finds the index of the default option; undefined: the default is not one of the options. */
export function findDefaultOption({ review, question }: Round): number | undefined {
  const names = review?.options ?? question?.options?.map(({ id }) => id) ?? [];
  const index = names.indexOf(review?.defaultOutcome ?? question?.defaultOption ?? '');
  return index === -1 ? undefined : index;
}

/** Chooses the option that a program named as its default. */
function chooseDefault(
  { options, defaultOption }: Question,
  option: number | undefined,
): Pick<Decision, 'action' | 'option' | 'feedback'> {
  const chosenOption = options?.[option ?? -1];
  if (chosenOption) return { action: 'choose', option, feedback: chosenOption.label };
  return { action: defaultOption === REVISE ? 'request_revision' : 'approve', feedback: '' };
}

/** Escalates a waiting review at CrewAI's request: asks others, or reminds the same people if the settings name no others. */
export function escalateReview(
  approval: Approval,
  { at, requestId }: Extract<ApprovalEvent, { type: 'escalation_asked' }>,
): Approval {
  const round = currentRound(approval);
  if (round.taskId !== requestId || round.status !== 'waiting' || round.escalatedAt !== undefined)
    return approval;
  if (approval.policy.escalateTo.length > 0) return escalate(approval, at);
  const withEscalation = replaceRound(approval, { ...round, escalatedAt: at });
  return addFact(addNote(withEscalation, { kind: 'reminder', round: round.number }), {
    at,
    what: 'escalated',
    round: round.number,
  });
}

/** Marks a round as expired. The rule decides, or the round still waits. */
function expire(approval: Approval, at: number): Approval {
  const round = currentRound(approval);
  const { decision } = findDeadline(approval, round) ?? {};
  const onExpiry = decision ? approval.policy.onExpiry : 'keep';
  const withFact = addFact(approval, { at, what: 'expired', round: round.number, detail: onExpiry });
  const expiredRound = { ...round, expiredAt: at };
  if (!decision)
    return addNote(replaceRound(withFact, expiredRound), { kind: 'expired', round: round.number });
  const ruleDecision = { ...decision, at };
  return addNote(recordDecision(withFact, expiredRound, ruleDecision), {
    kind: 'expired',
    round: round.number,
    decision: ruleDecision,
  });
}
