import { type Approval, EXECUTION_VERSION, type Execution } from './approval.ts';
import type { Crew } from './crew.ts';
import { isBlank } from './output.ts';
import { canNarrowTo, isUserId } from './policy.ts';
import { allApprovers } from './task-rules.ts';
import type { WebhookFacts } from './webhook.ts';
import { type HumanInputWebhook, isForwarded, type WebhookUrls, webhookKinds } from './webhook-urls.ts';

/** What whoever starts a run may say of it, beside what its webhooks say. It narrows, never widens. */
export interface Registration {
  urls: WebhookUrls;
  humanInputWebhook?: HumanInputWebhook;
  channel?: string;
  approvers?: string[];
}

export interface Changed {
  execution: Execution;
  /** What was left out because it does not fit, in words. */
  warnings: string[];
}

/** The execution after a webhook of it. `opened`: the approval that the webhook opens or adds to. Pure. */
export function withWebhook(
  crew: Crew,
  webhook: WebhookFacts,
  before: Execution | undefined,
  at: number,
  opened: string | undefined,
): Changed {
  const { meta } = webhook;
  const execution: Execution = { ...(before ?? newExecution(crew, webhook.executionId)), lastWebhookAt: at };
  execution.metaUrls = { ...execution.metaUrls, ...meta.urls };
  const fitting = narrowed(crew, meta, 'meta.');
  if (fitting.approvers) execution.approvers ??= fitting.approvers;
  if (fitting.channel !== undefined) execution.channel ??= fitting.channel;
  if (meta.requestedBy !== undefined) execution.requestedBy ??= meta.requestedBy;
  if (webhook.kind === 'human_input') execution.humanInput = true;
  if (webhook.kind === 'crew') {
    execution.finishedAt ??= at;
    execution.hasResult ||= !isBlank(webhook.result);
  }
  if (opened !== undefined && !execution.approvals.includes(opened)) {
    execution.approvals = [...execution.approvals, opened];
    execution.warnings = [];
  }
  return { execution, warnings: [...webhook.warnings, ...fitting.warnings] };
}

/** The execution as it was registered: a registration replaces the one before it. Pure. */
export function withRegistration(
  crew: Crew,
  executionId: string,
  registration: Registration,
  before: Execution | undefined,
): Changed {
  const { registeredHumanInput: _, lost: __, ...known } = before ?? newExecution(crew, executionId);
  const fitting = narrowed(crew, registration, '');
  const execution: Execution = { ...known, registeredUrls: registration.urls };
  if (registration.humanInputWebhook) {
    execution.registeredHumanInput = registration.humanInputWebhook;
    execution.humanInput = true;
  }
  if (fitting.approvers) execution.approvers = fitting.approvers;
  if (fitting.channel !== undefined) execution.channel = fitting.channel;
  if (execution.approvals.length === 0) execution.warnings = fitting.warnings;
  return { execution, warnings: fitting.warnings };
}

/** What is left of an execution whose record was damaged, from an approval of it: enough to send a decision. Pure. */
export function lostExecution({ id, crew, executionId, urls, rounds }: Approval): Execution {
  const registeredUrls: WebhookUrls = {};
  for (const kind of webhookKinds) if (urls[kind]) registeredUrls[kind] = urls[kind].url;
  const humanInput = rounds.some((round) => round.humanInput);
  return {
    ...newExecution({ name: crew }, executionId),
    registeredUrls,
    approvals: [id],
    humanInput,
    lost: true,
  };
}

function newExecution(crew: Pick<Crew, 'name'>, executionId: string): Execution {
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
  wish: { urls: WebhookUrls; channel?: string; approvers?: string[] },
  prefix: string,
): { channel?: string; approvers?: string[]; warnings: string[] } {
  const warnings = webhookKinds
    .filter((kind) => wish.urls[kind] !== undefined && !isForwarded(wish.urls[kind], crew.urlHosts))
    .map((kind) => `${prefix}${kind}WebhookUrl has a host that is not in WEBHOOK_URL_HOSTS; it is left out`);
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
