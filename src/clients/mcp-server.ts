// The revision 2026-07-28 of the Model Context Protocol, over any transport: requests are independent.
// https://modelcontextprotocol.io/specification/2026-07-28
import {
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  createMcpHandler,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { rethrowIfRejected } from './bot-calls.ts';
import type { QuestionsClient } from './client.ts';
import { buildServerInfo, INSTRUCTIONS } from './mcp-legacy.ts';
import { buildTask, buildTaskId, readTaskId, TASKS } from './mcp-tasks.ts';
import { CALL_TIMEOUT, explainToolError, MCP_TOOLS, runTool, type ToolOutcome } from './mcp-tools.ts';

export { isLegacyRequest } from '@modelcontextprotocol/server';

export interface McpExchange {
  client: QuestionsClient;
  version: string;
  /** The crew's ask secret, which proves the ids of tasks. */
  secret: string;
  /** Logs an error of this server. */
  onError: (error: unknown) => void;
}

export interface McpAnswer {
  response: Response;
  /** Call this once it is known if the client has the whole response: before that it may not have the answer to its question. */
  delivered: (isReceived: boolean) => Promise<unknown>;
  /** Resolves when a call has ended. After the client has cancelled it, it may still be withdrawing its question. */
  ended: () => Promise<unknown>;
}

/** Answers one request. `message`: its parsed body. */
export async function answerRequest(
  request: Request,
  message: unknown,
  exchange: McpExchange,
): Promise<McpAnswer> {
  let delivered: ToolOutcome['delivered'];
  let call: Promise<unknown> | undefined;
  const build = () =>
    buildServer(exchange, {
      onResult: (report) => {
        delivered = report;
      },
      onCall: (promise) => {
        call = promise;
      },
    });
  // Nothing that a client could subscribe to ever changes.
  const handler = createMcpHandler(build, { legacy: 'reject', maxSubscriptions: 0 });
  const response = await handler.fetch(request, { parsedBody: message });
  return {
    response,
    delivered: async (isReceived) => delivered?.(isReceived),
    ended: async () => call?.catch(() => {}),
  };
}

function buildServer(
  { client, version, secret, onError }: McpExchange,
  {
    onResult,
    onCall,
  }: {
    onResult: (delivered: ToolOutcome['delivered']) => void;
    onCall: (call: Promise<unknown>) => void;
  },
): Server {
  const server = new Server(buildServerInfo(version), {
    capabilities: { tools: {}, extensions: { [TASKS]: {} } },
    instructions: INSTRUCTIONS,
  });
  server.setRequestHandler('tools/list', () => ({ tools: [...MCP_TOOLS] as never }));

  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    const { name, arguments: args = {} } = params;
    const wantsTask = name === 'ask_human' && declaresTasks(mcpReq);
    const call = {
      signal: mcpReq.signal,
      progress: buildProgress(mcpReq),
      ...(wantsTask ? { wait: 0 } : {}),
    };
    const running = runTool(client, { name, args }, call);
    onCall(running);
    const outcome = await running.catch((error: unknown) => {
      if (!mcpReq.signal.aborted) onError(error);
      throw new ProtocolError(ProtocolErrorCode.InternalError, 'Internal error.');
    });
    if (!outcome)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no tool ${name.slice(0, 100)}.`);
    const { result, state, delivered } = outcome;
    onResult(delivered);
    if (!wantsTask || state?.status !== 'waiting') return result;
    return { resultType: 'task', ...buildTask(buildTaskId(secret, state.id), state) } as never;
  });

  /** Carries out a request about a task. `work` gets the id of the task's question. */
  const onTask = <T extends object>(
    method: string,
    work: (id: string, taskId: string) => Promise<T | undefined>,
  ) =>
    server.setRequestHandler(method, { params: TASK_PARAMS }, async ({ taskId }, { mcpReq }) => {
      if (!declaresTasks(mcpReq))
        throw new MissingRequiredClientCapabilityError({
          requiredCapabilities: { extensions: { [TASKS]: {} } },
        });
      const id = readTaskId(secret, taskId);
      const result = id === undefined ? undefined : await work(id, taskId).catch(rejectTaskRequest);
      if (!result) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'There is no task with this id.');
      return { resultType: 'complete', ...result };
    });
  const rejectTaskRequest = (error: unknown): never => {
    const explanation = explainToolError(error);
    if (explanation === undefined) onError(error);
    throw new ProtocolError(ProtocolErrorCode.InternalError, explanation ?? 'Internal error.');
  };
  const options = { within: CALL_TIMEOUT, onRetry: rethrowIfRejected };
  onTask('tasks/get', async (id, taskId) => {
    const state = await client.poll(id, options);
    if (state.status === 'unknown') return undefined;
    if (state.status === 'answered')
      onResult(async (isReceived) => {
        if (isReceived) await client.received(id, { within: CALL_TIMEOUT }).catch(() => {});
      });
    return buildTask(taskId, state);
  });
  onTask('tasks/cancel', async (id) =>
    (await client.withdraw(id, options)).status === 'unknown' ? undefined : {},
  );
  // No task of this server asks its client for anything.
  onTask('tasks/update', async (id) =>
    (await client.poll(id, options)).status === 'unknown' ? undefined : {},
  );
  return server;
}

const TASK_PARAMS = z.looseObject({ taskId: z.string() });

type RequestContext = ServerContext['mcpReq'];

function declaresTasks({ envelope }: RequestContext): boolean {
  // The library's type of the envelope lacks its keys.
  const { [CLIENT_CAPABILITIES_META_KEY]: capabilities } = (envelope ?? {}) as Record<
    string,
    ClientCapabilities
  >;
  return capabilities?.extensions?.[TASKS] !== undefined;
}

/** Builds the function that tells the client that a call is still waiting. Clients ask for it with a token. */
function buildProgress({ _meta: meta, notify }: RequestContext) {
  const progressToken = meta?.progressToken;
  return (progress: number, total: number, message: string) => {
    if (progressToken === undefined) return;
    const params = { progressToken, progress, total, message };
    // The client may be gone.
    notify({ method: 'notifications/progress', params }).catch(() => {});
  };
}
