import { RecordError, StoreError } from '../errors.ts';
import { type Approval, currentRound } from './approval.ts';
import { approvalId, formerId } from './approval-id.ts';
import type { Crew } from './crew.ts';
import type { ApprovalEvent, OutputEvent } from './events.ts';
import {
  type Execution,
  hasReport,
  pausesByHumanInput,
  type Registration,
  untold,
  withApproval,
  withRegistration,
  withWebhook,
} from './execution.ts';
import { withOrigin } from './facts.ts';
import { opened, urlFacts, withFiles } from './opened.ts';
import { canBeToldOtherwise, isKnownOutput, isToldOtherwise } from './pauses.ts';
import type { ApprovalStore, Clock, Log } from './ports.ts';
import { matchesTask } from './task-patterns.ts';
import { transition } from './transitions.ts';
import { CONFLICT, retryConflicts, updateApproval } from './update.ts';
import type { Receipt, TaskWebhook, WebhookFacts } from './webhook.ts';

/**
 * Records a webhook: what it says of the run and the approval that it opens in one commit, then what it says to others.
 * All of it can be repeated, so a crash in between is made good by the redelivery. Rejects with a StoreError when
 * nothing may be answered 2xx.
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
  /** Called with each approval that changed, as it was stored. */
  wake: (approval: Approval) => void;
}) {
  async function receive(crew: Crew, received: WebhookFacts): Promise<Receipt> {
    const at = clock.now();
    const webhook = { ...received, executionId: await store.originalId(crew.name, received.executionId) };
    const about = { crew: crew.name, execution: webhook.executionId };
    const { before, execution, warnings, opens, id, earlier, created } = await recordRun(crew, webhook, at);
    if (created) wake(created);
    for (const warning of warnings) log.warn({ ...about, kind: webhook.kind }, warning);
    if (Object.keys(webhook.meta.urls).length > 0) await tellUrls(crew, execution, at, created?.id);
    if (created) {
      log.info({ ...about, approval: created.id, round: 1 }, OUTPUT_WAITS);
      return { status: 'created', approval: created.id, round: 1 };
    }

    if ('taskKey' in webhook && id !== undefined) {
      const redelivered = earlier !== undefined && isKnownOutput(earlier, webhook.round);
      // A redelivery tells nothing new of the run.
      if (opens && !redelivered) await tellOthers(execution, id, taskReported(at));
      if (opens || redelivered) return recordOutput(crew, webhook, id, at, opens);
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

  /** The output of an approval that is there: another round, another route's telling of one, or nothing new. */
  function recordOutput(
    crew: Crew,
    webhook: TaskWebhook,
    id: string,
    at: number,
    opensRounds: boolean,
  ): Promise<Receipt> {
    return retryConflicts(id, async () => {
      const stored = await store.approval(id);
      // Set aside or deleted meanwhile.
      if (!stored) return receive(crew, webhook);
      const changed = applied(stored.record, outputEvent(webhook, at, opensRounds));
      const round = currentRound(changed);
      const created = round.number > stored.record.rounds.length;
      const next = created ? withFiles(changed, webhook.output) : changed;
      const status = created ? 'created' : 'duplicate';
      const receipt: Receipt = { status, approval: id, round: round.number };
      if (next === stored.record) return receipt;
      const output = created ? { output: { hash: round.hashes[0] as string, output: webhook.output } } : {};
      if (!(await store.saveApproval(stored, next, output))) return CONFLICT;
      wake(next);
      const about = { crew: crew.name, execution: webhook.executionId, approval: id, round: round.number };
      log.info(about, created ? OUTPUT_WAITS : 'the same output came by another route');
      return receipt;
    });
  }

  /** `told`: those who know it already. */
  async function tellOthers(
    execution: Execution,
    except: string | undefined,
    event: ApprovalEvent,
    told = new Set<string>(),
  ) {
    for (const id of execution.approvals) {
      if (id === except || told.has(id)) continue;
      await applyToSibling(id, event);
      told.add(id);
    }
  }

  /** Makes known what whoever started a run says of it, before or after its first webhook. Rejects like `receive`. */
  async function register(crew: Crew, executionId: string, registration: Registration): Promise<string[]> {
    const at = clock.now();
    const id = await store.originalId(crew.name, executionId);
    return retryConflicts(id, async () => {
      const stored = await store.execution(crew.name, id);
      const { execution, warnings } = withRegistration(crew, id, registration, stored?.record);
      if (!(await store.saveExecution(stored, execution))) return CONFLICT;
      const about = { crew: crew.name, execution: id };
      log.info({ ...about, warnings }, 'a run was registered');
      await tellUrls(crew, execution, at);
      await warn(crew.name, id, at);
      return warnings;
    });
  }

  /** Once: a registration may be sent again and again. */
  async function warn(crew: string, executionId: string, at: number) {
    let told = '';
    await retryConflicts(executionId, async () => {
      const stored = await store.execution(crew, executionId);
      const last = stored?.record.approvals.at(-1);
      const warnings = stored ? untold(stored.record) : [];
      if (!stored || last === undefined || warnings.length === 0) return;
      if (warnings.join() !== told) await apply(last, { type: 'warned', at, warnings });
      told = warnings.join();
      return (await store.saveExecution(stored, { ...stored.record, warned: true })) ? undefined : CONFLICT;
    });
  }

  /** Its cards say which webhook URLs a decision will be sent with; once more if others became known meanwhile. */
  async function tellUrls(crew: Crew, execution: Execution, at: number, except?: string) {
    const facts = urlFacts(crew, execution);
    await tellOthers(execution, except, { type: 'urls_known', at, ...facts });
    const now = (await store.execution(crew.name, execution.executionId))?.record;
    if (now && JSON.stringify(urlFacts(crew, now)) !== JSON.stringify(facts)) await tellUrls(crew, now, at);
  }

  /** Which approval a task's webhook belongs to. `others`: those that can never be it. */
  async function approvalOf(
    crew: Crew,
    webhook: TaskWebhook,
    execution: Execution | undefined,
    others: Set<string>,
  ): Promise<string> {
    // A pause that one route tells without its task's name is the one that the other route told with it.
    for (const id of execution?.approvals ?? []) {
      if (others.has(id)) continue;
      const approval = await siblingOf(id);
      if (approval && isToldOtherwise(approval, webhook)) return id;
      if (!approval || !canBeToldOtherwise(approval, webhook)) others.add(id);
    }
    return ownOrFormerId(crew, webhook, execution);
  }

  /** The id of a task's approval: the one that version 0.1.0 gave it, if it has one and it is not somebody else's. */
  async function ownOrFormerId(
    crew: Crew,
    webhook: TaskWebhook,
    execution: Execution | undefined,
  ): Promise<string> {
    const id = approvalId(crew.name, webhook.executionId, webhook.taskKey);
    const former = formerId(id);
    // A run whose record was damaged does not know its approvals.
    if (!execution?.approvals.includes(former) && !execution?.lost) return id;
    const record = await siblingOf(former);
    return record && isApprovalOf(record, crew, webhook) ? former : id;
  }

  /** A task has reported that needs no approval: the others hear that the run has moved on, and the last thread of what. */
  async function tellReport(
    webhook: TaskWebhook,
    execution: Execution,
    key: string,
    at: number,
    told: Set<string>,
  ) {
    await tellOthers(execution, undefined, taskReported(at), told);
    const last = execution.approvals.at(-1);
    if (last === undefined || pausesByHumanInput(execution) || told.has(key)) return;
    await apply(last, { type: 'task_done', at, key, task: webhook.task, agent: webhook.round.agent });
    told.add(key);
  }

  async function finish(execution: Execution, at: number) {
    const event: ApprovalEvent = { type: 'run_finished', at, withResult: execution.hasResult };
    for (const id of execution.approvals) await applyToSibling(id, event);
  }

  async function applyToSibling(id: string, event: ApprovalEvent) {
    await readable(id, () => apply(id, event));
  }

  async function siblingOf(id: string): Promise<Approval | undefined> {
    return readable(id, async () => (await store.approval(id))?.record);
  }

  /** One that cannot be read stands in no other's way. */
  async function readable<T>(id: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      log.error({ approval: id, error }, 'an approval could not be read');
      return undefined;
    }
  }

  async function apply(id: string, event: ApprovalEvent) {
    const next = await updateApproval(store, id, (approval) => applied(approval, event));
    if (next) wake(next);
  }

  /**
   * Records what a webhook says of its run, and with it the approval that it opens: whatever else becomes known of the
   * run comes before both or after both.
   */
  async function recordRun(crew: Crew, webhook: WebhookFacts, at: number) {
    // A run whose webhooks come without a pause is read again and again; its other approvals are not.
    const [others, told] = [new Set<string>(), new Set<string>()];
    return retryConflicts(webhook.executionId, async () => {
      const stored = await store.execution(crew.name, webhook.executionId);
      const opens = opensCard(crew, webhook, stored?.record);
      const id = 'taskKey' in webhook ? await approvalOf(crew, webhook, stored?.record, others) : undefined;
      const earlier = id === undefined ? undefined : (await store.approval(id))?.record;
      if (earlier && (earlier.crew !== crew.name || earlier.executionId !== webhook.executionId))
        throw new StoreError(`The approval id ${id} belongs to another run.`);
      const before = opens && earlier ? withApproval(stored?.record, earlier) : stored?.record;
      const about = opens ? { opened: id } : { report: reportOf(webhook, earlier) };
      const { execution, warnings } = withWebhook(crew, webhook, before, at, about);
      const extra: Parameters<ApprovalStore['saveExecution']>[2] = {};
      // Before it is on record: then its redelivery tells nobody.
      const { report } = about;
      const again = report !== undefined && before !== undefined && hasReport(before, report, at);
      if ('taskKey' in webhook && report !== undefined && !again)
        await tellReport(webhook, execution, report, at, told);
      if ('taskKey' in webhook && id !== undefined && opens && !earlier) {
        const event = outputEvent(webhook, at, true);
        const toTell = [...(before ? untold(before) : []), ...warnings];
        const approval = opened(crew, webhook, execution, id, event, toTell);
        extra.opened = { approval, output: webhook.output };
        await tellOthers(execution, id, taskReported(at), told);
      }
      if (webhook.kind === 'crew' && execution.hasResult && !before?.hasResult) extra.result = webhook.result;
      if (!(await store.saveExecution(stored, execution, extra))) return CONFLICT;
      return { before, execution, warnings, opens, id, earlier, created: extra.opened?.approval };
    });
  }

  return { receive, register };
}

const OUTPUT_WAITS = 'an output waits for a decision';

/** The run has come to the end of some task: whatever was decided before has moved it on. */
function taskReported(at: number): ApprovalEvent {
  return { type: 'other_webhook', at, taskReported: true };
}

/** What names the report of a task that opens nothing; undefined for an output that is known by another route. */
function reportOf(webhook: WebhookFacts, earlier: Approval | undefined): string | undefined {
  if (!('taskKey' in webhook) || (earlier && isKnownOutput(earlier, webhook.round))) return undefined;
  return approvalId(webhook.taskKey, webhook.round.hashes[0] as string, '');
}

function outputEvent(webhook: TaskWebhook, at: number, opensRounds: boolean): OutputEvent {
  return { type: 'output', at, output: webhook.round, opensRounds };
}

function isApprovalOf(approval: Approval, crew: Crew, { executionId, taskKey }: TaskWebhook): boolean {
  return approval.crew === crew.name && approval.executionId === executionId && approval.task === taskKey;
}

function opensCard(crew: Crew, webhook: WebhookFacts, execution: Execution | undefined): boolean {
  if (webhook.kind === 'human_input') return true;
  const elsewhere = execution !== undefined && pausesByHumanInput(execution);
  return webhook.kind === 'task' && !elsewhere && matchesTask(crew.approveTasks, webhook.task);
}

function applied(approval: Approval, event: ApprovalEvent): Approval {
  const result = transition(approval, event);
  // Only what people ask for is ever refused.
  if ('refusal' in result || result.approval === approval) return approval;
  return withOrigin(result.approval, approval.factCount, 'webhook');
}
