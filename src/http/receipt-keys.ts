import { Router } from 'express';

/** `GET /.well-known/jwks.json`: the public keys with which this bot's processes sign receipts, without revoked ones. */
export function buildReceiptKeysRouter(readKeySet: () => Promise<object>): Router {
  const router = Router();
  router.get('/.well-known/jwks.json', async (_request, response) => {
    response.set('Cache-Control', 'max-age=60').json(await readKeySet());
  });
  return router;
}
