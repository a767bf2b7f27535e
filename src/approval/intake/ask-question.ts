import { listDeciders, narrowRunPeople } from '../access/can-decide.ts';
import { learnRights } from '../access/deciders.ts';
import type { App } from '../app.ts';
import type { OutputEvent } from '../lifecycle/events.ts';
import { endPermissionsWithRun } from '../lifecycle/permissions.ts';
import { LONGEST_SILENCE } from '../lifecycle/questions.ts';
import { type Approval, createApprovalId, currentRound } from '../model/approval.ts';
import type { Crew } from '../model/crew/crew.ts';
import { isIrreversible } from '../model/crew/effect.ts';
import { isUserId } from '../model/crew/slack-ids.ts';
import { buildPolicy, listRules, type Policy } from '../model/crew/task-rules.ts';
import { excerptOutput, type Output } from '../model/output.ts';
import type { Question, Round } from '../model/round.ts';
import { buildProgramRunId, buildQuestionRunId } from '../model/run/program-run.ts';
import { hasEnded, type RunRecord } from '../model/run/run-record.ts';
import { listToolOptions, needsNamedApprovers, type WrittenCall } from '../model/tool-call.ts';
import type { Stored } from '../ports.ts';
import { CONFLICT, retryConflicts } from '../update.ts';
import {
  allowByEarlierDecision,
  MAX_APPROVALS_READ,
  readToolCalls,
  type UncheckedDeciders,
} from './allowed-calls.ts';
import { addFileNotes, buildApproval, placeCards } from './build-approval.ts';
import { loadRun, saveRun } from './change-run.ts';
import { narrowWish } from './change-run-record.ts';
import { applyWebhookEvent, MAX_WAITING_PER_RUN, type Run, setApproval } from './run.ts';

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
  /** Number of invisible characters in the output. */
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
  renewsLease: boolean;
  /** What the answer starts cannot be taken back. The settings can say so, too. */
  irreversible?: true | undefined;
}

/** Result of a question. `too_many`: its run has too many that wait; `wrong_id`: no new question can have this id. */
export type QuestionReceipt =
  | { status: 'created' | 'same'; approval: string; round: number }
  | { status: 'conflict' | 'withdrawn' | 'too_many' | 'wrong_id' }
  /** The settings do not allow the URL for the answer. */
  | { status: 'url_not_allowed' }
  /** Neither the settings nor the question name approvers, and it needs some. */
  | { status: 'no_approvers' }
  /** The action is irreversible: no rule may take a default option. */
  | { status: 'default_of_irreversible' }
  /** The question cannot follow the one that it names. `field`: the wrong field. */
  | { status: 'cannot_follow'; field: 'follows' | 'title' | 'run' };

const NEW_ID = /^[A-Za-z0-9.:@_-]{1,100}$/;

