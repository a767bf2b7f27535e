import { buildSecretPatterns, HIDDEN, replaceMatches } from '../../../lib/secret-patterns.ts';
import type { Crew } from './crew.ts';
import { maskUrl } from './webhook-urls.ts';

/** A shorter secret, or a shorter value of a hidden input, is in too many other words. */
const SHORTEST_SECRET = 8;
const SHORTEST_INPUT = 4;
const URLS = /[a-z][a-z0-9+.-]*:\/\/\S+/gi;

/**
 * A text that CrewAI or an exception wrote, without the secrets and hidden inputs of the crew that it may repeat, and with
 * URLs cut to their beginning. `more`: further secrets of what the text answers. Before the text is cut: a part of a
 * secret would not be found.
 */
export function hideSecrets(
  crew: Pick<Crew, 'secrets' | 'inputs'>,
  text: string,
  more: readonly string[] = [],
): string {
  const own = more.filter(isLongEnough).flatMap(buildSecretPatterns);
  const hidden = replaceMatches(text, [...readPatterns(crew), ...own]);
  return hidden.replace(URLS, (url) => maskUrl(url).replaceAll(encodeURIComponent(HIDDEN), HIDDEN));
}

/** Why a run or a task failed, as CrewAI reports it, without secrets and in at most 500 characters. */
export function hideReason(crew: Pick<Crew, 'secrets' | 'inputs'>, reason: string): string {
  return hideSecrets(crew, reason).slice(0, LONGEST_REASON).toWellFormed();
}

const LONGEST_REASON = 500;

/** The parts of a URL that can be a secret: user and password, the query's values, and long parts of its path. */
export function listUrlSecrets(url: string, shortestPart = 20): string[] {
  if (!URL.canParse(url)) return [];
  const { username, password, pathname, search } = new URL(url);
  const written = [
    username,
    password,
    ...pathname.split('/').filter(({ length }) => length >= shortestPart),
    ...search.split(/[?&]/).map((part) => part.slice(part.indexOf('=') + 1)),
  ];
  return [...new Set([...written, ...written.map(decode)])].filter(isLongEnough);
}

function isLongEnough(secret: string): boolean {
  return secret.length >= SHORTEST_SECRET;
}

const known = new WeakMap<object, RegExp[]>();

function readPatterns(crew: Pick<Crew, 'secrets' | 'inputs'>): RegExp[] {
  const { secrets = [], inputs = {} } = crew;
  const values = Object.values(inputs).map(({ hidden }) => String(hidden ?? ''));
  const built =
    known.get(crew) ??
    [...secrets.filter(isLongEnough), ...values.filter(({ length }) => length >= SHORTEST_INPUT)].flatMap(
      buildSecretPatterns,
    );
  known.set(crew, built);
  return built;
}

function decode(written: string): string {
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}
