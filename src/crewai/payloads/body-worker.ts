import { parentPort } from 'node:worker_threads';
import type { WebhookKind } from '../../approval/model/run/webhook.ts';
import { decodeBody, type SentBody } from '../../lib/parse-body.ts';
import { readBody } from './read-body.ts';

/** What a BodyThread sends to its worker. */
export interface BodyMessage {
  kind: WebhookKind;
  body: string | SentBody;
}

parentPort?.on('message', ({ kind, body }: BodyMessage) => {
  parentPort?.postMessage(readBody(kind, typeof body === 'string' ? body : decodeBody(body)));
});
