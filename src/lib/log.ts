import pino, { type Logger } from 'pino';
import { summarizeError } from './errors.ts';

/**
 * Log lines as JSON on stdout, or readable ones on a terminal. Errors are written briefly: they can hold secrets. When
 * nobody reads stdout any more the lines are lost, and nothing else.
 */
export async function createLog(level: string): Promise<Logger> {
  const options = { level, base: null, serializers: { error: summarizeError, err: summarizeError } };
  process.stdout.on('error', () => {});
  // Not pino's own stream: at an exit it writes to a broken pipe again and again, without end.
  if (!process.stdout.isTTY) return pino(options, { write: (line) => void process.stdout.write(line) });
  const { default: pretty } = await import('pino-pretty');
  return pino(options, pretty({ sync: true }));
}
