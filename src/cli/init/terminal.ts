import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { Writable } from 'node:stream';
import { AppError } from '../../lib/errors.ts';
import { wrapText } from './wrap-text.ts';

/** Longer lines are hard to read. */
const WIDEST = 100;
// biome-ignore lint/suspicious/noControlCharactersInRegex: keys that a terminal without editing sends, and bracketed paste
const CONTROLS = /\u001b\[20[01]~|[\u0000-\u001f\u007f]/g;

/** The input ended before a question was answered. */
export class NoAnswerError extends Error {}

/**
 * Asks questions on a terminal, or takes one line per answer from a pipe. `interrupted` is called on Ctrl-C, at a
 * question or between two. Throws an AppError where secrets would be shown.
 */
export class Terminal {
  /** Whether a person sits in front of it, who can answer again. */
  readonly interactive: boolean;
  readonly #output: NodeJS.WriteStream;
  readonly #lines: Interface;
  readonly #arrived: string[] = [];
  #waiting: ((line: string | undefined) => void) | undefined;
  #prompt = '';
  #ended = false;
  /** Nothing that is typed is shown, except at a question that asks for something else than a secret. */
  #hidden = true;

  constructor(input: Readable & { isTTY?: boolean }, output: NodeJS.WriteStream, interrupted: () => void) {
    if (input.isTTY && !output.isTTY)
      throw new AppError(
        'settings_invalid',
        'init shows its questions on a terminal: run it without redirecting its output, or give it the answers in a pipe too.',
      );
    this.interactive = input.isTTY === true;
    this.#output = output;
    const echo = new Writable({
      write: (chunk, _encoding, done) => {
        if (!this.#hidden) output.write(chunk);
        done();
      },
    });
    this.#lines = createInterface({
      input,
      output: Object.defineProperty(echo, 'columns', { get: () => output.columns }),
      terminal: this.interactive,
      historySize: 0,
    });
    this.#lines.on('line', (line) => this.#take(line));
    this.#lines.on('SIGINT', interrupted);
    // After Ctrl-Z and fg the input would stay paused, and the process would end.
    this.#lines.on('SIGCONT', () => this.#showPrompt());
    this.#lines.on('close', () => {
      this.#ended = true;
      this.#waiting?.(undefined);
    });
  }

  /** Prints a text, with its lines as wide as the terminal allows. */
  say(text: string): void {
    this.#output.write(`${this.#wrap(text)}\n`);
  }

  /** The answer to a question, without blanks and quotes around it. Rejects with a NoAnswerError when the input has ended. */
  async ask(question: string, { secret = false }: { secret?: boolean } = {}): Promise<string> {
    if (this.interactive) this.#forgetTyped();
    const lines = `\n${this.#wrap(question)}: `.split('\n');
    // Only the last line: the editor of answers moves within it.
    this.#prompt = lines.pop() ?? '';
    this.#output.write(`${lines.join('\n')}\n`);
    this.#hidden = secret;
    this.#showPrompt();
    const line = await this.#nextLine();
    this.#hidden = true;
    if (secret || !this.interactive) this.#output.write('\n');
    if (line === undefined) throw new NoAnswerError(question);
    return line
      .replace(CONTROLS, '')
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2');
  }

  close(): void {
    this.#lines.close();
  }

  /** What was typed before a question was asked does not answer it. */
  #forgetTyped(): void {
    this.#arrived.length = 0;
    this.#lines.write(null, { ctrl: true, name: 'e' });
    this.#lines.write(null, { ctrl: true, name: 'u' });
  }

  #showPrompt(): void {
    if (this.interactive && !this.#hidden) {
      this.#lines.setPrompt(this.#prompt);
      this.#lines.prompt(true);
    } else {
      this.#lines.resume();
      this.#output.write(this.#prompt);
    }
  }

  #wrap(text: string): string {
    // Some terminals report 0 columns.
    return wrapText(text, Math.min(this.#output.columns || WIDEST, WIDEST));
  }

  #take(line: string): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(line);
    else this.#arrived.push(line);
  }

  #nextLine(): Promise<string | undefined> {
    const [line] = this.#arrived.splice(0, 1);
    if (line !== undefined || this.#ended) return Promise.resolve(line);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }
}
