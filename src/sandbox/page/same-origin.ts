import type { NextFunction, Request, Response } from 'express';

/** Builds a policy that allows only this server's scripts, styles and connections. */
export function buildContentSecurityPolicy(scriptHash: string): string {
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
 * Rejects requests for another host name (DNS rebinding), and all requests from pages of other sites except reads. Such a page
 * cannot send JSON without a preflight request, and this rejects the preflight request too.
 */
export function requireSameOrigin(port: () => number) {
  return (req: Request, res: Response, next: NextFunction): void => {
    const hosts = ['127.0.0.1', 'localhost'].map((name) => `${name}:${port()}`);
    const host = req.get('host') ?? '';
    const isRead = req.method === 'GET' || req.method === 'HEAD';
    const isFromOwnPage =
      isRead || (req.get('origin') === `http://${host}` && Boolean(req.is('application/json')));
    if (hosts.includes(host) && isFromOwnPage) next();
    else res.status(403).type('text/plain').send('This demo answers its own page only.');
  };
}
