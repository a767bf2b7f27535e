/**
 * `crew-approvals/openai-agents`: asks people in Slack about calls of tools with `needsApproval` in the OpenAI Agents SDK
 * (`@openai/agents`). The state of a run is its `RunState`.
 */
import type { CrewApprovals } from './client.ts';
import { readExactMembers } from './exact-json.ts';
import { openRunFile, type RunFileOptions } from './run-file.ts';
import { type DecideOptions, decideCalls, ToolNotRun, type WaitingCall } from './waiting-calls.ts';

export { type DecideOptions, ToolNotRun } from './waiting-calls.ts';

/** The fields of the SDK's RunToolApprovalItem that are read here. */
interface Interruption {
  name?: string | undefined;
  agent: { name: string };
  rawItem: object;
}

/** The methods of the SDK's RunState that are used here. */
interface StateOfRun {
  getInterruptions(): Interruption[];
  approve(item: Interruption): void;
  reject(item: Interruption, options: { message: string }): void;
  toString(): string;
}

/** Number of times that each call was allowed and handed to the SDK, by call id. */
type Allowed = Readonly<Record<string, number>>;

/**
 * Runs an agent to its end: `start` runs it with its input, `go` with the state of the run. Each call that needs approval waits
 * until people have decided. `path`: a file for this run only, which holds the state while calls wait; after a restart of the
 * program, the same call continues with the state that `load` restores. The file belongs to the crew of one bot (`move`). Rejects
 * with ToolNotRun if nobody can be asked. Call this function again to continue.
 */
export async function runWithApprovals<Result extends { state: StateOfRun }>(
  approvals: CrewApprovals,
  {
    start,
    load,
    go,
  }: {
    start: () => Promise<Result>;
    load: (stored: string) => Promise<Result['state']>;
    go: (state: Result['state']) => Promise<Result>;
  },
  { path, move, ...options }: DecideOptions & RunFileOptions,
): Promise<Result> {
  let loaded: Result['state'] | undefined;
  const file = await openRunFile<{ state: string; allowed: Allowed }>(
    approvals,
    { ...options, path, move },
    async (stored) => {
      loaded = await load(stored.state);
      return listInterrupted(loaded, loaded.getInterruptions(), stored.allowed);
    },
  );
  let allowed = file.stored?.allowed ?? {};
  let result = file.stored ? undefined : await start();
  let state = result?.state ?? loaded ?? (await load(file.stored?.state ?? ''));
  while (!result || state.getInterruptions().length > 0) {
    const text = state.toString();
    await file.write({ state: text, allowed });
    allowed = await decideInterruptions(approvals, state, { ...options, allowed });
    // From here on, the calls may have run.
    await file.write({ state: text, allowed });
    result = await go(state);
    state = result.state;
  }
  await file.remove();
  return result;
}

/**
 * Asks about the calls of a state that need approval, waits, and approves or rejects them in the state. Before you continue,
 * store the state from before this call together with the result. After a restart, pass the stored result as `allowed`: an
 * allowed call may have run, and people are asked about it again. Rejects with ToolNotRun for anything except a function call,
 * such as a shell command or a tool of a hosted MCP server.
 */
export async function decideInterruptions(
  approvals: CrewApprovals,
  state: StateOfRun,
  { allowed = {}, ...options }: DecideOptions & { allowed?: Allowed },
): Promise<Allowed> {
  const items = state.getInterruptions();
  const calls = listInterrupted(state, items, allowed);
  const callsBefore = writeCallsAndNames(items);
  const decisions = await decideCalls(approvals, calls, options);
  if (writeCallsAndNames(state.getInterruptions()) !== callsBefore)
    throw new ToolNotRun('No tool was run, because the state of the run was changed after the question');
  const counts = { ...allowed };
  for (const [index, item] of items.entries()) {
    const [call, decision] = [calls[index], decisions[index]];
    if (!call || !decision) continue;
    if (decision.refusal === undefined) {
      state.approve(item);
      counts[call.id] = call.allowed + 1;
    } else state.reject(item, { message: decision.refusal });
  }
  return counts;
}

/** Writes the calls with the names that their cards show. */
function writeCallsAndNames(items: readonly Interruption[]): string {
  return JSON.stringify(items.map(({ name, agent, rawItem }) => [name, agent.name, rawItem]));
}

/**
 * Lists the calls that wait. A model can reuse a call id in a later turn or run: the id here includes the turn and its response.
 */
function listInterrupted(state: StateOfRun, items: readonly Interruption[], allowed: Allowed): WaitingCall[] {
  const { currentTurn, modelResponses } = JSON.parse(state.toString());
  const turn = `${currentTurn} ${modelResponses?.at(-1)?.responseId}`;
  return items.map(({ name = 'without a name', agent, rawItem }) => {
    const { type, callId, arguments: text } = rawItem as Record<string, unknown>;
    if (type !== 'function_call' || typeof callId !== 'string' || typeof text !== 'string')
      throw new ToolNotRun(
        `The tool ${name} was not run: a ${type} cannot be asked about, only a function_call`,
      );
    const id = `${callId} ${turn}`;
    const readArguments = () => {
      // Throws for a duplicate key.
      readExactMembers(text);
      return JSON.parse(text) as unknown;
    };
    return { id, tool: name, agent: agent.name, readArguments, allowed: allowed[id] ?? 0 };
  });
}
