import { LogLevel } from '@slack/bolt';
import type { Logger } from '@slack/web-api';
import type { Log } from '../../approval/ports.ts';
import { summarizeError } from '../../lib/errors.ts';

/** Logs the warnings and errors of Slack's packages, never their debug lines: these contain requests. */
export function createSlackLogger(log: Log): Logger {
  const line = (messages: unknown[]) =>
    messages.map((m) => (m instanceof Error ? summarizeError(m) : String(m))).join(' ');
  return {
    debug: () => {},
    info: () => {},
    warn: (...messages: unknown[]) => log.warn({ from: 'slack' }, line(messages)),
    error: (...messages: unknown[]) => log.error({ from: 'slack' }, line(messages)),
    setLevel: () => {},
    getLevel: () => LogLevel.WARN,
    setName: () => {},
  };
}
