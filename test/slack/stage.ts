import type { ServerResponse } from 'node:http';
import { type Logger, LogLevel, WebClient } from '@slack/web-api';
import { expect, onTestFinished } from 'vitest';

import type { Clock, Log } from '../../src/approval/ports.ts';
import { clientOptions } from '../../src/slack/api/client.ts';
import { serve } from '../crewai/serve.ts';
import { startWorkspace, type WorkspaceOptions } from '../sandbox/slack/workspace.ts';
import { scaleWaits } from '../support/limits.ts';
import { until } from '../support/until.ts';

export const TOKEN = 'xoxb-sandbox-token';

/** The client logs every error answer, and these tests are about error answers. */
const nothing = () => {};
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const quiet: Logger = { ...silent, setLevel: nothing, setName: nothing, getLevel: () => LogLevel.ERROR };

/** Timeout of calls that a test leaves without an answer, in milliseconds. Each call has enough time to arrive. */
export const UNANSWERED_AFTER = 1_000;

/** Starts a Slack workspace that ends with the test, and the product's client for it. `timeout`: in milliseconds. */
export async function startStage({
  timeout = 15_000,
  ...more
}: { timeout?: number } & Pick<WorkspaceOptions, 'methods'> = {}) {
  const workspace = await startWorkspace({
    botToken: TOKEN,
    signingSecret: 'sandbox-signing-secret',
    manifest: 'manifest.yml',
    people: [
      { id: 'UANA', name: 'ana' },
      { id: 'UBEN', name: 'ben' },
    ],
    channels: [
      { id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN'], botIsMember: true },
      { id: 'COLD', name: 'old', members: ['UANA'], botIsMember: true, archived: true },
      { id: 'CSECRET', name: 'secret', members: ['UANA'], private: true },
    ],
    groups: [
      { id: 'SEDITORS', handle: 'editors', users: ['UBEN'] },
      { id: 'SLAWYERS', handle: 'lawyers', users: ['UANA'] },
    ],
    ...more,
  });
  scaleWaits(workspace);
  onTestFinished(workspace.close);
  const options = { ...clientOptions(workspace.apiUrl, quiet), timeout };
  return { workspace, client: new WebClient(TOKEN, options) };
}

/** Starts a server that ends with the test and returns its URL. `answer` gets the body of each request. */
export async function startServer(answer: (body: string, response: ServerResponse) => void): Promise<string> {
  const { seen, url } = await serve((_, response) => answer(seen.at(-1)?.body ?? '', response));
  return `${url}/`;
}

/** Creates a log that collects its lines. */
export function collectingLog() {
  const lines: { level: string; fields: object; fact: string }[] = [];
  const write = (level: string) => (fields: object, fact: string) => void lines.push({ level, fields, fact });
  const log: Log = { info: write('info'), warn: write('warn'), error: write('error') };
  return { log, lines };
}

/** Creates a clock whose timers go off when the test says so. */
export function handClock() {
  let timers: { milliseconds: number; callback: () => void }[] = [];
  const clock: Clock = {
    now: () => 0,
    after(milliseconds, callback) {
      const timer = { milliseconds, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  return {
    clock,
    waiting: () => timers.map(({ milliseconds }) => milliseconds),
    /** Resolves once a timer has been set. */
    set: () => until(() => expect(timers).not.toEqual([])),
    /** Makes all waiting timers go off. */
    ring() {
      const due = timers;
      timers = [];
      for (const { callback } of due) callback();
    },
  };
}
