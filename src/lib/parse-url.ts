/**
 * Parses a URL; undefined for any other text. After a few thousand calls, `URL.canParse` of Node 20 returns false for URLs with
 * letters such as ü.
 */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
