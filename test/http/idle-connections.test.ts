import { type AddressInfo, connect, type Socket } from 'node:net';
import axios from 'axios';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { closeServer, listen } from '../../src/http/server.ts';

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  onTestFinished(() => void socket.destroy());
  return socket;
}

test('a thousand connections without a request keep out nobody, and none with a request is closed for them', async () => {
  let answer = () => {};
  const asked = new Promise<void>((resolve) => (answer = resolve));
  const app = express()
    .get('/healthz', (_, response) => void response.json({ status: 'ok' }))
    .get('/slow', (_, response) => void asked.then(() => response.json({ status: 'slow' })));
  const server = await listen(app, '127.0.0.1', 0, 300_000);
  onTestFinished(() => closeServer(server, 0));
  const { port } = server.address() as AddressInfo;
  const slow = axios.get(`http://127.0.0.1:${port}/slow`);
  await new Promise((resolve) => server.once('request', resolve));
  for (let count = 0; count < 12; count += 1) {
    await Promise.all(Array.from({ length: 100 }, () => open(port)));
    expect((await axios.get(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  }
  answer();
  expect((await slow).data).toEqual({ status: 'slow' });
});
