import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { vi } from 'vitest';
import { atEnd } from './shared.ts';

/** Gives a URL a host that only the proxy can resolve. */
export const behindProxy = (url: string, host: string) => {
  const moved = new URL(url);
  moved.hostname = host;
  return moved.href;
};

/**
 * Starts an HTTP proxy and names it in the environment of this process until the test ends. The proxy resolves every
 * host to this machine. `passed`: host and path of each request that went through the proxy.
 */
export async function startProxy(): Promise<{ passed: string[]; url: string }> {
  const passed: string[] = [];
  const proxy = createServer((incoming, response) => {
    const { hostname, port, pathname, search } = new URL(incoming.url ?? '');
    passed.push(`${hostname}${pathname}`);
    const { method = 'GET', headers } = incoming;
    const outgoing = request({ host: '127.0.0.1', port, path: `${pathname}${search}`, method, headers });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.destroy());
    incoming.pipe(outgoing);
  });
  proxy.on('connect', ({ url = '' }, socket, head) => {
    const { hostname, port } = new URL(`http://${url}`);
    // In a test, the requests in the tunnel are not encrypted.
    socket.on('data', (data) => {
      const [, path] = /^(?:GET|POST) ([^ ?]*)/.exec(data.toString('latin1')) ?? [];
      if (path !== undefined) passed.push(`${hostname}${path}`);
    });
    const tunnel = connect(Number(port || 80), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      tunnel.write(head);
      tunnel.pipe(socket).pipe(tunnel);
    });
    tunnel.on('error', () => socket.destroy());
    socket.on('error', () => tunnel.destroy());
    for (const [side, otherSide] of [
      [socket, tunnel],
      [tunnel, socket],
    ] as const)
      side.on('close', () => otherSide.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toLowerCase(), undefined);
  }
  vi.stubEnv('HTTP_PROXY', url);
  vi.stubEnv('HTTPS_PROXY', url);
  atEnd(() => {
    vi.unstubAllEnvs();
    proxy.closeAllConnections();
    proxy.close();
  });
  return { passed, url };
}
