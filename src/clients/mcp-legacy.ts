// The revisions of 2025 of the Model Context Protocol, over any transport: https://modelcontextprotocol.io/specification/2025-11-25
import type { QuestionsClient } from './client.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';
import { MCP_TOOLS, runTool, type ToolOutcome } from './mcp-tools.ts';

/** Newest first. */
export const PROTOCOL_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26'];

/** What clients tell their models about the server. */
export const INSTRUCTIONS =
  'Ask people in Slack with ask_human before an action that needs approval. Answers can take hours: call get_answer until there is one.';

export const buildServerInfo = (version: string) => ({
  name: 'crew-approvals',
  title: 'Approvals in Slack',
  version,
});

/** https://www.jsonrpc.org/specification#error_object */
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;

type RequestId = string | number;

export interface McpReply {
  jsonrpc: '2.0';
  id: RequestId | null;
  result?: object;
  error?: { code: number; message: string };
}

/** A message from a client. The server ignores responses, since it sends no requests. */
export type McpMessage =
  | { kind: 'request'; id: RequestId; method: string; params: JsonObject }
  | { kind: 'notification'; method: string; params: JsonObject }
  | { kind: 'response' };

export type McpRequest = Extract<McpMessage, { kind: 'request' }>;

export interface McpContext {
  client: QuestionsClient;
  version: string;
  /** Sends a notification about a request that is still running. */
  notify: (notification: object) => void;
  signal: AbortSignal;
  /** Logs an error of this server. */
  onError: (error: unknown) => void;
}

/** Parses and checks one message. */
export function readMcpMessage(text: string): McpMessage | { rejection: McpReply } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { rejection: buildError(null, PARSE_ERROR, 'The message is not valid JSON.') };
  }
  if (Array.isArray(value))
    return { rejection: buildError(null, INVALID_REQUEST, 'Batches are not supported: send one message.') };
  if (!isJsonObject(value) || value.jsonrpc !== '2.0')
    return { rejection: buildError(null, INVALID_REQUEST, 'The message is not JSON-RPC 2.0.') };
  const { id, method, params = {} } = value;
  if (method === undefined && ('result' in value || 'error' in value)) return { kind: 'response' };
  const isId = typeof id === 'string' || Number.isInteger(id);
  if (typeof method !== 'string' || (id !== undefined && !isId))
    return {
      rejection: buildError(isId ? (id as RequestId) : null, INVALID_REQUEST, 'A method or an id is wrong.'),
    };
  if (!isJsonObject(params))
    return isId
      ? { rejection: buildError(id as RequestId, INVALID_PARAMS, 'params must be an object.') }
      : { kind: 'notification', method, params: {} };
  return isId
    ? { kind: 'request', id: id as RequestId, method, params }
    : { kind: 'notification', method, params };
}

/** Builds the body of a request again, from its checked parts. */
export function buildRequestBody({ id, method, params }: McpRequest): object {
  return { jsonrpc: '2.0', id, method, params };
}

/** Builds the reply to a message that a transport could not read or does not accept. */
export function rejectMcpMessage(message: string, id: RequestId | null = null): McpReply {
  return buildError(id, INVALID_REQUEST, message);
}

/**
 * Rejects a request with the id of a running request: the client could take a person's answer to one as the answer to the other.
 */
export function rejectUsedId(id: RequestId): McpReply {
  return rejectMcpMessage('A request with this id is under way.', id);
}

/** Answers a request; undefined: the client cancelled it and expects no reply. `delivered`: see ToolOutcome. */
export async function answerMcpRequest(
  { id, method, params }: McpRequest,
  context: McpContext,
): Promise<({ reply: McpReply } & Pick<ToolOutcome, 'delivered'>) | undefined> {
  switch (method) {
    case 'initialize':
      return { reply: { jsonrpc: '2.0', id, result: buildWelcome(params, context.version) } };
    case 'ping':
      return { reply: { jsonrpc: '2.0', id, result: {} } };
    case 'tools/list':
      return { reply: { jsonrpc: '2.0', id, result: { tools: MCP_TOOLS } } };
    case 'tools/call':
      return answerCall(id, params, context);
    default:
      return { reply: buildError(id, METHOD_NOT_FOUND, `There is no method ${method.slice(0, 100)}.`) };
  }
}

function buildWelcome({ protocolVersion }: JsonObject, version: string): object {
  const supportedVersion = PROTOCOL_VERSIONS.find((candidate) => candidate === protocolVersion);
  return {
    protocolVersion: supportedVersion ?? PROTOCOL_VERSIONS[0],
    capabilities: { tools: {} },
    serverInfo: buildServerInfo(version),
    instructions: INSTRUCTIONS,
  };
}

async function answerCall(
  id: RequestId,
  { name, arguments: args = {}, _meta: meta }: JsonObject,
  { client, notify, signal, onError }: McpContext,
): Promise<({ reply: McpReply } & Pick<ToolOutcome, 'delivered'>) | undefined> {
  if (typeof name !== 'string' || !isJsonObject(args))
    return { reply: buildError(id, INVALID_PARAMS, 'name must be a text, and arguments an object.') };
  const progressToken = isJsonObject(meta) ? meta.progressToken : undefined;
  const progress = (seconds: number, total: number, message: string) => {
    if (typeof progressToken !== 'string' && typeof progressToken !== 'number') return;
    const params = { progressToken, progress: seconds, total, message };
    notify({ jsonrpc: '2.0', method: 'notifications/progress', params });
  };
  try {
    const outcome = await runTool(client, { name, args }, { signal, progress });
    if (!outcome) return { reply: buildError(id, INVALID_PARAMS, `There is no tool ${name.slice(0, 100)}.`) };
    const { result, delivered } = outcome;
    return { reply: { jsonrpc: '2.0', id, result }, ...(delivered ? { delivered } : {}) };
  } catch (error) {
    if (signal.aborted) return undefined;
    onError(error);
    return { reply: buildError(id, INTERNAL_ERROR, 'Internal error.') };
  }
}

function buildError(id: RequestId | null, code: number, message: string): McpReply {
  return { jsonrpc: '2.0', id, error: { code, message } };
}
