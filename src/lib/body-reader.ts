import { setImmediate } from 'node:timers/promises';
import { BodyThread } from './body-thread.ts';
import { type BodyRejection, mayHoldRiskyNumber } from './json-text.ts';

/** Larger bodies are not read on the event loop, in bytes. */
const LARGEST_ON_LOOP = 64 * 1_024;
/** Keeping long numbers exact takes about 0.2 µs per character: longer texts are not read on the loop. */
const LONGEST_RISKY_ON_LOOP = 16_384;
/** Each value, key, list and object takes about 1 µs: bodies with more of them are not read on the loop. */
const MAX_VALUES_ON_LOOP = 5_000;

/** What reads bodies: on the event loop, and in the file of a thread that calls `answerBodies` with the same function. */
interface Reading<Kind, Read> {
  read: (kind: Kind, text: string) => Read;
  thread: URL;
}

/**
 * Reads JSON bodies; slow ones in a separate thread, so that clicks are answered meanwhile. `Kind`: what is read of them,
 * which the thread is sent.
 */
export class BodyReader<Kind, Read> {
  readonly #reading: Reading<Kind, Read>;
  readonly #thread: Pick<BodyThread<Kind, Read>, 'read' | 'close'>;

  constructor(
    reading: Reading<Kind, Read>,
    thread: Pick<BodyThread<Kind, Read>, 'read' | 'close'> = new BodyThread(reading.thread),
  ) {
    this.#reading = reading;
    this.#thread = thread;
  }

  /** Rejects with an AppError when reading failed. */
  async read(kind: Kind, body: Uint8Array): Promise<Read | { rejection: BodyRejection }> {
    if (body.length <= LARGEST_ON_LOOP) {
      const text = new TextDecoder().decode(body);
      if (!isSlowToRead(text)) return this.#reading.read(kind, text);
    }
    const read = await this.#thread.read({ kind, body });
    // Taking what the thread sends is a turn of its own: of 8 MiB it takes 30 ms.
    await setImmediate();
    return read;
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}

/** Whether reading a text would block the event loop. A quick estimate: a wrong one costs time only. Pure. */
function isSlowToRead(text: string): boolean {
  if (text.length > LONGEST_RISKY_ON_LOOP && mayHoldRiskyNumber(text)) return true;
  return text.split(/[[{:,]/, MAX_VALUES_ON_LOOP + 2).length > MAX_VALUES_ON_LOOP + 1;
}
