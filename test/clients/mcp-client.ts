import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { expect } from 'vitest';
import { BUILT } from '../support/build.ts';
import { HOSTED } from '../support/self-hosted.ts';
import { atEnd } from '../support/shared.ts';
import { sees, startBot, startWorld, type World } from '../support/world.ts';

export const ASK_SECRET = HOSTED.ASK_SECRET as string;
export const MCP_COMMAND = join(BUILT, 'clients', 'mcp.js');
export const TRANSPORTS = ['stdio', 'HTTP'] as const;
/** The revisions that a client speaks: those of 2025, or 2026-07-28 only. */
export const MODES = ['legacy', '2026-07-28'] as const;

/** Starts a bot whose crew `press` gets questions from programs. */
export async function startAsking(settings: Record<string, string> = {}) {
  const world = await startWorld();
  const bot = await startBot(world, { ...HOSTED, ...settings });
  return { world, bot, url: `http://127.0.0.1:${bot.port}` };
}

export const seesCard = ({ workspace }: World, words: string) =>
  sees(workspace, words, ({ all }) => all.includes(words));

export const buildEnvironment = (botUrl: string, secret = ASK_SECRET): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  BOT_URL: botUrl,
  CREW_NAME: 'press',
  ASK_SECRET: secret,
});

/** Connects the official client to the server over this transport. The client ends with the test. */
export async function connectClient(
  transport: (typeof TRANSPORTS)[number],
  botUrl: string,
  {
    mode = 'auto',
    secret = ASK_SECRET,
    cwd,
  }: { mode?: (typeof MODES)[number] | 'auto'; secret?: string; cwd?: string } = {},
): Promise<Client> {
  const versionNegotiation = { mode: mode === '2026-07-28' ? { pin: mode } : mode };
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation });
  if (transport === 'HTTP') {
    const requestInit = { headers: { Authorization: `Bearer ${secret}` } };
    const url = new URL('/crews/press/mcp', botUrl);
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  } else {
    const stdio = new StdioClientTransport({
      command: process.execPath,
      args: [MCP_COMMAND],
      env: buildEnvironment(botUrl, secret),
      stderr: 'pipe',
      ...(cwd === undefined ? {} : { cwd }),
    });
    (stdio.stderr as Readable | null)?.resume();
    await client.connect(stdio);
  }
  atEnd(() => client.close());
  return client;
}

interface ToolResult {
  isError?: boolean;
  content: { type: string; text: string }[];
  structuredContent?: { id: string; status: string; answer?: { option: string; text: string; by: string } };
}

/** Calls a tool as a model does. */
export async function callTool(
  client: Client,
  name: string,
  args: Record<string, unknown>,
  options: Parameters<Client['callTool']>[1] = {},
): Promise<ToolResult> {
  return (await client.callTool({ name, arguments: args }, options)) as unknown as ToolResult;
}

/** A message of the server. */
interface Message {
  id?: number | string | null;
  // biome-ignore lint/suspicious/noExplicitAny: each method has a result of its own.
  result?: any;
  error?: { code: number; message: string; data?: unknown };
}

/** Starts the command `crew-approvals mcp`, or another one, and reads the messages that it writes. */
export function startCommand(
  environment: Record<string, string>,
  { args = [], cwd, script = MCP_COMMAND }: { args?: string[]; cwd?: string; script?: string } = {},
) {
  const child: ChildProcess = spawn(process.execPath, [script, ...args], {
    env: environment,
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  );
  atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const messages = () =>
    stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Message);
  return {
    ended,
    child,
    messages,
    said: () => stderr,
    write: (text: string) => void child.stdin?.write(text),
    end: () => void child.stdin?.end(),
    async answers(id: number | string | null) {
      await expect.poll(() => messages().some((one) => one.id === id)).toBe(true);
      return messages().find((one) => one.id === id) as Message;
    },
  };
}

/** Members of each request of the revision 2026-07-28. */
export function writeEnvelope({ tasks = false, version = '2026-07-28' } = {}) {
  const extensions = tasks ? { extensions: { 'io.modelcontextprotocol/tasks': {} } } : {};
  return {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientCapabilities': extensions,
  };
}

export type Send = (method: string, params?: object, envelope?: object) => Promise<Message>;

/** Connects a client of 2026-07-28 that sends what a test gives it: the official one cannot take tasks. */
export function connectRaw(
  transport: (typeof TRANSPORTS)[number],
  botUrl: string,
  { secret = ASK_SECRET, crew = 'press' } = {},
): { send: Send; kill: () => void } {
  let count = 0;
  const write = (method: string, params: object, envelope: object) => {
    count += 1;
    return { jsonrpc: '2.0', id: count, method, params: { ...params, _meta: envelope } };
  };
  if (transport === 'stdio') {
    const environment = { ...buildEnvironment(botUrl, secret), CREW_NAME: crew };
    const server = startCommand(environment);
    return {
      kill: () => void server.child.kill('SIGKILL'),
      async send(method, params = {}, envelope = writeEnvelope({ tasks: true })) {
        const message = write(method, params, envelope);
        server.write(`${JSON.stringify(message)}\n`);
        return server.answers(message.id);
      },
    };
  }
  return {
    kill() {},
    async send(method, params = {}, envelope = writeEnvelope({ tasks: true })) {
      const { taskId, name = taskId } = params as { name?: string; taskId?: string };
      const response = await fetch(new URL(`/crews/${crew}/mcp`, botUrl), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${secret}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': (envelope as Record<string, string>)[
            'io.modelcontextprotocol/protocolVersion'
          ] as string,
          'mcp-method': method,
          ...(name === undefined ? {} : { 'mcp-name': name }),
        },
        body: JSON.stringify(write(method, params, envelope)),
      });
      return (await response.json()) as Message;
    },
  };
}
