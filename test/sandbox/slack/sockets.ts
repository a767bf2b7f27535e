import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { disconnect, type Link } from '../../../src/sandbox/slack/interactions/links.ts';

/** Creates what tests see of the Socket Mode connections and do to all of them. `connections`: lists the open ones. */
export function createSockets(server: Server, connections: () => readonly Link[], closeAfterMs: number) {
  const streams = new Set<Duplex>();
  const ids = new WeakMap<Link['socket'], number>();
  let lastId = 0;
  let pendingDrops = 0;

  server.on('upgrade', (_req, stream) => {
    streams.add(stream);
    stream.once('close', () => streams.delete(stream));
  });

  function idOf({ socket }: Link): number {
    const id = ids.get(socket) ?? ++lastId;
    ids.set(socket, id);
    return id;
  }

  return {
    /** Counts the connections that Slack considers open, silent ones included. */
    count: () => connections().length,
    /** Lists the ids of the open connections. A connection keeps its id. */
    ids: () => connections().map(idOf),
    /** Destroys the TCP connections without a close frame. */
    drop(): void {
      for (const { socket } of connections()) socket.terminate();
    },
    /** Stops Slack's reading, answering and sending, as on a dead network. Slack only notices the end of TCP. */
    silence(): void {
      for (const stream of streams) {
        stream.removeAllListeners('data').resume();
        stream.write = (() => true) as Duplex['write'];
      }
    },
    /** Asks the client to reconnect and closes the connection some time later. */
    disconnect(reason: 'refresh_requested' | 'link_disabled'): void {
      for (const link of connections()) disconnect(link, reason, closeAfterMs);
    },
    /** Warns the client that Slack will close the connection. */
    warn(): void {
      for (const { socket } of connections())
        socket.send(JSON.stringify({ type: 'disconnect', reason: 'warning' }));
    },
    /** Sends a text frame unchanged. */
    sendRaw(text: string): void {
      for (const { socket } of connections()) socket.send(text);
    },
    /** Destroys the connection right after the next envelope is written, so its ack does not arrive. */
    dropBeforeAck(): void {
      pendingDrops += 1;
    },
    /** Lists the connections for the next envelope. */
    forEnvelope(): readonly Link[] {
      if (pendingDrops === 0) return connections();
      pendingDrops -= 1;
      return connections().map((link) => ({ ...link, socket: endingWith(link) }));
    },
  };
}

/** Builds the socket of a connection that ends after the next frame. */
function endingWith({ socket }: Link): Link['socket'] {
  const send = (text: string) => socket.send(text, () => socket.terminate());
  return Object.create(socket, { send: { value: send } });
}
