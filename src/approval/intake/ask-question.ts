import { listDeciders, narrowRunPeople } from '../access/can-decide.ts';
import { learnRights } from '../access/deciders.ts';
import type { App } from '../app.ts';
import type { OutputEvent } from '../lifecycle/events.ts';
import { endPermissionsWithRun } from '../lifecycle/permissions.ts';
import { LONGEST_SILENCE } from '../lifecycle/questions.ts';
import { type Approval, createApprovalId, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { isUserId } from '../model/crew/slack-ids.ts';
import { findTaskRules, type Policy } from '../model/crew/task-rules.ts';
import { excerptOutput, type Output } from '../model/output.ts';
import type { Question, Round } from '../model/round.ts';
import { buildProgramRunId, buildQuestionRunId } from '../model/run/program-run.ts';
import { hasEnded, type RunRecord } from '../model/run/run-record.ts';
import { listToolOptions, type WrittenCall } from '../model/tool-call.ts';
import type { Stored } from '../ports.ts';
import { CONFLICT, retryConflicts } from '../update.ts';
import { APPROVALS_LOOKED_AT, allowAsBefore, readToolCalls, type UnsureDecision } from './allowed-calls.ts';
import { addFileNotes, buildApproval, placeCards } from './build-approval.ts';
import { loadRun, saveRun } from './change-run.ts';
import { narrowWish } from './change-run-record.ts';
import { applyWebhookEvent, MOST_OPEN, type Run, setApproval } from './run.ts';

/** A question as a program asks it. */
export interface NewQuestion extends Omit<Question, 'expiresAt' | 'leaseUntil' | 'times' | 'isLong'> {
  title: string;
  /** Agent that asks, or that wants to call the tool. */
  agent?: string | undefined;
  /** Text shown above the output. */
  message?: string | undefined;
  output: Output;
  /** Hash of the output, computed once: a large output takes long. */
  hash: string;
  /** Number of characters of the output that nobody sees. */
  unseen?: number;
  /** Arguments of the tool call. */
  call?: WrittenCall;
  /** The program's own id of the run. */
  run?: string | undefined;
  /** Id of the earlier question whose approval gets this one as its next round. */
  follows?: string | undefined;
  channel?: string | undefined;
  /** Time until the program's deadline, in milliseconds. */
  expiresIn?: number | undefined;
  /** The program renews a lease while it waits. */
  saysAlive: boolean;
}

/** Result of a question. `too_many`: its run has too many that wait; `wrong_id`: no new question can have this id. */
export type QuestionReceipt =
  | { status: 'created' | 'same'; approval: string; round: number }
  | { status: 'conflict' | 'withdrawn' | 'too_many' | 'wrong_id' }
  /** The settings do not allow the URL for the answer. */
  | { status: 'url_not_allowed' }
  /** The settings name no approvers for the tool. */
  | { status: 'no_approvers' }
  /** The question cannot follow the one that it names. `field`: the wrong field. */
  | { status: 'cannot_follow'; field: 'follows' | 'title' | 'run' };

const NEW_ID = /^[A-Za-z0-9.:@_-]{1,100}$/;

/** Records a question once. Rejects with a StoreError: nothing was recorded, unless the error is unsure. */
export function askQuestion(app: App, crew: Crew, asked: NewQuestion): Promise<QuestionReceipt> {
  let hasAsked = false;
  return app.serialize(`${crew.name} question ${asked.id}`, () =>
    retryConflicts(asked.id, async () => {
      const known = await findQuestion(app, crew, asked.id);
      if (known !== 'unknown' && known.stored) {
        const { stored, round } = known;
        if (round.status === 'withdrawn' && !round.lapsed) return { status: 'withdrawn' };
        const allowed = round.allowedCalls?.find(({ id }) => id === asked.id);
        if ((allowed ?? round.question).digest !== asked.digest) return { status: 'conflict' };
        return { status: 'same', approval: stored.record.id, round: round.number };
      }
      // Checked only for new questions: earlier builds stored other ids.
      if (!NEW_ID.test(asked.id)) return { status: 'wrong_id' };
      if (asked.push && !app.answers.mayPush(crew.name, asked.push.url)) return { status: 'url_not_allowed' };
      const followed = asked.follows === undefined ? undefined : await findQuestion(app, crew, asked.follows);
      const former = followed === 'unknown' ? undefined : followed?.stored?.record;
      if (followed && !former) return { status: 'cannot_follow', field: 'follows' };
      const ownRun = asked.run === undefined ? buildQuestionRunId(asked.id) : buildProgramRunId(asked.run);
      // The title of an approval selects its rules.
      if (former && former.task !== asked.title) return { status: 'cannot_follow', field: 'title' };
      if (former && asked.run !== undefined && former.executionId !== ownRun)
        return { status: 'cannot_follow', field: 'run' };
      const executionId = former?.executionId ?? ownRun;
      const previous = known === 'unknown' ? undefined : known.pointer;
      // Without this queue, calls of one run that come together would all conflict.
      const recorded = await app.serialize(`${crew.name}/${executionId}`, () =>
        recordQuestion(app, crew, asked, { executionId, approvalId: former?.id, previous, hasAsked }),
      );
      if (recorded === CONFLICT || 'status' in recorded) return recorded;
      // Outside the run's queue: other calls of the run do not wait for Slack.
      await Promise.all(recorded.unsure.map(({ by, of }) => learnRights(app, by, [of])));
      hasAsked = true;
      return CONFLICT;
    }),
  );
}

/** The place of a question. `approvalId`: approval that gets it as a further round; `previous`: what its id pointed to before. */
interface QuestionPlace {
  executionId: string;
  approvalId: string | undefined;
  previous: Stored<string> | undefined;
  /** Slack was already asked about the people whose decisions may allow the call. */
  hasAsked: boolean;
}

async function recordQuestion(
  app: App,
  crew: Crew,
  asked: NewQuestion,
  { executionId, approvalId, previous, hasAsked }: QuestionPlace,
): Promise<QuestionReceipt | UnsureDecision | typeof CONFLICT> {
  const loaded = await loadRun(app, crew.name, executionId, {
    only: approvalId === undefined ? [] : [approvalId],
  });
  const { approvers, channel } = fitQuestion(crew, asked);
  const named = narrowRunPeople(loaded.run.record, { approvers });
  const { approvers: ofTask } = findTaskRules(crew, asked.title);
  if (asked.tool && listDeciders(ofTask, named).length === 0) return { status: 'no_approvers' };
  if ((await countWaitingQuestions(app, loaded.run)) >= MOST_OPEN) return { status: 'too_many' };
  const pointTo = (approval: Approval) => ({
    question: { crew: crew.name, id: asked.id, approvalId: approval.id, previous },
  });
  const calls = asked.tool && asked.run !== undefined ? await readToolCalls(app, loaded.run) : [];
  if (calls.length > 0 && asked.call) {
    const { record } = loaded.run;
    const wished = { ...record, ...(channel === undefined ? {} : { channel }) };
    const call = {
      ...asked,
      call: asked.call,
      approvers,
      channel: placeCards(crew, asked.title, wished).channel,
    };
    const allowed = await allowAsBefore(app, crew, call, { record, calls, pointTo });
    if (allowed === 'conflict') return CONFLICT;
    if (allowed && 'approval' in allowed) return { status: 'created', ...allowed };
    if (allowed && !hasAsked) return allowed;
  }
  const times = calls.filter((call) => call.title === asked.title && call.hash === asked.hash);
  const { run, approval } = applyQuestion(
    { crew, at: app.clock.now() },
    { ...asked, times: times.length + 1 },
    loaded.run,
    approvalId,
  );
  if (!(await saveRun(app, loaded, run, pointTo(approval)))) return CONFLICT;
  const { id, ignored } = approval;
  const { number: round } = currentRound(approval);
  const logFields = { crew: crew.name, execution: executionId, approval: id, round };
  app.log.info({ ...logFields, ...(ignored ? { ignored } : {}) }, 'question waiting for a decision');
  return { status: 'created', approval: id, round };
}

async function countWaitingQuestions({ store }: App, run: Run): Promise<number> {
  const last = run.record.approvals.slice(-APPROVALS_LOOKED_AT);
  if (last.length < MOST_OPEN) return 0;
  const approvals = await store.approvals(last);
  return approvals.filter(({ record }) => currentRound(record).status === 'waiting').length;
}

/** Time during which a withdrawn question is still known as withdrawn, in milliseconds. */
const WITHDRAWN_FOR = 7 * 24 * 60 * 60_000;

/** Finds a question by its program's id. Without `stored`, it was deleted, or withdrawn so long ago that it counts as unknown. */
export async function findQuestion(
  { store, clock }: Pick<App, 'store' | 'clock'>,
  crew: Pick<Crew, 'name'>,
  id: string,
): Promise<
  | 'unknown'
  | { pointer: Stored<string>; stored: Stored<Approval>; round: Round & { question: Question } }
  | { pointer: Stored<string>; stored?: undefined }
> {
  const pointer = await store.question(crew.name, id);
  if (!pointer) return 'unknown';
  const stored = await store.approval(pointer.record);
  const round = stored && findQuestionRound(stored.record.rounds, id);
  if (!stored || !round?.question) return { pointer };
  const isForgotten =
    round.status === 'withdrawn' && !round.lapsed && clock.now() - (round.settledAt ?? 0) >= WITHDRAWN_FOR;
  return isForgotten ? { pointer } : { pointer, stored, round: { ...round, question: round.question } };
}

/** Finds the round of a question, or the round whose decision allowed the question's call. */
export function findQuestionRound(rounds: readonly Round[], id: string): Round | undefined {
  return rounds.findLast(
    ({ question, allowedCalls }) => question?.id === id || allowedCalls?.some((call) => call.id === id),
  );
}

interface QuestionContext {
  crew: Crew;
  /** When the question came in, by the store's clock. */
  at: number;
}

/** Adds a question to its run: as a new approval, or as the next round of `followed`. Pure, except for a random id. */
function applyQuestion(
  { crew, at }: QuestionContext,
  asked: NewQuestion & { times: number },
  before: Run,
  followed: string | undefined,
): { run: Run; approval: Approval } {
  const { finishedAt: _, failure: __, checkAt: ___, ...known } = before.record;
  const former = followed === undefined ? undefined : before.approvals.get(followed);
  const fitting = fitQuestion(crew, asked);
  const event = buildQuestionEvent(crew, asked, fitting, at);
  const record: RunRecord = {
    ...known,
    humanInput: true,
    lastWebhookAt: at,
    ...(hasEnded(before.record) ? { allowsSince: at } : {}),
  };
  const approval = former
    ? addFileNotes(applyWebhookEvent(continueRun(former), { ...event, pause: 'next' }), asked.output)
    : openQuestion(crew, asked, record, { event, fitting });
  const run: Run = {
    ...before,
    record: {
      ...record,
      approvals: former ? record.approvals : [...record.approvals, approval.id],
    },
  };
  const { hash, output } = asked;
  return { run: setApproval(run, approval, [{ hash, output }]), approval };
}

/** Reopens an approval whose run had ended: a program that asks again shows that its run continues. */
function continueRun(ended: Approval): Approval {
  const { runEndedAt: _, runFailure: __, ...approval } = endPermissionsWithRun(ended);
  return approval;
}

type Fitting = ReturnType<typeof narrowWish>;

/** Reduces a question's approvers and channel to those that fit. A direct message goes only to a person who may decide. */
function fitQuestion(crew: Crew, asked: NewQuestion): Fitting {
  const { channel, ...fitting } = narrowWish(crew, asked);
  const { approvers } = fitting;
  if (channel !== undefined && isUserId(channel) && approvers && !approvers.includes(channel))
    return { ...fitting, warnings: [...fitting.warnings, 'channel_not_of_crew'] };
  return channel === undefined ? fitting : { ...fitting, channel };
}

function openQuestion(
  crew: Crew,
  asked: NewQuestion,
  record: RunRecord,
  { event, fitting }: { event: OutputEvent; fitting: Fitting },
): Approval {
  const { channel, warnings } = fitting;
  const run = narrowRunPeople(record, event.output.question);
  const own = { ...record, ...run, ...(channel === undefined ? {} : { channel }) };
  return buildApproval(crew, own, event, {
    id: createApprovalId(),
    task: asked.title,
    title: asked.title,
    policy: keepToolWaiting(findTaskRules(crew, asked.title).policy, asked),
    warnings,
    output: asked.output,
  });
}

/** Keeps a tool call waiting at its deadline, unless its program names a default: a tool never runs because nobody answered. */
function keepToolWaiting(policy: Policy, { tool }: NewQuestion): Policy {
  return tool && policy.onExpiry !== 'default' ? { ...policy, onExpiry: 'keep' } : policy;
}

function buildQuestionEvent(
  crew: Crew,
  asked: NewQuestion & { times: number },
  { approvers }: Fitting,
  at: number,
): OutputEvent {
  const { id, digest, freeText, editable, tool, defaultOption, times, fields } = asked;
  const forTool = crew.allowToolsForRun?.includes(asked.title) ?? false;
  const ofRun = asked.run !== undefined;
  const options = tool ? listToolOptions({ ofRun, forTool }) : asked.options;
  const question: Question = {
    id,
    digest,
    ...(options ? { options } : {}),
    ...(asked.call?.isLong ? { isLong: true } : {}),
    ...(times > 1 ? { times } : {}),
    freeText,
    ...(editable ? { editable } : {}),
    ...(fields ? { fields } : {}),
    ...(tool ? { tool } : {}),
    ...(defaultOption === undefined ? {} : { defaultOption }),
    ...(asked.expiresIn === undefined ? {} : { expiresAt: at + asked.expiresIn }),
    ...(approvers ? { approvers } : {}),
    ...(asked.requestedBy === undefined ? {} : { requestedBy: asked.requestedBy }),
    ...(asked.push ? { push: asked.push } : {}),
    ...(asked.saysAlive ? { leaseUntil: at + LONGEST_SILENCE } : {}),
  };
  return {
    type: 'output',
    at,
    opensRounds: true,
    task: asked.title,
    output: {
      excerpt: excerptOutput(asked.output),
      taskId: id,
      humanInput: true,
      hashes: [asked.hash],
      ...(asked.unseen === undefined ? {} : { unseen: asked.unseen }),
      ...(asked.message === undefined ? {} : { description: asked.message }),
      ...(asked.agent === undefined ? {} : { agent: asked.agent }),
      question,
    },
  };
}
