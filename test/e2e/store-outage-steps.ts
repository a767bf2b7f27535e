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
/** Builds a task webhook, which opens a card in the documented dialect. */
export const aTask = (run: string) => ({ kickoff_id: run, name: 'draft', output: `Output of ${run}` });
export const command = ({ workspace }: World, text = '', user = 'UANA') =>
  workspace.command({ user, channel: 'CAPPROVALS', command: '/approvals', text });
/** Lists the texts of this person's ephemerals, in order. */
export const told = ({ workspace }: World, user: string) =>
  ephemeralsTo(workspace, user).map(({ text }) => text);
/** Runs `act`, waits for an ephemeral to this person and returns the latest one. */
export async function answerTo(world: World, user: string, act: () => Promise<unknown>): Promise<string> {
  const toldCount = told(world, user).length;
  await act();
  await world.workspace.changed(() => told(world, user).length > toldCount, { what: `an answer to ${user}` });
  return told(world, user).at(-1) ?? '';
}

/** Waits until the bot reports that it is ready again. */
export async function isBack(bot: { url: string }): Promise<void> {
  const ready = async () => expect((await http.get(`${bot.url}/readyz`)).status).toBe(200);
  await until(ready);
}

/** Checks that the process never restarted and that no background task failed. */
export function expectUnharmed(bot: SpawnedBot): void {
  expect(bot.logged.filter(({ msg }) => msg === 'ready')).toHaveLength(1);
  expect(bot.logged.filter(({ msg }) => msg === 'background task failed')).toEqual([]);
}

export interface ServerStore {
  url: string;
  /** Makes the server cut every connection of the bot. It accepts new ones. */
  cutConnections(): Promise<void>;
  /** Reads the value of a key without the bot. */
  read(key: string): Promise<string | undefined>;
}

export async function newRedisStore(): Promise<ServerStore> {
  const url = new URL(newRedisUrl());
  const admin = createClient({ url: url.href.replace(url.search, '') });
  await admin.connect();
  // With a separate user, the connections of other tests stay open.
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

/** Builds the URL of the same store through another port of this machine. */
export function through(gate: { url: string }, store: ServerStore): string {
  const url = new URL(store.url);
  url.port = new URL(gate.url).port;
  return url.href;
}

export interface CommitGate {
  url: string;
  /**
   * Holds the first write from now on that matches `words`: on its way to the server, or its answer on the way back.
   */
  keep(what: 'the write' | 'its answer', words: RegExp): void;
  /** Lets held data continue. */
  release(): void;
  /** Breaks the connection together with the held data. New connections are free again. */
  cut(): void;
}

/** Starts a network path to a store's server, on which a single write can be lost or delayed. */
export async function startCommitGate(target: string): Promise<CommitGate> {
  const to = new URL(target);
  let plannedHold: { what: 'the write' | 'its answer'; words: RegExp } | undefined;
  let passes: (() => void)[] = [];
  let broken: Socket[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname);
    let holding: 'the write' | 'its answer' | undefined;
    const release = () => {
      holding = undefined;
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    client.on('data', (chunk) => {
      if (plannedHold?.words.test(chunk.toString())) {
        holding = plannedHold.what;
        broken = [client, upstream];
        passes.push(release);
        plannedHold = undefined;
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
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    keep: (what, words) => {
      plannedHold = { what, words };
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
