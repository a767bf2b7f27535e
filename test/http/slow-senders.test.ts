import { type AddressInfo, connect } from 'node:net';
import axios from 'axios';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { closeServer, listen } from '../../src/http/server.ts';
import { startBot, startWorld } from '../support/world.ts';

/** Sends the beginning at once and the rest drop by drop; resolves when it was cut, with what was answered. */
function dribble(port: number, beginning: string, drop: string): Promise<{ answer: string; ms: number }> {
  const began = performance.now();
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += String(chunk);
    });
    socket.write(beginning);
    const drops = setInterval(() => socket.write(drop), 20);
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(drops);
      resolve({ answer, ms: performance.now() - began });
    });
    onTestFinished(() => void socket.destroy());
  });
}

const HEADERS = 'POST /x HTTP/1.1\r\nHost: bot\r\nContent-Type: application/json\r\n';
const slow = {
  'its headers': [HEADERS, 'X-Slow: 1\r\n'],
  'its body': [`${HEADERS}Content-Length: 100000\r\n\r\n{`, ' '],
  'its chunks': [`${HEADERS}Transfer-Encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
} as const;

test.each(Object.entries(slow))('a sender of %s drop by drop is cut off', async (_, [beginning, drop]) => {
  const app = express().use(express.json(), (_request, response) => void response.json({}));
  const server = await listen(app, '127.0.0.1', 0, 500);
  onTestFinished(() => closeServer(server, 0));
  const { answer, ms } = await dribble((server.address() as AddressInfo).port, beginning, drop);
  expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
  expect(ms).toBeGreaterThan(400);
});

test('200 slow senders do not delay other webhooks', async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const bot = await startBot(world);
  for (let number = 0; number < 100; number += 1)
    for (const [beginning, drop] of [slow['its headers'], slow['its body']])
      void dribble(bot.port, beginning.replace('/x', '/webhooks/press/task'), drop);
  for (let number = 0; number < 20; number += 1) {
    const body = { name: 'draft', output: 'Hello', kickoff_id: `run-${number}` };
    expect((await axios.post(bot.webhook('task'), body)).status).toBe(202);
  }
});
