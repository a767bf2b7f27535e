import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { disconnect, type Link } from '../../../src/sandbox/slack/interactions/links.ts';

/** What tests see of the Socket Mode connections, and do to all of them. `connections`: those that are open now. */
export function createSockets(server: Server, connections: () => readonly Link[], closeAfterMs: number) {
  const streams = new Set<Duplex>();
  const ids = new WeakMap<Link['socket'], number>();
  let known = 0;
  let drops = 0;

  server.on('upgrade', (_req, stream) => {
    streams.add(stream);
    stream.once('close', () => streams.delete(stream));
  });

  function idOf({ socket }: Link): number {
    const id = ids.get(socket) ?? ++known;
    ids.set(socket, id);
    return id;
  }

  return {
    /** Connections that Slack takes for open, silent ones included. */
    count: () => connections().length,
    /** The same for the same connection. */
    ids: () => connections().map(idOf),
    /** Destroys the TCP connection without a close frame. */
    drop(): void {
      for (const { socket } of connections()) socket.terminate();
    },
    /** From now on Slack neither reads nor answers nor sends, as on a dead network; it notices only TCP's end. */
    silence(): void {
      for (const stream of streams) {
        stream.removeAllListeners('data').resume();
        stream.write = (() => true) as Duplex['write'];
      }
    },
    /** Asks the client to reconnect, and closes the connection some time later. */
    disconnect(reason: 'refresh_requested' | 'link_disabled'): void {
      for (const link of connections()) disconnect(link, reason, closeAfterMs);
    },
    /** Says that Slack will close the connection. */
    warn(): void {
      for (const { socket } of connections())
        socket.send(JSON.stringify({ type: 'disconnect', reason: 'warning' }));
    },
    /** Sends a text frame as it is. */
    sendRaw(text: string): void {
      for (const { socket } of connections()) socket.send(text);
    },
    /** Destroys the connection right after the next envelope is written: no ack of it is taken. */
    dropBeforeAck(): void {
      drops += 1;
    },
    /** Where the next envelope goes. */
    forEnvelope(): readonly Link[] {
      if (drops === 0) return connections();
      drops -= 1;
      return connections().map((link) => ({ ...link, socket: endingWith(link) }));
    },
  };
}

/** The socket of a connection that ends with the next frame. */
function endingWith({ socket }: Link): Link['socket'] {
  const send = (text: string) => socket.send(text, () => socket.terminate());
  return Object.create(socket, { send: { value: send } });
}
