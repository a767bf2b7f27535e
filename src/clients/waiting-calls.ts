// Shared by the adapters for frameworks: an agent has stopped before tool calls, and people allow or block each of them.
import { createHash } from 'node:crypto';
import {
  type AskOptions,
  type CrewApprovals,
  type ProgramQuestion,
  QuestionClosed,
  QuestionRejected,
  writeToolArguments,
} from './client.ts';
import { joinSignals } from './signals.ts';
import { judgeCall } from './tool-calls.ts';

const CLOSED = 'The tool was not run: the question about this call was closed without a decision.';
const AGAIN =
  'This call was allowed before, and its program was interrupted after that: it may have run already.';

/** No call was run: people could not be asked, or the state of the run cannot be used. */
export class ToolNotRun extends Error {
  override readonly name = 'ToolNotRun';
}

export interface DecideOptions
  extends Omit<AskOptions, 'id'>,
    Pick<
      ProgramQuestion,
      'agent' | 'approvers' | 'channel' | 'default_option' | 'expires_in' | 'message' | 'requested_by'
    > {
  /** Your own id of the run. The same call of the same run is the same question, even after a restart. */
  run: string;
}

export interface WaitingCall {
  /** Unique among the calls of the run, and the same after a restart of the program. */
  id: string;
  tool: string;
  agent?: string | undefined;
  /** Returns the arguments. Throws if people cannot see exactly what the tool gets; the message gives the reason. */
  readArguments(): unknown;
  /** Number of times that the call was allowed and handed to the framework. The call may have run since. */
  allowed: number;
}

/** `refusal`: text that the agent reads in place of a result; undefined: a person allowed the call. */
export interface CallDecision {
  refusal: string | undefined;
}

/**
 * Asks about all of these calls at once and waits until people have decided on each. Rejects with ToolNotRun, BotUnavailable, or
 * the reason of the signal or the timeout. In each case no call is decided, and the questions stay open.
 */
export async function decideCalls(
  approvals: CrewApprovals,
  calls: readonly WaitingCall[],
  options: DecideOptions,
): Promise<CallDecision[]> {
  if (new Set(calls.map(({ id }) => id)).size < calls.length)
    throw new ToolNotRun('No tool was run, because several calls have the same id');
  const end = new AbortController();
  const { signal, release } = joinSignals([end.signal, options.signal]);
  try {
    return await Promise.all(calls.map((call) => decideCall(approvals, call, { ...options, signal })));
  } finally {
    end.abort();
    release();
  }
}

async function decideCall(
  approvals: CrewApprovals,
  { id, tool, agent, readArguments, allowed }: WaitingCall,
  { run, signal, timeout, onRetry, ...fields }: DecideOptions,
): Promise<CallDecision> {
  const notRun = (why: string) => `The tool ${tool} was not run, because ${why}`;
  let argumentsText: string;
  try {
    argumentsText = writeToolArguments(readArguments());
  } catch (error) {
    return { refusal: notRun(`its arguments cannot be shown exactly: ${(error as Error).message}`) };
  }
  const message = [...(allowed > 0 ? [AGAIN] : []), ...(fields.message ? [fields.message] : [])].join('\n\n');
  const question = {
    ...fields,
    title: tool,
    run,
    argumentsText,
    ...(message === '' ? {} : { message }),
    ...(agent === undefined ? {} : { agent }),
  };
  try {
    const questionId = buildCallQuestionId(run, id, allowed + 1);
    const decision = judgeCall(
      await approvals.askTool(question, { id: questionId, signal, timeout, onRetry }),
    );
    if (!decision) throw new ToolNotRun(notRun('its answer is unknown'));
    return { refusal: decision.allowed ? undefined : decision.reason };
  } catch (error) {
    if (error instanceof QuestionClosed) return { refusal: CLOSED };
    if (!(error instanceof QuestionRejected)) throw error;
    const why =
      error.code === 'other_content'
        ? 'its arguments were changed after the question, or another field of the question was'
        : `nobody could be asked: ${error.message}`;
    throw new ToolNotRun(notRun(why), { cause: error });
  }
}

/** Builds the id of a call's question, the same after a restart. `attempt`: 1 for the first question about the call. */
export function buildCallQuestionId(run: string, call: string, attempt: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([run, call, attempt]))
    .digest('hex');
  return `call-${hash.slice(0, 40)}`;
}
