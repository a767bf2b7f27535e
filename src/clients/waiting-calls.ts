// What the adapters for frameworks share: an agent has stopped before calls of tools, and people allow or block each of them.
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

/** Nobody could be asked about a call, so none of the calls runs. */
export class ToolNotRun extends Error {
  override readonly name = 'ToolNotRun';
}

export interface DecideOptions
  extends Omit<AskOptions, 'id'>,
    Pick<
      ProgramQuestion,
      'agent' | 'approvers' | 'channel' | 'default_option' | 'expires_in' | 'message' | 'requested_by'
    > {
  /** Your own id of the run. The same run and call are the same question, also after a restart. */
  run: string;
}

export interface WaitingCall {
  /** The same after a restart of the program, and another one for each call of the run. */
  id: string;
  tool: string;
  agent?: string | undefined;
  /** Gives the arguments; what it throws says why a person cannot see them as the tool gets them. */
  readArguments(): unknown;
  /** How often the call was allowed and handed to the framework. It may have run since. */
  allowed: number;
}

/** `refusal`: what the agent reads instead of a result; undefined: a person allowed the call. */
export interface CallDecision {
  refusal: string | undefined;
}

/**
 * Asks about all of these calls at once, and waits until people have decided on each. Rejects with ToolNotRun, or with the reason
 * of the signal or the timeout; none of the calls is decided then, and the questions stay.
 */
export async function decideCalls(
  approvals: CrewApprovals,
  calls: readonly WaitingCall[],
  options: DecideOptions,
): Promise<CallDecision[]> {
  if (new Set(calls.map(({ id }) => id)).size < calls.length)
    throw new ToolNotRun('No tool was run, because several calls have the same id');
  const over = new AbortController();
  const { signal, release } = joinSignals([over.signal, options.signal]);
  try {
    return await Promise.all(calls.map((call) => decideCall(approvals, call, { ...options, signal })));
  } finally {
    over.abort();
    release();
  }
}

async function decideCall(
  approvals: CrewApprovals,
  { id, tool, agent, readArguments, allowed }: WaitingCall,
  { run, signal, timeout, onRetry, ...fields }: DecideOptions,
): Promise<CallDecision> {
  const notRun = (why: string) => `The tool ${tool} was not run, because ${why}`;
  let shown: string;
  try {
    shown = writeToolArguments(readArguments());
  } catch (error) {
    return { refusal: notRun(`its arguments cannot be shown exactly: ${(error as Error).message}`) };
  }
  const message = [...(allowed > 0 ? [AGAIN] : []), ...(fields.message ? [fields.message] : [])].join('\n\n');
  const question = {
    ...fields,
    title: tool,
    run,
    argumentsText: shown,
    ...(message === '' ? {} : { message }),
    ...(agent === undefined ? {} : { agent }),
  };
  try {
    const known = buildCallQuestionId(run, id, allowed + 1);
    const decision = judgeCall(await approvals.askTool(question, { id: known, signal, timeout, onRetry }));
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

/** The same after a restart. `attempt`: 1 for the first time that a call is asked about. */
export function buildCallQuestionId(run: string, call: string, attempt: number): string {
  const known = createHash('sha256')
    .update(JSON.stringify([run, call, attempt]))
    .digest('hex');
  return `call-${known.slice(0, 40)}`;
}
