import { getProxyForUrl } from 'proxy-from-env';
import { ProxyAgent } from 'undici';

/** By the URL of their proxy. */
const agents = new Map<string, ProxyAgent>();

/**
 * Sends what has this URL through the proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name for it; undefined: they
 * name none. axios reads the same variables in the same way, but neither `fetch` nor the websockets of Slack's packages do.
 */
export function findProxyAgent(url: string): ProxyAgent | undefined {
  const proxy = getProxyForUrl(url);
  if (proxy === '') return undefined;
  const agent = agents.get(proxy) ?? createAgent(proxy);
  agents.set(proxy, agent);
  return agent;
}

/** The error has neither the URL nor a cause with it: its password would stand in the log. */
function createAgent(proxy: string): ProxyAgent {
  try {
    return new ProxyAgent(proxy);
  } catch {
    throw new Error('the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names is not a valid URL');
  }
}

/** The global `fetch`, through the proxy of the environment. */
export const fetchThroughProxy: typeof fetch = async (input, init) => {
  const dispatcher = findProxyAgent(input instanceof Request ? input.url : String(input));
  return globalThis.fetch(input, dispatcher ? ({ ...init, dispatcher } as RequestInit) : init);
};
