import { z } from 'zod';
import { canNarrowTo, isUserId } from '../access/can-decide.ts';
import { type Approval, runFailureSchema } from './approval.ts';
import type { Crew } from './crew.ts';
import { isBlank } from './output.ts';
import { allApprovers } from './task-rules.ts';
import type { WebhookFacts } from './webhook.ts';
import {
  type HumanInputWebhook,
  humanInputWebhookSchema,
  isForwarded,
  type WebhookUrls,
  webhookKinds,
  webhookUrlsSchema,
} from './webhook-urls.ts';

export const EXECUTION_VERSION = 1;

/** A task of a run, as its events tell of it. `started` and `ended`: the order of emission. */
export const taskFactsSchema = z.object({
  name: z.string(),
  agent: z.string().optional(),
  /** The id of the run or its continuation that emitted it. */
  under: z.string(),
  started: z.number().optional(),
  ended: z.number().optional(),
});
export type TaskFacts = z.infer<typeof taskFactsSchema>;

/** One run of a crew: what is known of it across its approvals. */
export const executionSchema = z.object({
  v: z.literal(EXECUTION_VERSION),
  crew: z.string(),
  executionId: z.string(),
  /** URLs that came back in `meta` of the kickoff. */
  metaUrls: webhookUrlsSchema,
  /** URLs that were registered for this execution, and its human-input webhook. */
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
  /** What did not fit of the last registration. */
  warnings: z.array(z.string()),
  /** A thread has been told of them. */
  warned: z.literal(true).optional(),
  approvals: z.array(z.string()),
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
  finishedAt: z.number().optional(),
  /** The run failed: when, by CrewAI's clock, and why. */
  failure: runFailureSchema.optional(),
  /** The id under which the run goes on since its last decision. */
  continuedAs: z.string().optional(),
  /** Tasks that its events have named, by their order of emission. */
  tasks: z.array(taskFactsSchema).optional(),
  /** Ids of its last events: they may come twice. */
  seenEvents: z.array(z.string()).optional(),
  /** Nothing shows its pauses: when that is told, if nothing else comes. */
  checkAt: z.number().optional(),
  blindTold: z.literal(true).optional(),
  /** The crew's result is kept beside this record. */
  hasResult: z.boolean(),
  /** Its record was damaged: who may decide on it is not known until it is registered. */
  lost: z.literal(true).optional(),
});
export type Execution = z.infer<typeof executionSchema>;

/** What whoever starts a run may say of it, beside what its webhooks say. It narrows, never widens. */
export interface Registration {
  urls: WebhookUrls;
  humanInputWebhook?: HumanInputWebhook;
  /** The human-input webhook that `meta` names. */
  humanInputUrl?: string;
  channel?: string;
  approvers?: string[];
}

export interface Changed {
  execution: Execution;
  /** What was left out because it does not fit, in words. */
  warnings: string[];
}

const REPORTS_KEPT = 200;
/** The same report again is a redelivery for so long; later its task was done once more, in milliseconds. */
const REDELIVERED_WITHIN = 10 * 60_000;

/** The execution after a webhook of it. `opened`: the approval that it opens or adds to; `report`: of a task that has none. Pure. */
export function withWebhook(
  crew: Crew,
  webhook: WebhookFacts,
  before: Execution | undefined,
  at: number,
  { opened, report }: { opened?: string | undefined; report?: string | undefined },
): Changed {
  const { meta } = webhook;
  const execution: Execution = { ...(before ?? newExecution(crew, webhook.executionId)), lastWebhookAt: at };
  execution.metaUrls = { ...execution.metaUrls, ...meta.urls };
  const fitting = narrowed(crew, meta, 'meta.');
  if (fitting.approvers) execution.approvers ??= fitting.approvers;
  if (fitting.channel !== undefined) execution.channel ??= fitting.channel;
  if (meta.requestedBy !== undefined) execution.requestedBy ??= meta.requestedBy;
  if (meta.humanInputUrl !== undefined) execution.metaHumanInputUrl = meta.humanInputUrl;
  if (webhook.kind === 'human_input') {
    execution.humanInput = true;
    if (webhook.form) execution.humanInputForm = webhook.form;
  }
  if (webhook.kind === 'crew') {
    execution.finishedAt ??= at;
    // It is deleted with the run's last approval: where it would have to be, and there is none, it is not kept.
    const kept = crew.retention === undefined || execution.approvals.length > 0;
    execution.hasResult ||= kept && !isBlank(webhook.result);
  }
  if (report !== undefined && !hasReport(execution, report, at)) {
    const { agent, hashes } = 'taskKey' in webhook ? webhook.round : {};
    const said = {
      ...('taskKey' in webhook ? { task: webhook.task ?? webhook.taskKey } : {}),
      ...(agent === undefined ? {} : { agent }),
      ...(hashes === undefined ? {} : { hashes }),
    };
    execution.reports = [...(execution.reports ?? []), { key: report, at, ...said }].slice(-REPORTS_KEPT);
  }
  if (opened !== undefined && !execution.approvals.includes(opened)) {
    execution.approvals = [...execution.approvals, opened];
    execution.warned = true;
  }
  return { execution, warnings: [...webhook.warnings, ...fitting.warnings] };
}

