import { StoreError } from '../../lib/errors.ts';
import type { OutputEvent } from '../lifecycle/events.ts';
import { isKnownOutput, isNamelessPause, type Pause } from '../lifecycle/pauses.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect, Dialects } from '../model/crew/dialect.ts';
import { buildStrictestPolicy } from '../model/crew/task-rules.ts';
import { addApproval, announcesPauses, type Execution, unreportedWarnings } from '../model/run/execution.ts';
import type { Registration } from '../model/run/registration.ts';
import type { Receipt, TaskWebhook, WebhookFacts } from '../model/run/webhook.ts';
import type { ApprovalStore, Clock, Log } from '../ports.ts';
import { CONFLICT, retryConflicts } from '../update.ts';
import { createAliases } from './aliases.ts';
import { addFileNotes, buildApproval } from './build-approval.ts';
import { applyRegistration, applyWebhook, hasReport } from './change-execution.ts';
import { findApproval } from './find-approval.ts';
import { applyEvent, createRunTeller, taskReportedEvent } from './notify-siblings.ts';
import { buildReportKey, nameTask, opensApproval } from './opens-approval.ts';
import { createEventReceiver } from './receive-events.ts';
import { findReportedTask, nameTaskByEvents } from './task-of-pause.ts';
import { scheduleUnseenCheck } from './unseen-pauses.ts';

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
  const teller = createRunTeller({ store, dialects, log, wake });
  const { tellOthers, tellUrls, finish, tellEnd, isOutlived, apply, applyToSibling, siblingOf } = teller;
  const receiveEvents = createEventReceiver({ store, teller, clock, log });

  async function receive(crew: Crew, received: WebhookFacts): Promise<Receipt> {
    const at = clock.now();
    const sent = { ...received, under: received.under ?? received.executionId };
    const recorded = await recordRun(crew, sent, at);
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
      if (opens && !redelivered) await tellOthers(execution, id, taskReportedEvent(at));
      if (opens || redelivered)
        return recordOutput(crew, webhook, id, outputEvent(webhook, at, opens, crew, pause), pause);
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
    if (!isOutdated(webhook, execution, dialects.of(crew.name)))
      await tellOthers(execution, undefined, { type: 'other_webhook', at, taskReported: false });
    return { status: 'noted' };
  }

  /** The output of an approval that is there: another round, another route's telling of one, or nothing new. */
  function recordOutput(
    crew: Crew,
    webhook: TaskWebhook,
    id: string,
    event: OutputEvent,
    pause: Pause | undefined,
  ): Promise<Receipt> {
    return retryConflicts(id, async () => {
      const stored = await store.approval(id);
      // Set aside or deleted meanwhile.
      if (!stored) return receive(crew, webhook);
      // Meanwhile another pause was taken for the answer, or this one was delivered twice at once.
      if (pause?.kind === 'answer' && currentRound(stored.record).number !== pause.round)
        return receive(crew, webhook);
      const changed = applyEvent(stored.record, event);
      const round = currentRound(changed);
      const created = round.number > stored.record.rounds.length;
      const next = created ? addFileNotes(changed, webhook.output) : changed;
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

  /** Makes known what whoever started a run says of it, before or after its first webhook. Rejects like `receive`. */
  async function register(crew: Crew, executionId: string, registration: Registration): Promise<string[]> {
    const at = clock.now();
    return retryConflicts(executionId, async () => {
      const id = await store.originalId(crew.name, executionId);
      const stored = await store.execution(crew.name, id);
      const { execution, warnings } = applyRegistration(crew, id, registration, stored?.record);
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
      const warnings = stored ? unreportedWarnings(stored.record) : [];
      if (!stored || last === undefined || warnings.length === 0) return;
      if (warnings.join() !== told) await apply(last, { type: 'settings_ignored', at, warnings });
      told = warnings.join();
      return (await store.saveExecution(stored, { ...stored.record, warned: true })) ? undefined : CONFLICT;
    });
  }

  /** Ties another id of a run to it; what came under that id before is told to its approvals. Rejects like `receive`. */
  async function tie(crew: string, alias: string, executionId: string): Promise<void> {
    const moved = await tieAlias(crew, alias, executionId);
    const at = clock.now();
    if (moved) {
      // It proves nothing of a decision that was made after it.
      const event = { type: 'other_webhook', at: moved.cameAt, taskReported: false } as const;
      await tellOthers(moved.merged, undefined, event);
    }
    // An earlier try may have tied them and told nobody.
    const run = moved?.merged ?? (await store.execution(crew, executionId))?.record;
    if (run) await tellEnd(run, at);
  }

  /** A task has reported that needs no approval: the others hear that the run has moved on, and the last thread of what. */
  async function tellReport(
    webhook: TaskWebhook,
    execution: Execution,
    key: string,
    at: number,
    told: Set<string>,
  ) {
    if (!isOutdated(webhook, execution, dialects.of(execution.crew)))
      await tellOthers(execution, undefined, taskReportedEvent(at), told);
    const last = execution.approvals.at(-1);
    if (last === undefined || announcesPauses(execution) || told.has(key)) return;
    await apply(last, { type: 'task_done', at, key, task: nameTask(webhook), agent: webhook.round.agent });
    told.add(key);
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
      const named = nameTaskByEvents(received, stored?.record);
      const reported = findReportedTask(named, stored?.record);
      const webhook = reported && named.kind === 'human_input' ? { ...named, task: reported.task } : named;
      const dialect = dialects.of(crew.name);
      const opens = opensApproval(crew, webhook, stored?.record, dialect);
      const { id, pause } =
        'taskKey' in webhook
          ? await findApproval(siblingOf, { crew, webhook, execution: stored?.record, dialect, others, at })
          : { id: undefined };
      const earlier = id === undefined ? undefined : (await store.approval(id))?.record;
      if (earlier && (earlier.crew !== crew.name || earlier.executionId !== webhook.executionId))
        throw new StoreError(`The approval id ${id} belongs to another run.`);
      const before = opens && earlier ? addApproval(stored?.record, earlier) : stored?.record;
      const about = opens ? { opened: id } : { report: buildReportKey(webhook, earlier) };
      const { execution: recorded, warnings } = applyWebhook(crew, webhook, before, at, about);
      const execution = scheduleUnseenCheck(recorded, crew, dialect, at);
      const extra: Parameters<ApprovalStore['saveExecution']>[2] = {};
      // Before it is on record: then its redelivery tells nobody.
      const { report } = about;
      const again = report !== undefined && before !== undefined && hasReport(before, report, at);
      if ('taskKey' in webhook && report !== undefined && !again)
        await tellReport(webhook, execution, report, at, told);
      if ('taskKey' in webhook && id !== undefined && opens && !earlier) {
        const event = outputEvent(webhook, at, true, crew);
        const toTell = [...(before ? unreportedWarnings(before) : []), ...warnings];
        const { failure, ...goesOn } = execution;
        const known = failure && (await isOutlived(execution)) ? goesOn : execution;
        // A name that a task webhook brought never widens who may decide.
        const opened = reported ? { ...webhook, task: undefined } : webhook;
        const built = buildApproval(crew, opened, known, id, event, { warnings: toTell, dialect });
        const approval = reported ? applyEvent(built, { type: 'task_named', at, ...reported }) : built;
        const fresh = !before?.approvals.length;
        const held = dialect === 'unknown' && webhook.kind === 'task' && fresh && underway(crew.name);
        extra.opened = { approval: held ? withCardHeld(approval, at) : approval, output: webhook.output };
        await tellOthers(execution, id, taskReportedEvent(at), told);
        if (isNamelessPause(webhook, dialect)) await tellOthers(execution, id, { type: 'later_pause', at });
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

  /** CrewAI says when it is asked that a run has failed: as if its event had come. Rejects like `receive`. */
  async function runFailed(crew: Crew, executionId: string, error: string | undefined): Promise<void> {
    const at = clock.now();
    await receiveEvents(crew, [
      { id: `status ${at}`, executionId, at, type: 'crew_kickoff_failed', sequence: undefined, error },
    ]);
  }

  return { receive, receiveEvents, register, runFailed, tie };
}

const OUTPUT_WAITS = 'an output waits for a decision';

/** It came late, under an id from before the last decision: it says nothing of what came of that. */
function isOutdated({ under }: WebhookFacts, { continuedAs }: Execution, dialect: Dialect): boolean {
  return dialect === 'live' && continuedAs !== undefined && under !== continuedAs;
}

function withCardHeld(approval: Approval, at: number): Approval {
  const card = { ...approval.lanes.card, notBefore: at + HELD_FOR };
  return { ...approval, lanes: { ...approval.lanes, card } };
}

function outputEvent(
  webhook: TaskWebhook,
  at: number,
  opensRounds: boolean,
  crew: Crew,
  pause?: Pause,
): OutputEvent {
  return {
    type: 'output',
    at,
    output: webhook.round,
    opensRounds,
    task: webhook.task,
    approvalsRequired: buildStrictestPolicy(crew).approvalsRequired,
    ...(pause?.kind === 'seen' || pause?.kind === 'answer' ? { pause: pause.kind } : {}),
  };
}
