import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Serve } from '../crewai/server/local-server.ts';
import { createFailures } from '../failures.ts';
import { createLinks } from './blocks/links.ts';
import { createHttpDelivery, type Deliver } from './interactions/delivery.ts';
import { channelOf, createInteractions, personOf } from './interactions/interactions.ts';
import { createResponseUrls } from './interactions/response-urls.ts';
import { createSocketDelivery } from './interactions/socket-delivery.ts';
import { createSubmissions } from './interactions/submissions.ts';
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
import {
  type Channel,
  createTsSource,
  type Ephemeral,
  findMessage,
  type Group,
  type Message,
  type Person,
  type SharedFile,
  type State,
} from './state.ts';
import { viewObject } from './views.ts';
import type { Method } from './web-api/method.ts';
import { createUploads } from './web-api/uploads.ts';
import { answerMalformed, createWebApi, type RetryAfter } from './web-api/web-api.ts';

export interface WorkspaceOptions {
  botToken: string;
  signingSecret: string;
  /** Path of the app's manifest: what it does not ask for is not granted. */
  manifest: string;
  people: readonly Person[];
  /** The clock of the `Date` header of its answers and of triggers; the machine's, as a test may play it, without. */
  now?: () => number;
  channels: readonly (Omit<Channel, 'im' | 'members'> & { members: readonly string[] })[];
  groups?: readonly Group[];
  /** That the bot posted before. */
  messages?: readonly Message[];
  /** The app-level token (`xapp-…`) with which a bot may open Socket Mode connections. */
  appToken?: string;
  /** How often Slack pings each of them. */
  socketPingMs?: number;
  /** How long after `refresh_requested` Slack closes one. */
  socketCloseMs?: number;
  /** The waits before each redelivery of an event over sockets. */
  eventRetriesMs?: readonly number[];
  /** A free port by default. */
  port?: number;
  /** Serves it within its own process instead, where no sockets can be opened. */
  serve?: Serve;
  /** Calls are answered 429 as it says; none by default. */
  retryAfter?: RetryAfter;
  /** Methods of the Web API besides those that the bot calls. */
  methods?: Readonly<Record<string, Method>>;
  ackDeadlineMs?: number;
  triggerLifeMs?: number;
  responseUrlLifeMs?: number;
  /** Called after every change. */
  onChange?: () => void;
}

export type Workspace = Awaited<ReturnType<typeof startWorkspace>>;

