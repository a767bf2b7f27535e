import type { WebClient } from '@slack/web-api';
import type { Clock, Log } from '../../approval/ports.ts';
import { slackErrorOf } from '../api/client.ts';
import { createChannelFinder } from './channels.ts';

/** A list is read again in the background when it is used and older than this, in milliseconds. */
const REFRESHED_AFTER = 5 * 60_000;
/** A list that cannot be read again counts for this long. */
const KNOWN_FOR = 60 * 60_000;
/** Shortest time between two background readings of a list, also while Slack does not answer, in milliseconds. */
const MISSED_AFTER = 10_000;
const PAGE = 1_000;
const MOST_PAGES = 20;

interface MemberList {
  people: ReadonlySet<string>;
  /** Read to its end: whoever is not in it is not in the channel. */
  whole: boolean;
  at: number;
}

/** Who is in a channel, by its id or #name: kept for an hour, and read again before that while it is asked for. */
export function createMembers({
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
  /** By the channel's id, so that a channel by its #name is the same one. */
  const lists = new Map<string, MemberList>();
  const reading = new Map<string, Promise<void>>();
  const askedAt = new Map<string, number>();
  const ids = new Map<string, string>();
  let find: ReturnType<typeof createChannelFinder> | undefined;
  let cancel = () => {};

  const ageOf = ({ at }: MemberList) => clock.now() - at;
  const keyOf = (channel: string) => ids.get(channel) ?? channel;

  /** Whether a person is in a channel; undefined while it is not known. */
  function has(person: string, channel: string): boolean | undefined {
    const list = lists.get(keyOf(channel));
    if (!list || ageOf(list) >= KNOWN_FOR) return undefined;
    const found = list.people.has(person);
    if (ageOf(list) >= (found ? REFRESHED_AFTER : MISSED_AFTER)) refresh(channel);
    return found || (list.whole ? false : undefined);
  }

  /** How many are in a channel; undefined while it is not known. */
  function size(channel: string): number | undefined {
    const list = lists.get(keyOf(channel));
    if (!list || ageOf(list) >= KNOWN_FOR) return undefined;
    return list.whole ? list.people.size : Number.POSITIVE_INFINITY;
  }

  /** Resolves once the lists are read, or could not be. */
  async function start(): Promise<void> {
    if (kept.length === 0) return;
    cancel = clock.after(KNOWN_FOR / 2, () => void start());
    await Promise.all(kept.map(read));
  }

  /** Reads a list in the background, but no more often than every 10 s: people look at it with each click. */
  function refresh(channel: string): void {
    if (clock.now() - (askedAt.get(keyOf(channel)) ?? 0) >= MISSED_AFTER) void read(channel);
  }

  /** Reads a list, once at a time. Never rejects. */
  function read(channel: string): Promise<void> {
    const key = keyOf(channel);
    const under = reading.get(key) ?? readNow(channel).finally(() => reading.delete(key));
    reading.set(key, under);
    return under;
  }

  async function readNow(channel: string): Promise<void> {
    askedAt.set(keyOf(channel), clock.now());
    try {
      const id = await idOf(channel);
      if (id !== undefined) lists.set(id, { ...(await readPages(id)), at: clock.now() });
    } catch (error) {
      // The name may belong to another channel by now.
      if (slackErrorOf(error) === 'channel_not_found') ids.delete(channel);
      log.error({ channel, error }, 'channel members could not be read');
    }
  }

  async function idOf(channel: string): Promise<string | undefined> {
    if (!channel.startsWith('#')) return channel;
    const id = ids.get(channel) ?? (await lookFor(channel))?.id;
    if (id !== undefined) ids.set(channel, id);
    return id;
  }

  /** Names that are looked for at the same time share one listing; a later one lists them anew. */
  async function lookFor(name: string) {
    find ??= createChannelFinder(client);
    const shared = find;
    try {
      return await shared(name);
    } finally {
      if (find === shared) find = undefined;
    }
  }

  async function readPages(channel: string): Promise<Pick<MemberList, 'people' | 'whole'>> {
    const people = new Set<string>();
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = await client.conversations.members({
        channel,
        limit: PAGE,
        ...(cursor ? { cursor } : {}),
      });
      for (const member of answer.members ?? []) people.add(member);
      cursor = answer.response_metadata?.next_cursor;
      if (!cursor) return { people, whole: true };
    }
    return { people, whole: false };
  }

  return {
    has,
    size,
    start,
    close: () => cancel(),
    /** Asks Slack for the lists that are not known. Never rejects. */
    async learn(channels: readonly string[]): Promise<void> {
      const unknown = channels.filter((channel) => {
        const list = lists.get(keyOf(channel));
        return !list || ageOf(list) >= KNOWN_FOR;
      });
      await Promise.all(unknown.map(read));
    },
  };
}
