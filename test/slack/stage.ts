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

/** The client logs each refusal, which here is the point. */
const nothing = () => {};
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const quiet: Logger = { ...silent, setLevel: nothing, setName: nothing, getLevel: () => LogLevel.ERROR };

/** Time-out of calls that a test leaves without an answer, in milliseconds; long enough for each call to arrive. */
export const UNANSWERED_AFTER = 1_000;

/** A Slack workspace that ends with the test, and the product's client of it, with a time-out in milliseconds. */
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

/** The URL of a server that ends with the test; `answer` gets the body of each request. */
export async function startServer(answer: (body: string, response: ServerResponse) => void): Promise<string> {
  const { seen, url } = await serve((_, response) => answer(seen.at(-1)?.body ?? '', response));
  return `${url}/`;
}

/** Log lines as they come. */
export function collectingLog() {
  const lines: { level: string; fields: object; fact: string }[] = [];
  const write = (level: string) => (fields: object, fact: string) => void lines.push({ level, fields, fact });
  const log: Log = { info: write('info'), warn: write('warn'), error: write('error') };
  return { log, lines };
}

/** A clock whose timers go off when the test says so. */
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
    /** Lets all that wait go off. */
    ring() {
      const due = timers;
      timers = [];
      for (const { callback } of due) callback();
    },
  };
}
