import { Router } from 'express';

/** A part of the bot that has to work: undefined when it does, else what is wrong, in a sentence. */
export type Check = () => Promise<string | undefined>;

/** `GET /healthz`: webhooks are taken. `GET /readyz`: every part works, or which one does not. */
export function createHealth(checks: Readonly<Record<string, Check>>): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
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
