import {
  couldBeSamePause,
  type Follows,
  findPause,
  isKnownOutput,
  isSameHash,
  isSamePauseViaOtherWebhook,
  type Pause,
  showsPause,
} from '../lifecycle/pauses.ts';
import { type Approval, buildApprovalId } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import { matchesTask } from '../model/crew/task-rules.ts';
import { findActiveTask } from '../model/run/run-events.ts';
import { announcesPauses, type RunRecord } from '../model/run/run-record.ts';
import type { TaskWebhook, WebhookFacts } from '../model/run/webhook.ts';

interface Search {
  crew: Crew;
  webhook: TaskWebhook;
  /** The run's approvals. */
  siblings: readonly Approval[];
  dialect: Dialect;
  follows: Follows;
  /** When the webhook came in. */
  at: number;
}

/** Which approval a task's webhook belongs to. Pure. */
export function findApproval(search: Search): { id: string; pause?: Pause } {
  const { crew, webhook, siblings } = search;
  const own = buildApprovalId(crew.name, webhook.executionId, webhook.taskKey);
  if (webhook.kind === 'task') {
    const shown = siblings
      .filter((approval) => couldBeSamePause(approval, webhook))
      .find((approval) => isSamePauseViaOtherWebhook(approval, webhook) || showsPause(approval, webhook));
    return { id: shown?.id ?? own };
  }
  const pause = findPause(webhook, siblings, search);
  if (pause.kind === 'seen') return { id: pause.id, pause };
  if (pause.kind === 'same_task') return { id: pause.id };
  if (pause.kind === 'next' && !pause.likely) return { id: pause.id, pause };
  // A pause that one webhook brings without its task's name is the one that the other webhook brings with it.
  const same = siblings.find((approval) => isSamePauseViaOtherWebhook(approval, webhook));
  if (same) return { id: same.id };
  if (pause.kind === 'next') return { id: pause.id, pause };
  return { id: own };
}

/** Whether a webhook opens a card: each pause does; a task's where nothing else tells of pauses. Pure. */
export function opensApproval(
  crew: Crew,
  webhook: WebhookFacts,
  record: RunRecord,
  dialect: Dialect,
): boolean {
  if (webhook.kind === 'human_input') return true;
  const named = webhook.meta.humanInputUrl !== undefined;
  const elsewhere = named || dialect === 'live' || announcesPauses(record);
  return webhook.kind === 'task' && !elsewhere && matchesTask(crew.approveTasks, webhook.taskKey);
}

/** What names the report of a task that opens nothing; undefined for an output that is known by another route. */
export function buildReportKey(webhook: WebhookFacts, earlier: Approval | undefined): string | undefined {
  if (!('taskKey' in webhook) || (earlier && isKnownOutput(earlier, webhook.round))) return undefined;
  return buildApprovalId(webhook.taskKey, webhook.round.hashes[0] as string, '');
}

/** A pause without a name, with the id that its run had then: later events of that id name its task. */
export function noteId(webhook: WebhookFacts, { continuedAs }: RunRecord): WebhookFacts {
  if (webhook.kind !== 'human_input' || webhook.task !== undefined) return webhook;
  const under = webhook.aliasId ?? continuedAs ?? webhook.executionId;
  return { ...webhook, round: { ...webhook.round, under } };
}

/** What the run's events and task webhooks call the task of a pause that came without a name: its title. */
export function findTitle(
  webhook: WebhookFacts,
  record: RunRecord,
): { task: string; agent: string | undefined } | undefined {
  if (webhook.kind !== 'human_input' || webhook.task !== undefined) return undefined;
  const active = findActiveTask(record, webhook.round.under);
  // Events lag behind: what a task webhook has reported is done.
  const isDone = record.reports?.some(({ task }) => task === active?.name);
  return active && !isDone ? { task: active.name, agent: active.agent } : findReportedTask(webhook, record);
}

/** The task that has reported the output of a pause, where exactly one has. */
function findReportedTask(
  webhook: TaskWebhook,
  { reports = [] }: RunRecord,
): { task: string; agent: string | undefined } | undefined {
  const same = reports.filter(
    ({ hashes }) => hashes !== undefined && isSameHash({ hashes }, webhook.round.hashes),
  );
  const [first] = same;
  const task = first?.task;
  return task !== undefined && same.every((report) => report.task === task)
    ? { task, agent: first?.agent }
    : undefined;
}
