import { isKnownOutput } from '../lifecycle/pauses.ts';
import type { Approval } from '../model/approval.ts';
import { buildApprovalId } from '../model/approval-id.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import { matchesTask } from '../model/crew/task-patterns.ts';
import { announcesPauses, type Execution } from '../model/run/execution.ts';
import type { TaskWebhook, WebhookFacts } from '../model/run/webhook.ts';

/** Whether a webhook opens a card: each pause does; a task's where nothing else tells of pauses. Pure. */
export function opensApproval(
  crew: Crew,
  webhook: WebhookFacts,
  execution: Execution | undefined,
  dialect: Dialect,
): boolean {
  if (webhook.kind === 'human_input') return true;
  const named = webhook.meta.humanInputUrl !== undefined;
  const elsewhere = named || dialect === 'live' || (execution !== undefined && announcesPauses(execution));
  return webhook.kind === 'task' && !elsewhere && matchesTask(crew.approveTasks, nameTask(webhook));
}

/** What names the report of a task that opens nothing; undefined for an output that is known by another route. */
export function buildReportKey(webhook: WebhookFacts, earlier: Approval | undefined): string | undefined {
  if (!('taskKey' in webhook) || (earlier && isKnownOutput(earlier, webhook.round))) return undefined;
  return buildApprovalId(webhook.taskKey, webhook.round.hashes[0] as string, '');
}

/** What people call the task of a webhook. */
export function nameTask({ task, taskKey }: TaskWebhook): string {
  return task ?? taskKey;
}
