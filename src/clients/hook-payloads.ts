// Input of coding agents' hooks on stdin. Sources:
// https://code.claude.com/docs/en/hooks,
// https://learn.chatgpt.com/docs/hooks, https://geminicli.com/docs/hooks/reference.
import { readExactMembers } from './exact-json.ts';
import type { HookEvent } from './hook-decisions.ts';
import { type Dialog, type DialogKind, findDialogKind, NotAsked, readDialog } from './hook-dialogs.ts';
import { isJsonObject, type JsonObject, readJsonObject } from './json-object.ts';

export interface CodingAgent {
  /** Name on cards and in messages. */
  name: string;
  /** Events that ask whether a tool may run. The first one is in the printed settings. */
  events: readonly HookEvent[];
  /** True if the agent's own prompt can take over when nobody decides. */
  canPrompt: boolean;
}

export const CODING_AGENTS = {
  // Claude Code sends PermissionRequest only before its own prompt. It starts in auto mode, which almost never prompts.
  claude: { name: 'Claude Code', events: ['PreToolUse', 'PermissionRequest'], canPrompt: true },
  // Codex runs the tool after a PreToolUse hook that answers allow, ask or nothing.
  codex: { name: 'Codex', events: ['PermissionRequest'], canPrompt: true },
  // After a hook without a decision, Gemini CLI runs the tool if its policy allows the tool.
  gemini: { name: 'Gemini CLI', events: ['BeforeTool'], canPrompt: false },
} as const satisfies Record<string, CodingAgent>;

/** Modes in which Claude Code prompts the person at the terminal if a PreToolUse hook answers `ask`. */
const ASKING_MODES: unknown[] = ['default', 'auto', 'plan', 'acceptEdits'];
/** The bot's limits, in characters. */
const LONGEST_RUN = 255;
const LONGEST_TITLE = 300;

export interface HookedCall {
  event: HookEvent;
  session: string;
  tool: string;
  /** JSON of the arguments, exactly as the agent wrote it. */
  argumentsText: string;
  folder?: string | undefined;
}

export type HookPayload =
  | { kind: 'call'; call: HookedCall; canPrompt: boolean }
  | {
      kind: 'dialog';
      dialog: Dialog;
      session: string;
      folder?: string | undefined;
    }
  /** The agent's own dialog goes on; `fault`: why the hook does not ask, in one sentence. */
  | { kind: 'dialog_left'; fault: string }
  /** A call of one of our MCP server's tools. The hook does not ask people about it. */
  | { kind: 'own_tool' }
  /** The session ends, or is resumed: an agent that was killed did not report its end. */
  | { kind: 'session_end'; session: string }
  /** `event`: the payload's event, if it asks whether a tool may run. */
  | { kind: 'unread'; fault: string; event?: HookEvent | undefined; canPrompt: boolean };

/**
 * Reads the payload of a hook. `text`: undefined if the payload was too large. `dialogs`: those that people in Slack answer.
 */
export function readHookPayload(
  agent: CodingAgent,
  text: string | undefined,
  dialogs: readonly DialogKind[] = [],
): HookPayload {
  const payload = readJsonObject(text ?? '');
  const dialogKind = payload && findDialogKind(payload);
  const name = payload?.hook_event_name;
  const event = agent.events.find((candidate) => candidate === name);
  const promptsInMode = event !== 'PreToolUse' || ASKING_MODES.includes(payload?.permission_mode);
  const canPrompt = agent.canPrompt && promptsInMode;
  const isDialog = dialogKind !== undefined && dialogs.includes(dialogKind);
  const reportUnreadable = (fault: string): HookPayload =>
    isDialog ? { kind: 'dialog_left', fault } : { kind: 'unread', fault, event, canPrompt };
  if (text === undefined) return reportUnreadable('It is larger than 2 MiB.');
  if (!payload) return reportUnreadable('It is not a JSON object.');
  let exact: Map<string, string>;
  try {
    exact = readExactMembers(text);
  } catch (error) {
    // Any error other than a SyntaxError: the text is too large or nested too deep for the parser.
    return reportUnreadable(
      error instanceof SyntaxError ? error.message : 'Its arguments are too large or nested too deep.',
    );
  }
  const { session_id: session, tool_name: tool, cwd: folder } = payload;
  if (!isName(session, LONGEST_RUN)) return reportUnreadable('It has no session_id.');
  const isResumed = name === 'SessionStart' && payload.source === 'resume';
  if (name === 'SessionEnd' || isResumed) return { kind: 'session_end', session };
  const where = { folder: asText(folder) };
  if (isDialog) {
    try {
      const dialog = readDialog(dialogKind, payload, agent.name);
      return { kind: 'dialog', dialog, session, ...where };
    } catch (error) {
      const fault = error instanceof NotAsked ? error.message : 'Its dialog cannot be read.';
      return { kind: 'dialog_left', fault };
    }
  }
  if (isOwnTool(payload)) return { kind: 'own_tool' };
  if (event === undefined)
    return reportUnreadable(`${JSON.stringify(name)} is not an event that asks whether a tool may run.`);
  if (!isName(tool, LONGEST_TITLE)) return reportUnreadable('It has no tool_name.');
  const argumentsText = exact.get('tool_input') ?? '';
  if (!argumentsText.startsWith('{')) return reportUnreadable('It has no tool_input.');
  return { kind: 'call', call: { event, session, tool, argumentsText, ...where }, canPrompt };
}

/**
 * Sources of MCP servers that the agent's user or an administrator has set. A repository can give its servers any name, but none
 * of these sources.
 */
const USER_SOURCES: unknown[] = ['user', 'local', 'dynamic', 'enterprise', 'managed'];
const OWN_TOOLS = ['ask_human', 'get_answer', 'cancel'];

/** True for a tool of our MCP server in Claude Code, which says where a tool comes from. */
function isOwnTool({ tool_name: tool, mcp_server: server }: JsonObject): boolean {
  if (!isJsonObject(server)) return false;
  const { name, source } = server;
  const isOfPlugin = source === 'plugin' && name === 'plugin:crew-approvals:crew-approvals';
  const isOfUser = USER_SOURCES.includes(source) && name === 'crew-approvals';
  const prefix = isOfPlugin ? 'plugin_crew-approvals_crew-approvals' : isOfUser ? name : undefined;
  return prefix !== undefined && OWN_TOOLS.some((own) => tool === `mcp__${prefix}__${own}`);
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isName(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= maxLength;
}