/** Whether a report of a task without an approval is the redelivery of one. */
export function hasReport({ reports = [] }: Execution, report: string, now: number): boolean {
  return reports.some(({ key, at }) => key === report && now - at < REDELIVERED_WITHIN);
}

/** What did not fit of the last registration, as long as no thread has been told of it. */
export function untold({ warned, warnings }: Execution): string[] {
  return warned ? [] : warnings;
}

/** Its pauses are told by human-input webhooks: its task webhooks open no cards. */
export function pausesByHumanInput(
  execution: Pick<Execution, 'humanInput' | 'registeredHumanInput' | 'metaHumanInputUrl'>,
): boolean {
  const { humanInput, registeredHumanInput, metaHumanInputUrl } = execution;
  return humanInput || registeredHumanInput !== undefined || metaHumanInputUrl !== undefined;
}

/** Nothing of a run that has ended is waited for. */
export function hasEnded({ finishedAt, failure }: Execution): boolean {
  return finishedAt !== undefined || failure !== undefined;
}

/**
 * The execution as it was registered. The webhooks replace those that were registered before; a channel and approvers
 * stay until others are named: nothing that was narrowed becomes wider by leaving it out. Pure.
 */
export function withRegistration(
  crew: Crew,
  executionId: string,
  registration: Registration,
  before: Execution | undefined,
): Changed {
  const { registeredHumanInput: _, lost: __, ...known } = before ?? newExecution(crew, executionId);
  const { warnings, ...fitting } = narrowed(crew, registration, '');
  const execution: Execution = { ...known, registeredUrls: registration.urls, warnings };
  if (JSON.stringify(warnings) !== JSON.stringify(known.warnings)) delete execution.warned;
  if (registration.humanInputWebhook) {
    execution.registeredHumanInput = registration.humanInputWebhook;
  }
  if (fitting.approvers) execution.approvers = fitting.approvers;
  if (fitting.channel !== undefined) execution.channel = fitting.channel;
  return { execution, warnings };
}

/** An execution whose record was damaged: who may decide on it is not known until it is registered again. Pure. */
export function lostExecution(crew: string, executionId: string): Execution {
  return { ...newExecution({ name: crew }, executionId), lost: true };
}

/**
 * An execution with one of its approvals. Where its record was damaged and does not name it, the approval tells what it
 * knows of the run: enough to send a decision. Pure.
 */
export function withApproval(execution: Execution | undefined, approval: Approval): Execution {
  const { id, crew, executionId, urls, rounds } = approval;
  const known = execution ?? lostExecution(crew, executionId);
  if (known.approvals.includes(id)) return known;
  const told: WebhookUrls = {};
  for (const kind of webhookKinds) if (urls[kind]) told[kind] = urls[kind].url;
  return {
    ...known,
    registeredUrls: { ...told, ...known.registeredUrls },
    approvals: [...known.approvals, id],
    humanInput: known.humanInput || rounds.some((round) => round.humanInput),
  };
}

export function newExecution(crew: Pick<Crew, 'name'>, executionId: string): Execution {
  return {
    v: EXECUTION_VERSION,
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

function narrowed(
  crew: Crew,
  wish: Registration,
  prefix: string,
): { channel?: string; approvers?: string[]; warnings: string[] } {
  const urls = [
    ...webhookKinds.map((kind) => [`${kind}WebhookUrl`, wish.urls[kind]] as const),
    ['humanInputWebhook', wish.humanInputWebhook?.url] as const,
    ['humanInputWebhookUrl', wish.humanInputUrl] as const,
  ];
  const warnings = urls
    .filter(([, url]) => url !== undefined && !isForwarded(url, crew.urlHosts))
    .map(([field]) => `${prefix}${field} has a host that is not in WEBHOOK_URL_HOSTS; it is left out`);
  const known = allApprovers(crew);
  const fitting: { channel?: string; approvers?: string[] } = {};
  if (wish.approvers) {
    const approvers = wish.approvers.filter((id) => canNarrowTo(id, known, () => undefined));
    if (approvers.length < wish.approvers.length) {
      warnings.push(
        `${prefix}approvers names people who are no approvers of ${crew.name}; they are left out`,
      );
    }
    if (approvers.length > 0) fitting.approvers = approvers;
  }
  if (wish.channel !== undefined) {
    // A direct message shows an output: only to someone of whom it is certain that they decide on it.
    const direct = isUserId(wish.channel) && known.includes(wish.channel);
    if (direct || crew.channels.includes(wish.channel)) fitting.channel = wish.channel;
    else warnings.push(`${prefix}channel is not one of the channels of ${crew.name}; its own is used`);
  }
  return { ...fitting, warnings };
}
