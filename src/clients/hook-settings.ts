import { DIALOGS, type DialogKind } from './hook-dialogs.ts';
import type { CODING_AGENTS } from './hook-payloads.ts';

/** Time that an agent waits beyond the hook's own limit, in seconds. */
const MARGIN = 30;
/** Time limit of the hook at the end of a session, in seconds. Without one, Claude Code waits 1.5 seconds. */
const SESSION_END = 10;
/**
 * Patterns of the tools that get a card: all tools except those that only read or plan on this machine, those with which the
 * agent asks at the terminal itself, and those with which it asks in Slack. Unknown tools get a card, and so do tools that can
 * start a skill: a skill runs its commands without a hook. Both agents match with JavaScript's regular expressions.
 */
const CLAUDE_TOOLS = matchOthers([
  ...['Read', 'NotebookRead', 'Glob', 'Grep', 'LS', 'BashOutput', 'TaskOutput', 'ToolSearch'],
  ...['TodoRead', 'TodoWrite', 'TaskCreate', 'TaskGet', 'TaskList', 'TaskUpdate'],
  ...['ListAgents', 'CronList', 'ReadNotifications', 'ReportFindings'],
  ...['ListMcpResources(?:Tool)?', 'ReadMcpResource(?:Dir)?(?:Tool)?'],
  ...['AskUserQuestion', 'EnterPlanMode', 'ExitPlanMode'],
  'mcp__crew-approvals__(?:ask_human|get_answer|cancel)',
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
  dialogs?: readonly DialogKind[];
  /** The line for dialogs: whatever becomes of it, the agent's own dialog goes on. */
  dialogCommand?: string;
}

/** Builds the JSON to paste into an agent's settings. */
export function buildHookSettings(
  agent: keyof typeof CODING_AGENTS,
  { command, timeout, dialogs = [], dialogCommand = command }: HookSettings,
): object {
  const run = (seconds: number, line = command) => [{ type: 'command', command: line, timeout: seconds }];
  const decide = run(timeout + MARGIN);
  switch (agent) {
    case 'claude': {
      const dialogTools = dialogs.filter((kind) => kind !== 'forms').map((kind) => DIALOGS[kind]);
      const answer = [{ hooks: run(timeout + MARGIN, dialogCommand) }];
      return {
        // In auto mode, a classifier can refuse a call that a person allowed, and a tool runs if its hook times out.
        permissions: { defaultMode: 'default' },
        hooks: {
          PreToolUse: [
            { matcher: CLAUDE_TOOLS, hooks: decide },
            ...(dialogTools.length > 0 ? [{ matcher: `^(?:${dialogTools.join('|')})$`, ...answer[0] }] : []),
          ],
          ...(dialogs.includes('forms') ? { Elicitation: answer } : {}),
          SessionEnd: [{ hooks: run(SESSION_END) }],
        },
      };
    }
    case 'codex':
      return {
        hooks: { PermissionRequest: [{ hooks: decide }], SessionEnd: [{ hooks: run(SESSION_END) }] },
      };
    case 'gemini': {
      // Gemini CLI's timeouts are in milliseconds.
      const runNamed = (seconds: number) =>
        run(seconds * 1_000).map((hook) => ({ name: 'crew-approvals', ...hook }));
      return {
        hooks: {
          BeforeTool: [{ matcher: GEMINI_TOOLS, hooks: runNamed(timeout + MARGIN) }],
          SessionEnd: [{ hooks: runNamed(SESSION_END) }],
        },
      };
    }
  }
}

/** Writes a line for a shell of this system that runs a program with these arguments. */
export function quoteCommand(words: readonly string[], platform: NodeJS.Platform = process.platform): string {
  // Git Bash, PowerShell and cmd all accept slashes.
  if (platform === 'win32') return words.map((word) => `"${word.replaceAll('\\', '/')}"`).join(' ');
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
