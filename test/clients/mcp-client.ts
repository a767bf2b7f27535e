import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { BUILT } from '../support/build.ts';
import { HOSTED } from '../support/self-hosted.ts';
import { atEnd } from '../support/shared.ts';
import { sees, startBot, startWorld, type World } from '../support/world.ts';

export const ASK_SECRET = HOSTED.ASK_SECRET as string;
export const MCP_COMMAND = join(BUILT, 'clients', 'mcp.js');
export const TRANSPORTS = ['stdio', 'HTTP'] as const;

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
  { secret = ASK_SECRET, cwd }: { secret?: string; cwd?: string } = {},
): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  if (transport === 'HTTP') {
    const requestInit = { headers: { Authorization: `Bearer ${secret}` } };
    const url = new URL('/crews/press/mcp', botUrl);
    // The SDK's declarations do not fit exactOptionalPropertyTypes.
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit }) as never);
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
  options: Parameters<Client['callTool']>[2] = {},
): Promise<ToolResult> {
  return (await client.callTool({ name, arguments: args }, undefined, options)) as unknown as ToolResult;
}
