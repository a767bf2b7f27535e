import { randomBytes } from 'node:crypto';
import type { Block } from './blocks/blocks.ts';
import type { Manifest } from './manifest.ts';
import { SlackError } from './web-api/slack-error.ts';

export const TEAM = { id: 'T0SANDBOX', domain: 'sandbox', name: 'Sandbox' } as const;
export const BOT = { id: 'B0SANDBOX', userId: 'U0BOT', appId: 'A0SANDBOX', name: 'approvals' } as const;

export interface Person {
  id: string;
  name: string;
  email?: string | undefined;
  guest?: boolean | undefined;
  stranger?: boolean | undefined;
  /** Deactivated. */
  deleted?: boolean | undefined;
  bot?: boolean | undefined;
  tz?: string | undefined;
  /** The language of their Slack, such as `pt-BR`. */
  locale?: string | undefined;
}

export interface Channel {
  id: string;
  name: string;
  private?: boolean | undefined;
  archived?: boolean | undefined;
  members: string[];
  botIsMember?: boolean | undefined;
  /** The person, if these are a person's direct messages with the bot. */
  im?: string | undefined;
}

export interface Group {
  id: string;
  handle: string;
  users: string[];
}

/** Entries of a person: block_id → action_id → the element's state, as Slack sends it. */
export type EnteredValues = Record<string, Record<string, Record<string, unknown>>>;

export interface Message {
  channel: string;
  ts: string;
  thread_ts?: string | undefined;
  /** True for a thread reply that the channel shows too. */
  broadcast?: boolean | undefined;
  text: string;
  blocks?: Block[] | undefined;
  attachments?: unknown[] | undefined;
  metadata?: unknown;
  files?: string[] | undefined;
  /** Number of edits. */
  edited: number;
  user: string;
}

export interface Ephemeral {
  channel: string;
  ts: string;
  thread_ts?: string | undefined;
  text: string;
  blocks?: Block[] | undefined;
  via: 'response_url' | 'chat.postEphemeral' | 'command ack';
}

/** A modal or home tab that a person has open. */
export interface OpenView {
  id: string;
  hash: string;
  user: string;
  type: 'modal' | 'home';
  rootId: string;
  previousId: string | null;
  /** The view from the app, with the ids that Slack added. */
  view: Record<string, unknown> & { blocks: Block[] };
  entered: EnteredValues;
}

export interface SharedFile {
  id: string;
  name: string;
  length: number;
  title?: string | undefined;
  content?: Buffer | undefined;
  channel?: string | undefined;
  thread_ts?: string | undefined;
}

export interface State {
  botToken: string;
  /** The app-level token, for Socket Mode. */
  appToken?: string | undefined;
  /** Tickets from apps.connections.open. Each opens one WebSocket. */
  tickets: Set<string>;
  revoked: boolean;
  scopes: readonly string[];
  homeEnabled: boolean;
  people: Person[];
  channels: Channel[];
  groups: Group[];
  messages: Message[];
  ephemerals: (Ephemeral & { user: string })[];
  /** Each person's stack of modals, the top last. */
  modals: Map<string, OpenView[]>;
  homes: Map<string, OpenView>;
  files: Map<string, SharedFile>;
  /** Creates a unique ts, greater than all before. */
  newTs(): string;
  /** Must be called after every change. */
  touch(): void;
}

/** The workspace before the bot starts. */
export interface Beginning {
  botToken: string;
  /** The app-level token (`xapp-…`) with which a bot may open Socket Mode connections. */
  appToken?: string | undefined;
  /** Scopes and features that it does not request are not granted. */
  manifest: Manifest;
  people: readonly Person[];
  channels: readonly (Omit<Channel, 'im' | 'members'> & { members: readonly string[] })[];
  /** Called after every change. */
  onChange: () => void;
}

export function createState({ botToken, appToken, manifest, people, channels, onChange }: Beginning): State {
  return {
    botToken,
    appToken,
    tickets: new Set(),
    revoked: false,
    scopes: manifest.scopes,
    homeEnabled: manifest.homeTab,
    people: people.map((person) => ({ ...person })),
    channels: channels.map((channel) => ({ ...channel, members: [...channel.members] })),
    groups: [],
    messages: [],
    ephemerals: [],
    modals: new Map(),
    homes: new Map(),
    files: new Map(),
    newTs: createTsSource(),
    touch: onChange,
  };
}

/** Creates an id in Slack's form. */
export function newId(prefix: string): string {
  return prefix + randomBytes(6).toString('hex').toUpperCase().slice(0, 10);
}

/** Creates a source of unique and increasing ts values in Slack's form. */
function createTsSource(): () => string {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Date.now() * 1000);
    return `${Math.floor(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, '0')}`;
  };
}

export function hasScope(state: State, scope: string): boolean {
  return state.scopes.includes(scope);
}

/** Throws missing_scope, as Slack does, if the app has none of these scopes. */
export function requireScope(state: State, ...anyOf: string[]): void {
  if (anyOf.some((scope) => hasScope(state, scope))) return;
  throw new SlackError('missing_scope', [], { needed: anyOf.join(','), provided: state.scopes.join(',') });
}

/** Finds a channel by id. Throws channel_not_found if the bot cannot see it. */
export function visibleChannel(state: State, id: string): Channel {
  const channel = state.channels.find((other) => other.id === id);
  if (!channel || (channel.private && !channel.botIsMember)) throw new SlackError('channel_not_found');
  return channel;
}

/** Finds a person's direct messages with the bot, or opens them. */
export function directMessages(state: State, userId: string): Channel {
  const openChannel = state.channels.find((channel) => channel.im === userId);
  if (openChannel) return openChannel;
  const channel = { id: newId('D'), name: '', members: [userId], botIsMember: true, im: userId };
  state.channels.push(channel);
  return channel;
}

export function findMessage(state: State, channel: string, ts: string): Message | undefined {
  return state.messages.find((message) => message.channel === channel && message.ts === ts);
}

/** Finds the ts of the thread's first message. Slack moves a reply to a reply to the same thread. */
export function threadOf(state: State, channel: string, ts: string | undefined): string | undefined {
  if (ts === undefined) return undefined;
  const parent = findMessage(state, channel, ts);
  if (!parent) throw new SlackError('thread_not_found');
  return parent.thread_ts ?? parent.ts;
}

/** Builds the message object that Slack sends to apps. */
export function messageObject(message: Message): Record<string, unknown> {
  const byBot = message.user === BOT.userId;
  return {
    type: 'message',
    ...(message.broadcast ? { subtype: 'thread_broadcast' } : {}),
    user: message.user,
    ts: message.ts,
    ...(byBot ? { bot_id: BOT.id, app_id: BOT.appId } : {}),
    text: message.text,
    team: TEAM.id,
    ...(message.blocks ? { blocks: message.blocks } : {}),
    ...(message.attachments ? { attachments: message.attachments } : {}),
    ...(message.metadata ? { metadata: message.metadata } : {}),
    ...(message.thread_ts ? { thread_ts: message.thread_ts, parent_user_id: BOT.userId } : {}),
    ...(message.edited > 0 ? { edited: { user: message.user, ts: message.ts } } : {}),
  };
}
