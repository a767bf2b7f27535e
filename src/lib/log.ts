import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import pino, { type Logger } from 'pino';
import { summarizeError } from './errors.ts';

/** The parts of stdout that a log needs. Only a terminal has `isTTY` and `hasColors`. */
export type LogOutput = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'hasColors'>>;

/**
 * Creates a log: JSON lines, or one readable line per event on a terminal. Writes only a summary of errors, which can contain
 * secrets. If the output is closed, lines are lost and the program goes on.
 */
export function createLog(level: string, output: LogOutput = process.stdout): Logger {
  const options = { level, base: null, serializers: { error: summarizeError, err: summarizeError } };
  output.on('error', () => {});
  // At exit, pino's own stream would write to a broken pipe forever.
  return pino(options, {
    write: (line) => void output.write(output.isTTY ? formatLine(line, output) : line),
  });
}

const COLORS: Readonly<Record<string, 'red' | 'yellow'>> = { FATAL: 'red', ERROR: 'red', WARN: 'yellow' };

/** Formats a line for a terminal. Only the message can have line breaks. `hasColors` is false if NO_COLOR is set. */
function formatLine(line: string, output: LogOutput): string {
  const { time, level, msg = '', ...fields } = JSON.parse(line);
  const name = pino.levels.labels[level]?.toUpperCase() ?? String(level);
  // Without this option, styleText would check stdout, not `output`.
  const label = output.hasColors?.()
    ? styleText(COLORS[name] ?? 'green', name, { validateStream: false })
    : name;
  const fieldsText = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : '';
  return `[${new Date(time).toTimeString().slice(0, 8)}] ${label}: ${String(msg).replaceAll(/\s*\n\s*/g, ' ')}${fieldsText}\n`;
}
