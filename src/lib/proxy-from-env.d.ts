declare module 'proxy-from-env' {
  /** Returns the URL of the proxy that the environment names for a URL; empty: none. */
  export function getProxyForUrl(url: string): string;
}
