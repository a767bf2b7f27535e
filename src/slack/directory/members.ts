import type { ConversationsMembersResponse, WebClient } from '@slack/web-api';
import { type Cache, createCache } from '../../lib/cache.ts';
import { readSlackError, type SlackBase } from '../api/client.ts';
import { readPages } from '../api/read-pages.ts';
import { listChannelsByName } from './channels.ts';

/** A list older than this is read again in the background when it is used, in milliseconds. */
const REFRESH_AGE = 5 * 60_000;
/** A list that cannot be read again is used for this long, in milliseconds. */
const VALIDITY = 60 * 60_000;
/** Shortest time between two background readings of a list, also while Slack does not answer, in milliseconds. */
const MIN_REFRESH_INTERVAL = 10_000;
const MAX_KEPT = 500;

interface MemberList {
  people: ReadonlySet<string>;
  /** The list was read to its end, so anyone missing from it is not in the channel. */
  complete: boolean;
  at: number;
  /** When it was read, or tried to be read again, last. */
  askedAt: number;
}

/** Members of channels, by id or #name. A list is kept for an hour, and refreshed earlier while it is in use. */
export class ChannelMembers {
  readonly #slack: SlackBase;
  readonly #decidingChannels: readonly string[];
  /** By the channel's id, so that a #name and its id share one list. */
  readonly #lists: Cache<MemberList>;
  readonly #ids: Cache<string>;
  #listing: ReturnType<typeof listChannelsByName> | undefined;
  #cancelRefresh = () => {};

  /** `decidingChannels`: channels whose members decide. Their lists are read at the start and kept up to date. */
  constructor(slack: SlackBase, decidingChannels: readonly string[] = []) {
    const { clock } = slack;
    this.#slack = slack;
    this.#decidingChannels = decidingChannels;
    this.#lists = createCache({ max: MAX_KEPT, clock, ttl: VALIDITY, load: (id) => this.#readList(id) });
    this.#ids = createCache({ max: MAX_KEPT, load: (name) => this.#findId(name) });
  }

  /** True if a person is in a channel; undefined: not known yet. */
  has(person: string, channel: string): boolean | undefined {
    const list = this.#listOf(channel);
    if (!list) return undefined;
    const isMember = list.people.has(person);
    const now = this.#slack.clock.now();
    // Each click may ask for a refresh.
    if (now - list.at >= (isMember ? REFRESH_AGE : 0) && now - list.askedAt >= MIN_REFRESH_INTERVAL)
      void this.#read(channel, true);
    return isMember || (list.complete ? false : undefined);
  }

  /** The id of a channel, also of one that is given by its #name; undefined while it is not known. */
  idOf(channel: string): string | undefined {
    return channel.startsWith('#') ? this.#ids.get(channel) : channel;
  }

  /** How many people are in a channel; undefined while that is not known. */
  size(channel: string): number | undefined {
    const list = this.#listOf(channel);
    if (!list) return undefined;
    return list.complete ? list.people.size : Number.POSITIVE_INFINITY;
  }

  /** Reads the lists that are kept up to date. Resolves once they are read, or could not be. */
  async start(): Promise<void> {
    if (this.#decidingChannels.length === 0) return;
    this.#cancelRefresh = this.#slack.clock.after(VALIDITY / 2, () => void this.start());
    await Promise.all(this.#decidingChannels.map((channel) => this.#read(channel, true)));
  }

  close(): void {
    this.#cancelRefresh();
  }

  /** Reads the lists that are not known. Never rejects. */
  async learn(channels: readonly string[]): Promise<void> {
    await Promise.all(channels.map((channel) => this.#read(channel, false)));
  }

  #listOf(channel: string): MemberList | undefined {
    return this.#lists.get(this.idOf(channel) ?? '');
  }

  async #read(channel: string, forceRefresh: boolean): Promise<void> {
    const id = channel.startsWith('#') ? await this.#ids.fetch(channel) : channel;
    // Nobody waits for a refresh of a list that is still valid.
    if (id === undefined || (!forceRefresh && this.#lists.has(id))) return;
    await this.#lists.fetch(id, { forceRefresh });
  }

  async #readList(id: string): Promise<MemberList | undefined> {
    const askedAt = this.#slack.clock.now();
    Object.assign(this.#lists.get(id) ?? {}, { askedAt });
    try {
      return { ...(await readMembers(this.#slack.client, id)), at: this.#slack.clock.now(), askedAt };
    } catch (error) {
      this.#slack.log.error({ channel: id, error }, 'channel members not read');
      if (readSlackError(error) === 'channel_not_found') this.#forgetNamesOf(id);
      return undefined;
    }
  }

  /** Another channel may have the name by now. */
  #forgetNamesOf(id: string): void {
    for (const [name, channelId] of this.#ids.entries()) if (channelId === id) this.#ids.delete(name);
  }

  /** Lookups at the same time share one listing of the channels; a later lookup lists them again. */
  async #findId(name: string): Promise<string | undefined> {
    this.#listing ??= listChannelsByName(this.#slack.client).finally(() => {
      this.#listing = undefined;
    });
    try {
      return (await this.#listing).get(name.slice(1))?.id;
    } catch (error) {
      this.#slack.log.error({ channel: name, error }, 'channel members not read');
      return undefined;
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
