import type { ConversationsMembersResponse, WebClient } from '@slack/web-api';
import type { Clock, Log } from '../../approval/ports.ts';
import { slackErrorOf } from '../api/client.ts';
import { readPages } from '../api/read-pages.ts';
import { type Channel, createChannelFinder } from './channels.ts';

/** A list older than this is read again in the background when it is used, in milliseconds. */
const REFRESH_AFTER = 5 * 60_000;
/** A list that cannot be read again is used for this long, in milliseconds. */
const VALID_FOR = 60 * 60_000;
/** Shortest time between two background readings of a list, also while Slack does not answer, in milliseconds. */
const REFRESH_AT_MOST_EVERY = 10_000;

interface MemberList {
  people: ReadonlySet<string>;
  /** The list was read to its end, so anyone missing from it is not in the channel. */
  complete: boolean;
  at: number;
}

/** Who is in a channel, by its id or #name: kept for an hour, and refreshed earlier while it is asked for. */
export class ChannelMembers {
  readonly #client: WebClient;
  readonly #kept: readonly string[];
  readonly #clock: Clock;
  readonly #log: Log;
  /** By the channel's id, so that a #name and its id share one list. */
  readonly #lists = new Map<string, MemberList>();
  readonly #reading = new Map<string, Promise<void>>();
  readonly #askedAt = new Map<string, number>();
  readonly #ids = new Map<string, string>();
  #findChannel: ReturnType<typeof createChannelFinder> | undefined;
  #cancel = () => {};

  constructor({
    client,
    kept = [],
    clock,
    log,
  }: {
    client: WebClient;
    /** Channels whose members decide: their lists are read at the start and kept up to date. */
    kept?: readonly string[];
    clock: Clock;
    log: Log;
  }) {
    this.#client = client;
    this.#kept = kept;
    this.#clock = clock;
    this.#log = log;
  }

  /** Whether a person is in a channel; undefined while that is not known. */
  has(person: string, channel: string): boolean | undefined {
    const list = this.#validList(channel);
    if (!list) return undefined;
    const found = list.people.has(person);
    if (this.#ageOf(list) >= (found ? REFRESH_AFTER : REFRESH_AT_MOST_EVERY)) this.#refresh(channel);
    return found || (list.complete ? false : undefined);
  }

  /** The id of a channel, also of one that is given by its #name; undefined while it is not known. */
  idOf(channel: string): string | undefined {
    return channel.startsWith('#') ? this.#ids.get(channel) : channel;
  }

  /** How many people are in a channel; undefined while that is not known. */
  size(channel: string): number | undefined {
    const list = this.#validList(channel);
    if (!list) return undefined;
    return list.complete ? list.people.size : Number.POSITIVE_INFINITY;
  }

  /** Reads the lists that are kept up to date. Resolves once they are read, or could not be. */
  async start(): Promise<void> {
    if (this.#kept.length === 0) return;
    this.#cancel = this.#clock.after(VALID_FOR / 2, () => void this.start());
    await Promise.all(this.#kept.map((channel) => this.#read(channel)));
  }

  close(): void {
    this.#cancel();
  }

  /** Reads the lists that are not known. Never rejects. */
  async learn(channels: readonly string[]): Promise<void> {
    const unknown = channels.filter((channel) => !this.#validList(channel));
    await Promise.all(unknown.map((channel) => this.#read(channel)));
  }

  #validList(channel: string): MemberList | undefined {
    const list = this.#lists.get(this.#keyOf(channel));
    return list && this.#ageOf(list) < VALID_FOR ? list : undefined;
  }

  #ageOf({ at }: MemberList): number {
    return this.#clock.now() - at;
  }

  #keyOf(channel: string): string {
    return this.#ids.get(channel) ?? channel;
  }

  /** Reads a list in the background, at most once in 10 s: each click may ask for it. */
  #refresh(channel: string): void {
    const askedAt = this.#askedAt.get(this.#keyOf(channel)) ?? 0;
    if (this.#clock.now() - askedAt >= REFRESH_AT_MOST_EVERY) void this.#read(channel);
  }

  /** Reads a list; concurrent callers share one reading. Never rejects. */
  #read(channel: string): Promise<void> {
    const key = this.#keyOf(channel);
    const reading = this.#reading.get(key) ?? this.#readNow(channel).finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return reading;
  }

  async #readNow(channel: string): Promise<void> {
    this.#askedAt.set(this.#keyOf(channel), this.#clock.now());
    try {
      const id = await this.#resolveId(channel);
      if (id !== undefined)
        this.#lists.set(id, { ...(await readMembers(this.#client, id)), at: this.#clock.now() });
    } catch (error) {
      // Another channel may have the name by now.
      if (slackErrorOf(error) === 'channel_not_found') this.#ids.delete(channel);
      this.#log.error({ channel, error }, 'channel members not read');
    }
  }

  async #resolveId(channel: string): Promise<string | undefined> {
    if (!channel.startsWith('#')) return channel;
    const id = this.#ids.get(channel) ?? (await this.#findByName(channel))?.id;
    if (id !== undefined) this.#ids.set(channel, id);
    return id;
  }

  /** Lookups at the same time share one listing of the channels; a later lookup lists them again. */
  async #findByName(name: string): Promise<Channel | undefined> {
    this.#findChannel ??= createChannelFinder(this.#client);
    const shared = this.#findChannel;
    try {
      return await shared(name);
    } finally {
      if (this.#findChannel === shared) this.#findChannel = undefined;
    }
  }
}

async function readMembers(
  client: WebClient,
  channel: string,
): Promise<Pick<MemberList, 'people' | 'complete'>> {
  const people = new Set<string>();
  const complete = await readPages<ConversationsMembersResponse>(
    client,
    'conversations.members',
    { channel },
    ({ members = [] }) => {
      for (const member of members) people.add(member);
    },
  );
  return { people, complete };
}
