import { RecordError, StoreError } from '../errors.ts';
import { createAliases } from './aliases.ts';
import { type Approval, currentRound } from './approval.ts';
import { approvalId, formerId } from './approval-id.ts';
import { buildApproval, urlFacts, withFiles } from './build-approval.ts';
import type { Crew } from './crew.ts';
import type { Dialect, Dialects } from './dialect.ts';
import type { ApprovalEvent, OutputEvent } from './events.ts';
import {
  type Execution,
  hasReport,
  newExecution,
  pausesByHumanInput,
  type Registration,
  untold,
  withApproval,
  withRegistration,
  withWebhook,
} from './execution.ts';
import { withOrigin } from './facts.ts';
import {
  canBeToldOtherwise,
  findPause,
  isKnownOutput,
  isToldOtherwise,
  type Pause,
  sharesHash,
} from './pauses.ts';
import type { ApprovalStore, Clock, Log } from './ports.ts';
import { activeTask, type RunEvent, withEvents } from './run-events.ts';
import { matchesTask } from './task-patterns.ts';
import { transition } from './transitions.ts';
import { CONFLICT, retryConflicts, updateApproval } from './update.ts';
import type { Receipt, TaskWebhook, WebhookFacts } from './webhook.ts';

/** A card of a task webhook waits for this long where the webhook may be another id of a run that is known, in milliseconds. */
const HELD_FOR = 15_000;

/**
 * Records a webhook: what it says of the run and the approval that it opens in one commit, then what it says to others.
 * All of it can be repeated, so a crash in between is made good by the redelivery. Rejects with a StoreError when
 * nothing may be answered 2xx.
 */
