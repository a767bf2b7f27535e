// What a hook prints for an agent. For the sources, see hook-payloads.ts.

/** Events that ask whether a tool may run. */
export type HookEvent = 'PermissionRequest' | 'PreToolUse' | 'BeforeTool';

export type HookDecision =
  /** `updatedInput`: input that Claude Code needs for its own dialogs: a plan's unchanged, a question's with the answers. */
  | { kind: 'allow'; reason: string; updatedInput?: object }
  | { kind: 'deny'; reason: string }
  /** The agent shows its own prompt, except at BeforeTool: the tool is denied, since Gemini CLI may run it without a prompt. */
  | { kind: 'prompt'; reason: string };

/** Writes a decision in the form that the agent reads on stdout. */
export function writeHookDecision(event: HookEvent, decision: HookDecision): string {
  const { kind, reason } = decision;
  const updated = kind === 'allow' && decision.updatedInput ? { updatedInput: decision.updatedInput } : {};
  switch (event) {
    case 'PermissionRequest':
      // Without a decision, the agent shows its prompt. Codex rejects unknown fields.
      if (kind === 'prompt') return JSON.stringify({ systemMessage: reason });
      return writeSpecific(event, {
        decision: kind === 'allow' ? { behavior: kind, ...updated } : { behavior: kind, message: reason },
      });
    case 'PreToolUse':
      return writeSpecific(event, {
        permissionDecision: kind === 'prompt' ? 'ask' : kind,
        permissionDecisionReason: reason,
        ...updated,
      });
    case 'BeforeTool':
      return JSON.stringify(kind === 'allow' ? { decision: kind } : { decision: 'deny', reason });
  }
}

/** Writes what a person did with the form of an MCP server. */
export function writeElicitationResult(
  result: { action: 'accept'; content: object } | { action: 'decline' },
): string {
  return writeSpecific('Elicitation', result);
}

function writeSpecific(event: string, fields: object): string {
  return JSON.stringify({ hookSpecificOutput: { hookEventName: event, ...fields } });
}
