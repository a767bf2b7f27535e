import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { callHttp } from '../../src/lib/call-http.ts';
import { fetchThroughProxy } from '../../src/lib/proxy.ts';
import { startProxy } from '../support/proxy.ts';

/** A server of this machine, by a name that only the proxy can resolve. */
async function serve(): Promise<{ url: string; port: number }> {
  const server = createServer((_, response) => void response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://api.example.test:${port}/path`, port };
}

const PROXIED = ['api.example.test/path'];

test.each<[string, Record<string, string | undefined>, string[]]>([
  ['HTTP_PROXY', {}, PROXIED],
  ['HTTPS_PROXY, which is for https', { HTTP_PROXY: undefined }, []],
  ['ALL_PROXY', { HTTP_PROXY: undefined, ALL_PROXY: 'this proxy' }, PROXIED],
  ['http_proxy in lower case', { HTTP_PROXY: undefined, http_proxy: 'this proxy' }, PROXIED],
  ['NO_PROXY with the host', { NO_PROXY: 'localhost,api.example.test' }, []],
  ['NO_PROXY with the domain', { NO_PROXY: '.example.test' }, []],
  ['NO_PROXY with the domain and an asterisk', { NO_PROXY: '*.example.test' }, []],
  ['NO_PROXY with the port', { NO_PROXY: 'api.example.test:PORT' }, []],
  ['NO_PROXY with an asterisk', { no_proxy: '*' }, []],
  ['NO_PROXY with the domain without a dot', { NO_PROXY: 'example.test' }, PROXIED],
  ['NO_PROXY with another port', { NO_PROXY: 'api.example.test:1' }, PROXIED],
])('axios and fetch read the environment in the same way: %s', async (_, environment, expected) => {
  const proxy = await startProxy();
  const { url, port } = await serve();
  for (const [name, value] of Object.entries(environment))
    vi.stubEnv(name, value?.replace('this proxy', proxy.url).replace('PORT', String(port)));
  await callHttp({ method: 'get', url, headers: {}, timeout: 8_000 });
  expect(proxy.passed.splice(0)).toEqual(expected);
  await fetchThroughProxy(url).catch(() => undefined);
  expect(proxy.passed).toEqual(expected);
});

test.each(['http://user:pass-word@proxy.example.test:99999', 'http://user:pass%zz@proxy.example.test'])(
  'a proxy whose URL is not valid is named by its variables, without its password: %s',
  async (proxy) => {
    vi.stubEnv('HTTP_PROXY', proxy);
    onTestFinished(() => void vi.unstubAllEnvs());
    const error = await fetchThroughProxy('http://api.example.test/').catch((reason: unknown) => reason);
    expect(String(error)).toContain('HTTPS_PROXY, HTTP_PROXY or ALL_PROXY');
    expect(inspect(error)).not.toMatch(/pass-word|pass%zz|proxy\.example/);
  },
);