/** Records a question once. Rejects with a StoreError: nothing was recorded, unless the error is unsure. */
export function askQuestion(app: App, crew: Crew, receivedQuestion: NewQuestion): Promise<QuestionReceipt> {
  const question = applyEffect(crew, receivedQuestion);
  let hasAsked = false;
  return app.serialize(`${crew.name} question ${question.id}`, () =>
    retryConflicts(question.id, async () => {
      const foundQuestion = await findQuestion(app, crew, question.id);
      if (foundQuestion !== 'unknown' && foundQuestion.stored) {
        const { stored, round } = foundQuestion;
        if (round.status === 'withdrawn' && !round.lapsed) return { status: 'withdrawn' };
        const allowedCall = round.allowedCalls?.find(({ id }) => id === question.id);
        if ((allowedCall ?? round.question).digest !== question.digest) return { status: 'conflict' };
        return { status: 'same', approval: stored.record.id, round: round.number };
      }
      // Checked only for new questions: earlier builds stored other ids.
      if (!NEW_ID.test(question.id)) return { status: 'wrong_id' };
      if (question.push && !app.answers.mayPush(crew.name, question.push.url))
        return { status: 'url_not_allowed' };
      const followedQuestion =
        question.follows === undefined ? undefined : await findQuestion(app, crew, question.follows);
      const formerApproval = followedQuestion === 'unknown' ? undefined : followedQuestion?.stored?.record;
      if (followedQuestion && !formerApproval) return { status: 'cannot_follow', field: 'follows' };
      const ownRun =
        question.run === undefined ? buildQuestionRunId(question.id) : buildProgramRunId(question.run);
      // The title of an approval selects its rules.
      if (formerApproval && formerApproval.task !== question.title)
        return { status: 'cannot_follow', field: 'title' };
      if (formerApproval && question.run !== undefined && formerApproval.executionId !== ownRun)
        return { status: 'cannot_follow', field: 'run' };
      const executionId = formerApproval?.executionId ?? ownRun;
      const previous = foundQuestion === 'unknown' ? undefined : foundQuestion.pointer;
      // Without this queue, calls of one run that come together would all conflict.
      const receipt = await app.serialize(`${crew.name}/${executionId}`, () =>
        recordQuestion(app, crew, question, {
          executionId,
          approvalId: formerApproval?.id,
          previous,
          hasAsked,
        }),
      );
      if (receipt === CONFLICT || 'status' in receipt) return receipt;
      // Outside the run's queue: other calls of the run do not wait for Slack.
      await Promise.all(receipt.unchecked.map(({ by, of }) => learnRights(app, by, [of])));
      hasAsked = true;
      return CONFLICT;
    }),
  );
}

/** Marks a question whose action the settings call irreversible. The program itself can say so, but not the opposite. */
function applyEffect(crew: Crew, question: NewQuestion): NewQuestion {
  const action = question.tool ? { tool: question.title } : 'question';
  return isIrreversible(crew, action) ? { ...question, irreversible: true } : question;
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
  receivedQuestion: NewQuestion,
  { executionId, approvalId, previous, hasAsked }: QuestionPlace,
): Promise<QuestionReceipt | UncheckedDeciders | typeof CONFLICT> {
  const loadedRun = await loadRun(app, crew.name, executionId, {
    only: approvalId === undefined ? [] : [approvalId],
  });
  const formerApproval = approvalId === undefined ? undefined : loadedRun.run.approvals.get(approvalId);
  // The next round of what is irreversible is irreversible, whatever its program says.
  const isMarked = formerApproval && currentRound(formerApproval).irreversible;
  const question: NewQuestion = isMarked ? { ...receivedQuestion, irreversible: true } : receivedQuestion;
  if (question.irreversible && question.defaultOption !== undefined)
    return { status: 'default_of_irreversible' };
  const { approvers, channel } = fitQuestion(crew, question);
  const runPeople = narrowRunPeople(loadedRun.run.record, { approvers });
  const rules = listRules(crew, question.title, question.irreversible === true);
  const isOpenToChannel = rules.every((rule) => listDeciders(rule.approvers, runPeople).length === 0);
  if (needsNamedApprovers(question) && isOpenToChannel) return { status: 'no_approvers' };
  if ((await countWaitingQuestions(app, loadedRun.run)) >= MAX_WAITING_PER_RUN) return { status: 'too_many' };
  const pointTo = (approval: Approval) => ({
    question: { crew: crew.name, id: question.id, approvalId: approval.id, previous },
  });
  const calls = question.tool && question.run !== undefined ? await readToolCalls(app, loadedRun.run) : [];
  // An earlier decision was made on another call: nobody was shown this one.
  if (calls.length > 0 && question.call && !isDecidedAlone(question)) {
    const { record } = loadedRun.run;
    const runWithChannel = { ...record, ...(channel === undefined ? {} : { channel }) };
    const call = {
      ...question,
      call: question.call,
      approvers,
      channel: placeCards(crew, question.title, runWithChannel).channel,
    };
    const allowed = await allowByEarlierDecision(app, crew, call, { record, calls, pointTo });
    if (allowed === 'conflict') return CONFLICT;
    if (allowed && 'approval' in allowed) return { status: 'created', ...allowed };
    if (allowed && !hasAsked) return allowed;
  }
  const sameCalls = calls.filter((call) => call.title === question.title && call.hash === question.hash);
  const { run, approval } = applyQuestion(
    { crew, at: app.clock.now() },
    { ...question, times: sameCalls.length + 1 },
    loadedRun.run,
    formerApproval,
  );
  if (!(await saveRun(app, loadedRun, run, pointTo(approval)))) return CONFLICT;
  const { id, ignored } = approval;
  const { number: round } = currentRound(approval);
  const logFields = { crew: crew.name, execution: executionId, approval: id, round };
  app.log.info({ ...logFields, ...(ignored ? { ignored } : {}) }, 'question waiting for a decision');
  return { status: 'created', approval: id, round };
}

