import { replaceSecrets } from '../../../lib/find-secrets.ts';
import { parseUrl } from '../../../lib/parse-url.ts';
import type { Crew } from './crew.ts';
import { decodePart, maskUrl } from './webhook-urls.ts';

/** Shortest secret and shortest value of a hidden input to look for, in characters: shorter ones appear in too many words. */
const SHORTEST_SECRET = 8;
const SHORTEST_INPUT = 4;
/** Shortest part of a URL's path that counts as a secret, in characters. Shorter parts are usually words. */
const SHORTEST_PART = 20;
const HIDDEN = '…';
const URLS = /[a-z][a-z0-9+.-]{0,30}:\/\/\S+/gi;

type Secretive = Pick<Crew, 'secrets' | 'inputs'>;

/**
 * Removes the crew's secrets and hidden inputs from a text from CrewAI or a program, and masks URLs (`maskUrl`).
 * `otherSecrets`: secrets that the text may repeat. Call this before cutting the text: half a secret would not be found.
 */
export function hideSecrets(crew: Secretive, text: string, otherSecrets: readonly string[] = []): string {
  const hidden = replaceSecrets(text, listSecrets(crew, otherSecrets), HIDDEN);
  return hidden.replace(URLS, (url) => maskUrl(url).replaceAll(encodeURIComponent(HIDDEN), HIDDEN));
}

/** Longest error that webhooks and events keep before secrets are removed, in characters. */
export const LONGEST_ERROR = 16_384;
const LONGEST_REASON = 500;

/** Returns the reason for a failed or refused run, or a failed task, without secrets. At most 500 characters. */
export function hideReason(crew: Secretive, reason: string): string {
  const hidden = hideSecrets(crew, reason);
  // In a cut text, the part after the last secret may be the beginning of another secret.
  const safePart =
    reason.length >= LONGEST_ERROR ? hidden.slice(0, hidden.lastIndexOf(HIDDEN) + 1) || hidden : hidden;
  return safePart.slice(0, LONGEST_REASON).toWellFormed();
}

/**
 * Lists the parts of a URL that can be secrets, also decoded: user name, password, query values and long parts of the path.
 * `shortestPart`: from this many characters a part of the path also counts if it has more than letters, `_` and `-`.
 */
export function listUrlSecrets(url: string, shortestPart = SHORTEST_PART): string[] {
  if (!parseUrl(url)) return [];
  const { username, password, pathname, search } = new URL(url);
  const isSecret = (part: string) =>
    part.length >= SHORTEST_PART || (part.length >= shortestPart && /[^a-z_-]/i.test(part));
  const parts = [
    username,
    password,
    ...pathname.split('/').filter(isSecret),
    ...search.split(/[?&]/).map((part) => part.slice(part.indexOf('=') + 1)),
  ];
  return [...new Set([...parts, ...parts.map(decodePart)])].filter(isLongEnough);
}

/** Lists the texts to hide: secrets from 8 characters, and values of the crew's hidden inputs from 4 characters. */
export function listSecrets(
  { secrets = [], inputs = {} }: Secretive,
  otherSecrets: readonly string[] = [],
): string[] {
  const values = Object.values(inputs)
    .map(({ hidden }) => String(hidden ?? ''))
    .filter(({ length }) => length >= SHORTEST_INPUT);
  return [...[...secrets, ...otherSecrets].filter(isLongEnough), ...values];
}

function isLongEnough(secret: string): boolean {
  return secret.length >= SHORTEST_SECRET;
}
