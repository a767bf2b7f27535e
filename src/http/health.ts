import { createHmac } from 'node:crypto';
import { type Response, Router } from 'express';

/** Checks a part of the bot: resolves with undefined when it works, else with what is wrong, in a sentence. */
export type HealthCheck = () => Promise<string | undefined>;

const NONCE = /^[\w-]{16,64}$/;

export interface HealthChecks {
  botToken: string;
  checks: Readonly<Record<string, HealthCheck>>;
  /** Sentences for the operator that do not make the bot unready. */
  advice?: Readonly<Record<string, HealthCheck>>;
}

/** Proves who answers a nonce: only a bot with the same bot token can sign it. */
export function signNonce(botToken: string, nonce: string): string {
  return createHmac('sha256', botToken).update(`crew-approvals healthz ${nonce}`).digest('hex');
}

/** `GET /healthz`: the bot takes webhooks; with `?nonce=` it proves who answers. `GET /readyz`: every part works. */
export function buildHealthRouter(health: HealthChecks): Router {
  const router = Router();
  router.get('/healthz', (request, response) => answerAlive(health, request.query.nonce, response));
  router.get('/readyz', (_request, response) => answerReady(health, response));
  return router;
}

function answerAlive({ botToken }: HealthChecks, nonce: unknown, response: Response): void {
  const isNonce = typeof nonce === 'string' && NONCE.test(nonce);
  response.json({ status: 'ok', ...(isNonce ? { proof: signNonce(botToken, nonce) } : {}) });
}

async function answerReady({ checks, advice = {} }: HealthChecks, response: Response): Promise<void> {
  const [faults, advised] = [await findFaults(checks), await findFaults(advice)];
  const warnings = advised === undefined ? {} : { warnings: advised };
  if (faults) response.status(503).json({ status: 'not_ready', faults, ...warnings });
  else response.json({ status: 'ready', ...warnings });
}

/** The sentences of the checks, by part; undefined when all parts work. */
async function findFaults(
  checks: Readonly<Record<string, HealthCheck>>,
): Promise<Record<string, string> | undefined> {
  const faults: Record<string, string> = {};
  for (const [part, check] of Object.entries(checks)) {
    const sentence = await check().catch(() => 'could not be checked');
    if (sentence !== undefined) faults[part] = sentence;
  }
  return Object.keys(faults).length > 0 ? faults : undefined;
}
