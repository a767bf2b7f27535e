import pino, { type Logger } from 'pino';
import { summarizeError } from './errors.ts';

/**
 * Creates a log: JSON lines on stdout, or readable lines on a terminal. Errors can hold secrets, so only a summary is
 * written. When stdout is closed, only the lines are lost.
 */
export async function createLog(level: string): Promise<Logger> {
  const options = { level, base: null, serializers: { error: summarizeError, err: summarizeError } };
  process.stdout.on('error', () => {});
  // At an exit pino's own stream would write to a broken pipe forever.
  if (!process.stdout.isTTY) return pino(options, { write: (line) => void process.stdout.write(line) });
  const { default: pretty } = await import('pino-pretty');
  return pino(options, pretty({ sync: true }));
}
