import { type Approval, currentRound, roundNumbered } from './approval.ts';
import { type Crew, humanInputToSend, urlsToSend } from './crew.ts';
import type { OutputEvent } from './events.ts';
import type { Execution } from './execution.ts';
import { withOrigin } from './facts.ts';
import { isLong, type Output } from './output.ts';
import { deciders, isApproverId, isGroupId, isUserId } from './policy.ts';
import { addNote, openApproval, replaceRound } from './rounds.ts';
import { rulesFor } from './task-rules.ts';
import { transition } from './transitions.ts';
import type { TaskWebhook } from './webhook.ts';

/** What a card says of the webhook URLs that a decision on the run is sent with. */
export function urlFacts(crew: Crew, execution: Execution) {
  const humanInput = humanInputToSend(crew, execution);
  const humanInputUrl = humanInput && { url: humanInput.webhook.url, from: humanInput.from };
  return { urls: urlsToSend(crew, execution), ...(humanInputUrl ? { humanInputUrl } : {}) };
}

/** The approval that a webhook opens: where its card goes, by whose rules, and what is to be told of it. Pure. */
export function opened(
  crew: Crew,
  webhook: TaskWebhook,
  execution: Execution,
  id: string,
  event: OutputEvent,
  warnings: string[],
): Approval {
  const rules = rulesFor(crew, webhook.task);
  const channel = channelFor(crew, webhook.task, execution);
  const head = {
    id,
    crew: crew.name,
    executionId: webhook.executionId,
    task: webhook.task,
    channel,
    policy: rules.policy,
    ...urlFacts(crew, execution),
  };
  const first = withOrigin(openApproval(head, event), 0, 'webhook');
  const toTell = [...warnings, ...tooFew(crew, webhook.task, execution)];
  const warned = toTell.length > 0 ? addNote(first, { kind: 'ignored', warnings: toTell }) : first;
  const { finishedAt } = execution;
  if (finishedAt === undefined) return withFiles(warned, webhook.output);
  // The crew's last webhook overtook the task's.
  const ended = transition(warned, { type: 'run_finished', at: event.at, withResult: execution.hasResult });
  const over = 'approval' in ended ? withOrigin(ended.approval, warned.factCount, 'webhook') : warned;
  return withFiles(over, webhook.output);
}

/** The whole of a round's output comes as a file if it is long, and what it changed of a long one. Pure. */
export function withFiles(approval: Approval, output: Output): Approval {
  const round = currentRound(approval);
  const { number, unchanged } = round;
  const whole = isLong(output)
    ? addNote(replaceRound(approval, { ...round, long: true }), { kind: 'whole_output', round: number })
    : approval;
  const before = roundNumbered(approval, number - 1);
  return before?.long && !unchanged ? addNote(whole, { kind: 'whole_changes', round: number }) : whole;
}

/**
 * The task's own channel, else the run's, else the crew's; a direct message only to someone of whom it is certain that
 * they may decide on it.
 */
function channelFor(crew: Crew, task: string, { channel, requestedBy }: Execution): string {
  const rules = rulesFor(crew, task);
  const wished = rules.channel === crew.channel ? (channel ?? crew.channel) : rules.channel;
  if (!isUserId(wished)) return wished;
  // Whose an email address is, is not known here.
  const requester = requestedBy === wished || (requestedBy !== undefined && !isApproverId(requestedBy));
  const excluded = rules.excludeRequester && requester;
  return rules.approvers.includes(wished) && !excluded ? wished : crew.channel;
}

/** What keeps a quorum from ever being reached, as far as it is certain. */
function tooFew(crew: Crew, task: string, execution: Execution): string[] {
  const rules = rulesFor(crew, task);
  const { approvalsRequired: required } = rules.policy;
  const asked = deciders(rules, execution, () => undefined);
  const excluded = rules.excludeRequester ? execution.requestedBy : undefined;
  const able = asked.filter((id) => id !== excluded);
  if (asked.length === 0 || asked.some(isGroupId) || able.length >= required) return [];
  return [`${required} people have to approve, but only ${able.length} of this run may`];
}
