import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import pino, { type Logger } from 'pino';
import { summarizeError } from './errors.ts';

/** What a log needs of stdout; only a terminal has `isTTY` and `hasColors`. */
export type LogOutput = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'hasColors'>>;

/**
 * Creates a log: JSON lines, or one readable line per event on a terminal. Errors can hold secrets, so only a summary is
 * written. When the output is closed, only the lines are lost.
 */
export function createLog(level: string, output: LogOutput = process.stdout): Logger {
  const options = { level, base: null, serializers: { error: summarizeError, err: summarizeError } };
  output.on('error', () => {});
  // At an exit pino's own stream would write to a broken pipe forever.
  return pino(options, {
    write: (line) => void output.write(output.isTTY ? formatLine(line, output) : line),
  });
}

const COLORS: Readonly<Record<string, 'red' | 'yellow'>> = { FATAL: 'red', ERROR: 'red', WARN: 'yellow' };

/** A message can have line breaks; fields have none. `hasColors` is false without colors and where NO_COLOR is set. */
function formatLine(line: string, output: LogOutput): string {
  const { time, level, msg = '', ...fields } = JSON.parse(line);
  const name = pino.levels.labels[level]?.toUpperCase() ?? String(level);
  // styleText would ask stdout instead.
  const label = output.hasColors?.()
    ? styleText(COLORS[name] ?? 'green', name, { validateStream: false })
    : name;
  const rest = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : '';
  return `[${new Date(time).toTimeString().slice(0, 8)}] ${label}: ${String(msg).replaceAll(/\s*\n\s*/g, ' ')}${rest}\n`;
}
