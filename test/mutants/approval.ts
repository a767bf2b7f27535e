import type { Mutants } from './mutant.ts';

export const mutants: Mutants = {
  'src/approval/access/can-decide.ts': [
    ["groups.includes(undefined) ? 'cannot_check' : 'no'", "groups.includes(undefined) ? 'no' : 'no'"],
    ['if (isGroupId(id)) return false;', 'if (isGroupId(id)) return true;'],
    ["return outsider && !rules.allowGuests ? 'guest' : 'yes';", "return 'yes';"],
    ['[...rules.approvers, ...rules.policy.escalateTo].includes(person)', 'rules.approvers.includes(person)'],
  ],
  'src/approval/access/can-look-up.ts': [["answers.includes(undefined) ? 'cannot_check' : 'no'", "'no'"]],
  'src/approval/access/count-deciders.ts': [
    ['size - 1 - presences.filter', 'size - presences.filter'],
    ['listedPeople.able.length === 0 && isUnnamed', 'isUnnamed'],
    ["return countWithoutRouting === 'enough' ? undefined : countWithoutRouting;", 'return undefined;'],
  ],
  'src/approval/access/rights.ts': [
    ['isOpenBySettings && !responders', 'isOpenBySettings'],
    ['assignee !== undefined && canStillVote(assignee)', 'assignee !== undefined && !isRefused(assignee)'],
    ['!voters.includes(id) && !isRefused(id)', '!voters.includes(id)'],
    ['keepNamed(named, canStillVote, members)', 'named'],
    ['deciders.length > 0 && escalated', 'escalated'],
    ["['no', 'requester', 'guest', 'not_member']);", "['no', 'requester', 'guest']);"],
    ['hasUnknownGroup || covered.has(id)', 'true'],
    ['hasUnknownGroup || covered.has(id)', 'covered.has(id)'],
    ['[...routedPeople, ...ids.filter(isUserId)]', 'routedPeople'],
    ['groupMembers.length === 0 || groupMembers.some', 'groupMembers.some'],
  ],
  'src/approval/access/refusals.ts': [
    ["'not_approver', 'requester', 'guest'", "'not_approver', 'requester'", 'approval/access/lost-votes'],
    ['showsOtherOutput(approval, event.round, shown)', 'event.at < 0', 'approval/worker/shown-output'],
    [
      'if (personRefusal) return personRefusal;',
      'if (personRefusal && !assigneeRefusal) return personRefusal;',
    ],
    ['return isShown ? roundRefusal : personRefusal;', 'return roundRefusal;'],
    ['onCard || (crew && canLookUp', '(crew && canLookUp'],
    [
      'isPersonal({ code }: Refusal): boolean {',
      'isPersonal({ code }: Refusal): boolean {\n  if (code) return true;',
    ],
  ],
  'src/approval/access/deciders.ts': [
    ['emails.push(...(currentRound(approval).review?.responders ?? []));', '', 'world/flows'],
  ],
  'src/approval/card-facts.ts': [
    ['contradictsDecision(decision, delivery.says)', '!contradictsDecision(decision, delivery.says)'],
  ],
  'src/approval/decide.ts': [
    ["refusal.code === 'card_changed' && card", 'card && !refusal', 'world/last-page'],
    ['showsOtherOutput(approval, round, output)', 'round < 0', 'approval/worker/shown-output'],
  ],
  'src/approval/intake/aliases.ts': [
    ['at: Math.max(from.failure.at, from.lastWebhookAt ?? from.failure.at),', '', 'world/failed-runs'],
  ],
  'src/approval/intake/change-run-record.ts': [
    ['record.approvers ??= fitting', 'record.approvers = fitting', 'world/registrations'],
  ],
  'src/approval/lifecycle/which-approval.ts': [["| dialect === 'live' ||", '|', 'world/which-approval']],
  'src/approval/intake/receive-webhook.ts': [
    ['applied = applyToAll(applied, later, id)', 'applied = known', 'world/which-approval'],
    ["else if (typeof follows !== 'object') applied", 'else applied', 'world/tickets'],
  ],
  'src/approval/intake/receive-review.ts': [
    ['createdAt < newest', 'createdAt > newest', 'world/flows'],
    [
      'enforceRouting ? { responders: responders ?? [] }',
      'enforceRouting && responders ? { responders }',
      'world/flows',
    ],
  ],
  'src/approval/intake/tickets.ts': [
    ['lostAttempt || lostAttempts.length > 1', 'lostAttempt', 'world/starts'],
  ],
  'src/approval/starts/can-start.ts': [['policy = { ...crew.policy, escalateTo: [] }', '{ policy } = crew']],
  'src/approval/starts/start-events.ts': [
    ['at >= deadline || at + retryAfterMs > deadline', 'at >= deadline', 'world/starts'],
    ["isCalled ? 'call_lost' : 'call'", "isCalled ? 'call' : 'call'", 'world/starts'],
  ],
  'src/approval/starts/start-work.ts': [
    ["kind === 'blocked' ? undefined : ", '', 'world/starts'],
    ["if (step.do !== 'call') return start;", 'if (step) return start;', 'world/starts'],
  ],
  'src/approval/lifecycle/delivery.ts': [
    [
      '!hasUndeliveredDecision(round) || isRefused',
      "round.status !== 'sending' || isRefused",
      'world/tickets',
    ],
    ['round.delivery.unsure && !', '!', 'approval/lifecycle/transitions', 'approval/lifecycle/delivery'],
    ["dialect !== 'documented'", "dialect === 'live'"],
    ['LONGEST_UNSURE_RETRY = MINUTE', 'LONGEST_UNSURE_RETRY = 30 * MINUTE'],
    ['unsure: mayHaveArrived(round),\n', 'unsure: false,\n'],
    ["if (outcome.kind === 'not_reached' && !endedDelivery.unsure) delete endedDelivery.firstAttemptAt;", ''],
    ['keepUnsentNote(withUsedTicket, round.decision, delivery.dialect)', 'withUsedTicket'],
  ],
  'src/approval/lifecycle/cards.ts': [
    ['const MAX_DUPLICATES = 5;', 'const MAX_DUPLICATES = 6;', 'approval/lifecycle/lanes'],
    ["{ ...card, shown: '' }", 'card', 'world/late-answers'],
  ],
  'src/approval/lifecycle/lanes.ts': [
    ['at > now + longest + CLOCKS_DIFFER', 'false', 'approval/worker/clock-set-back'],
    ['longest + CLOCKS_DIFFER', 'longest', 'approval/worker/clock-set-back'],
    [' && than <= at + LONGEST_RETRY_DELAY', '', 'approval/worker/clock-set-back'],
    [
      'if (heldLane.lease?.owner !== owner) return record;',
      '',
      'approval/lifecycle/lanes',
      'approval/lifecycle/delivery',
    ],
  ],
  'src/approval/lifecycle/next-steps.ts': [
    [
      "Math.max(approval.lanes.thread.notBefore ?? 0, note.kind === 'mention' ? note.at : 0)",
      'approval.lanes.thread.notBefore ?? 0',
      'approval/notify/audience',
    ],
  ],
  'src/approval/lifecycle/requests.ts': [
    [
      '!canBeUndone(round) || event.at >= (delivery.undoUntil ?? 0)',
      '!canBeUndone(round)',
      'approval/lifecycle/timers',
    ],
  ],
  'src/approval/lifecycle/run-progress.ts': [
    [
      'if (event.failedAt < findLastAcceptance(approval)) return approval;',
      '',
      'approval/lifecycle/transitions',
    ],
    [
      "round.decision?.action !== 'approve' || isBeforeAttempt(at, round)",
      "round.decision?.action !== 'approve'",
      'approval/lifecycle/transitions',
    ],
  ],
  'src/approval/lifecycle/went-on.ts': [
    ['isEarlier(at, acceptedAt) ? undefined : at', 'at'],
    ['at < acceptedAt ? undefined : at', 'at'],
    ['follows: (at, { acceptedAt = 0 }) => Math.max(at, acceptedAt)', 'follows: afterAcceptance'],
    ['at < firstAttemptAt ?', 'true ?'],
    ['round.continuedAt !== undefined ||', ''],
  ],
  'src/approval/lifecycle/timers.ts': [
    ['isExpiryRuleExhausted(approval, round) ? undefined', 'false ? undefined'],
    ['return revisedByRule.length === RULE_REVISIONS;', 'return revisedByRule.length > RULE_REVISIONS;'],
    ['policy.remindAfter === undefined || round.expiredAt !== undefined', 'policy.remindAfter === undefined'],
  ],
  'src/approval/lifecycle/votes.ts': [
    ["if (lastVote.action === 'request_revision') return true;", '', 'approval/lifecycle/transitions'],
    ["if (isBlankText(edited)) return { code: 'edited_blank' };", '', 'approval/lifecycle/votes'],
  ],
  'src/approval/model/crew/task-rules.ts': [
    ['urgent: policies.some(', 'urgent: policies.every(', 'approval/access/strictest-rules'],
    ['return /^\\**$/.test(pattern.slice(p));', 'return true;', 'approval/model/task-patterns'],
  ],
  'src/approval/notify/audience.ts': [
    [
      'await learnReviewers(app, currentRound(approval));\n  const rights = await loadRights(app, approval);\n  const { assignee }',
      'const rights = await loadRights(app, approval);\n  const { assignee }',
      'approval/notify/audience',
    ],
    [
      'await learnReviewers(app, currentRound(approval));\n  const rights = await loadRights(app, approval);\n  if (!rights)',
      'const rights = await loadRights(app, approval);\n  if (!rights)',
      'approval/notify/audience',
    ],
    ['round.votes.some(({ by }) => by === candidate)', 'false', 'world/edits'],
    ['approval, rights, rights?.unvoted)', 'approval, rights)', 'world/edits'],
    [
      '...listAbleToDecide(to, rights, app.people), ...newlyNamed',
      '...listAbleToDecide(to, rights, app.people)',
      'world/approvers',
    ],
    ['const MAX_DIRECT = 10;', 'const MAX_DIRECT = 11;'],
    ['approval.policy.approvalsRequired === 1', 'approval.policy.approvalsRequired >= 1'],
    [
      '(openChannel) ?? LARGE_AUDIENCE + 1',
      '(openChannel) ?? LARGE_AUDIENCE',
      'approval/notify/audience',
      'approval/notify/notify',
    ],
  ],
  'src/approval/notify/mentions.ts': [
    ['elapsed >= 0 && elapsed <', 'elapsed <', 'approval/notify/notify', 'approval/worker/clock-set-back'],
  ],
  'src/approval/queries/list-approvals.ts': [
    ['approvals.length === ROWS_PER_PAGE', 'approvals.length > ROWS_PER_PAGE', 'approval/queries/look-ups'],
    ['findDecidedAt(approval) < since', 'findDecidedAt(approval) <= since', 'approval/queries/look-ups'],
    ['if (clock.now() >= until)', 'if (clock.now() >= until + 60_000)', 'approval/queries/look-ups'],
    ['(await canReadOutput(app, approval, person))', 'true', 'approval/queries/look-ups'],
  ],
  'src/approval/read-round.ts': [
    ['age < CARD_PROOF_VALIDITY', 'age < 2 * CARD_PROOF_VALIDITY', 'approval/access/channel-access'],
  ],
  'src/approval/update.ts': [['? changed : CONFLICT;', '? changed : undefined;']],
  'src/approval/worker/delivery-steps.ts': [
    [
      '{ type, at, round: round.number, outcome',
      '{ type, at: clock.now(), round: round.number, outcome',
      'world/sending',
    ],
  ],
  'src/approval/worker/rate-limits.ts': [
    ['Math.floor((limit.burst ?? 1) * pace)', 'limit.burst ?? 1'],
    ['queue.callsLeft = Math.min(queue.callsLeft, 0);', ''],
  ],
  'src/approval/worker/retention.ts': [
    ['(awaitsRevision || hasDueStep) && settledAt', 'hasDueStep && settledAt'],
  ],
  'src/approval/worker/step-runner.ts': [
    [' || !this.queue.canCallCrew(record, lane)', ''],
    [' && nextDue > this.app.clock.now() + SCAN_INTERVAL', ''],
    ['this.app.clock.now() - at > LONGEST_CALL_DELAY', 'false', 'world/sending'],
    ['return isOurs ? this.work', 'return true ? this.work', 'world/sending'],
  ],
};
