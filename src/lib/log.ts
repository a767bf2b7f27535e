import type { WriteStream } from 'node:tty';
import pino, { type Logger } from 'pino';
import { summarizeError } from './errors.ts';

/** What a log needs of stdout; only a terminal has `isTTY` and `hasColors`. */
export type LogOutput = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'hasColors'>>;

/**
 * Creates a log: JSON lines, or one readable line per event on a terminal. Errors can hold secrets, so only a summary is
 * written. When the output is closed, only the lines are lost.
 */
export async function createLog(level: string, output: LogOutput = process.stdout): Promise<Logger> {
  const options = { level, base: null, serializers: { error: summarizeError, err: summarizeError } };
  output.on('error', () => {});
  const format = output.isTTY ? await createLineFormat(output) : undefined;
  // At an exit pino's own stream would write to a broken pipe forever.
  return pino(options, { write: (line) => void output.write(format?.(line) ?? line) });
}

/** `hasColors` is false on a terminal without colors and where NO_COLOR is set. */
async function createLineFormat(output: LogOutput): Promise<(line: string) => string> {
  const { default: pretty } = await import('pino-pretty');
  const format = pretty.prettyFactory({
    colorize: output.hasColors?.() ?? false,
    colorizeObjects: false,
    // Without this, errors get lines of their own.
    errorLikeObjectKeys: [],
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
  });
  return (line) => `${joinLines(format(line))}\n`;
}

/** A message can have line breaks; fields have none. */
function joinLines(text: string): string {
  return text.trimEnd().replaceAll(/\s*\n\s*/g, ' ');
}
