import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Serve } from '../../../src/sandbox/crewai/server/local-server.ts';
import { createFailures } from '../../../src/sandbox/failures.ts';
import type { Deliver } from '../../../src/sandbox/slack/interactions/delivery.ts';
import type { Values } from '../../../src/sandbox/slack/interactions/entered.ts';
import { channelOf } from '../../../src/sandbox/slack/interactions/interactions.ts';
import { createLinks } from '../../../src/sandbox/slack/interactions/links.ts';
import { createResponseUrls } from '../../../src/sandbox/slack/interactions/response-urls.ts';
import { createSocketDelivery } from '../../../src/sandbox/slack/interactions/socket-delivery.ts';
import type { Submission } from '../../../src/sandbox/slack/interactions/submissions.ts';
import { createTriggers } from '../../../src/sandbox/slack/interactions/triggers.ts';
import {
  ACK_DEADLINE_MS,
  EVENT_RETRIES_MS,
  RESPONSE_URL_LIFE_MS,
  SOCKET_CLOSE_MS,
  SOCKET_PING_MS,
  TRIGGER_LIFE_MS,
} from '../../../src/sandbox/slack/limits.ts';
import { readManifest } from '../../../src/sandbox/slack/manifest.ts';
import {
  type Beginning,
  createState,
  findMessage,
  type Group,
  type Message,
} from '../../../src/sandbox/slack/state.ts';
import type { Method } from '../../../src/sandbox/slack/web-api/method.ts';
import { METHODS } from '../../../src/sandbox/slack/web-api/web-api.ts';
import { createWorkspace, type SeenView, type WorkspaceParts } from '../../../src/sandbox/slack/workspace.ts';
import { createChanges } from '../changes.ts';
import { createAdministration } from './administration.ts';
import { type Call, recordCalls } from './calls.ts';
import { type Answers, fillByLabel, readForm } from './form-answers.ts';
import { createHttpDelivery } from './http-delivery.ts';
import { limitRates, type RetryAfter } from './rates.ts';
import { createSockets } from './sockets.ts';
import { createStaleClicks } from './stale-clicks.ts';

export interface WorkspaceOptions extends Omit<Beginning, 'manifest' | 'onChange'> {
  /** Path of the app's manifest. */
  manifest: string;
  signingSecret: string;
  groups?: readonly Group[];
  /** Earlier messages of the bot. */
  messages?: readonly Message[];
  /** Clock of triggers and of the `Date` header in answers; the machine's by default. */
  now?: () => number;
  /** Interval of Slack's pings on each Socket Mode connection, in milliseconds. */
  socketPingMs?: number;
  /** Delay between a `disconnect` message and the close of the connection, in milliseconds. */
  socketCloseMs?: number;
  /** Delays before each redelivery of an event over sockets, in milliseconds. */
  eventRetriesMs?: readonly number[];
  /** A free port by default. */
  port?: number;
  /** Serves the workspace within this process, where no sockets can be opened. */
  serve?: Serve;
  /** Decides which calls get a 429; none by default. */
  retryAfter?: RetryAfter;
  /** Methods of the Web API besides those that the bot calls. */
  methods?: Readonly<Record<string, Method>>;
  ackDeadlineMs?: number;
  triggerLifeMs?: number;
  responseUrlLifeMs?: number;
}

export type Workspace = Awaited<ReturnType<typeof startWorkspace>>;

/**
 * Starts the sandbox's workspace for tests. It reaches the bot over HTTP or by Socket Mode, its timeouts can be
 * changed, and tests can look at calls and wait for changes.
 */
