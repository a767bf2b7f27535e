// MCP's stdio transport: one JSON message a line. https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio
import type { Readable, Writable } from 'node:stream';
import {
  answerMcpRequest,
  type McpContext,
  readMcpMessage,
  rejectMcpMessage,
  rejectUsedId,
} from './mcp-server.ts';

/** In bytes. The bot takes questions of 1 MiB; what is longer than this is not kept. */
const LONGEST_LINE = 4 * 1_048_576;
/** Longest time for what is still to be said to the bot at the end, in milliseconds. */
const ENDS_WITHIN = 5_000;

/**
 * Serves one client until its input ends or the signal aborts. Calls that are under way then are cancelled: nobody would read
 * their answers.
 */
export async function serveMcp(
  input: Readable,
  output: Writable,
  { stop, ...context }: Pick<McpContext, 'client' | 'version' | 'onFault'> & { stop: AbortSignal },
): Promise<void> {
  const running = new Map<string | number, AbortController>();
  const work = new Set<Promise<void>>();
  const write = (message: object) =>
    new Promise<boolean>((resolve) => {
      output.write(`${JSON.stringify(message)}\n`, (error) => resolve(!error));
    });

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
    const notify = (notification: object) => void (call.signal.aborted || write(notification));
    // From the reply on, the client may use the id again.
    const answer = await answerMcpRequest(message, { ...context, notify, signal: call.signal }).finally(() =>
      running.delete(message.id),
    );
    if (!answer || call.signal.aborted) return;
    if (await write(answer.reply)) await answer.received?.();
  };

  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) input.once(event, resolve);
    output.on('error', () => resolve());
    if (stop.aborted) resolve();
    stop.addEventListener('abort', () => resolve());
  });
  readLines(input, LONGEST_LINE, (line) => {
    const done = receive(line).catch(context.onFault);
    work.add(done);
    void done.then(() => work.delete(done));
  });
  await ended;
  for (const call of running.values()) call.abort();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ENDS_WITHIN);
  });
  await Promise.race([Promise.all(work), late]);
  clearTimeout(timer);
}

/** Calls back with each line that is not blank; undefined: it was longer than `longest` bytes. What is not UTF-8 is replaced. */
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
