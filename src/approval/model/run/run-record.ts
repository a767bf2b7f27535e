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

/** A task of a run, as its events tell of it. `started` and `ended`: the order of emission. */
const taskFactsSchema = z.object({
  name: z.string(),
  agent: z.string().optional(),
  /** The id of the run or its continuation that emitted it. */
  under: z.string(),
  started: z.number().optional(),
  ended: z.number().optional(),
});
export type TaskFacts = z.infer<typeof taskFactsSchema>;

/** One run of a crew: what is known of it across its approvals. */
export const runRecordSchema = z.object({
  v: z.literal(RECORD_VERSION),
  crew: z.string(),
  executionId: z.string(),
  /** URLs that came back in `meta` of the kickoff. */
  metaUrls: webhookUrlsSchema,
  /** URLs that were registered for this run, and its human-input webhook. */
  registeredUrls: webhookUrlsSchema,
  registeredHumanInput: humanInputWebhookSchema.optional(),
  /** A human-input webhook that came back in `meta`. */
  metaHumanInputUrl: z.string().optional(),
  /** How its human-input webhooks reach the bot: with a header (object), or with the secret in the URL (string). */
  humanInputForm: z.enum(['object', 'string']).optional(),
  channel: z.string().optional(),
  /** Narrows the crew's approvers. */
  approvers: z.array(z.string()).optional(),
  /** Who started the run: a Slack id or an email address. */
  requestedBy: z.string().optional(),
  /** What its starter says of it, for people. */
  about: z.object({ title: z.string().optional(), url: z.string().optional() }).optional(),
  /** It was started from Slack: its cards and its result are there. */
  thread: runThreadSchema.optional(),
  /** Ignored settings of the last registration. */
  warnings: z.array(ignoredSettingSchema),
  /** A thread has been told of them. */
  warned: z.literal(true).optional(),
  approvals: z.array(z.string()),
  /** The hash and the time of the first fact of the approval that was opened last (store/chain.ts). */
  opened: z.string().optional(),
  openedAt: z.number().optional(),
  /** Reports of tasks without an approval, with what they say of the task: a pause of the same output is that task's. */
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
  /** A human-input webhook of it was shown. */
  humanInput: z.boolean(),
  lastWebhookAt: z.number().optional(),
  /** The last registration, or when CrewAI named it as the run of a start. */
  registeredAt: z.number().optional(),
  finishedAt: z.number().optional(),
  /** The run failed: when, by CrewAI's clock, and why. */
  failure: runFailureSchema.optional(),
  /** It had ended and went on: decisions from before allow no further calls of tools. */
  allowsSince: z.number().optional(),
  /** The id under which the run goes on since its last decision. */
  continuedAs: z.string().optional(),
  /** Tasks that its events have named, by their order of emission. */
  tasks: z.array(taskFactsSchema).optional(),
  /** Nothing shows its pauses: when that is told, if nothing else comes. */
  checkAt: z.number().optional(),
  unseenPausesReported: z.literal(true).optional(),
  /** The crew's result is kept beside this record. */
  hasResult: z.boolean(),
  /** Its record was damaged: who may decide on it is not known until it is registered. */
  lost: z.literal(true).optional(),
});
export type RunRecord = z.infer<typeof runRecordSchema>;

/** What did not fit of the last registration, as long as no thread has been told of it. */
export function unreportedWarnings({ warned, warnings }: RunRecord): IgnoredSetting[] {
  return warned ? [] : warnings;
}

/** Its pauses are told by human-input webhooks: its task webhooks open no cards. */
export function announcesPauses(
  record: Pick<RunRecord, 'humanInput' | 'registeredHumanInput' | 'metaHumanInputUrl'>,
): boolean {
  const { humanInput, registeredHumanInput, metaHumanInputUrl } = record;
  return humanInput || registeredHumanInput !== undefined || metaHumanInputUrl !== undefined;
}

/** Nothing of a run that has ended is waited for. */
export function hasEnded({ finishedAt, failure }: RunRecord): boolean {
  return finishedAt !== undefined || failure !== undefined;
}

/** It was registered, started from Slack, or has approvals: more than webhooks that nothing was shown of. */
export function isOpened(run: RunRecord): boolean {
  return run.approvals.length > 0 || isRegistered(run) || run.thread !== undefined;
}

/** How much longer a run is kept of which something is known that its pauses need: they may be far apart. */
const KNOWN_FOR = 83 * 24 * 60 * 60_000;

/**
 * From when on nothing is waited for of a run that has no approvals and no start, which can be in the future; undefined:
 * something is. A thread goes with the start (`leaveRun` in store/approval-store.ts).
 */
export function idleFrom(run: RunRecord): number | undefined {
  const { approvals, thread, lost, checkAt, lastWebhookAt = 0, registeredAt = 0 } = run;
  if (approvals.length > 0 || thread !== undefined || lost || checkAt !== undefined) return undefined;
  const heardAt = Math.max(lastWebhookAt, registeredAt);
  if (!isKnown(run)) return heardAt;
  // Earlier builds did not record when a run was registered.
  return heardAt > 0 ? heardAt + KNOWN_FOR : undefined;
}

/** Pauses may come that need what is known of it: who may decide, or its webhook URLs. A run that failed may go on. */
function isKnown(run: RunRecord): boolean {
  const { approvers, requestedBy, channel, metaUrls, metaHumanInputUrl, finishedAt } = run;
  const narrows = [approvers, requestedBy, channel].some((named) => named !== undefined);
  const hasUrls = metaHumanInputUrl !== undefined || Object.keys(metaUrls).length > 0;
  return finishedAt === undefined && (isRegistered(run) || narrows || hasUrls);
}

function isRegistered({
  registeredUrls,
  registeredHumanInput,
}: Pick<RunRecord, 'registeredUrls' | 'registeredHumanInput'>): boolean {
  return registeredHumanInput !== undefined || Object.keys(registeredUrls).length > 0;
}

/** A run whose record was damaged: who may decide on it is not known until it is registered again. Pure. */
export function rebuildRunRecord(crew: string, executionId: string): RunRecord {
  return { ...newRunRecord({ name: crew }, executionId), lost: true };
}

/**
 * The record of a run with one of its approvals. Where it was damaged and does not name it, the approval tells what it
 * knows of the run: enough to send a decision. Pure.
 */
export function addApproval(record: RunRecord | undefined, approval: Approval): RunRecord {
  const { id, crew, executionId, urls, rounds } = approval;
  const known = record ?? rebuildRunRecord(crew, executionId);
  if (known.approvals.includes(id)) return known;
  const shown: WebhookUrls = {};
  for (const kind of webhookKinds) if (urls[kind]) shown[kind] = urls[kind].url;
  return {
    ...known,
    registeredUrls: { ...shown, ...known.registeredUrls },
    approvals: [...known.approvals, id],
    humanInput: known.humanInput || rounds.some((round) => round.humanInput),
  };
}

export function newRunRecord(crew: Pick<Crew, 'name'>, executionId: string): RunRecord {
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
