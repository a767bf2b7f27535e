/**
 * `crew-approvals/openai-agents`: calls of tools with `needsApproval` of the OpenAI Agents SDK (`@openai/agents`) are asked about in
 * Slack. The state of a run is its `RunState`.
 */
import type { CrewApprovals } from './client.ts';
import { readExactMembers } from './exact-json.ts';
import { openRunFile, type RunFileOptions } from './run-file.ts';
import { type DecideOptions, decideCalls, ToolNotRun, type WaitingCall } from './waiting-calls.ts';

export { type DecideOptions, ToolNotRun } from './waiting-calls.ts';

/** What is read of the SDK's RunToolApprovalItem. */
interface Interruption {
  name?: string | undefined;
  agent: { name: string };
  rawItem: object;
}

/** What is used of the SDK's RunState. */
interface StateOfRun {
  getInterruptions(): Interruption[];
  approve(item: Interruption): void;
  reject(item: Interruption, options: { message: string }): void;
  toString(): string;
}

/** How often each call was allowed and handed to the SDK, by its id. */
type Allowed = Readonly<Record<string, number>>;

/**
 * Runs an agent to its end: `start` runs it with its input, `go` with the state of the run. Each call that needs approval waits until
 * people have decided on it. `path`: a file of this run only, which has its state while calls wait; after a restart of the program the
 * same call goes on with what `load` makes of it. It belongs to the crew of one bot (`move`). Rejects with ToolNotRun if nobody can be asked. Call it again to go on.
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
    // From now on the calls may have run.
    await file.write({ state: text, allowed });
    result = await go(state);
    state = result.state;
  }
  await file.remove();
  return result;
}

/**
 * Asks about the calls of a state that need approval, waits, and approves or rejects them in it. Store the state as it was before,
 * with what this gives, before you go on, and give it as `allowed` after a restart: what was allowed may have run, and is asked about
 * again. Rejects with ToolNotRun for anything else than a call of a function, such as a shell command or a tool of a hosted MCP server.
 */
export async function decideInterruptions(
  approvals: CrewApprovals,
  state: StateOfRun,
  { allowed = {}, ...options }: DecideOptions & { allowed?: Allowed },
): Promise<Allowed> {
  const items = state.getInterruptions();
  const calls = listInterrupted(state, items, allowed);
  const before = writeShown(items);
  const decisions = await decideCalls(approvals, calls, options);
  if (writeShown(state.getInterruptions()) !== before)
    throw new ToolNotRun('No tool was run, because the state of the run was changed after the question');
  const handed = { ...allowed };
  for (const [place, item] of items.entries()) {
    const [call, decision] = [calls[place], decisions[place]];
    if (!call || !decision) continue;
    if (decision.refusal === undefined) {
      state.approve(item);
      handed[call.id] = call.allowed + 1;
    } else state.reject(item, { message: decision.refusal });
  }
  return handed;
}

/** The calls with the names on their cards. */
function writeShown(items: readonly Interruption[]): string {
  return JSON.stringify(items.map(({ name, agent, rawItem }) => [name, agent.name, rawItem]));
}

/** A model can use an id again in a later turn or run: the turn and its response belong to the id of the call. */
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
      // Throws for a key that stands twice.
      readExactMembers(text);
      return JSON.parse(text) as unknown;
    };
    return { id, tool: name, agent: agent.name, readArguments, allowed: allowed[id] ?? 0 };
  });
}
