import { parseUrl } from './parse-url.ts';

/** Matches a URL with a plain host: no user, no IPv6, no empty label, nothing that a parser rewrites. */
const PLAIN_URL = /^https?:\/\/([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::\d{1,5})?(?:[/?#][\x21-\x7e]*)?$/i;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

/** Reads the destination of an http or https URL; undefined if parsers could disagree. `isStandard`: at the default port. */
export function readPlainUrl(
  url: string,
): { protocol: string; hostname: string; port: string; isStandard: boolean } | undefined {
  const [, writtenHost] = PLAIN_URL.exec(url) ?? [];
  if (writtenHost === undefined || !parseUrl(url)) return undefined;
  const { protocol, hostname, port } = new URL(url);
  // Parsers read some texts as another host, for example 0x7f.1 as 127.0.0.1.
  if (hostname !== writtenHost.toLowerCase()) return undefined;
  const usedPort = port || (DEFAULT_PORTS[protocol] ?? '');
  return { protocol, hostname, port: usedPort, isStandard: usedPort === DEFAULT_PORTS[protocol] };
}
