import { listRequesters, type RunPeople } from '../access/can-decide.ts';
import { countDeciders } from '../access/count-deciders.ts';
import type { OutputEvent } from '../lifecycle/events.ts';
import { addNote, openApproval } from '../lifecycle/rounds.ts';
import { type Approval, currentRound, setOrigin, type TooFew } from '../model/approval.ts';
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

/** What a card says of the webhook URLs that a decision on the run is sent with. */
export function resolveShownUrls(crew: Crew, record: RunRecord, dialect: Dialect) {
  const humanInput = resolveHumanInput(crew, record, dialect, false);
  const humanInputUrl = humanInput && { url: humanInput.webhook.url, from: humanInput.from };
  return { urls: resolveCrewUrls(crew, record), ...(humanInputUrl ? { humanInputUrl } : {}) };
}

/** What a pause, a review or a question says of the approval that it opens. */
interface Opening {
  id: string;
  /** Absent: no webhook has named the task. */
  task?: string | undefined;
  title: string;
  policy: Policy;
  shownUrls?: ReturnType<typeof resolveShownUrls>;
  warnings?: readonly IgnoredSetting[];
  /** Certain without a look at the rules. */
  tooFew?: TooFew | undefined;
  output: Output;
}

/** The approval that an output opens: where its card goes, by whose rules, and what is reported of it. Pure. */
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
  const few = tooFew ?? countDeciders(crew, opened, record, NOTHING_KNOWN);
  const described: Approval = {
    ...opened,
    ...(warnings.length > 0 ? { ignored: [...new Set(warnings)] } : {}),
    ...(few && few !== 'enough' ? { tooFew: few } : {}),
    ...(record.requestedBy === undefined ? {} : { hasRequester: true as const }),
    ...describeRun(crew, record),
  };
  return addFileNotes(described, output);
}

/** A run that was started from Slack has its message there. */
function describeRun(
  crew: Crew,
  { about, thread }: Pick<RunRecord, 'about' | 'thread'>,
): Pick<Approval, 'about'> {
  if (!about || thread) return {};
  const title = about.title === undefined ? undefined : hideSecrets(crew, about.title);
  // With its scheme it would be hidden as every URL is.
  const bare = about.url?.replace(/^https:/, '') ?? '';
  return { about: { title, url: hideSecrets(crew, bare) === bare ? about.url : undefined } };
}

/** The run's end may have overtaken the webhook of a pause. */
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
      ? { type: 'run_failed', at, failedAt: failure.at, reason: failure.reason, isTold }
      : { type: 'run_finished', at, withResult: hasResult && !isTold },
  );
}

/** The whole of a round's output comes as a file if it is long. Pure. */
export function addFileNotes(approval: Approval, output: Output): Approval {
  return isLong(output)
    ? addNote(approval, { kind: 'whole_output', round: currentRound(approval).number })
    : approval;
}

/** Where the cards go: into the thread of the run, if it was started in that channel. */
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
 * The task's own channel, else the run's, else the crew's; a direct message only to someone of whom it is certain that
 * they may decide on it.
 */
function chooseChannel(
  crew: Crew,
  task: string | undefined,
  run: Pick<RunRecord, 'channel'> & RunPeople,
): string {
  const { channel, approvers } = run;
  if (task === undefined) return channel !== undefined && !isUserId(channel) ? channel : crew.channel;
  const rules = findTaskRules(crew, task);
  const wished = rules.channel === crew.channel ? (channel ?? crew.channel) : rules.channel;
  if (!isUserId(wished)) return wished;
  // Whose an email address is, is not known here.
  const requester = listRequesters(run).some((one) => one === wished || !isApproverId(one));
  const excluded = rules.excludeRequester && requester;
  const isNarrowedOut = approvers !== undefined && approvers.length > 0 && !approvers.includes(wished);
  return rules.approvers.includes(wished) && !excluded && !isNarrowedOut ? wished : crew.channel;
}

/** Slack is not asked before an approval is recorded: its members and addresses are counted later. */
const NOTHING_KNOWN = {
  members: () => undefined,
  idOf: () => undefined,
  isGone: () => undefined,
  outsider: () => undefined,
  inChannel: () => undefined,
  channelSize: () => undefined,
};

/** Why nobody may decide, and what to do. */
export const UNDECIDABLE =
  'nobody may decide this: CrewAI did not name its task, and no person is an approver of every task of the crew. Name someone in all lists of approvers';
