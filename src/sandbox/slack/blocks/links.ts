import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { Failures } from '../../failures.ts';
import { SOCKET_CONNECTIONS } from '../limits.ts';
import { BOT, type State } from '../state.ts';

/** One WebSocket of the app, as Slack sees it. */
export interface Link {
  id: string;
  socket: WebSocket;
  /** The TCP connection below. */
  stream: Duplex;
  silent: boolean;
  /** What waits for an ack over this connection, by envelope id. */
  waiting: Map<string, (outcome: Outcome) => void>;
}

/** How an envelope ended. Only an ack carries a payload. */
export type Outcome = { end: 'acked'; payload: unknown } | { end: 'timeout' | 'closed' | 'none open' };

export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets';

export type Links = ReturnType<typeof createLinks>;

const ackSchema = z.object({ envelope_id: z.string(), payload: z.unknown().optional() });
const HOST = 'applink-sandbox';

/** The app's WebSocket connections: https://docs.slack.dev/apis/events-api/using-socket-mode */
export function createLinks(options: {
  state: State;
  server: Server;
  failures: Failures;
  pingMs: number;
  /** How long after `refresh_requested` Slack starts to close. */
  closeAfterMs: number;
}) {
  const { state, failures } = options;
  const links = new Map<string, Link>();
  const closings = new Set<NodeJS.Timeout>();
  const streams = new Set<Duplex>();
  const sockets = new WebSocketServer({ noServer: true });
  let accepted = 0;
  let turn = 0;
  let drops = 0;

  options.server.on('upgrade', (req, socket, head) => {
    // A client that goes away meanwhile is not the server's fault.
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
    sockets.handleUpgrade(req, socket, head, (webSocket) => accept(webSocket, socket));
  });

  const pings = setInterval(() => {
    for (const link of open()) if (!link.silent) link.socket.ping(`Ping from ${HOST}`);
  }, options.pingMs);

  function accept(socket: WebSocket, stream: Duplex): void {
    accepted += 1;
    const link: Link = { id: `link-${accepted}`, socket, stream, silent: false, waiting: new Map() };
    // Slack answers a close frame but leaves the TCP connection to the client, which `ws` would end here.
    stream.end = () => {
      forget(link);
      return stream;
    };
    stream.once('end', () => stream.destroy());
    socket.on('message', (data) => take(link, data));
    socket.on('error', () => {});
    socket.once('close', () => forget(link));
    if (open().length >= SOCKET_CONNECTIONS) {
      disconnect(link, 'too_many_websockets');
      return;
    }
    links.set(link.id, link);
    const hello = {
      type: 'hello',
      num_connections: open().length,
      debug_info: { host: HOST, build_number: 1, approximate_connection_time: 18_060 },
      connection_info: { app_id: BOT.appId },
    };
    send(link, JSON.stringify(hello));
    state.touch();
  }

  function forget(link: Link): void {
    links.delete(link.id);
    for (const settle of [...link.waiting.values()]) settle({ end: 'closed' });
    state.touch();
  }

  function take(link: Link, data: RawData): void {
    const ack = ackOf(data);
    if (ack) link.waiting.get(ack.envelope_id)?.({ end: 'acked', payload: ack.payload });
  }

  function send(link: Link, text: string, sent?: () => void): void {
    if (!link.silent) link.socket.send(text, sent);
  }

  function open(): Link[] {
    return [...links.values()].filter(({ socket }) => socket.readyState === socket.OPEN);
  }

  function chosen(id: string | undefined): Link[] {
    if (id === undefined) return open();
    const link = links.get(id);
    if (!link) throw new Error(`no connection ${id}; there is ${[...links.keys()].join(', ') || 'none'}`);
    return [link];
  }

  function disconnect(link: Link, reason: DisconnectReason): void {
    send(link, JSON.stringify({ type: 'disconnect', reason, debug_info: { host: HOST } }));
    if (reason === 'warning') return;
    const closing = setTimeout(() => {
      closings.delete(closing);
      if (!link.silent) link.socket.close(1000);
    }, options.closeAfterMs);
    closings.add(closing);
  }

  return {
    everOpened: () => accepted > 0,

    /** Gives one envelope to one of the open connections, in turn, and waits for its ack. */
    exchange(fields: Record<string, unknown>, deadlineMs: number): Promise<Outcome> {
      const all = open();
      const link = all[turn++ % all.length];
      if (!link) return Promise.resolve({ end: 'none open' });
      const envelope_id = randomUUID();
      return new Promise((resolve) => {
        const settle = (outcome: Outcome) => {
          clearTimeout(late);
          link.waiting.delete(envelope_id);
          resolve(outcome);
        };
        const late = setTimeout(settle, deadlineMs, { end: 'timeout' });
        link.waiting.set(envelope_id, settle);
        const isDropped = drops > 0;
        if (isDropped) drops -= 1;
        const sent = isDropped ? () => link.socket.terminate() : undefined;
        send(link, JSON.stringify({ envelope_id, ...fields }), sent);
      });
    },

    /** What tests see of the connections, and do to them: to all of them where no id is given. */
    controls: {
      /** Connections that Slack takes for open, silent ones included. */
      count: () => open().length,
      ids: () => open().map(({ id }) => id),
      /** Destroys the TCP connection without a close frame. */
      drop(id?: string): void {
        for (const { socket } of chosen(id)) socket.terminate();
      },
      /** From now on Slack neither reads nor answers nor sends, as on a dead network; it notices only TCP's end. */
      silence(id?: string): void {
        for (const link of chosen(id)) {
          link.silent = true;
          link.stream.removeAllListeners('data').resume();
        }
      },
      /** Asks the client to reconnect. Except after a warning, Slack closes the connection some time later. */
      disconnect(reason: DisconnectReason, id?: string): void {
        for (const link of chosen(id)) disconnect(link, reason);
      },
      /** Sends a text frame as it is. */
      sendRaw(text: string, id?: string): void {
        for (const link of chosen(id)) send(link, text);
      },
      /** Destroys the connection right after each of the next envelopes is written: no ack of it is taken. */
      dropBeforeAck(envelopes = 1): void {
        drops = envelopes;
      },
    },

    close(): void {
      clearInterval(pings);
      for (const closing of closings) clearTimeout(closing);
      for (const stream of streams) stream.destroy();
    },
  };
}

function ackOf(data: RawData): z.infer<typeof ackSchema> | undefined {
  try {
    return ackSchema.parse(JSON.parse(String(data)));
  } catch {
    // Slack ignores a message that is not an ack.
    return undefined;
  }
}
