import { isIPv4 } from 'node:net';
import { isWebhookUrl } from '../approval/model/crew/webhook-urls.ts';
import { readPlainUrl } from '../lib/plain-url.ts';

/**
 * True if a Flow's answer may be sent to this URL. `*.example.com` allows https on port 443 of every host below it; `example.com`
 * allows http and https on their default ports; `example.com:8080` allows both on this port. Pure.
 */
export function isAllowedCallback(url: string, hosts: readonly string[]): boolean {
  const plain = isWebhookUrl(url) ? readPlainUrl(url) : undefined;
  if (!plain) return false;
  const { protocol, hostname, port: usedPort, isStandard } = plain;
  return hosts
    .map((host) => host.toLowerCase())
    .some((host) =>
      host.startsWith('*.')
        ? protocol === 'https:' && isStandard && isBelow(hostname, host.slice(1))
        : host === `${hostname}:${usedPort}` || (isStandard && host === hostname),
    );
}

/** `domain`: begins with its dot. */
function isBelow(hostname: string, domain: string): boolean {
  return domain.length > 1 && hostname.endsWith(domain) && !isIPv4(hostname);
}
