import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import { briefly } from './errors.ts';

/** Log lines as JSON on stdout, or readable ones on a terminal. Errors are written briefly: they can hold secrets. */
export function createLog(level: string): Logger {
  const options = { level, base: null, serializers: { error: briefly, err: briefly } };
  return process.stdout.isTTY ? pino(options, pretty({ sync: true })) : pino(options);
}
