import { createHmac } from 'node:crypto';
import { Router } from 'express';

/** A part of the bot that has to work: undefined when it does, else what is wrong, in a sentence. */
export type Check = () => Promise<string | undefined>;

const NONCE = /^[\w-]{16,64}$/;

/** What a bot answers to a nonce: only one with the same bot token can. */
export function signNonce(botToken: string, nonce: string): string {
  return createHmac('sha256', botToken).update(`crew-approvals healthz ${nonce}`).digest('hex');
}

/**
 * `GET /healthz`: webhooks are taken; with `?nonce=` it proves who answers. `GET /readyz`: every part works, or which
 * one does not.
 */
export function createHealth(
  botToken: string,
  checks: Readonly<Record<string, Check>>,
  /** What an operator should know and what stops nothing. */
  advice: Readonly<Record<string, Check>> = {},
): Router {
  const router = Router();
  router.get('/healthz', ({ query: { nonce } }, response) => {
    const proof =
      typeof nonce === 'string' && NONCE.test(nonce) ? { proof: signNonce(botToken, nonce) } : undefined;
    response.json({ status: 'ok', ...proof });
  });
  router.get('/readyz', async (_request, response) => {
    const [faults, warnings] = [await sentencesOf(checks), await sentencesOf(advice)];
    const known = warnings === undefined ? {} : { warnings };
    if (faults) response.status(503).json({ status: 'not_ready', faults, ...known });
    else response.json({ status: 'ready', ...known });
  });
  return router;
}

/** What the checks say, by part; undefined when all is well. */
async function sentencesOf(
  checks: Readonly<Record<string, Check>>,
): Promise<Record<string, string> | undefined> {
  const found: Record<string, string> = {};
  for (const [part, check] of Object.entries(checks)) {
    const sentence = await check().catch(() => 'could not be checked');
    if (sentence !== undefined) found[part] = sentence;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}
