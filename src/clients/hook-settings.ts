import { DIALOGS, type DialogKind } from './hook-dialogs.ts';
import type { CODING_AGENTS } from './hook-payloads.ts';

/** Time that people have by default, in seconds. */
export const TIMEOUT = 570;
/** Time that an agent waits beyond the hook's own limit, in seconds. */
const MARGIN = 30;
/** Time limit of the hook when a session ends or resumes, in seconds. Without one, Claude Code waits 1.5 seconds at the end. */
const SESSION_END = 10;
/**
 * Patterns of the tools before which the hook runs: all except tools that only read or plan, and tools with which the agent asks
 * at the terminal itself. Our own MCP tools get no card: Gemini CLI's pattern excludes them, and the hook of Claude Code leaves
 * them out (`isOwnTool`). Unknown tools get a card, and so do tools that can start a skill: a skill runs its commands without a
 * hook. Both agents match with JavaScript's regular expressions.
 */
const CLAUDE_TOOLS = matchOthers([
  ...['Read', 'NotebookRead', 'Glob', 'Grep', 'LS', 'BashOutput', 'TaskOutput', 'ToolSearch'],
  ...['TodoRead', 'TodoWrite', 'TaskCreate', 'TaskGet', 'TaskList', 'TaskUpdate'],
  ...['ListAgents', 'CronList', 'ReadNotifications', 'ReportFindings'],
  ...['ListMcpResources(?:Tool)?', 'ReadMcpResource(?:Dir)?(?:Tool)?'],
  ...['AskUserQuestion', 'EnterPlanMode', 'ExitPlanMode'],
]);
const GEMINI_TOOLS = matchOthers([
  ...['read_file', 'read_many_files', 'list_directory', 'glob', 'grep_search', 'search_file_content'],
  ...['list_background_processes', 'read_background_output'],
  ...['write_todos', 'update_topic', 'get_internal_docs', 'ask_user', 'enter_plan_mode', 'exit_plan_mode'],
  'mcp_crew-approvals_(?:ask_human|get_answer|cancel)',
]);

function matchOthers(names: string[]): string {
  return `^(?!(?:${names.join('|')})$).*`;
}

interface HookSettings {
  /** A line for a shell. */
  command: string;
  /** The hook's own limit, in seconds. */
  timeout: number;
  /** Lines for a shell, by dialog. If such a hook fails or gets no answer, the agent shows its own dialog. */
  dialogs?: Partial<Record<DialogKind, string>>;
}

/** Builds the JSON to paste into an agent's settings. */
export function buildHookSettings(
  agent: keyof typeof CODING_AGENTS,
  { command, timeout, dialogs = {} }: HookSettings,
): object {
  const run = (seconds: number) => runCommand(command, seconds);
  const decide = run(timeout + MARGIN);
  switch (agent) {
    case 'claude':
      return {
        // In auto mode, a classifier can refuse a call that a person allowed, and a tool runs if its hook times out.
        permissions: { defaultMode: 'default' },
        hooks: buildClaudeHooks({ command, endCommand: command, timeout, dialogs }),
      };
    case 'codex':
      return {
        hooks: { PermissionRequest: [{ hooks: decide }], ...buildSessionHooks(run(SESSION_END)) },
      };
    case 'gemini': {
      // Gemini CLI's timeouts are in milliseconds.
      const runNamed = (seconds: number) =>
        run(seconds * 1_000).map((hook) => ({ name: 'crew-approvals', ...hook }));
      return {
        hooks: {
          BeforeTool: [{ matcher: GEMINI_TOOLS, hooks: runNamed(timeout + MARGIN) }],
          ...buildSessionHooks(runNamed(SESSION_END)),
        },
      };
    }
  }
}

/** Builds the hooks of the Claude Code plugin. They read its options by themselves. */
export function buildPluginHooks(): object {
  const write = (part: string) => `node "\${CLAUDE_PLUGIN_ROOT}/hook.mjs" ${part}`;
  const dialogs = Object.fromEntries(Object.keys(DIALOGS).map((kind) => [kind, write(kind)]));
  // Without Node, or if the hook is killed, Claude Code would run the tool.
  const command = `${write('tools')} || exit 2`;
  return { hooks: buildClaudeHooks({ command, endCommand: write('end'), timeout: TIMEOUT, dialogs }) };
}

function buildClaudeHooks({
  command,
  endCommand,
  timeout,
  dialogs = {},
}: HookSettings & { endCommand: string }): object {
  const { forms, ...tools } = dialogs;
  const runDialog = (line: string) => runCommand(line, timeout + MARGIN);
  return {
    PreToolUse: [
      { matcher: CLAUDE_TOOLS, hooks: runCommand(command, timeout + MARGIN) },
      ...Object.entries(tools).map(([kind, line]) => ({
        matcher: `^${DIALOGS[kind as keyof typeof tools]}$`,
        hooks: runDialog(line),
      })),
    ],
    ...(forms === undefined ? {} : { Elicitation: [{ hooks: runDialog(forms) }] }),
    ...buildSessionHooks(runCommand(endCommand, SESSION_END)),
  };
}

function buildSessionHooks<Hook>(hooks: Hook[]) {
  return {
    // A resumed session first ends its permissions: the agent may have been killed, or the bot unreachable, at the session's end.
    SessionStart: [{ matcher: 'resume', hooks }],
    SessionEnd: [{ hooks }],
  };
}

function runCommand(command: string, timeout: number): { type: string; command: string; timeout: number }[] {
  return [{ type: 'command', command, timeout }];
}

/** Writes a line for a shell of this system that runs a program with these arguments. */
export function quoteCommand(words: readonly string[], platform: NodeJS.Platform = process.platform): string {
  // Git Bash, PowerShell and cmd all accept slashes.
  if (platform === 'win32') return words.map((word) => `"${word.replaceAll('\\', '/')}"`).join(' ');
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
