import { parentPort } from 'node:worker_threads';
import type { WebhookKind } from '../../approval/model/run/webhook.ts';
import { readBody } from './read-body.ts';

/** What a BodyThread sends to its worker. */
export interface BodyMessage {
  kind: WebhookKind;
  body: Uint8Array;
}

parentPort?.on('message', ({ kind, body }: BodyMessage) => {
  parentPort?.postMessage(readBody(kind, new TextDecoder().decode(body)));
});
