// MCP's stdio transport: one JSON message per line.
// https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio
import { createInterface } from 'node:readline';
import { Readable, type Writable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server';
import type { JsonObject } from './json-object.ts';
import {
  answerMcpRequest,
  buildRequestBody,
  type McpRequest,
  readMcpMessage,
  rejectMcpMessage,
  rejectUsedId,
} from './mcp-legacy.ts';
import { answerRequest, isLegacyRequest, type McpExchange } from './mcp-server.ts';

/** Longest line, in bytes. The bot accepts questions of 1 MiB. A longer line is rejected and not kept. */
const LONGEST_LINE = 4 * 1_048_576;
/** Longest time for the last requests to the bot after the input has ended, in milliseconds. */
const END_TIMEOUT = 5_000;

/** Serves one client until its input ends or the signal aborts. Then cancels the running calls: nobody would read the answers. */
export async function serveMcp(
  input: Readable,
  output: Writable,
  { stop, ...context }: McpExchange & { stop: AbortSignal },
): Promise<void> {
  const running = new Map<string | number, AbortController>();
  const work = new Set<Promise<void>>();
  const write = (message: object) =>
    new Promise<boolean>((resolve) => {
      output.write(`${JSON.stringify(message)}\n`, (error) => resolve(!error));
    });

  const answerOneRequest = async (message: McpRequest, signal: AbortSignal) => {
    const notify = (notification: object) => void (signal.aborted || write(notification));
    const [request, body] = [buildMirroredRequest(message, signal), buildRequestBody(message)];
    if (await isLegacyRequest(request, body))
      return answerMcpRequest(message, { ...context, notify, signal });
    const { response, delivered, ended } = await answerRequest(request, body, context);
    let reply: object | undefined;
    for await (const sent of readMessages(response)) {
      if ('id' in sent) reply = sent;
      else notify(sent);
    }
    await ended();
    return { reply, delivered };
  };

  const receive = async (line: string | undefined) => {
    const message =
      line === undefined
        ? { rejection: rejectMcpMessage(`The message is longer than ${LONGEST_LINE} bytes.`) }
        : readMcpMessage(line);
    if ('rejection' in message) return void (await write(message.rejection));
    if (message.kind === 'response') return;
    if (message.kind === 'notification') {
      const { requestId } = message.params;
      if (message.method === 'notifications/cancelled') running.get(requestId as string)?.abort();
      return;
    }
    if (running.has(message.id)) return void (await write(rejectUsedId(message.id)));
    const call = new AbortController();
    running.set(message.id, call);
    // The client may use the id again as soon as it has the reply.
    const answer = await answerOneRequest(message, call.signal).finally(() => running.delete(message.id));
    const reply = call.signal.aborted ? undefined : answer?.reply;
    const isReceived = reply !== undefined && (await write(reply));
    await answer?.delivered?.(isReceived);
  };

  const inputEnd = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) input.once(event, resolve);
    output.on('error', () => resolve());
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => resolve());
  });
  readLines(input, LONGEST_LINE, (line) => {
    const task = receive(line).catch(context.onError);
    work.add(task);
    void task.then(() => work.delete(task));
  });
  await inputEnd;
  for (const call of running.values()) call.abort();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, END_TIMEOUT);
  });
  await Promise.race([Promise.all(work), timeout]);
  clearTimeout(timer);
}

/** Builds the form in which the library reads a request: over HTTP, headers repeat parts of the body. */
function buildMirroredRequest({ method, params }: McpRequest, signal: AbortSignal): Request {
  const version = (params._meta as JsonObject | undefined)?.[PROTOCOL_VERSION_META_KEY];
  const name = params.taskId ?? params.name;
  const headers = {
    ...{ 'Content-Type': 'application/json', 'Mcp-Method': encodeHeader(method) },
    ...(typeof version === 'string' ? { 'MCP-Protocol-Version': encodeHeader(version) } : {}),
    ...(typeof name === 'string' ? { 'Mcp-Name': encodeHeader(name) } : {}),
  };
  return new Request('http://localhost', { method: 'POST', headers, signal });
}

function encodeHeader(value: string): string {
  return /^[!-~]+$/.test(value) ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`;
}

/** Reads the messages of a response: one, or one per event of a stream. */
async function* readMessages(response: Response): AsyncGenerator<object> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
    const text = await response.text();
    if (text !== '') yield JSON.parse(text);
    return;
  }
  for await (const line of createInterface(Readable.fromWeb(response.body as ReadableStream)))
    if (line.startsWith('data: ')) yield JSON.parse(line.slice('data: '.length));
}

/**
 * Passes each line that is not blank to `take`; undefined: longer than `longest` bytes. Bytes that are not UTF-8 are replaced.
 */
function readLines(input: Readable, longest: number, take: (line: string | undefined) => void): void {
  let parts: Buffer[] = [];
  let size = 0;
  const add = (part: Buffer) => {
    size += part.length;
    if (size <= longest) parts.push(part);
    else parts = [];
  };
  const end = () => {
    const line = size > longest ? undefined : Buffer.concat(parts).toString('utf8');
    parts = [];
    size = 0;
    if (line === undefined || line.trim() !== '') take(line);
  };
  input.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      add(chunk.subarray(from, at));
      end();
      from = at + 1;
    }
    add(chunk.subarray(from));
  });
}
