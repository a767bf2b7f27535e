import { LogLevel } from '@slack/bolt';
import type { Logger } from '@slack/web-api';
import type { Log } from '../../approval/ports.ts';
import { summarizeError } from '../../lib/errors.ts';

/** The log lines of Slack's own packages in ours, but never their debug ones: they hold requests. */
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
