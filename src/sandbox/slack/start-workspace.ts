import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFailures } from '../failures.ts';
import { createLinks } from './interactions/links.ts';
import { createResponseUrls } from './interactions/response-urls.ts';
import { createSocketDelivery } from './interactions/socket-delivery.ts';
import { createTriggers } from './interactions/triggers.ts';
import {
  ACK_DEADLINE_MS,
  EVENT_RETRIES_MS,
  RESPONSE_URL_LIFE_MS,
  SOCKET_CLOSE_MS,
  SOCKET_PING_MS,
  TRIGGER_LIFE_MS,
} from './limits.ts';
import { readManifest } from './manifest.ts';
import { type Beginning, createState } from './state.ts';
import { METHODS } from './web-api/web-api.ts';
import { createWorkspace } from './workspace.ts';

/** Starts a Slack workspace with one app on this machine. The app's bot connects by Socket Mode. */
export async function startWorkspace(
  beginning: Omit<Beginning, 'manifest'> & {
    /** Path of the app's manifest. */
    manifest: string;
  },
) {
  const manifest = await readManifest(beginning.manifest);
  const state = createState({ ...beginning, manifest });
  const failures = createFailures();
  const server = createServer();
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const links = createLinks({
    state,
    server,
    failures,
    pingMs: SOCKET_PING_MS,
    closeAfterMs: SOCKET_CLOSE_MS,
  });
  const ended = new AbortController();
  const workspace = createWorkspace({
    state,
    manifest,
    failures,
    origin,
    deliver: createSocketDelivery({
      open: links.open,
      deadlineMs: ACK_DEADLINE_MS,
      retryAfterMs: EVENT_RETRIES_MS,
      signal: ended.signal,
    }),
    triggers: createTriggers(TRIGGER_LIFE_MS, Date.now),
    responseUrls: createResponseUrls({ state, failures, origin, lifeMs: RESPONSE_URL_LIFE_MS }),
    methods: METHODS,
  });
  server.on('request', workspace.app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    ...workspace,
    apiUrl: `${origin()}/api/`,
    async close(): Promise<void> {
      ended.abort();
      links.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
