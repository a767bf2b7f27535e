import { connect, type Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';

export type RawHeaders = Record<string, string | number | undefined>;

export interface RawRequest {
  socket: Socket;
  /** Resolves once the server has read the headers and waits for the body. Needs `Expect: 100-continue`. */
  waits(): Promise<void>;
  /** The status of the answer. */
  status(): Promise<number>;
  /** All that the server sent. */
  came(): string;
  /** Resolves when the connection has ended. */
  closed: Promise<void>;
}

/** Makes the server report that it waits for the body. */
export const EXPECTING = { Expect: '100-continue' };

/** Sends only the headers of a request, to Slack's path by default. Headers with the value undefined are left out. */
export function sendHeaders(port: number, headers: RawHeaders, path = '/slack/events'): RawRequest {
  const socket = connect(port, '127.0.0.1');
  let came = '';
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    came += chunk.toString('latin1');
  });
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  socket.write([`POST ${path} HTTP/1.1`, 'Host: bot', ...lines, '', ''].join('\r\n'));
  onTestFinished(() => void socket.destroy());
  const statuses = () => [...came.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
  const answered = () => statuses().find((status) => status !== 100);
  return {
    socket,
    waits: () => expect.poll(statuses, { interval: 5 }).toEqual([100]),
    async status() {
      await expect.poll(answered, { interval: 5 }).toBeDefined();
      return answered() as number;
    },
    came: () => came,
    closed,
  };
}
