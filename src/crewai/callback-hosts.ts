import { isIPv4 } from 'node:net';
import { isWebhookUrl } from '../approval/model/crew/webhook-urls.ts';

/** A URL with a plain host: no user, no IPv6, no empty label, nothing that a parser rewrites. */
const PLAIN_URL = /^https?:\/\/([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::\d{1,5})?(?:[/?#][\x21-\x7e]*)?$/i;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/**
 * Whether a Flow's answer may be sent to this URL. A host `*.example.com` allows https on port 443 at every host below it;
 * `example.com` http and https on their default ports; `example.com:8080` both on this port. Pure.
 */
export function isAllowedCallback(url: string, hosts: readonly string[]): boolean {
  const [, written] = PLAIN_URL.exec(url) ?? [];
  if (written === undefined || !isWebhookUrl(url)) return false;
  const { protocol, hostname, port } = new URL(url);
  // A parser reads some texts as another host, for example 0x7f.1 as 127.0.0.1.
  if (hostname !== written.toLowerCase()) return false;
  const usedPort = port || DEFAULT_PORTS[protocol];
  const isStandard = usedPort === DEFAULT_PORTS[protocol];
  return hosts
    .map((host) => host.toLowerCase())
    .some((host) =>
      host.startsWith('*.')
        ? protocol === 'https:' && isStandard && isBelow(hostname, host.slice(1))
        : host === `${hostname}:${usedPort}` || (isStandard && host === hostname),
    );
}

/** `domain` begins with its dot. */
function isBelow(hostname: string, domain: string): boolean {
  return domain.length > 1 && hostname.endsWith(domain) && !isIPv4(hostname);
}
