import { z } from 'zod';
import { type Approval, RECORD_VERSION } from '../approval.ts';
import type { Crew } from '../crew/crew.ts';
import {
  humanInputWebhookSchema,
  type WebhookUrls,
  webhookKinds,
  webhookUrlsSchema,
} from '../crew/webhook-urls.ts';
import { type IgnoredSetting, ignoredSettingSchema } from './ignored-setting.ts';
import { runFailureSchema } from './run-status.ts';
import { runThreadSchema } from './start.ts';

/** A task of a run, from its events. `started` and `ended`: positions in the order of emission. */
const taskFactsSchema = z.object({
  name: z.string(),
  agent: z.string().optional(),
  /** Id of the run or its continuation that emitted the events. */
  under: z.string(),
  started: z.number().optional(),
  ended: z.number().optional(),
});
export type TaskFacts = z.infer<typeof taskFactsSchema>;

/** A run of a crew: facts shared by its approvals. */
export const runRecordSchema = z.object({
  v: z.literal(RECORD_VERSION),
  crew: z.string(),
  executionId: z.string(),
  /** Webhook URLs from `meta` of the kickoff. */
  metaUrls: webhookUrlsSchema,
  /** Webhook URLs registered for this run, and its human-input webhook. */
  registeredUrls: webhookUrlsSchema,
  registeredHumanInput: humanInputWebhookSchema.optional(),
  /** Human-input webhook from `meta`. */
  metaHumanInputUrl: z.string().optional(),
  /** Form in which human-input webhooks reach the bot: with a header (object), or with the secret in the URL (string). */
  humanInputForm: z.enum(['object', 'string']).optional(),
  channel: z.string().optional(),
  /** Approvers that narrow the crew's. */
  approvers: z.array(z.string()).optional(),
  /** Slack id or email address of the person who started the run. */
  requestedBy: z.string().optional(),
  /** Title and link that the starter gave the run, for people. */
  about: z.object({ title: z.string().optional(), url: z.string().optional() }).optional(),
  /** Set if the run was started from Slack: its cards and result go there. */
  thread: runThreadSchema.optional(),
  /** Ignored settings from the last registration. */
  warnings: z.array(ignoredSettingSchema),
  /** The bot has reported `warnings`, on a card or in a thread. */
  warned: z.literal(true).optional(),
  approvals: z.array(z.string()),
  /** Hash and time of the first fact of the approval that was opened last (store/chain.ts). */
  opened: z.string().optional(),
  openedAt: z.number().optional(),
  /** Reports of tasks without an approval: a pause with the same output belongs to the reported task. */
  reports: z
    .array(
      z.object({
        key: z.string(),
        at: z.number(),
        task: z.string().optional(),
        agent: z.string().optional(),
        hashes: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  /** A human-input webhook of the run has arrived; also true if a program asks in the run or reports its state. */
  humanInput: z.boolean(),
  lastWebhookAt: z.number().optional(),
  /** Time of the last registration; without one, when the run was tied to its start (`tieToStart`). */
  registeredAt: z.number().optional(),
  finishedAt: z.number().optional(),
  /** Set if the run failed: when and why. The time is CrewAI's or the bot's. */
  failure: runFailureSchema.optional(),
  /** When the run continued after its end: earlier decisions allow no further tool calls. */
  allowsSince: z.number().optional(),
  /** Id under which the run continues since its last decision. */
  continuedAs: z.string().optional(),
  /** Tasks named by events, in the order in which their first events arrived. */
  tasks: z.array(taskFactsSchema).optional(),
  /** When the bot checks if it can see the run's pauses. A webhook postpones the check. */
  checkAt: z.number().optional(),
  unseenPausesReported: z.literal(true).optional(),
  /** The store holds the crew's result beside this record. */
  hasResult: z.boolean(),
  /** The record was damaged: who may decide is not known until the run is registered again. */
  lost: z.literal(true).optional(),
});
export type RunRecord = z.infer<typeof runRecordSchema>;

/** Returns the ignored settings of the last registration that no card and no thread has reported. */
export function listUnreportedWarnings({ warned, warnings }: RunRecord): IgnoredSetting[] {
  return warned ? [] : warnings;
}

/** True if human-input webhooks announce the run's pauses: its task webhooks open no cards. */
export function announcesPauses(
  record: Pick<RunRecord, 'humanInput' | 'registeredHumanInput' | 'metaHumanInputUrl'>,
): boolean {
  const { humanInput, registeredHumanInput, metaHumanInputUrl } = record;
  return humanInput || registeredHumanInput !== undefined || metaHumanInputUrl !== undefined;
}

/** True if the run has ended: nothing more is expected. */
export function hasEnded({ finishedAt, failure }: RunRecord): boolean {
  return finishedAt !== undefined || failure !== undefined;
}

/** True if the run was registered, started from Slack, or has approvals. A record without these may come from any webhook. */
export function isOpened(run: RunRecord): boolean {
  return run.approvals.length > 0 || isRegistered(run) || run.thread !== undefined;
}

/** Extra time to keep a run whose facts its pauses need, in milliseconds: pauses may be far apart. */
const EXTRA_RETENTION = 83 * 24 * 60 * 60_000;

/**
 * Returns when a run without approvals and start became idle, possibly in the future; undefined: the run has one of these, is
 * lost or waits for its check, or the time is not known. `leaveRun` in store/approval-store.ts removes the thread once the run
 * has neither.
 */
export function findIdleTime(run: RunRecord): number | undefined {
  const { approvals, thread, lost, checkAt, lastWebhookAt = 0, registeredAt = 0 } = run;
  if (approvals.length > 0 || thread !== undefined || lost || checkAt !== undefined) return undefined;
  const lastActiveAt = Math.max(lastWebhookAt, registeredAt);
  if (!isNeededByPauses(run)) return lastActiveAt;
  // Earlier builds did not record the time of registration.
  return lastActiveAt > 0 ? lastActiveAt + EXTRA_RETENTION : undefined;
}

/** True if the run's pauses may need facts in the record: approvers, webhook URLs. A run that failed may continue. */
function isNeededByPauses(run: RunRecord): boolean {
  const { approvers, requestedBy, channel, metaUrls, metaHumanInputUrl, finishedAt } = run;
  const narrowsDeciders = [approvers, requestedBy, channel].some((setting) => setting !== undefined);
  const hasUrls = metaHumanInputUrl !== undefined || Object.keys(metaUrls).length > 0;
  return finishedAt === undefined && (isRegistered(run) || narrowsDeciders || hasUrls);
}

function isRegistered({
  registeredUrls,
  registeredHumanInput,
}: Pick<RunRecord, 'registeredUrls' | 'registeredHumanInput'>): boolean {
  return registeredHumanInput !== undefined || Object.keys(registeredUrls).length > 0;
}

/** Builds a record for a run whose record was damaged: who may decide is not known until the run is registered again. Pure. */
export function rebuildRunRecord(crew: string, executionId: string): RunRecord {
  return { ...createRunRecord({ name: crew }, executionId), lost: true };
}

/**
 * Adds an approval to the record of its run. If the record is damaged, the approval supplies the facts a decision needs. Pure.
 */
export function withApproval(record: RunRecord | undefined, approval: Approval): RunRecord {
  const { id, crew, executionId, urls, rounds } = approval;
  const run = record ?? rebuildRunRecord(crew, executionId);
  if (run.approvals.includes(id)) return run;
  const shownUrls: WebhookUrls = {};
  for (const kind of webhookKinds) if (urls[kind]) shownUrls[kind] = urls[kind].url;
  return {
    ...run,
    registeredUrls: { ...shownUrls, ...run.registeredUrls },
    approvals: [...run.approvals, id],
    humanInput: run.humanInput || rounds.some((round) => round.humanInput),
  };
}

export function createRunRecord(crew: Pick<Crew, 'name'>, executionId: string): RunRecord {
  return {
    v: RECORD_VERSION,
    crew: crew.name,
    executionId,
    metaUrls: {},
    registeredUrls: {},
    approvals: [],
    humanInput: false,
    hasResult: false,
    warnings: [],
  };
}
