import type { AnswerFault } from '../approval/model/round.ts';
import type { RunStatus } from '../approval/model/run/run-status.ts';
import type { HttpAnswer } from '../lib/call-http.ts';
import { isObject } from '../lib/own-member.ts';
import { readMissingApps } from './missing-apps.ts';
import { parseObject, readMessage, readText } from './resume-answer.ts';

const LONGEST_STATE = 200;

/**
 * Reads the status of a run from a response to GET /status. The live form has a `state`, and its `status` is a sentence; the
 * documented form has only a `status`. Unknown states are kept as they are. The code for apps that are not connected is returned
 * with their names. `hide`: removes secrets from text that people will see. Pure.
 */
export function readStatus(
  answer: Pick<HttpAnswer, 'status' | 'body'>,
  hide: (text: string) => string,
): RunStatus {
  const json = parseObject(answer.body);
  const short = (text: string) => hide(text).slice(0, LONGEST_STATE).toWellFormed();
  const status = readPlainStatus(answer.status, json, short);
  if (status.kind === 'running' || status.kind === 'completed') return status;
  const failed = status.kind === 'failed';
  const error = failed && typeof status.error === 'string' ? status.error : undefined;
  const apps = json && readMissingApps(answer.body, error ?? readMessage(json), short);
  if (apps === undefined) return status;
  // An error of the request does not show that the run failed.
  return failed ? { kind: 'failed', error: apps } : { kind: 'no_answer', detail: apps };
}

function readPlainStatus(
  status: number,
  json: Record<string, unknown> | undefined,
  short: (text: string) => string,
): RunStatus {
  if (status === 404) return { kind: 'not_found' };
  if (status === 401 || status === 403) return { kind: 'no_access', status };
  if (status < 200 || status >= 300) return { kind: 'no_answer', detail: `HTTP ${status}` };
  const live = json && readText(json, 'state');
  const documented = json && readText(json, 'status');
  if (json && live !== undefined) return readRunState(live, json, readText(json, 'status'), short);
  if (json && documented !== undefined) return readRunState(documented, json, readText(json, 'error'), short);
  return { kind: 'no_answer', detail: 'NO_RUN_STATUS' satisfies AnswerFault };
}

/** `error`: why the run failed, if it did. */
function readRunState(
  state: string,
  json: Record<string, unknown>,
  error: string | undefined,
  short: (text: string) => string,
): RunStatus {
  switch (state.toLowerCase()) {
    case 'running':
    case 'pending':
    case 'started':
      return { kind: 'running', ...readRunProgress(json, short) };
    case 'completed':
    case 'success':
      return { kind: 'completed' };
    case 'error':
    case 'failed':
    case 'failure':
      return { kind: 'failed', ...(error === undefined ? {} : { error: short(error) }) };
    case 'not found':
    case 'not_found':
      return { kind: 'not_found', live: true };
    default:
      return { kind: 'other', state: short(state) };
  }
}

/** Reads the current task and the number of completed tasks, in the documented or the live form. */
function readRunProgress(
  json: Record<string, unknown>,
  short: (text: string) => string,
): { task?: string; completed?: number; total?: number } {
  const progress = isObject(json.progress) ? json.progress : {};
  const task = readText(json, 'current_task') ?? readText(progress, 'current');
  const [completed, total] = [
    progress.completed_tasks ?? progress.completed,
    progress.total_tasks ?? progress.total,
  ];
  return {
    ...(task === undefined ? {} : { task: short(task) }),
    ...(Number.isInteger(completed) && Number.isInteger(total)
      ? { completed: completed as number, total: total as number }
      : {}),
  };
}
