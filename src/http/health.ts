import { createHmac } from 'node:crypto';
import { Router } from 'express';

/** A part of the bot that has to work: undefined when it does, else what is wrong, in a sentence. */
export type Check = () => Promise<string | undefined>;

const NONCE = /^[\w-]{16,64}$/;

/** What a bot answers to a nonce: only one with the same bot token can. */
export function proofOf(botToken: string, nonce: string): string {
  return createHmac('sha256', botToken).update(`crew-approvals healthz ${nonce}`).digest('hex');
}

/**
 * `GET /healthz`: webhooks are taken; with `?nonce=` it proves who answers. `GET /readyz`: every part works, or which
 * one does not.
 */
export function createHealth(botToken: string, checks: Readonly<Record<string, Check>>): Router {
  const router = Router();
  router.get('/healthz', ({ query: { nonce } }, response) => {
    const proof =
      typeof nonce === 'string' && NONCE.test(nonce) ? { proof: proofOf(botToken, nonce) } : undefined;
    response.json({ status: 'ok', ...proof });
  });
  router.get('/readyz', async (_request, response) => {
    const faults: Record<string, string> = {};
    for (const [part, check] of Object.entries(checks)) {
      const fault = await check().catch(() => 'could not be checked');
      if (fault !== undefined) faults[part] = fault;
    }
    const ready = Object.keys(faults).length === 0;
    response.status(ready ? 200 : 503).json(ready ? { status: 'ready' } : { status: 'not_ready', faults });
  });
  return router;
}