export async function startWorkspace(options: WorkspaceOptions) {
  const { now = Date.now, ackDeadlineMs: deadlineMs = ACK_DEADLINE_MS } = options;
  const changes = createChanges('Slack');
  const manifest = await readManifest(options.manifest);
  const state = createState({ ...options, manifest, onChange: changes.notify });
  state.groups.push(...(options.groups ?? []).map((group) => ({ ...group, users: [...group.users] })));
  state.messages.push(...structuredClone([...(options.messages ?? [])]));
  const failures = createFailures();
  const calls: Call[] = [];

  const app = express();
  // Node's own Date header does not follow a test's clock.
  app.use((_req, res, next) => {
    res.setHeader('Date', new Date(now()).toUTCString());
    next();
  }, recordCalls(calls));
  const server = createServer(app);
  const served = await options.serve?.(app);
  const origin = () => served?.baseUrl ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const closeAfterMs = options.socketCloseMs ?? SOCKET_CLOSE_MS;
  const pingMs = options.socketPingMs ?? SOCKET_PING_MS;
  const links = createLinks({ state, server, failures, pingMs, closeAfterMs });
  const { forEnvelope, ...sockets } = createSockets(server, links.open, closeAfterMs);
  const ended = new AbortController();
  const deliverOverSockets = createSocketDelivery({
    open: forEnvelope,
    deadlineMs,
    retryAfterMs: options.eventRetriesMs ?? EVENT_RETRIES_MS,
    signal: ended.signal,
  });
  let deliver: Deliver = deliverOverSockets;

  const parts: WorkspaceParts = {
    state,
    manifest,
    failures: options.retryAfter ? limitRates(failures, state, options.retryAfter) : failures,
    origin,
    deliver: (envelope) => deliver(envelope),
    triggers: createTriggers(options.triggerLifeMs ?? TRIGGER_LIFE_MS, now),
    responseUrls: createResponseUrls({
      state,
      failures,
      origin,
      lifeMs: options.responseUrlLifeMs ?? RESPONSE_URL_LIFE_MS,
    }),
    methods: { ...METHODS, ...options.methods },
  };
  const played = createWorkspace(parts);
  app.use(played.app);
  if (!served)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });

  const seen = {
    ...played,
    /** Every Web API call, in order. */
    calls,
    message(channel: string, ts: string): Message | undefined {
      return structuredClone(findMessage(state, channelOf(state, channel).id, ts));
    },
    /** Counts the modals on this person's stack. */
    viewDepth: (user: string): number => state.modals.get(user)?.length ?? 0,
  };

  /** Submits the top modal. `closed`: the submitted view is no longer open. */
  async function submit(given: { user: string; values?: Values }): Promise<Submission & { closed: boolean }> {
    const open = state.modals.get(given.user)?.at(-1);
    const submission = await played.submit(given);
    const remaining = state.modals.get(given.user) ?? [];
    return { ...submission, closed: !remaining.some((view) => view === open) };
  }

  function formOf(user: string): SeenView {
    const form = played.openView(user);
    if (!form) throw new Error(`${user} has no form open`);
    return form;
  }

  return {
    ...seen,
    ...createStaleClicks(parts, played),
    ...createAdministration(state),
    submit,
    /** Fills in the top form by the labels of its fields and submits it. */
    async submitForm({ user, answers }: { user: string; answers: Answers }) {
      return submit({ user, values: fillByLabel(formOf(user), answers) });
    },
    /** Reads the content of the top form's fields, by their labels. */
    formValues: (user: string) => readForm(formOf(user)),
    apiUrl: `${origin()}/api/`,
    sockets,
    /** Delivers over HTTP from now on, even if sockets are open. */
    connectBot(url: string) {
      deliver = createHttpDelivery({ signingSecret: options.signingSecret, deadlineMs, url });
    },
    /** Resolves once `predicate` holds. Checks it now and after every change. */
    async changed(
      predicate: (workspace: typeof seen) => boolean,
      waiting: { timeoutMs?: number; what: string },
    ): Promise<void> {
      await changes.changed(() => predicate(seen), waiting);
    },
    async close(): Promise<void> {
      ended.abort();
      links.close();
      if (served) return served.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
