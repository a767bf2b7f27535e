import type { WebhookKind } from '../../approval/model/run/webhook.ts';
import type { Clock } from '../../approval/ports.ts';
import { mayHoldRiskyNumber } from '../../lib/json-text.ts';
import { decodeBody, type SentBody } from '../../lib/parse-body.ts';
import { BodyThread } from './body-thread.ts';
import { type ReadBody, readBody } from './read-body.ts';

/** Larger bodies are not read on the event loop, in bytes. */
const LARGEST_ON_LOOP = 1_048_576;
/** Keeping long numbers exact takes about 0.2 µs per character: longer texts are not read on the loop. */
const LONGEST_RISKY_ON_LOOP = 16_384;
/** Each value takes about 1 µs: bodies with more are not read on the loop. */
const MAX_VALUES_ON_LOOP = 20_000;

/** Reads the bodies of webhooks; slow ones in a separate thread, so that clicks are answered meanwhile. */
export class BodyReader {
  private readonly thread: Pick<BodyThread, 'read' | 'close'>;

  constructor(clock: Clock, thread: Pick<BodyThread, 'read' | 'close'> = new BodyThread(clock)) {
    this.thread = thread;
  }

  /** Reads the body of a webhook. `body.bytes` may be moved away. Rejects with an AppError when reading failed. */
  async read<K extends WebhookKind>(kind: K, body: SentBody): Promise<ReadBody<K>> {
    if (body.bytes.length > LARGEST_ON_LOOP)
      return (await this.thread.read({ kind, body }, [body.bytes.buffer])) as ReadBody<K>;
    const text = decodeBody(body);
    if (isSlowToRead(text)) return (await this.thread.read({ kind, body: text })) as ReadBody<K>;
    return readBody(kind, text);
  }

  close(): Promise<void> {
    return this.thread.close();
  }
}

/** Whether reading a text would block the event loop. A quick estimate: a wrong one costs time only. Pure. */
export function isSlowToRead(text: string): boolean {
  if (text.length > LONGEST_RISKY_ON_LOOP && mayHoldRiskyNumber(text)) return true;
  let values = 0;
  for (let at = text.indexOf(','); at !== -1 && values <= MAX_VALUES_ON_LOOP; at = text.indexOf(',', at + 1))
    values += 1;
  return values > MAX_VALUES_ON_LOOP;
}
