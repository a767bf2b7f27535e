import { listRequesters, type RunPeople } from '../access/can-decide.ts';
import { countDeciders } from '../access/count-deciders.ts';
import type { OutputEvent } from '../lifecycle/events.ts';
import { addNote, openApproval } from '../lifecycle/rounds.ts';
import { type Approval, type ApproverShortage, currentRound, setOrigin } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import { hideSecrets } from '../model/crew/hide-secrets.ts';
import { isApproverId, isUserId } from '../model/crew/slack-ids.ts';
import { findTaskRules, type Policy } from '../model/crew/task-rules.ts';
import { resolveCrewUrls, resolveHumanInput } from '../model/crew/urls-to-send.ts';
import { isLong, type Output } from '../model/output.ts';
import type { IgnoredSetting } from '../model/run/ignored-setting.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import { applyWebhookEvent } from './run.ts';

/** Resolves the webhook URLs of a decision on the run, as the card shows them. */
export function resolveShownUrls(crew: Crew, record: RunRecord, dialect: Dialect) {
  const humanInput = resolveHumanInput(crew, record, dialect, false);
  const humanInputUrl = humanInput && { url: humanInput.webhook.url, from: humanInput.from };
  return { urls: resolveCrewUrls(crew, record), ...(humanInputUrl ? { humanInputUrl } : {}) };
}

/** Facts from a pause, a review or a question about the approval that it opens. */
interface Opening {
  id: string;
  /** Name of the task; absent: no webhook has named it. */
  task?: string | undefined;
  title: string;
  policy: Policy;
  shownUrls?: ReturnType<typeof resolveShownUrls>;
  warnings?: readonly IgnoredSetting[];
  /** Set if too few people can decide, whatever the rules say. */
  tooFew?: ApproverShortage | undefined;
  output: Output;
}

/** Builds the approval that an output opens: the channel of its cards, its rules, and what the card reports about them. Pure. */
export function buildApproval(
  crew: Crew,
  record: Pick<RunRecord, 'executionId' | 'about' | 'channel' | 'thread'> & RunPeople,
  event: OutputEvent,
  { id, task, title, policy, shownUrls = { urls: {} }, warnings = [], tooFew, output }: Opening,
): Approval {
  const head = {
    id,
    crew: crew.name,
    executionId: record.executionId,
    task: title,
    ...(task === undefined ? { titleOnly: true as const } : {}),
    policy,
    ...placeCards(crew, task, record),
    ...shownUrls,
  };
  const opened = setOrigin(openApproval(head, event), 0, 'webhook');
  const deciderCount = tooFew ?? countDeciders(crew, opened, record, NOTHING_KNOWN);
  const describedApproval: Approval = {
    ...opened,
    ...(warnings.length > 0 ? { ignored: [...new Set(warnings)] } : {}),
    ...(deciderCount && deciderCount !== 'enough' ? { tooFew: deciderCount } : {}),
    ...(record.requestedBy === undefined ? {} : { hasRequester: true as const }),
    ...describeRun(crew, record),
  };
  return addFileNotes(describedApproval, output);
}

/** Describes the run for its cards. The message of a start from Slack already describes its run. */
function describeRun(
  crew: Crew,
  { about, thread }: Pick<RunRecord, 'about' | 'thread'>,
): Pick<Approval, 'about'> {
  if (!about || thread) return {};
  const title = about.title === undefined ? undefined : hideSecrets(crew, about.title);
  // `hideSecrets` cuts every URL with a scheme, so the URL is checked without one.
  const urlWithoutScheme = about.url?.replace(/^https:/, '') ?? '';
  return {
    about: { title, url: hideSecrets(crew, urlWithoutScheme) === urlWithoutScheme ? about.url : undefined },
  };
}

/** Applies an end of the run that overtook the webhook of a pause. */
export function applyEarlyEnd(
  approval: Approval,
  { failure, finishedAt, hasResult, thread }: RunRecord,
  at: number,
): Approval {
  if (!failure && finishedAt === undefined) return approval;
  const isTold = thread !== undefined;
  return applyWebhookEvent(
    approval,
    failure
      ? { type: 'run_failed', at, failedAt: failure.at, reason: failure.reason, isReportedByStart: isTold }
      : { type: 'run_finished', at, withResult: hasResult && !isTold },
  );
}

/** Adds a note that posts the whole output as a file, if the output is long. Pure. */
export function addFileNotes(approval: Approval, output: Output): Approval {
  return isLong(output)
    ? addNote(approval, { kind: 'whole_output', round: currentRound(approval).number })
    : approval;
}

/** Chooses the place of the cards: the thread of the run if the run was started in their channel. */
export function placeCards(
  crew: Crew,
  task: string | undefined,
  record: Pick<RunRecord, 'channel' | 'thread'> & RunPeople,
): Pick<Approval, 'channel' | 'thread'> {
  const channel = chooseChannel(crew, task, record);
  const { of, channel: id, ts } = record.thread ?? {};
  return of === channel && id !== undefined && ts !== undefined
    ? { channel, thread: { channel: id, ts } }
    : { channel };
}

/**
 * Chooses the task's own channel, else the run's, else the crew's. A direct message goes only to a person who certainly may
 * decide.
 */
function chooseChannel(
  crew: Crew,
  task: string | undefined,
  run: Pick<RunRecord, 'channel'> & RunPeople,
): string {
  const { channel, approvers } = run;
  if (task === undefined) return channel !== undefined && !isUserId(channel) ? channel : crew.channel;
  const rules = findTaskRules(crew, task);
  const wantedChannel = rules.channel === crew.channel ? (channel ?? crew.channel) : rules.channel;
  if (!isUserId(wantedChannel)) return wantedChannel;
  // The person behind an email address is not known here and may be the approver.
  const mayBeRequester = listRequesters(run).some(
    (person) => person === wantedChannel || !isApproverId(person),
  );
  const isExcluded = rules.excludeRequester && mayBeRequester;
  const isNarrowedOut = approvers !== undefined && approvers.length > 0 && !approvers.includes(wantedChannel);
  return rules.approvers.includes(wantedChannel) && !isExcluded && !isNarrowedOut
    ? wantedChannel
    : crew.channel;
}

/** A directory that knows nobody: Slack is not asked before an approval is recorded. Members and addresses are counted later. */
const NOTHING_KNOWN = {
  members: () => undefined,
  idOf: () => undefined,
  isGone: () => undefined,
  outsider: () => undefined,
  inChannel: () => undefined,
  channelSize: () => undefined,
};

/** Why nobody may decide on pauses without a task's name, and what to do. */
export const UNDECIDABLE =
  'nobody may decide this: CrewAI did not name its task, and no person is an approver of every task of the crew. Name someone in all lists of approvers';
