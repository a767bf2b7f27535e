import { canNarrowTo } from '../access/can-decide.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import { isUserId } from '../model/crew/slack-ids.ts';
import { listApprovers } from '../model/crew/task-rules.ts';
import { isBlank } from '../model/output.ts';
import type { Execution } from '../model/run/execution.ts';
import type { IgnoredSetting } from '../model/run/ignored-setting.ts';
import type { Registration, WebhookFacts } from '../model/run/webhook.ts';
import { scheduleUnseenCheck } from './unseen-pauses.ts';

/** The execution after a webhook of it. `opened`: the approval that it opens or adds to; `report`: of a task that has none. Pure. */
export function learnFromWebhook(
  { crew, dialect, at }: { crew: Crew; dialect: Dialect; at: number },
  webhook: WebhookFacts,
  before: Execution,
  { opened, report }: { opened?: string; report?: string | undefined } = {},
): Changed {
  const { meta } = webhook;
  const execution: Execution = { ...before, lastWebhookAt: at };
  execution.metaUrls = { ...execution.metaUrls, ...meta.urls };
  const fitting = narrowWish(crew, meta);
  if (fitting.approvers) execution.approvers ??= fitting.approvers;
  if (fitting.channel !== undefined) execution.channel ??= fitting.channel;
  if (meta.requestedBy !== undefined) execution.requestedBy ??= meta.requestedBy;
  if (meta.about) execution.about ??= meta.about;
  if (meta.humanInputUrl !== undefined) execution.metaHumanInputUrl = meta.humanInputUrl;
  if (webhook.kind === 'human_input') {
    execution.humanInput = true;
    if (webhook.form) execution.humanInputForm = webhook.form;
  }
  if (webhook.kind === 'crew') {
    execution.finishedAt ??= at;
    execution.hasResult ||= !isBlank(webhook.result);
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
  const checked = scheduleUnseenCheck(execution, crew, dialect, at);
  return { execution: checked, warnings: [...webhook.warnings, ...fitting.warnings] };
}

/**
 * The execution as it was registered. The webhooks replace those that were registered before; a channel and approvers
 * stay until others are named: nothing that was narrowed becomes wider by leaving it out. Pure.
 */
export function learnFromRegistration(crew: Crew, registration: Registration, before: Execution): Changed {
  const { registeredHumanInput: _, lost: __, ...known } = before;
  const { warnings, ...fitting } = narrowWish(crew, registration);
  const execution: Execution = { ...known, registeredUrls: registration.urls, warnings };
  if (JSON.stringify(warnings) !== JSON.stringify(known.warnings)) delete execution.warned;
  if (registration.humanInputWebhook) {
    execution.registeredHumanInput = registration.humanInputWebhook;
  }
  if (fitting.approvers) execution.approvers = fitting.approvers;
  if (fitting.channel !== undefined) execution.channel = fitting.channel;
  return { execution, warnings };
}
/** Whether a report of a task without an approval is the redelivery of one. */
export function hasReport({ reports = [] }: Execution, report: string, now: number): boolean {
  return reports.some(({ key, at }) => key === report && now - at < REDELIVERED_WITHIN);
}
/** What fits of the channel and the approvers that a run or a question names. Pure. */
export function narrowWish(
  crew: Crew,
  wish: { channel?: string | undefined; approvers?: readonly string[] | undefined },
): { channel?: string; approvers?: string[]; warnings: IgnoredSetting[] } {
  const warnings: IgnoredSetting[] = [];
  const known = listApprovers(crew);
  const fitting: { channel?: string; approvers?: string[] } = {};
  if (wish.approvers) {
    const approvers = wish.approvers.filter((id) => canNarrowTo(id, known, () => undefined));
    if (approvers.length < wish.approvers.length) warnings.push('approvers_not_of_crew');
    if (approvers.length > 0) fitting.approvers = approvers;
  }
  if (wish.channel !== undefined) {
    // A direct message shows an output: only to someone of whom it is certain that they decide on it.
    const direct = isUserId(wish.channel) && known.includes(wish.channel);
    if (direct || crew.channels.includes(wish.channel)) fitting.channel = wish.channel;
    else warnings.push('channel_not_of_crew');
  }
  return { ...fitting, warnings };
}
export interface Changed {
  execution: Execution;
  /** What was left out because it does not fit. */
  warnings: IgnoredSetting[];
}
const REPORTS_KEPT = 200;
/** Within this time the same report is a redelivery; later its task ran again. In milliseconds. */
const REDELIVERED_WITHIN = 10 * 60000;
