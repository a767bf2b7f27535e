import { isSameHash } from '../lifecycle/which-approval.ts';
import { findActiveTask } from '../model/run/run-events.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import type { TaskWebhook, WebhookFacts } from '../model/run/webhook.ts';

/** Adds the run's current id to a pause without a task name: events with this id say which task it is. */
export function addRunId(webhook: WebhookFacts, { continuedAs }: RunRecord): WebhookFacts {
  if (webhook.kind !== 'human_input' || webhook.task !== undefined) return webhook;
  const currentId = webhook.aliasId ?? continuedAs ?? webhook.executionId;
  return { ...webhook, round: { ...webhook.round, under: currentId } };
}

/** Finds the title of a pause without a task name: the task in the run's events, or in task webhooks with the same output. */
export function findTitle(
  webhook: WebhookFacts,
  record: RunRecord,
): { task: string; agent: string | undefined } | undefined {
  if (webhook.kind !== 'human_input' || webhook.task !== undefined) return undefined;
  const active = findActiveTask(record, webhook.round.under);
  // Events can arrive after webhooks: a task whose task webhook has arrived is over.
  const isDone = record.reports?.some(({ task }) => task === active?.name);
  return active && !isDone ? { task: active.name, agent: active.agent } : findReportedTask(webhook, record);
}

/** Finds the task that reported the pause's output; undefined unless all reports of this output name the same task. */
function findReportedTask(
  webhook: TaskWebhook,
  { reports = [] }: RunRecord,
): { task: string; agent: string | undefined } | undefined {
  const sameReports = reports.filter(
    ({ hashes }) => hashes !== undefined && isSameHash({ hashes }, webhook.round.hashes),
  );
  const [firstReport] = sameReports;
  const task = firstReport?.task;
  return task !== undefined && sameReports.every((report) => report.task === task)
    ? { task, agent: firstReport?.agent }
    : undefined;
}
