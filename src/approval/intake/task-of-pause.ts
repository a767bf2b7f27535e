import { isSameHash } from '../lifecycle/pauses.ts';
import type { Execution } from '../model/run/execution.ts';
import { findActiveTask } from '../model/run/run-events.ts';
import type { WebhookFacts } from '../model/run/webhook.ts';

/** A pause without a name has the name of the task that its run is at, where the events leave no doubt. */
export function nameTaskByEvents(webhook: WebhookFacts, execution: Execution | undefined): WebhookFacts {
  if (webhook.kind !== 'human_input' || webhook.task !== undefined) return webhook;
  const under = webhook.aliasId ?? execution?.continuedAs ?? webhook.executionId;
  const round = { ...webhook.round, under };
  const active = execution && findActiveTask(execution, under);
  // Events lag behind: what a task webhook has reported is done.
  if (!active || execution.reports?.some(({ task }) => task === active.name)) return { ...webhook, round };
  const agent = round.agent ?? active.agent;
  return {
    ...webhook,
    task: active.name,
    round: { ...round, namedByEvents: true, ...(agent === undefined ? {} : { agent }) },
  };
}

/** The task of a pause that came without a name, where exactly one task of the run has reported its output. */
export function findReportedTask(
  webhook: WebhookFacts,
  execution: Execution | undefined,
): { task: string; agent: string | undefined } | undefined {
  if (webhook.kind !== 'human_input' || webhook.task !== undefined) return undefined;
  const same = (execution?.reports ?? []).filter(
    ({ hashes }) => hashes !== undefined && isSameHash({ hashes }, webhook.round.hashes),
  );
  const [first] = same;
  const task = first?.task;
  return task !== undefined && same.every((report) => report.task === task)
    ? { task, agent: first?.agent }
    : undefined;
}