/** True if each call needs its own decision: no earlier one allows it, and its own allows no further calls. */
function isDecidedAlone({ requireWhole, irreversible }: NewQuestion): boolean {
  return requireWhole === true || irreversible === true;
}

async function countWaitingQuestions({ store }: App, run: Run): Promise<number> {
  const lastApprovalIds = run.record.approvals.slice(-MAX_APPROVALS_READ);
  if (lastApprovalIds.length < MAX_WAITING_PER_RUN) return 0;
  const approvals = await store.approvals(lastApprovalIds);
  return approvals.filter(({ record }) => currentRound(record).status === 'waiting').length;
}

/** Time during which a withdrawn question is still known as withdrawn, in milliseconds. */
const REMEMBERED_AS_WITHDRAWN = 7 * 24 * 60 * 60_000;

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
    round.status === 'withdrawn' &&
    !round.lapsed &&
    clock.now() - (round.settledAt ?? 0) >= REMEMBERED_AS_WITHDRAWN;
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

/** Adds a question to its run: as a new approval, or as the next round of `formerApproval`. Pure, except for a random id. */
function applyQuestion(
  { crew, at }: QuestionContext,
  question: NewQuestion & { times: number },
  loadedRun: Run,
  formerApproval: Approval | undefined,
): { run: Run; approval: Approval } {
  const { finishedAt: _, failure: __, checkAt: ___, ...continuedRecord } = loadedRun.record;
  const fitting = fitQuestion(crew, question);
  const event = buildQuestionEvent(crew, question, fitting, at);
  const record: RunRecord = {
    ...continuedRecord,
    humanInput: true,
    lastWebhookAt: at,
    ...(hasEnded(loadedRun.record) ? { allowsSince: at } : {}),
  };
  const approval = formerApproval
    ? addFileNotes(
        applyWebhookEvent(continueRun(formerApproval), { ...event, pause: 'next' }),
        question.output,
      )
    : openQuestion(crew, question, record, { event, fitting });
  const run: Run = {
    ...loadedRun,
    record: {
      ...record,
      approvals: formerApproval ? record.approvals : [...record.approvals, approval.id],
    },
  };
  const { hash, output } = question;
  return { run: setApproval(run, approval, [{ hash, output }]), approval };
}

/** Reopens an approval whose run had ended: a program that asks again shows that its run continues. */
function continueRun(endedApproval: Approval): Approval {
  const { runEndedAt: _, runFailure: __, ...approval } = endPermissionsWithRun(endedApproval);
  return approval;
}

type Fitting = ReturnType<typeof narrowWish>;

