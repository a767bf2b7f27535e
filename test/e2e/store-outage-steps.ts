import { randomUUID } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createClient } from '@redis/client';
import axios from 'axios';
import pg from 'pg';
import { expect, onTestFinished } from 'vitest';
import { newPostgresUrl, newRedisUrl } from '../support/servers.ts';
import type { SpawnedBot } from '../support/spawn-bot.ts';
import { until } from '../support/until.ts';
import { ephemeralsTo, type World } from '../support/world.ts';

/** A workspace with a channel for the operators. */
export const WITH_OPS = {
  channels: [
    { id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN', 'UCAT'], botIsMember: true },
    { id: 'COPS', name: 'ops', members: ['UANA'], botIsMember: true },
  ],
};
export const http = axios.create({ validateStatus: () => true });
export const aPause = (run: string) => ({ run, output: `Output of ${run}` });
/** A task webhook, which opens a card on the documented dialect. */
export const aTask = (run: string) => ({ kickoff_id: run, name: 'draft', output: `Output of ${run}` });
export const command = ({ workspace }: World, text = '', user = 'UANA') =>
  workspace.command({ user, channel: 'CAPPROVALS', command: '/approvals', text });
/** What this person alone was told, in order. */
export const told = ({ workspace }: World, user: string) =>
  ephemeralsTo(workspace, user).map(({ text }) => text);
/** What this person alone is told by the answer to what is done here. */
export async function answerTo(world: World, user: string, act: () => Promise<unknown>): Promise<string> {
  const before = told(world, user).length;
  await act();
  await world.workspace.changed(() => told(world, user).length > before, { what: `an answer to ${user}` });
  return told(world, user).at(-1) ?? '';
}

/** Waits until the bot says of itself that it works again. */
export async function isBack(bot: { url: string }): Promise<void> {
  const ready = async () => expect((await http.get(`${bot.url}/readyz`)).status).toBe(200);
  await until(ready);
}

/** It is the process of before, and nothing slipped out of it that nobody looked after. */
export function expectUnharmed(bot: SpawnedBot): void {
  expect(bot.logged.filter(({ msg }) => msg === 'ready')).toHaveLength(1);
  expect(bot.logged.filter(({ msg }) => msg === 'background task failed')).toEqual([]);
}

export interface ServerStore {
  url: string;
  /** The server cuts every connection of the bot, and takes new ones. */
  cutConnections(): Promise<void>;
  /** What it holds under a key, past the bot. */
  read(key: string): Promise<string | undefined>;
}

export async function newRedisStore(): Promise<ServerStore> {
  const url = new URL(newRedisUrl());
  const admin = createClient({ url: url.href.replace(url.search, '') });
  await admin.connect();
  // A user of its own: the connections of other tests stay.
  const user = `test-${randomUUID()}`;
  await admin.sendCommand(['ACL', 'SETUSER', user, 'on', '>secret', '~*', '&*', '+@all']);
  onTestFinished(async () => {
    await admin.sendCommand(['ACL', 'DELUSER', user]);
    admin.destroy();
  });
  url.username = user;
  url.password = 'secret';
  return {
    url: url.href,
    cutConnections: async () =>
      expect(Number(await admin.sendCommand(['CLIENT', 'KILL', 'USER', user]))).toBeGreaterThan(0),
    read: async (key) => (await admin.get(`${url.searchParams.get('prefix')}::${key}`)) ?? undefined,
  };
}

export async function newPostgresStore(): Promise<ServerStore> {
  const url = await newPostgresUrl();
  const query = async (text: string, values: string[] = []) => {
    const client = new pg.Client(url);
    await client.connect();
    const { rows } = await client.query<Record<string, string>>(text, values);
    await client.end();
    return rows;
  };
  const others = 'datname = current_database() AND pid <> pg_backend_pid()';
  return {
    url,
    cutConnections: async () =>
      expect(
        await query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`),
      ).not.toEqual([]),
    read: async (key) =>
      (await query('SELECT value FROM crew_approvals_records WHERE key = $1', [key]))[0]?.value,
  };
}

/** The same store, through another port of this machine. */
export function through(gate: { url: string }, store: ServerStore): string {
  const url = new URL(store.url);
  url.port = new URL(gate.url).port;
  return url.href;
}

export interface CommitGate {
  url: string;
  /** From now on the first write that holds this is kept back: on its way there, or its answer on the way back. */
  keep(what: 'the write' | 'its answer', words: RegExp): void;
  /** What was kept goes on. */
  release(): void;
  /** The connection breaks with what was kept, and is free again for a new one. */
  cut(): void;
}

/** A network connection to a store's server on which one write can be lost or delayed. */
export async function startCommitGate(target: string): Promise<CommitGate> {
  const to = new URL(target);
  let wanted: { what: 'the write' | 'its answer'; words: RegExp } | undefined;
  let passes: (() => void)[] = [];
  let broken: Socket[] = [];
  const all = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname);
    let holding: 'the write' | 'its answer' | undefined;
    const release = () => {
      holding = undefined;
    };
    for (const socket of [client, upstream]) {
      all.add(socket);
      socket.on('error', () => {});
    }
    client.on('data', (chunk) => {
      if (wanted?.words.test(chunk.toString())) {
        holding = wanted.what;
        broken = [client, upstream];
        passes.push(release);
        wanted = undefined;
      }
      const pass = () => upstream.write(chunk);
      if (holding === 'the write') passes.push(pass);
      else pass();
    });
    upstream.on('data', (chunk) => {
      const pass = () => client.write(chunk);
      if (holding === 'its answer') passes.push(pass);
      else pass();
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of all) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    keep: (what, words) => {
      wanted = { what, words };
    },
    release() {
      const waiting = passes;
      passes = [];
      for (const pass of waiting) pass();
    },
    cut() {
      passes = [];
      for (const socket of broken) socket.destroy();
    },
  };
}
