import pino, { type Logger } from 'pino';
import { briefly } from './errors.ts';

/** Log lines as JSON on stdout, or readable ones on a terminal. Errors are written briefly: they can hold secrets. */
export async function createLog(level: string): Promise<Logger> {
  const options = { level, base: null, serializers: { error: briefly, err: briefly } };
  if (!process.stdout.isTTY) return pino(options);
  const { default: pretty } = await import('pino-pretty');
  return pino(options, pretty({ sync: true }));
}
