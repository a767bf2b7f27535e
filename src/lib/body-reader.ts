import { setImmediate } from 'node:timers/promises';
import { BodyThread } from './body-thread.ts';
import { type BodyRejection, mayHoldRiskyNumber } from './json-text.ts';

/** Largest body that is read on the event loop, in bytes. */
const LARGEST_ON_LOOP = 64 * 1_024;
/** Longest text with risky numbers read on the event loop, in characters: each takes about 0.2 µs to keep numbers exact. */
const LONGEST_RISKY_ON_LOOP = 16_384;
/** Most values, keys, lists and objects of a body that is read on the event loop: each takes about 1 µs. */
const MAX_VALUES_ON_LOOP = 5_000;

/**
 * The function that reads bodies on the event loop, and the file of a thread that calls `answerBodies` with the same function.
 */
interface Reading<Kind, Read> {
  read: (kind: Kind, text: string) => Read;
  thread: URL;
}

/**
 * Reads JSON bodies, slow ones in a separate thread, so that clicks are answered in the meantime. `Kind`: kind of body, which the
 * thread gets with the body.
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

  /** Rejects with an AppError if the thread failed. */
  async read(kind: Kind, body: Uint8Array): Promise<Read | { rejection: BodyRejection }> {
    if (body.length <= LARGEST_ON_LOOP) {
      const text = new TextDecoder().decode(body);
      if (!isSlowToRead(text)) return this.#reading.read(kind, text);
    }
    const result = await this.#thread.read({ kind, body });
    // Receiving 8 MiB from the thread takes 30 ms: continue in another turn of the event loop.
    await setImmediate();
    return result;
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}

/** True if reading a text would block the event loop. A quick estimate: a wrong one costs time only. Pure. */
function isSlowToRead(text: string): boolean {
  if (text.length > LONGEST_RISKY_ON_LOOP && mayHoldRiskyNumber(text)) return true;
  return text.split(/[[{:,]/, MAX_VALUES_ON_LOOP + 2).length > MAX_VALUES_ON_LOOP + 1;
}
