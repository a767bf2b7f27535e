import { type Approval, currentRound, type Execution } from './approval.ts';
import { approvalId } from './approval-id.ts';
import type { Crew } from './crew.ts';
import type { ApprovalEvent, OutputEvent } from './events.ts';
import { isBlank } from './output.ts';
import { canNarrowTo } from './policy.ts';
import type { ApprovalStore, Clock, Log } from './ports.ts';
import { addNote, openApproval } from './rounds.ts';
import { isKnownOutput, transition } from './transitions.ts';
import type { Receipt, WebhookFacts } from './webhook.ts';

type TaskWebhook = Extract<WebhookFacts, { kind: 'task' | 'human_input' }>;

/**
 * Records a webhook: first what it says of the execution, then what it does to approvals. Both can be repeated, so a
 * crash in between is made good by the redelivery. Rejects with a StoreError when nothing may be answered 2xx.
 */
export function createReceiver({
  store,
  clock,
  log,
  wake,
}: {
  store: ApprovalStore;
  clock: Clock;
  log: Log;
  /** Called with each approval that changed. */
  wake: (approvalId: string) => void;
}) {
  async function receive(crew: Crew, webhook: WebhookFacts): Promise<Receipt> {
    const at = clock.now();
    const about = { crew: crew.name, execution: webhook.executionId };
    const known = await store.execution(crew.name, webhook.executionId);
    const opens = opensCard(webhook, known?.record);
    const id = 'taskKey' in webhook ? approvalId(crew.name, webhook.executionId, webhook.taskKey) : undefined;

    const { before, execution, warnings } = await updateExecution(crew, webhook, at, opens ? id : undefined);
    for (const warning of warnings) log.warn({ ...about, kind: webhook.kind }, warning);

    const earlier = id === undefined ? undefined : (await store.approval(id))?.record;
    if ('taskKey' in webhook && id !== undefined) {
      const redelivered = earlier !== undefined && isKnownOutput(earlier, webhook.round.hashes);
      // A redelivery tells nothing new of the run.
      if (!redelivered)
        await tellOthers(execution, opens ? id : undefined, {
          type: 'other_webhook',
          at,
          taskReported: true,
        });
      if (opens || redelivered) return recordOutput(crew, webhook, execution, id, at, opens, warnings);
      return { status: 'noted' };
    }
    if (webhook.kind === 'crew') {
      await finish(execution, at);
      log.info(about, 'the crew has finished');
      return { status: before?.finishedAt === undefined ? 'noted' : 'duplicate' };
    }
    await tellOthers(execution, undefined, { type: 'other_webhook', at, taskReported: false });
    return { status: 'noted' };
  }

  async function recordOutput(
    crew: Crew,
    webhook: TaskWebhook,
    execution: Execution,
    id: string,
    at: number,
    opensRounds: boolean,
    warnings: string[],
  ): Promise<Receipt> {
    const event: OutputEvent = { type: 'output', at, output: webhook.round, opensRounds };
    for (;;) {
      const stored = await store.approval(id);
      const next = stored
        ? applied(stored.record, event)
        : open(crew, webhook, execution, id, event, warnings);
      const round = currentRound(next);
      const created = round.number > (stored?.record.rounds.length ?? 0);
      const receipt: Receipt = {
        status: created ? 'created' : 'duplicate',
        approval: id,
        round: round.number,
      };
      if (next === stored?.record) return receipt;
      const output = created ? { output: { hash: round.hashes[0] as string, output: webhook.output } } : {};
      if (!(await store.saveApproval(stored, next, output))) continue;
      wake(id);
      const about = { crew: crew.name, execution: webhook.executionId, approval: id, round: round.number };
      log.info(about, created ? 'an output waits for a decision' : 'the same output came by another route');
      return receipt;
    }
  }

  async function tellOthers(execution: Execution, except: string | undefined, event: ApprovalEvent) {
    for (const id of execution.approvals) {
      if (id !== except) await apply(id, event);
    }
  }

  async function finish(execution: Execution, at: number) {
    const event: ApprovalEvent = { type: 'run_finished', at, withResult: execution.hasResult };
    for (const id of execution.approvals) await apply(id, event);
  }

  async function apply(id: string, event: ApprovalEvent) {
    for (;;) {
      const stored = await store.approval(id);
      if (!stored) return;
      const next = applied(stored.record, event);
      if (next === stored.record) return;
      if (!(await store.saveApproval(stored, next))) continue;
      return wake(id);
    }
  }

  async function updateExecution(crew: Crew, webhook: WebhookFacts, at: number, opened: string | undefined) {
    for (;;) {
      const stored = await store.execution(crew.name, webhook.executionId);
      const before = stored?.record;
      const { execution, warnings } = withWebhook(crew, webhook, before, at, opened);
      const result =
        execution.hasResult && !before?.hasResult && webhook.kind === 'crew' ? webhook.result : undefined;
      if (await store.saveExecution(stored, execution, result)) return { before, execution, warnings };
    }
  }

  return { receive };
}

function opensCard(webhook: WebhookFacts, execution: Execution | undefined): boolean {
  return webhook.kind === 'human_input' || (webhook.kind === 'task' && !execution?.humanInput);
}

function open(
  crew: Crew,
  webhook: TaskWebhook,
  execution: Execution,
  id: string,
  event: OutputEvent,
  warnings: string[],
): Approval {
  const channel = execution.channel ?? crew.channel;
  const head = { id, crew: crew.name, executionId: webhook.executionId, task: webhook.task, channel };
  const opened = openApproval(head, event);
  const warned = warnings.length > 0 ? addNote(opened, { kind: 'ignored', warnings }) : opened;
  // The crew's last webhook overtook the task's.
  const { finishedAt } = execution;
  if (finishedAt === undefined) return warned;
  return applied(warned, { type: 'run_finished', at: event.at, withResult: execution.hasResult });
}

function applied(approval: Approval, event: ApprovalEvent): Approval {
  const result = transition(approval, event);
  // Only what people ask for is ever refused.
  return 'approval' in result ? result.approval : approval;
}

function withWebhook(
  crew: Crew,
  webhook: WebhookFacts,
  before: Execution | undefined,
  at: number,
  opened: string | undefined,
): { execution: Execution; warnings: string[] } {
  const warnings = [...webhook.warnings];
  const { meta } = webhook;
  const execution: Execution = {
    ...(before ?? {
      v: 1,
      crew: crew.name,
      executionId: webhook.executionId,
      metaUrls: {},
      registeredUrls: {},
      approvals: [],
      humanInput: false,
      hasResult: false,
    }),
    lastWebhookAt: at,
  };
  execution.metaUrls = { ...execution.metaUrls, ...meta.urls };
  if (meta.approvers) {
    const fitting = meta.approvers.filter((id) => canNarrowTo(id, crew.approvers, () => undefined));
    if (fitting.length < meta.approvers.length) {
      warnings.push(`meta.approvers names people who are no approvers of ${crew.name}; they are left out`);
    }
    if (fitting.length > 0) execution.approvers ??= fitting;
  }
  if (meta.channel !== undefined) {
    if (crew.channels.includes(meta.channel)) execution.channel ??= meta.channel;
    else warnings.push(`meta.channel is not one of the channels of ${crew.name}; its own is used`);
  }
  if (webhook.kind === 'human_input') execution.humanInput = true;
  if (webhook.kind === 'crew') {
    execution.finishedAt ??= at;
    execution.hasResult ||= !isBlank(webhook.result);
  }
  if (opened !== undefined && !execution.approvals.includes(opened)) {
    execution.approvals = [...execution.approvals, opened];
  }
  return { execution, warnings };
}
