import type { RunStatus } from '../approval/approval.ts';
import { parseObject, textOf } from './resume-outcome.ts';

const LONGEST = 200;

/**
 * What an answer of GET /status says of a run, in the documented form (`status`) or the observed one (`state`); a
 * state of neither is kept as it came. `hide`: takes secrets out of what people will see. Pure.
 */
export function readStatus(
  { status, body }: { status: number; body: string },
  hide: (said: string) => string,
): RunStatus {
  if (status === 404) return { kind: 'not_found' };
  if (status === 401 || status === 403) return { kind: 'no_access', status };
  if (status < 200 || status >= 300) return { kind: 'no_answer', detail: `HTTP ${status}` };
  const json = parseObject(body);
  const state = json && (textOf(json, 'status') ?? textOf(json, 'state'));
  if (!json || state === undefined) return { kind: 'no_answer', detail: 'the answer is no run status' };
  const short = (text: string) => hide(text).slice(0, LONGEST).toWellFormed();
  switch (state.toLowerCase()) {
    case 'running':
    case 'pending':
    case 'started': {
      const task = textOf(json, 'current_task');
      return { kind: 'running', ...(task === undefined ? {} : { task: short(task) }), ...progressOf(json) };
    }
    case 'completed':
    case 'success':
      return { kind: 'completed' };
    case 'error':
    case 'failed':
    case 'failure': {
      const error = textOf(json, 'error');
      return { kind: 'failed', ...(error === undefined ? {} : { error: short(error) }) };
    }
    case 'not found':
    case 'not_found':
      return { kind: 'not_found' };
    default:
      return { kind: 'other', state: short(state) };
  }
}

function progressOf({ progress }: Record<string, unknown>): { completed?: number; total?: number } {
  if (progress === null || typeof progress !== 'object') return {};
  const { completed_tasks: completed, total_tasks: total } = progress as Record<string, unknown>;
  return Number.isInteger(completed) && Number.isInteger(total)
    ? { completed: completed as number, total: total as number }
    : {};
}
