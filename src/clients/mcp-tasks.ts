// Tasks of MCP: a client asks for the state of a question instead of holding a call open.
// https://github.com/modelcontextprotocol/ext-tasks/blob/main/specification/draft/tasks.md
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { ProgramQuestionState } from './client.ts';
import { describeQuestionState } from './mcp-tools.ts';

/** The extension's name, under which clients and servers declare it. */
export const TASKS = 'io.modelcontextprotocol/tasks';
/** Time between two polls of a task that clients are asked to keep, in milliseconds; the longer one after LONG_WAIT. */
const [POLL_INTERVAL, LONG_POLL_INTERVAL] = [5_000, 20_000];
/** Age from which clients are asked to poll less often, in milliseconds: the answer may take hours. */
const LONG_WAIT = 10 * 60_000;
/** Length of the proof in a task id: 22 characters of base64url are 132 bits. */
const PROOF_LENGTH = 22;

/** Builds the id of a question's task. The proof makes it impossible to guess, even if a model chose the question's id. */
export function buildTaskId(secret: string, id: string): string {
  return `${id}.${prove(secret, id)}`;
}

/** Returns the id of the question; undefined: the task id was not built with this ask secret. */
export function readTaskId(secret: string, taskId: string): string | undefined {
  const end = taskId.lastIndexOf('.');
  const id = taskId.slice(0, Math.max(0, end));
  return isSameText(taskId.slice(end + 1), prove(secret, id)) ? id : undefined;
}

function prove(secret: string, id: string): string {
  return createHmac('sha256', secret).update(`mcp task ${id}`).digest('base64url').slice(0, PROOF_LENGTH);
}

function isSameText(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'));
}

/** Describes a question as a task. A closed question is a completed task: its result says that nobody answered. */
export function buildTask(
  taskId: string,
  state: ProgramQuestionState,
  now = Date.now(),
): Record<string, unknown> {
  const { status, answer, asked_at: askedAt = new Date(now).toISOString(), closed_at: closedAt } = state;
  const isLong = now - Date.parse(askedAt) > LONG_WAIT;
  const task = {
    taskId,
    createdAt: askedAt,
    lastUpdatedAt: answer?.at ?? closedAt ?? askedAt,
    ttlMs: null,
    pollIntervalMs: isLong ? LONG_POLL_INTERVAL : POLL_INTERVAL,
  };
  switch (status) {
    case 'waiting':
      return { ...task, status: 'working', statusMessage: 'The card is in Slack. Nobody has answered yet.' };
    case 'withdrawn':
      return { ...task, status: 'cancelled', statusMessage: 'The question was withdrawn.' };
    default:
      return { ...task, status: 'completed', result: describeQuestionState(state) };
  }
}