/** Starts a Slack workspace with one app, over HTTP on this machine. */
export async function startWorkspace(options: WorkspaceOptions) {
  const manifest = await readManifest(options.manifest);
  const watchers = new Set<() => void>();
  const state: State = {
    botToken: options.botToken,
    appToken: options.appToken,
    tickets: new Set(),
    revoked: false,
    scopes: manifest.scopes,
    homeEnabled: manifest.homeTab,
    people: options.people.map((person) => ({ ...person })),
    channels: options.channels.map((channel) => ({ ...channel, members: [...channel.members] })),
    groups: (options.groups ?? []).map((group) => ({ ...group, users: [...group.users] })),
    messages: structuredClone([...(options.messages ?? [])]),
    ephemerals: [],
    modals: new Map(),
    homes: new Map(),
    files: new Map(),
    newTs: createTsSource(),
    touch: () => {
      for (const check of [...watchers]) check();
      options.onChange?.();
    },
  };
  const failures = createFailures();
  const triggers = createTriggers(options.triggerLifeMs ?? TRIGGER_LIFE_MS, options.now);

  const app = express();
  // Node's own Date header does not follow a test's clock.
  app.use((_req, res, next) => {
    res.setHeader('Date', new Date((options.now ?? Date.now)()).toUTCString());
    next();
  });
  const server = createServer(app);
  const served = await options.serve?.(app, 0);
  const origin = () => served?.baseUrl ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let botUrl: string | undefined;
  const deadlineMs = options.ackDeadlineMs ?? ACK_DEADLINE_MS;
  const deliverOverHttp = createHttpDelivery({
    signingSecret: options.signingSecret,
    deadlineMs,
    url: () => {
      if (!botUrl) throw new Error('no bot is connected');
      return botUrl;
    },
  });
  const links = createLinks({
    state,
    server,
    failures,
    pingMs: options.socketPingMs ?? SOCKET_PING_MS,
    closeAfterMs: options.socketCloseMs ?? SOCKET_CLOSE_MS,
  });
  const ended = new AbortController();
  const deliverOverSockets = createSocketDelivery({
    links,
    deadlineMs,
    retryAfterMs: options.eventRetriesMs ?? EVENT_RETRIES_MS,
    signal: ended.signal,
  });
  const deliver: Deliver = (envelope) =>
    botUrl === undefined && links.everOpened() ? deliverOverSockets(envelope) : deliverOverHttp(envelope);
  const lifeMs = options.responseUrlLifeMs ?? RESPONSE_URL_LIFE_MS;
  const responseUrls = createResponseUrls({ state, failures, origin, lifeMs });
  const webApi = createWebApi({
    state,
    triggers,
    failures,
    origin,
    retryAfter: options.retryAfter ?? (() => undefined),
    methods: options.methods ?? {},
  });
  app.use(createUploads(state, failures));
  app.use(express.urlencoded({ extended: false, limit: '10mb' }), express.json({ limit: '10mb' }));
  app.use(webApi.router, responseUrls.router, answerMalformed);
  if (!served)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });

  /** What an onlooker sees, as copies. */
  const seen = {
    /** Every Web API call, in order. */
    calls: webApi.calls,
    /** The messages of a channel (by id, #name or person), thread replies included, in order. */
    messages(channel: string): Message[] {
      const { id } = channelOf(state, channel);
      return structuredClone(state.messages.filter((message) => message.channel === id));
    },
    /** Those between this person and the app. */
    directMessages(user: string): Message[] {
      const im = state.channels.find((channel) => channel.im === user);
      return im ? seen.messages(im.id) : [];
    },
    message(channel: string, ts: string): Message | undefined {
      return structuredClone(findMessage(state, channelOf(state, channel).id, ts));
    },
    /** What only this person saw. */
    ephemerals(user: string): Ephemeral[] {
      const own = state.ephemerals.filter((ephemeral) => ephemeral.user === user);
      return own.map(({ user: _, ...ephemeral }) => structuredClone(ephemeral));
    },
    /** Uploaded files, shared or not. */
    files(): SharedFile[] {
      return [...state.files.values()].map((file) => ({ ...file }));
    },
    /** The modal that this person has on top. */
    openView(user: string): SeenView | undefined {
      const open = state.modals.get(user)?.at(-1);
      return open && (structuredClone(viewObject(open)) as unknown as SeenView);
    },
    /** How many modals this person has on the stack. */
    viewDepth: (user: string): number => state.modals.get(user)?.length ?? 0,
    home(user: string): SeenView | undefined {
      const home = state.homes.get(user);
      return home && (structuredClone(viewObject(home)) as unknown as SeenView);
    },
  };

  const workspace = {
    ...seen,
    apiUrl: `${origin()}/api/`,
    /** What the menu of each message offers. */
    shortcuts: manifest.shortcuts,
    failures,
    /** The Socket Mode connections. */
    sockets: links.controls,
    /** Delivers over HTTP from now on, whatever sockets are open. */
    connectBot(url: string) {
      botUrl = url;
    },
    ...createInteractions({ state, manifest, deliver, triggers, responseUrls }),
    ...createSubmissions({ state, deliver, triggers }),

    /** A message of a person, not of the bot. */
    say({
      user,
      channel,
      text,
      threadTs,
    }: {
      user: string;
      channel: string;
      text: string;
      threadTs?: string;
    }): string {
      const ts = state.newTs();
      const { id } = channelOf(state, channel);
      const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
      state.messages.push({ channel: id, ts, ...thread, text, edited: 0, user: personOf(state, user).id });
      state.touch();
      return ts;
    },
    /** The language of everybody's Slack. */
    speak(locale: string) {
      for (const person of state.people) person.locale = locale;
    },
    /** A person leaves the workspace, and with it its channels and groups. */
    deactivate(user: string) {
      const { id } = Object.assign(personOf(state, user), { deleted: true });
      for (const channel of state.channels) channel.members = channel.members.filter((one) => one !== id);
      for (const group of state.groups) group.users = group.users.filter((one) => one !== id);
      state.touch();
    },
    joinChannel({ user, channel }: { user: string; channel: string }) {
      const { members } = channelOf(state, channel);
      const { id } = personOf(state, user);
      change(channel, { members: members.includes(id) ? members : [...members, id] });
    },
    leaveChannel({ user, channel }: { user: string; channel: string }) {
      change(channel, { members: channelOf(state, channel).members.filter((id) => id !== user) });
    },
    joinBot: (channel: string) => change(channel, { botIsMember: true }),
    removeBot: (channel: string) => change(channel, { botIsMember: false }),
    archive: (channel: string) => change(channel, { archived: true }),
    makePrivate: (channel: string) => change(channel, { private: true }),
    rename: (channel: string, name: string) => change(channel, { name }),
    revokeToken() {
      state.revoked = true;
      state.touch();
    },
    /** Resolves once `predicate` holds, looked at now and at every change. */
    changed(
      predicate: (workspace: typeof seen) => boolean,
      { timeoutMs = 30_000, what }: { timeoutMs?: number; what: string },
    ) {
      return new Promise<void>((resolve, reject) => {
        const end = (settle: () => void) => {
          clearTimeout(timer);
          watchers.delete(check);
          settle();
        };
        const check = () => {
          try {
            if (predicate(seen)) end(resolve);
          } catch (error) {
            end(() => reject(error));
          }
        };
        const late = () => end(() => reject(new Error(`not within ${timeoutMs} ms: ${what}`)));
        const timer = setTimeout(late, timeoutMs);
        watchers.add(check);
        check();
      });
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

  function change(channel: string, fields: Partial<Channel>): void {
    Object.assign(channelOf(state, channel), fields);
    state.touch();
  }

  return workspace;
}

/** A view as a person has it before them. */
export interface SeenView {
  id: string;
  hash: string;
  type: 'modal' | 'home';
  title: { text: string };
  submit: { text: string } | null;
  close: { text: string } | null;
  callback_id: string;
  private_metadata: string;
  blocks: { type: string; block_id: string; [field: string]: unknown }[];
  state: { values: Record<string, Record<string, Record<string, unknown>>> };
}
