import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
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