/** Reduces a question's approvers and channel to those that fit. A direct message goes only to a person who may decide. */
function fitQuestion(crew: Crew, question: NewQuestion): Fitting {
  const furtherApprovers = question.irreversible ? crew.irreversible?.approvers : undefined;
  const { channel, ...fitting } = narrowWish(crew, question, furtherApprovers);
  const { approvers } = fitting;
  if (channel !== undefined && isUserId(channel) && approvers && !approvers.includes(channel))
    return { ...fitting, warnings: [...fitting.warnings, 'channel_not_of_crew'] };
  return channel === undefined ? fitting : { ...fitting, channel };
}

function openQuestion(
  crew: Crew,
  question: NewQuestion,
  record: RunRecord,
  { event, fitting }: { event: OutputEvent; fitting: Fitting },
): Approval {
  const { channel, warnings } = fitting;
  const run = narrowRunPeople(record, event.output.question);
  const questionRun = { ...record, ...run, ...(channel === undefined ? {} : { channel }) };
  return buildApproval(crew, questionRun, event, {
    id: createApprovalId(),
    task: question.title,
    title: question.title,
    policy: findQuestionPolicy(crew, question),
    warnings,
    output: question.output,
  });
}

/**
 * Finds the policy of a question. A tool call waits on at its deadline, unless its program names a default: a tool never runs
 * because nobody answered.
 */
function findQuestionPolicy(crew: Crew, { title, tool, irreversible }: NewQuestion): Policy {
  const policy = buildPolicy(crew, title, irreversible === true);
  return tool && policy.onExpiry !== 'default' ? { ...policy, onExpiry: 'keep' } : policy;
}

function buildQuestionEvent(
  crew: Crew,
  askedQuestion: NewQuestion & { times: number },
  { approvers }: Fitting,
  at: number,
): OutputEvent {
  const { id, digest, freeText, editable, requireWhole, namedApprovers, times, fields } = askedQuestion;
  const { tool, argumentsDigest, defaultOption } = askedQuestion;
  const canAllowTool = crew.allowToolsForRun?.includes(askedQuestion.title) ?? false;
  const namesRun = askedQuestion.run !== undefined && !isDecidedAlone(askedQuestion);
  const options = tool ? listToolOptions({ ofRun: namesRun, forTool: canAllowTool }) : askedQuestion.options;
  const question: Question = {
    id,
    digest,
    ...(options ? { options } : {}),
    ...(askedQuestion.call?.isLong ? { isLong: true } : {}),
    ...(times > 1 ? { times } : {}),
    freeText,
    ...(editable ? { editable } : {}),
    ...(requireWhole ? { requireWhole } : {}),
    ...(namedApprovers ? { namedApprovers } : {}),
    ...(fields ? { fields } : {}),
    ...(tool ? { tool } : {}),
    ...(argumentsDigest === undefined ? {} : { argumentsDigest }),
    ...(defaultOption === undefined ? {} : { defaultOption }),
    ...(askedQuestion.expiresIn === undefined ? {} : { expiresAt: at + askedQuestion.expiresIn }),
    ...(approvers ? { approvers } : {}),
    ...(askedQuestion.requestedBy === undefined ? {} : { requestedBy: askedQuestion.requestedBy }),
    ...(askedQuestion.push ? { push: askedQuestion.push } : {}),
    ...(askedQuestion.renewsLease ? { leaseUntil: at + LONGEST_SILENCE } : {}),
  };
  return {
    type: 'output',
    at,
    opensRounds: true,
    task: askedQuestion.title,
    ...(askedQuestion.irreversible
      ? { opening: { irreversible: true, policy: findQuestionPolicy(crew, askedQuestion) } }
      : {}),
    output: {
      excerpt: excerptOutput(askedQuestion.output),
      taskId: id,
      humanInput: true,
      hashes: [askedQuestion.hash],
      ...(askedQuestion.unseen === undefined ? {} : { unseen: askedQuestion.unseen }),
      ...(askedQuestion.message === undefined ? {} : { description: askedQuestion.message }),
      ...(askedQuestion.agent === undefined ? {} : { agent: askedQuestion.agent }),
      question,
    },
  };
}