export function createReceiver({
  store,
  dialects,
  underway = () => false,
  clock,
  log,
  wake,
}: {
  store: ApprovalStore;
  dialects: Dialects;
  /** Whether a decision of the crew is on its way. */
  underway?: (crew: string) => boolean;
  clock: Clock;
  log: Log;
  /** Called with each approval that changed, as it was stored. */
  wake: (approval: Approval) => void;
}) {
  const { tieAlias } = createAliases({ store, dialects, log });

  async function receive(crew: Crew, received: WebhookFacts): Promise<Receipt> {
    const at = clock.now();
    const recorded = await recordRun(crew, received, at);
    const { webhook, before, execution, warnings, opens, id, pause, earlier, created } = recorded;
    const { executionId } = webhook;
    const about = { crew: crew.name, execution: executionId };
    if (webhook.aliasId !== undefined) await tie(crew.name, webhook.aliasId, executionId);
    if (created) wake(created);
    for (const warning of warnings) log.warn({ ...about, kind: webhook.kind }, warning);
    if (Object.keys(webhook.meta.urls).length > 0) await tellUrls(crew, execution, at, created?.id);
    if (created) {
      log.info({ ...about, approval: created.id, round: 1 }, OUTPUT_WAITS);
      return { status: 'created', approval: created.id, round: 1 };
    }

    if ('taskKey' in webhook && id !== undefined) {
      const redelivered =
        pause?.kind === 'seen' || (!pause && earlier !== undefined && isKnownOutput(earlier, webhook.round));
      // A redelivery tells nothing new of the run.
      if (opens && !redelivered) await tellOthers(execution, id, taskReported(at));
      if (opens || redelivered)
        return recordOutput(crew, webhook, id, outputEvent(webhook, at, opens, pause));
      return { status: 'noted' };
    }
    if (webhook.kind === 'crew') {
      await finish(execution, at);
      log.info(about, 'the crew has finished');
      return { status: before?.finishedAt === undefined ? 'noted' : 'duplicate' };
    }
    if (webhook.kind === 'task_failed') {
      const last = execution.approvals.at(-1);
      if (last !== undefined) {
        await applyToSibling(last, { type: 'task_failed', at, task: webhook.task, reason: webhook.reason });
      }
      log.warn({ ...about, task: webhook.task }, 'task failed');
    }
    await tellOthers(execution, undefined, { type: 'other_webhook', at, taskReported: false });
    return { status: 'noted' };
  }

  /** The output of an approval that is there: another round, another route's telling of one, or nothing new. */
  function recordOutput(crew: Crew, webhook: TaskWebhook, id: string, event: OutputEvent): Promise<Receipt> {
    return retryConflicts(id, async () => {
      const stored = await store.approval(id);
      // Set aside or deleted meanwhile.
      if (!stored) return receive(crew, webhook);
      const changed = applied(stored.record, event);
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

  /** Records events of the crew's runs: those that failed or finished, and at which task they are. Rejects like `receive`. */
  async function receiveEvents(crew: Crew, events: readonly RunEvent[]): Promise<Receipt> {
    const runs = new Map<string, RunEvent[]>();
    for (const event of events) {
      const id = await store.originalId(crew.name, event.executionId);
      runs.set(id, [...(runs.get(id) ?? []), event]);
    }
    let fresh = 0;
    for (const [executionId, own] of runs) fresh += await recordEvents(crew, executionId, own);
    return { status: fresh > 0 || events.length === 0 ? 'noted' : 'duplicate' };
  }

  async function recordEvents(crew: Crew, executionId: string, events: readonly RunEvent[]): Promise<number> {
    const at = clock.now();
    const news = await retryConflicts(executionId, async () => {
      const id = await store.originalId(crew.name, executionId);
      const stored = await store.execution(crew.name, id);
      const before = stored?.record ?? newExecution(crew, id);
      const found = withEvents(before, events, at);
      if (found.fresh.length === 0) return found;
      return (await store.saveExecution(stored, found.execution)) ? found : CONFLICT;
    });
    if (news.fresh.length === 0) return 0;
    await tellEvents(crew, news.execution, news.fresh, at);
    return news.fresh.length;
  }

  /** What new events of a run say to its approvals. */
  async function tellEvents(crew: Crew, execution: Execution, fresh: readonly RunEvent[], at: number) {
    const about = { crew: crew.name, execution: execution.executionId };
    const active = activeTask(execution);
    const waiting = await waitingUnnamed(execution);
    if (active && waiting.length === 1) {
      const named = { type: 'task_named', at, task: active.name, agent: active.agent } as const;
      await applyToSibling(waiting[0] as string, named);
    }
    for (const id of execution.approvals) {
      const approval = await siblingOf(id);
      if (approval && fresh.some((event) => followsDecision(approval, event)))
        await applyToSibling(id, { type: 'other_webhook', at, taskReported: false });
    }
    if (fresh.some(({ type }) => type === 'crew_kickoff_failed')) {
      log.warn(about, 'run failed');
      await fail(execution, at);
    }
    if (fresh.some(({ type }) => type === 'crew_kickoff_completed')) await finish(execution, at);
  }

  /** Approvals of a run that wait for a decision and whose task is not known. */
  async function waitingUnnamed({ approvals }: Execution): Promise<string[]> {
    const found: string[] = [];
    for (const id of approvals) {
      const approval = await siblingOf(id);
      if (approval?.titleOnly && currentRound(approval).status === 'waiting') found.push(id);
    }
    return found;
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
    return retryConflicts(executionId, async () => {
      const id = await store.originalId(crew.name, executionId);
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

  /** Ties another id of a run to it; what came under that id before is told to its approvals. Rejects like `receive`. */
  async function tie(crew: string, alias: string, executionId: string): Promise<void> {
    const moved = await tieAlias(crew, alias, executionId);
    if (!moved) return;
    const { merged, cameAt } = moved;
    const at = clock.now();
    // It proves nothing of a decision that was made after it.
    await tellOthers(merged, undefined, { type: 'other_webhook', at: cameAt, taskReported: false });
    if (merged.failure) await fail(merged, at);
    if (merged.finishedAt !== undefined) await finish(merged, at);
  }

  /** Its cards say which webhook URLs a decision will be sent with; once more if others became known meanwhile. */
  async function tellUrls(crew: Crew, execution: Execution, at: number, except?: string) {
    const facts = urlFacts(crew, execution, dialects.of(crew.name));
    await tellOthers(execution, except, { type: 'urls_known', at, ...facts });
    const now = (await store.execution(crew.name, execution.executionId))?.record;
    if (now && JSON.stringify(urlFacts(crew, now, dialects.of(crew.name))) !== JSON.stringify(facts))
      await tellUrls(crew, now, at);
  }

  /** Which approval a task's webhook belongs to. `others`: those that can never be it. */
  async function approvalOf(
    crew: Crew,
    webhook: TaskWebhook,
    execution: Execution | undefined,
    others: Set<string>,
    at: number,
  ): Promise<{ id: string; pause?: Pause }> {
    const dialect = dialects.of(crew.name);
    const siblings: Approval[] = [];
    for (const id of execution?.approvals ?? []) {
      if (others.has(id)) continue;
      const approval = await siblingOf(id);
      if (approval) siblings.push(approval);
      if (!approval || (webhook.kind === 'task' && !canBeToldOtherwise(approval, webhook))) others.add(id);
    }
    if (webhook.kind === 'task') {
      const shown = siblings.find(
        (approval) => isToldOtherwise(approval, webhook) || showsUnnamed(approval, webhook),
      );
      return { id: shown?.id ?? (await ownOrFormerId(crew, webhook, execution)) };
    }
    const pause = findPause(webhook, siblings, dialect, at);
    if (pause.kind === 'seen') return { id: pause.id, pause };
    // Where task ids name tasks, the id that a round has names the approval of its task.
    const { taskId } = webhook.round;
    const known = siblings.find(({ rounds }) => rounds.some((round) => round.taskId === taskId));
    if (known && webhook.taskKey === taskId) return { id: known.id };
    // A pause that one route tells without its task's name is the one that the other route told with it.
    const same = siblings.find((approval) => isToldOtherwise(approval, webhook));
    if (same) return { id: same.id };
    if (pause.kind === 'answer') return { id: pause.id, pause };
    return { id: await ownOrFormerId(crew, webhook, execution) };
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
    await apply(last, { type: 'task_done', at, key, task: nameOf(webhook), agent: webhook.round.agent });
    told.add(key);
  }

  async function finish(execution: Execution, at: number) {
    const event: ApprovalEvent = { type: 'run_finished', at, withResult: execution.hasResult };
    for (const id of execution.approvals) await applyToSibling(id, event);
  }

  async function fail({ approvals, failure }: Execution, at: number) {
    if (!failure) return;
    const event: ApprovalEvent = { type: 'run_failed', at, failedAt: failure.at, reason: failure.reason };
    for (const id of approvals) await applyToSibling(id, event);
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
  async function recordRun(crew: Crew, sent: WebhookFacts, at: number) {
    // A run whose webhooks come without a pause is read again and again; its other approvals are not.
    const [others, told] = [new Set<string>(), new Set<string>()];
    return retryConflicts(sent.executionId, async () => {
      // Its id can become another run's in between.
      const executionId = await store.originalId(crew.name, sent.executionId);
      const received = { ...sent, executionId };
      const stored = await store.execution(crew.name, executionId);
      const named = withTaskFromEvents(received, stored?.record);
      const reported = reportedTask(named, stored?.record);
      const webhook = reported && named.kind === 'human_input' ? { ...named, task: reported.task } : named;
      const dialect = dialects.of(crew.name);
      const opens = opensCard(crew, webhook, stored?.record, dialect);
      const { id, pause } =
        'taskKey' in webhook
          ? await approvalOf(crew, webhook, stored?.record, others, at)
          : { id: undefined };
      const earlier = id === undefined ? undefined : (await store.approval(id))?.record;
      if (earlier && (earlier.crew !== crew.name || earlier.executionId !== webhook.executionId))
        throw new StoreError(`The approval id ${id} belongs to another run.`);
      const before = opens && earlier ? withApproval(stored?.record, earlier) : stored?.record;
      const about = opens ? { opened: id } : { report: reportOf(webhook, earlier) };
      const { execution: recorded, warnings } = withWebhook(crew, webhook, before, at, about);
      const execution = withCheck(recorded, crew, dialect, at);
      const extra: Parameters<ApprovalStore['saveExecution']>[2] = {};
      // Before it is on record: then its redelivery tells nobody.
      const { report } = about;
      const again = report !== undefined && before !== undefined && hasReport(before, report, at);
      if ('taskKey' in webhook && report !== undefined && !again)
        await tellReport(webhook, execution, report, at, told);
      if ('taskKey' in webhook && id !== undefined && opens && !earlier) {
        const event = outputEvent(webhook, at, true);
        const toTell = [...(before ? untold(before) : []), ...warnings];
        // A name that a task webhook brought never widens who may decide.
        const opened = reported ? { ...webhook, task: undefined } : webhook;
        const built = buildApproval(crew, opened, execution, id, event, { warnings: toTell, dialect });
        const approval = reported ? applied(built, { type: 'task_named', at, ...reported }) : built;
        const held = dialect === 'unknown' && webhook.kind === 'task' && !before && underway(crew.name);
        extra.opened = { approval: held ? withCardHeld(approval, at) : approval, output: webhook.output };
        await tellOthers(execution, id, taskReported(at), told);
        if (webhook.kind === 'human_input' && dialect === 'live')
          await tellOthers(execution, id, { type: 'moved_on', at });
      }
      if (webhook.kind === 'crew' && execution.hasResult && !before?.hasResult) extra.result = webhook.result;
      if (!(await store.saveExecution(stored, execution, extra))) return CONFLICT;
      return {
        webhook,
        before,
        execution,
        warnings,
        opens,
        id,
        pause,
        earlier,
        created: extra.opened?.approval,
      };
    });
  }

  return { receive, receiveEvents, register, tie };
}

export type Receiver = ReturnType<typeof createReceiver>;

const OUTPUT_WAITS = 'an output waits for a decision';

/** The run has come to the end of some task: whatever was decided before has moved it on. */
function taskReported(at: number): ApprovalEvent {
  return { type: 'other_webhook', at, taskReported: true };
}

/** A pause without a name has the name of the task that its run is at, where the events leave no doubt. */
function withTaskFromEvents(webhook: WebhookFacts, execution: Execution | undefined): WebhookFacts {
  if (webhook.kind !== 'human_input' || webhook.task !== undefined || !execution) return webhook;
  const active = activeTask(execution);
  if (!active) return webhook;
  const agent = webhook.round.agent ?? active.agent;
  return {
    ...webhook,
    task: active.name,
    round: { ...webhook.round, ...(agent === undefined ? {} : { agent }) },
  };
}

/** The task of a pause that came without a name, where exactly one task of the run has reported its output. */
function reportedTask(
  webhook: WebhookFacts,
  execution: Execution | undefined,
): { task: string; agent: string | undefined } | undefined {
  if (webhook.kind !== 'human_input' || webhook.task !== undefined) return undefined;
  const same = (execution?.reports ?? []).filter(
    ({ hashes }) => hashes !== undefined && sharesHash({ hashes }, webhook.round.hashes),
  );
  const [first] = same;
  const task = first?.task;
  return task !== undefined && same.every((report) => report.task === task)
    ? { task, agent: first?.agent }
    : undefined;
}

/** A task webhook that names the task of a pause which came without a name. */
function showsUnnamed(approval: Approval, webhook: TaskWebhook): boolean {
  return approval.titleOnly === true && isKnownOutput(approval, webhook.round);
}

/** On the live dialect, a run whose pauses nothing shows: it is told when nothing else comes of it. */
function withCheck(execution: Execution, crew: Crew, dialect: Dialect, at: number): Execution {
  const { checkAt: _, ...rest } = execution;
  const over = execution.finishedAt !== undefined || execution.failure !== undefined;
  const blind = dialect === 'live' && !over && !pausesByHumanInput(execution) && !execution.blindTold;
  return blind ? { ...rest, checkAt: at + crew.policy.silentAfter } : rest;
}

function withCardHeld(approval: Approval, at: number): Approval {
  const card = { ...approval.lanes.card, notBefore: at + HELD_FOR };
  return { ...approval, lanes: { ...approval.lanes, card } };
}

/** An event that the run emitted after its decision was made proves that it went on. */
function followsDecision(approval: Approval, event: RunEvent): boolean {
  const { decision } = currentRound(approval);
  if (!decision) return false;
  return event.executionId !== approval.executionId || (event.at ?? 0) > decision.at;
}

function nameOf({ task, taskKey }: TaskWebhook): string {
  return task ?? taskKey;
}

/** What names the report of a task that opens nothing; undefined for an output that is known by another route. */
function reportOf(webhook: WebhookFacts, earlier: Approval | undefined): string | undefined {
  if (!('taskKey' in webhook) || (earlier && isKnownOutput(earlier, webhook.round))) return undefined;
  return approvalId(webhook.taskKey, webhook.round.hashes[0] as string, '');
}

function outputEvent(webhook: TaskWebhook, at: number, opensRounds: boolean, pause?: Pause): OutputEvent {
  return {
    type: 'output',
    at,
    output: webhook.round,
    opensRounds,
    task: webhook.task,
    ...(pause && pause.kind !== 'new' ? { pause: pause.kind } : {}),
  };
}

function isApprovalOf(approval: Approval, crew: Crew, { executionId, taskKey }: TaskWebhook): boolean {
  return approval.crew === crew.name && approval.executionId === executionId && approval.task === taskKey;
}

function opensCard(
  crew: Crew,
  webhook: WebhookFacts,
  execution: Execution | undefined,
  dialect: Dialect,
): boolean {
  if (webhook.kind === 'human_input') return true;
  const named = webhook.meta.humanInputUrl !== undefined;
  const elsewhere = named || dialect === 'live' || (execution !== undefined && pausesByHumanInput(execution));
  return webhook.kind === 'task' && !elsewhere && matchesTask(crew.approveTasks, nameOf(webhook));
}

function applied(approval: Approval, event: ApprovalEvent): Approval {
  const result = transition(approval, event);
  // Only what people ask for is ever refused.
  if ('refusal' in result || result.approval === approval) return approval;
  return withOrigin(result.approval, approval.factCount, 'webhook');
}
