import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import { AppError } from '../../lib/errors.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: keys that a terminal without editing sends, and bracketed paste
const CONTROLS = /\u001b\[20[01]~|[\u0000-\u001f\u007f]/g;

/**
 * Asks questions on a terminal, or reads one line per answer from a pipe. Calls `onInterrupt` on Ctrl-C, during or between
 * questions. Throws an AppError if secrets would be shown.
 */
export class Terminal {
  /** True if a person can answer again. */
  readonly interactive: boolean;
  readonly #output: NodeJS.WriteStream;
  readonly #lines: Interface;
  /** Keeps the lines of a pipe until they are read. On a terminal, a line that was typed while no question was open is dropped. */
  readonly #piped: AsyncIterator<string> | undefined;
  readonly #inputEnd = new AbortController();
  #prompt = '';
  /** Hides typed text, except the answer to a question that does not ask for a secret. */
  #hidden = true;

  constructor(input: Readable & { isTTY?: boolean }, output: NodeJS.WriteStream, onInterrupt: () => void) {
    if (input.isTTY && !output.isTTY)
      throw new AppError(
        'settings_invalid',
        'init shows its questions on a terminal: run it without redirecting its output, or give it the answers in a pipe too.',
      );
    this.interactive = input.isTTY === true;
    this.#output = output;
    const echo = new Writable({
      write: (chunk, _encoding, done) => void (this.#hidden ? done() : output.write(chunk, () => done())),
    });
    this.#lines = createInterface({
      input,
      output: Object.defineProperty(echo, 'columns', { get: () => output.columns }),
      terminal: this.interactive,
      historySize: 0,
    });
    this.#piped = this.interactive ? undefined : this.#lines[Symbol.asyncIterator]();
    this.#lines.on('SIGINT', onInterrupt);
    // After Ctrl-Z and fg, the input would stay paused and the process would end.
    this.#lines.on('SIGCONT', () => this.#showPrompt());
    this.#lines.on('close', () => this.#inputEnd.abort());
  }

  say(text: string): void {
    this.#output.write(`${text}\n`);
  }

  /** Returns the answer without blanks and quotes around it; undefined: the input has ended. */
  async ask(question: string, { secret }: { secret: boolean }): Promise<string | undefined> {
    // Delete an unfinished line that was typed before the question.
    if (this.interactive) for (const name of ['e', 'u']) this.#lines.write(null, { ctrl: true, name });
    const lines = `\n${question}: `.split('\n');
    // The prompt is only the last line: the line editor moves within it.
    this.#prompt = lines.pop() ?? '';
    this.#output.write(`${lines.join('\n')}\n`);
    this.#hidden = secret;
    this.#showPrompt();
    const line = await this.#readLine();
    this.#hidden = true;
    if (secret || !this.interactive) this.#output.write('\n');
    return line
      ?.replace(CONTROLS, '')
      .trim()
      .replace(/^(["'])(.*)\1$/, '$2');
  }

  close(): void {
    this.#lines.close();
  }

  async #readLine(): Promise<string | undefined> {
    if (this.#piped) return (await this.#piped.next()).value;
    const { signal } = this.#inputEnd;
    const [line] = await once(this.#lines, 'line', { signal }).catch(() => []);
    return line;
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
}
