import { replaceSecrets } from '../../../lib/find-secrets.ts';
import { parseUrl } from '../../../lib/parse-url.ts';
import type { Crew } from './crew.ts';
import { decodePart, maskUrl } from './webhook-urls.ts';

/** A shorter secret, or a shorter value of a hidden input, is in too many other words. */
const SHORTEST_SECRET = 8;
const SHORTEST_INPUT = 4;
/** In a URL, a shorter part of the path, or a longer one of letters alone, is a word. */
const SHORTEST_PART = 20;
const HIDDEN = '…';
const URLS = /[a-z][a-z0-9+.-]{0,30}:\/\/\S+/gi;

type Secretive = Pick<Crew, 'secrets' | 'inputs'>;

/**
 * A text that CrewAI or an exception wrote, without the secrets and hidden inputs of the crew that it may repeat, and with
 * URLs cut to their beginning. `more`: further secrets of what the text answers. Call this before the text is cut: a part
 * of a secret would not be found.
 */
export function hideSecrets(crew: Secretive, text: string, more: readonly string[] = []): string {
  const hidden = replaceSecrets(text, listSecrets(crew, more), HIDDEN);
  return hidden.replace(URLS, (url) => maskUrl(url).replaceAll(encodeURIComponent(HIDDEN), HIDDEN));
}

/** Longest error that webhooks and events keep until secrets are removed, in characters. */
export const LONGEST_ERROR = 16_384;
const LONGEST_REASON = 500;

/** Why a run or a task failed, as CrewAI reports it, without secrets and in at most 500 characters. */
export function hideReason(crew: Secretive, reason: string): string {
  const hidden = hideSecrets(crew, reason);
  // What follows the last secret of a text that was cut may be the beginning of another one.
  const whole =
    reason.length >= LONGEST_ERROR ? hidden.slice(0, hidden.lastIndexOf(HIDDEN) + 1) || hidden : hidden;
  return whole.slice(0, LONGEST_REASON).toWellFormed();
}

/** The parts of a URL that can be a secret: user and password, the query's values, and parts of its path that are no words. */
export function listUrlSecrets(url: string, shortestPart = SHORTEST_PART): string[] {
  if (!parseUrl(url)) return [];
  const { username, password, pathname, search } = new URL(url);
  const isSecret = (part: string) =>
    part.length >= SHORTEST_PART || (part.length >= shortestPart && /[^a-z_-]/i.test(part));
  const written = [
    username,
    password,
    ...pathname.split('/').filter(isSecret),
    ...search.split(/[?&]/).map((part) => part.slice(part.indexOf('=') + 1)),
  ];
  return [...new Set([...written, ...written.map(decodePart)])].filter(isLongEnough);
}

/** What no page may repeat: the secrets of a crew, and the values of its hidden inputs. */
export function listSecrets(
  { secrets = [], inputs = {} }: Secretive,
  more: readonly string[] = [],
): string[] {
  const values = Object.values(inputs)
    .map(({ hidden }) => String(hidden ?? ''))
    .filter(({ length }) => length >= SHORTEST_INPUT);
  return [...[...secrets, ...more].filter(isLongEnough), ...values];
}

function isLongEnough(secret: string): boolean {
  return secret.length >= SHORTEST_SECRET;
}
