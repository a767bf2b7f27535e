import { createServer } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { callHttp } from '../../src/lib/call-http.ts';

test('a call with a lookup goes to the address that it found, asked once for each call, whatever is still connected', async () => {
  const hosts: unknown[] = [];
  const server = createServer((request, response) => {
    hosts.push(request.headers.host);
    response.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, _, callback) => {
    asked.push(hostname);
    callback(null, [{ address: '127.0.0.1', family: 4 }]);
  };
  const url = `http://hooks.test:${port}/`;
  const call = () => callHttp({ method: 'post', url, headers: {}, body: '{}', timeout: 8_000, lookup });
  expect(await call()).toMatchObject({ status: 200, body: '' });
  expect(asked).toEqual(['hooks.test']);
  expect(await call()).toMatchObject({ status: 200 });
  expect(asked).toEqual(['hooks.test', 'hooks.test']);
  expect(hosts).toEqual(Array(2).fill(`hooks.test:${port}`));
});

test('no proxy of the environment is used by a call with a lookup', async () => {
  const { http_proxy: before } = process.env;
  onTestFinished(() => {
    if (before === undefined) delete process.env.http_proxy;
    else process.env.http_proxy = before;
  });
  process.env.http_proxy = 'http://127.0.0.1:1';
  const lookup: LookupFunction = (_, __, callback) =>
    callback(Object.assign(new Error('refused'), { code: 'PRIVATE_ADDRESS' }), []);
  const answer = await callHttp({
    method: 'get',
    url: 'http://hooks.test/',
    headers: {},
    timeout: 8_000,
    lookup,
  });
  expect(answer).toEqual({ code: 'PRIVATE_ADDRESS' });
});
