import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import axios from 'axios';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { createBodyHandlers } from '../../src/http/body.ts';
import { until } from '../support/until.ts';
import { serveApp } from './endpoint.ts';

const MIB = 1_048_576;
// A connection that is kept could run out of its time between two requests.
const TYPE = { 'content-type': 'application/json', connection: 'close' };
const GZIP = { 'content-encoding': 'gzip' };
const spaces = (bytes: number) => Buffer.alloc(bytes, ' ');

/** An endpoint for bodies of 2 MiB, 4 MiB in all, which answers with their length. */
async function serve() {
  let came = 0;
  let closed = 0;
  const app = express().post(
    '/',
    (_request, response, next) => {
      came += 1;
      response.once('close', () => {
        closed += 1;
      });
      next();
    },
    createBodyHandlers(4)(2),
    (_request, response) => void response.json({ length: response.locals.body.length }),
  );
  const { url, port } = await serveApp(app);
  return {
    post: (body: Buffer, headers = {}) =>
      axios.post(url, body, { headers: { ...TYPE, ...headers }, validateStatus: () => true }),
    /** Begins a body and does not end it; resolves once its request has come in. */
    async begin(headers: string, sent = '') {
      const before = came;
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      onTestFinished(() => void socket.destroy());
      let answer = '';
      socket.on('data', (chunk) => {
        answer += String(chunk);
      });
      socket.write(
        `POST / HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${sent}`,
      );
      await until(() => expect(came).toBe(before + 1));
      return { socket, answer: () => answer };
    },
    noneOpen: () => until(() => expect(closed).toBe(came)),
  };
}

test('a body is read up to its limit, by what it is when it is not compressed', async () => {
  const huge = gzipSync(spaces(32 * MIB));
  const { post } = await serve();
  expect((await post(spaces(2 * MIB))).data).toEqual({ length: 2 * MIB });
  expect((await post(gzipSync(spaces(2 * MIB)), GZIP)).data).toEqual({ length: 2 * MIB });
  const tooLarge = { error: 'too_large', message: 'The body is larger than 2 MiB.' };
  for (const [body, headers] of [
    [spaces(2 * MIB + 1), {}],
    [gzipSync(spaces(2 * MIB + 1)), GZIP],
    [huge, GZIP],
  ] as const)
    expect(await post(body, headers)).toMatchObject({ status: 413, data: tooLarge });
});

test('a body that is not UTF-8 is a 400, also where it is compressed', async () => {
  const { post } = await serve();
  const wrong = [
    Buffer.from([0x22, 0xff, 0x22]),
    Buffer.from('é', 'latin1'),
    Buffer.from([0xed, 0xa0, 0x80]),
  ];
  const rejected = { status: 400, data: { error: 'not_json', message: 'The body is not UTF-8.' } };
  for (const body of wrong) {
    expect(await post(body)).toMatchObject(rejected);
    expect(await post(gzipSync(body), GZIP)).toMatchObject(rejected);
  }
  expect((await post(Buffer.from('"é👍"'))).data).toEqual({ length: 8 });
});

test('a body that is announced as too large is refused before it is sent', async () => {
  const { begin } = await serve();
  const { answer } = await begin(`Content-Length: ${2 * MIB + 1}`);
  await until(() => expect(answer()).toContain('HTTP/1.1 413'));
});

test('a body beyond what may be read in all is a 503 with Retry-After, and the next one is read', async () => {
  const { post, begin, noneOpen } = await serve();
  const first = await begin(`Content-Length: ${2 * MIB}`);
  const second = await begin(`Content-Length: ${2 * MIB}`);
  const { status, data, headers } = await post(spaces(MIB));
  expect([status, data.error, headers['retry-after']]).toEqual([503, 'too_many_bodies', '5']);
  expect(data.message).toMatch(/^[A-Z].*\.$/);
  // What a run usually sends is read all the same.
  expect((await post(spaces(64 * 1_024))).status).toBe(200);
  expect((await post(gzipSync(spaces(64 * 1_024)), GZIP)).status).toBe(200);
  expect((await post(spaces(64 * 1_024 + 1))).status).toBe(503);
  const large = gzipSync(spaces(64 * 1_024 + 1));
  expect((await post(large, { 'content-encoding': 'gzip' })).status).toBe(503);
  // One of them is given up by its sender, the other one is answered.
  first.socket.destroy();
  second.socket.write(spaces(2 * MIB));
  await until(() => expect(second.answer()).toContain(`{"length":${2 * MIB}}`));
  await noneOpen();
  expect((await post(spaces(2 * MIB))).status).toBe(200);
});

test('a body without a length counts by what came of it', async () => {
  const { post, begin } = await serve();
  const chunk = `${MIB.toString(16)}\r\n${' '.repeat(MIB)}\r\n`;
  const tooLong = await begin('Transfer-Encoding: chunked', chunk.repeat(3));
  await until(() => expect(tooLong.answer()).toContain('{"error":"too_large"'));
  tooLong.socket.destroy();
  const open = await begin('Transfer-Encoding: chunked', chunk);
  const other = await begin(`Content-Length: ${MIB}`);
  // 2 MiB are left: as long as the chunk has come, 3 MiB are too many.
  await until(async () => {
    const long = await begin(`Content-Length: ${2 * MIB}`);
    const { status } = await post(spaces(MIB));
    long.socket.destroy();
    expect(status).toBe(503);
  });
  open.socket.write('0\r\n\r\n');
  await until(() => expect(open.answer()).toContain(`{"length":${MIB}}`));
  other.socket.destroy();
});

test('a body is in UTF-8, whatever its charset is called; another charset is a 415', async () => {
  const { post } = await serve();
  const ask = (charset: string) =>
    post(Buffer.from('"ä€"'), { 'content-type': `application/json; charset=${charset}` });
  for (const charset of ['utf-8', '"UTF-8"']) expect((await ask(charset)).data).toEqual({ length: 7 });
  for (const charset of ['UTF-16LE', '"utf-16be"', 'latin1']) expect((await ask(charset)).status).toBe(415);
});
