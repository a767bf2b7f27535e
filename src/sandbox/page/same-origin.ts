import type { NextFunction, Request, Response } from 'express';

/** Builds a policy that allows only this server's scripts, styles and connections. */
export function contentSecurityPolicy(scriptHash: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' '${scriptHash}'`,
    "style-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/**
 * Refuses requests under another host name (DNS rebinding), and changes that a page of another site requests. Such a page
 * cannot send JSON without a preflight request, which is refused too.
 */
export function onlyFromHere(port: () => number) {
  return (req: Request, res: Response, next: NextFunction): void => {
    const hosts = ['127.0.0.1', 'localhost'].map((name) => `${name}:${port()}`);
    const host = req.get('host') ?? '';
    const reads = req.method === 'GET' || req.method === 'HEAD';
    const isOurs = reads || (req.get('origin') === `http://${host}` && Boolean(req.is('application/json')));
    if (hosts.includes(host) && isOurs) next();
    else res.status(403).type('text/plain').send('This demo answers its own page only.');
  };
}
