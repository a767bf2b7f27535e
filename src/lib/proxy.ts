import { getProxyForUrl } from 'proxy-from-env';
import { ProxyAgent } from 'undici';

/** Agents by the URL of their proxy. */
const agents = new Map<string, ProxyAgent>();

/**
 * Finds the proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name for a URL; undefined: none. axios reads the same
 * variables in the same way, but neither `fetch` nor the websockets of Slack's packages do.
 */
export function findProxyAgent(url: string): ProxyAgent | undefined {
  const proxy = getProxyForUrl(url);
  if (proxy === '') return undefined;
  const agent = agents.get(proxy) ?? createAgent(proxy);
  agents.set(proxy, agent);
  return agent;
}

/** Throws an error without the URL and without a cause: the password in the URL would appear in the log. */
function createAgent(proxy: string): ProxyAgent {
  try {
    return new ProxyAgent(proxy);
  } catch {
    throw new Error('the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names is not a valid URL');
  }
}

/** Calls the global `fetch` through the proxy that the environment names for the URL. */
export const fetchThroughProxy: typeof fetch = async (input, init) => {
  const dispatcher = findProxyAgent(input instanceof Request ? input.url : String(input));
  return globalThis.fetch(input, dispatcher ? ({ ...init, dispatcher } as RequestInit) : init);
};
