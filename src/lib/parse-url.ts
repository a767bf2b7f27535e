/**
 * A URL, or undefined for any other text. `URL.canParse` of Node 20 says that texts with letters such as ü are none, once it
 * was called a few thousand times.
 */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
