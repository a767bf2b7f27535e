import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { Failures } from '../../failures.ts';
import { SOCKET_CONNECTIONS } from '../limits.ts';
import { BOT, type State } from '../state.ts';

/** A WebSocket of the app, as Slack sees it. */
export interface Link {
  socket: WebSocket;
  /** Callbacks for envelopes that wait for an ack over this connection, by envelope id. */
  waiting: Map<string, (outcome: Outcome) => void>;
}

/** The end of an envelope's delivery. Only an ack carries a payload. */
export type Outcome = { end: 'acked'; payload: unknown } | { end: 'timeout' | 'closed' | 'none open' };

const ackSchema = z.object({ envelope_id: z.string(), payload: z.unknown().optional() });
const HOST = 'applink-sandbox';

/** Accepts and keeps the app's WebSocket connections: https://docs.slack.dev/apis/events-api/using-socket-mode */
export function createLinks(options: {
  state: State;
  server: Server;
  failures: Failures;
  pingMs: number;
  /** Delay between Slack's `disconnect` message and the close of the connection. */
  closeAfterMs: number;
}) {
  const { state, failures } = options;
  const links = new Set<Link>();
  const streams = new Set<Duplex>();
  const webSocketServer = new WebSocketServer({ noServer: true });

  options.server.on('upgrade', (req, socket, head) => {
    // A client may go away during the upgrade; that must not crash the server.
    socket.on('error', () => {});
    streams.add(socket);
    socket.once('close', () => streams.delete(socket));
    const url = new URL(req.url ?? '/', 'ws://sandbox');
    const failure = failures.next(url.pathname, Object.fromEntries(url.searchParams));
    if (failure && 'noAnswer' in failure) return;
    if (failure && !('status' in failure)) return void socket.destroy();
    const isIssued = url.pathname === '/link/' && state.tickets.delete(url.searchParams.get('ticket') ?? '');
    if (failure || !isIssued) {
      const status = failure?.status ?? 401;
      socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    webSocketServer.handleUpgrade(req, socket, head, (webSocket) => accept(webSocket, socket));
  });

  const pings = setInterval(() => {
    for (const { socket } of open()) socket.ping(`Ping from ${HOST}`);
  }, options.pingMs);

  function accept(socket: WebSocket, stream: Duplex): void {
    const link: Link = { socket, waiting: new Map() };
    // After the close frames, Slack leaves closing the TCP connection to the client. `ws` would end it here.
    stream.end = () => {
      forget(link);
      return stream;
    };
    stream.once('end', () => stream.destroy());
    socket.on('message', (data) => receiveAck(link, data));
    socket.on('error', () => {});
    socket.once('close', () => forget(link));
    if (open().length >= SOCKET_CONNECTIONS) {
      disconnect(link, 'too_many_websockets', options.closeAfterMs);
      return;
    }
    links.add(link);
    const hello = {
      type: 'hello',
      num_connections: open().length,
      debug_info: { host: HOST, build_number: 1, approximate_connection_time: 18_060 },
      connection_info: { app_id: BOT.appId },
    };
    socket.send(JSON.stringify(hello));
    state.touch();
  }

  function forget(link: Link): void {
    links.delete(link);
    for (const settle of [...link.waiting.values()]) settle({ end: 'closed' });
    state.touch();
  }

  function receiveAck(link: Link, data: RawData): void {
    const ack = ackOf(data);
    if (ack) link.waiting.get(ack.envelope_id)?.({ end: 'acked', payload: ack.payload });
  }

  /** Lists the connections that Slack considers open, oldest first. */
  function open(): Link[] {
    return [...links].filter(({ socket }) => socket.readyState === socket.OPEN);
  }

  return {
    open,
    close(): void {
      clearInterval(pings);
      for (const stream of streams) stream.destroy();
    },
  };
}

/** Sends a client the `disconnect` message and closes its connection `closeAfterMs` later. */
export function disconnect({ socket }: Link, reason: string, closeAfterMs: number): void {
  socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: HOST } }));
  setTimeout(() => socket.close(1000), closeAfterMs).unref();
}

function ackOf(data: RawData): z.infer<typeof ackSchema> | undefined {
  try {
    return ackSchema.parse(JSON.parse(String(data)));
  } catch {
    // Slack ignores messages that are not acks.
    return undefined;
  }
}
