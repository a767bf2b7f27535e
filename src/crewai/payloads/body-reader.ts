import { mayHoldRiskyNumber } from '../../approval/model/output.ts';
import type { Clock } from '../../approval/ports.ts';
import { decodeBody, type SentBody } from '../../lib/parse-body.ts';
import { type BodyThread, createBodyThread } from './body-thread.ts';
import { type BodyKind, type ReadBody, readBody } from './read-body.ts';

/** Larger bodies are not read on the event loop, in bytes. */
const LARGEST_ON_LOOP = 1_048_576;
/** Keeping long numbers as they were written takes about 2 µs per character: longer ones are not read on the loop. */
const LONGEST_RISKY_ON_LOOP = 16_384;
/** Each value takes about 1 µs: bodies with more are not read on the loop. */
const MOST_VALUES_ON_LOOP = 20_000;

export interface BodyReader {
  /** What the body of a webhook says. `body.bytes` are not kept. Rejects with an AppError when reading it failed. */
  read<K extends BodyKind>(kind: K, body: SentBody): Promise<ReadBody<K>>;
  close(): Promise<void>;
}

/** Reads the bodies of webhooks, those that take long in a separate thread, so that clicks are answered meanwhile. */
export function createBodyReader(clock: Clock, thread: BodyThread = createBodyThread(clock)): BodyReader {
  return {
    async read<K extends BodyKind>(kind: K, body: SentBody) {
      if (body.bytes.length > LARGEST_ON_LOOP)
        return (await thread.read({ kind, body }, [body.bytes.buffer])) as ReadBody<K>;
      const text = decodeBody(body);
      if (isSlowToRead(text)) return (await thread.read({ kind, body: text })) as ReadBody<K>;
      return readBody(kind, text);
    },
    close: thread.close,
  };
}

/** Whether reading a text holds up the event loop. Pure, and quick: text that only looks so is read correctly too. */
export function isSlowToRead(text: string): boolean {
  if (text.length > LONGEST_RISKY_ON_LOOP && mayHoldRiskyNumber(text)) return true;
  let values = 0;
  for (let at = text.indexOf(','); at !== -1 && values <= MOST_VALUES_ON_LOOP; at = text.indexOf(',', at + 1))
    values += 1;
  return values > MOST_VALUES_ON_LOOP;
}
