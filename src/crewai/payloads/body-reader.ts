import type { ReadBody, WebhookKind } from '../../approval/model/run/webhook.ts';
import { mayHoldRiskyNumber } from '../../lib/json-text.ts';
import { BodyThread } from './body-thread.ts';
import { readBody } from './read-body.ts';

/** Larger bodies are not read on the event loop, in bytes. */
const LARGEST_ON_LOOP = 1_048_576;
/** Keeping long numbers exact takes about 0.2 µs per character: longer texts are not read on the loop. */
const LONGEST_RISKY_ON_LOOP = 16_384;
/** Each value takes about 1 µs: bodies with more are not read on the loop. */
const MAX_VALUES_ON_LOOP = 20_000;

/** Reads the bodies of webhooks; slow ones in a separate thread, so that clicks are answered meanwhile. */
export class BodyReader {
  private readonly thread: Pick<BodyThread, 'read' | 'close'>;

  constructor(thread: Pick<BodyThread, 'read' | 'close'> = new BodyThread()) {
    this.thread = thread;
  }

  /** Reads the body of a webhook. Rejects with an AppError when reading failed. */
  async read<K extends WebhookKind>(kind: K, body: Uint8Array): Promise<ReadBody<K>> {
    if (body.length <= LARGEST_ON_LOOP) {
      const text = new TextDecoder().decode(body);
      if (!isSlowToRead(text)) return readBody(kind, text);
    }
    return (await this.thread.read({ kind, body })) as ReadBody<K>;
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
