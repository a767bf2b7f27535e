// What the hooks of coding agents are given on stdin, and how each wants a decision. Sources: https://code.claude.com/docs/en/hooks,
// https://learn.chatgpt.com/docs/hooks, https://geminicli.com/docs/hooks/reference.
import { readExactMembers } from './exact-json.ts';
import { readJsonObject } from './json-object.ts';

export interface CodingAgent {
  /** As cards and people name it. */
  name: string;
  /** Events that ask whether a tool may run. The first one is in the printed settings. */
  events: readonly HookEvent[];
  /** Whether the agent's own prompt can take over where nobody decides. */
  prompts: boolean;
}

export type HookEvent = 'PermissionRequest' | 'PreToolUse' | 'BeforeTool';

export const CODING_AGENTS = {
  // Claude Code sends PermissionRequest only if it would prompt: almost never in auto mode, where it starts.
  claude: { name: 'Claude Code', events: ['PreToolUse', 'PermissionRequest'], prompts: true },
  // Codex runs the tool where a PreToolUse hook says allow, ask or nothing.
  codex: { name: 'Codex', events: ['PermissionRequest'], prompts: true },
  // A hook without a decision lets the tool run where Gemini's policy does.
  gemini: { name: 'Gemini CLI', events: ['BeforeTool'], prompts: false },
} as const satisfies Record<string, CodingAgent>;

/** In these modes Claude Code asks the person at the terminal where a PreToolUse hook says so. */
const ASKING_MODES: unknown[] = ['default', 'auto', 'plan', 'acceptEdits'];
/** The bot's limits. */
const LONGEST_RUN = 255;
const LONGEST_TITLE = 300;

export interface HookedCall {
  event: HookEvent;
  session: string;
  tool: string;
  /** The arguments, as JSON that is what the agent wrote. */
  argumentsText: string;
  /** The agent's id of the call. */
  call?: string | undefined;
  folder?: string | undefined;
}

export type HookPayload =
  | { kind: 'call'; call: HookedCall; prompts: boolean }
  | { kind: 'session_end'; session: string }
  /** `event`: the one that it is of, where that asks whether a tool may run. */
  | { kind: 'unread'; fault: string; event?: HookEvent | undefined; prompts: boolean };

/** Undefined: the text was too large to be read. */
export function readHookPayload(agent: CodingAgent, text: string | undefined): HookPayload {
  const given = readJsonObject(text ?? '');
  const name = given?.hook_event_name;
  const event = agent.events.find((one) => one === name);
  const isAsked = event !== 'PreToolUse' || ASKING_MODES.includes(given?.permission_mode);
  const prompts = agent.prompts && isAsked;
  const unread = (fault: string): HookPayload => ({ kind: 'unread', fault, event, prompts });
  if (text === undefined) return unread('It is larger than 2 MiB.');
  if (!given) return unread('It is not a JSON object.');
  let exact: Map<string, string>;
  try {
    exact = readExactMembers(text);
  } catch (error) {
    // A text can be too much for the parser.
    return unread(
      error instanceof SyntaxError ? error.message : 'Its arguments are too large or nested too deep.',
    );
  }
  const { session_id: session, tool_name: tool, tool_use_id: call, cwd: folder } = given;
  if (!isName(session, LONGEST_RUN)) return unread('It has no session_id.');
  if (name === 'SessionEnd') return { kind: 'session_end', session };
  if (event === undefined)
    return unread(`${JSON.stringify(name)} is not an event that asks whether a tool may run.`);
  if (!isName(tool, LONGEST_TITLE)) return unread('It has no tool_name.');
  const argumentsText = exact.get('tool_input') ?? '';
  if (!argumentsText.startsWith('{')) return unread('It has no tool_input.');
  const named = { call: asText(call), folder: asText(folder) };
  return { kind: 'call', call: { event, session, tool, argumentsText, ...named }, prompts };
}

function asText(given: unknown): string | undefined {
  return typeof given === 'string' ? given : undefined;
}

function isName(given: unknown, most: number): given is string {
  return typeof given === 'string' && given.trim() !== '' && given.length <= most;
}

export type HookDecision =
  | { kind: 'allow'; reason: string }
  | { kind: 'deny'; reason: string }
  /** The agent asks by its own prompt. */
  | { kind: 'prompt'; reason: string };

/** What the agent reads on stdout. */
export function writeHookDecision(event: HookEvent, { kind, reason }: HookDecision): string {
  const specific = (fields: object) =>
    JSON.stringify({ hookSpecificOutput: { hookEventName: event, ...fields } });
  switch (event) {
    case 'PermissionRequest':
      // Without a decision the agent shows its prompt. Codex rejects a field that it does not know.
      if (kind === 'prompt') return JSON.stringify({ systemMessage: reason });
      return specific({
        decision: kind === 'allow' ? { behavior: kind } : { behavior: kind, message: reason },
      });
    case 'PreToolUse':
      return specific({
        permissionDecision: kind === 'prompt' ? 'ask' : kind,
        permissionDecisionReason: reason,
      });
    case 'BeforeTool':
      return JSON.stringify(kind === 'allow' ? { decision: kind } : { decision: 'deny', reason });
  }
}
