import { canNarrowTo } from '../access/can-decide.ts';
import { isKnownOutput } from '../lifecycle/which-approval.ts';
import { type Approval, buildApprovalId } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import { isGroupId, isUserId } from '../model/crew/slack-ids.ts';
import { listApprovers } from '../model/crew/task-rules.ts';
import { isBlank } from '../model/output.ts';
import type { IgnoredSetting } from '../model/run/ignored-setting.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import type { Registration, WebhookFacts } from '../model/run/webhook.ts';
import { scheduleUnseenCheck } from './unseen-pauses.ts';

/** Adds a webhook's facts to its run. `opened`: id of its approval; `report`: key of its task's report, if it opens no approval. Pure. */
export function learnFromWebhook(
  { crew, dialect, at }: { crew: Crew; dialect: Dialect; at: number },
  webhook: WebhookFacts,
  loadedRecord: RunRecord,
  { opened, report }: { opened?: string; report?: string | undefined } = {},
): LearnedFacts {
  const { meta } = webhook;
  const record: RunRecord = { ...loadedRecord, lastWebhookAt: at };
  record.metaUrls = { ...record.metaUrls, ...meta.urls };
  const fitting = narrowWish(crew, meta);
  if (fitting.approvers) record.approvers ??= fitting.approvers;
  if (fitting.channel !== undefined) record.channel ??= fitting.channel;
  if (meta.requestedBy !== undefined) record.requestedBy ??= meta.requestedBy;
  if (meta.about) record.about ??= meta.about;
  if (meta.humanInputUrl !== undefined) record.metaHumanInputUrl = meta.humanInputUrl;
  if (webhook.kind === 'human_input') {
    record.humanInput = true;
    if (webhook.form) record.humanInputForm = webhook.form;
  }
  if (webhook.kind === 'crew') {
    record.finishedAt ??= at;
    record.hasResult ||= !isBlank(webhook.result);
  }
  if (report !== undefined && !hasReport(record, report, at)) {
    const { agent, hashes } = 'taskKey' in webhook ? webhook.round : {};
    const taskFacts = {
      ...('taskKey' in webhook ? { task: webhook.task ?? webhook.taskKey } : {}),
      ...(agent === undefined ? {} : { agent }),
      ...(hashes === undefined ? {} : { hashes }),
    };
    record.reports = [...(record.reports ?? []), { key: report, at, ...taskFacts }].slice(-MAX_REPORTS);
  }
  if (opened !== undefined && !record.approvals.includes(opened)) {
    record.approvals = [...record.approvals, opened];
    record.warned = true;
  }
  const recordWithCheck = scheduleUnseenCheck(record, crew, dialect, at);
  return { record: recordWithCheck, warnings: [...webhook.warnings, ...fitting.warnings] };
}

/**
 * Adds a registration to the record of its run. Its webhooks replace those registered before. A channel and approvers stay until
 * others are named: leaving them out never widens what was narrowed. Pure.
 */
export function learnFromRegistration(
  crew: Crew,
  registration: Registration,
  loadedRecord: RunRecord,
  at: number,
): LearnedFacts {
  const { registeredHumanInput: _, lost: __, ...keptFacts } = loadedRecord;
  const { warnings, ...fitting } = narrowWish(crew, registration);
  const record: RunRecord = { ...keptFacts, registeredUrls: registration.urls, registeredAt: at, warnings };
  if (JSON.stringify(warnings) !== JSON.stringify(keptFacts.warnings)) delete record.warned;
  if (registration.humanInputWebhook) {
    record.registeredHumanInput = registration.humanInputWebhook;
  }
  if (fitting.approvers) record.approvers = fitting.approvers;
  if (fitting.channel !== undefined) record.channel = fitting.channel;
  return { record, warnings };
}

/**
 * Builds the key under which a run keeps the report of a task that opens no card; undefined: the webhook names no task, or its
 * approval already has the output.
 */
export function buildReportKey(
  webhook: WebhookFacts,
  matchedApproval: Approval | undefined,
): string | undefined {
  if (!('taskKey' in webhook) || (matchedApproval && isKnownOutput(matchedApproval, webhook.round)))
    return undefined;
  return buildApprovalId(webhook.taskKey, webhook.round.hashes[0] as string, '');
}

/** True if the run's record has the same report from the last 10 minutes: the webhook is a redelivery. */
export function hasReport({ reports = [] }: RunRecord, report: string, now: number): boolean {
  return reports.some(({ key, at }) => key === report && now - at < LONGEST_REDELIVERY);
}
/**
 * Reduces the channel and approvers that a run or a question names to those that fit the crew's settings. `furtherApprovers`: of
 * the rules for what is irreversible, which must name them, too; empty: these name nobody. Pure.
 */
export function narrowWish(
  crew: Crew,
  wish: { channel?: string | undefined; approvers?: readonly string[] | undefined },
  furtherApprovers: readonly string[] = [],
): { channel?: string; approvers?: string[]; warnings: IgnoredSetting[] } {
  const warnings: IgnoredSetting[] = [];
  const crewApprovers = listApprovers(crew);
  const fitting: { channel?: string; approvers?: string[] } = {};
  if (wish.approvers) {
    const approvers = wish.approvers.filter(
      (id) =>
        canNarrowTo(id, crewApprovers, () => undefined) &&
        // A group that only the crew's rules list can have members whom the further rules name.
        (isGroupId(id) || canNarrowTo(id, furtherApprovers, () => undefined)),
    );
    if (approvers.length < wish.approvers.length) warnings.push('approvers_not_of_crew');
    if (approvers.length > 0) fitting.approvers = approvers;
  }
  if (wish.channel !== undefined) {
    // A direct message shows an output, so it goes only to a person whom the settings name as an approver.
    const isFurtherApprover = furtherApprovers.length === 0 || furtherApprovers.includes(wish.channel);
    const isDirectToApprover =
      isUserId(wish.channel) && crewApprovers.includes(wish.channel) && isFurtherApprover;
    if (isDirectToApprover || crew.channels.includes(wish.channel)) fitting.channel = wish.channel;
    else warnings.push('channel_not_of_crew');
  }
  return { ...fitting, warnings };
}
export interface LearnedFacts {
  record: RunRecord;
  /** Settings that were left out because they do not fit. */
  warnings: IgnoredSetting[];
}
const MAX_REPORTS = 200;
/** Within this time the same report is a redelivery; later, the task ran again. In milliseconds. */
const LONGEST_REDELIVERY = 10 * 60000;
