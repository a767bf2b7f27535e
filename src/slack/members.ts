import type { WebClient } from '@slack/web-api';
import type { Clock, Log } from '../approval/ports.ts';
import { createChannelFinder } from './channels.ts';

const KNOWN_FOR = 5 * 60_000;
const PAGE = 1_000;
const MOST_PAGES = 20;

/** Who is in a channel, by its id or #name, kept for five minutes. */
export function createMembers({ client, clock, log }: { client: WebClient; clock: Clock; log: Log }) {
  const known = new Map<string, { members: ReadonlySet<string>; until: number }>();
  const asked = new Map<string, Promise<void>>();

  function of(channel: string): ReadonlySet<string> | undefined {
    const held = known.get(channel);
    return held && held.until > clock.now() ? held.members : undefined;
  }

  async function ask(channel: string): Promise<void> {
    try {
      const id = channel.startsWith('#') ? (await createChannelFinder(client)(channel))?.id : channel;
      if (id === undefined) return;
      known.set(channel, { members: await read(id), until: clock.now() + KNOWN_FOR });
    } catch (error) {
      log.error({ channel, error }, 'the members of a channel could not be read; nobody can look up by it');
    }
  }

  async function read(channel: string): Promise<ReadonlySet<string>> {
    const members = new Set<string>();
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = await client.conversations.members({
        channel,
        limit: PAGE,
        ...(cursor ? { cursor } : {}),
      });
      for (const member of answer.members ?? []) members.add(member);
      cursor = answer.response_metadata?.next_cursor;
      if (!cursor) break;
    }
    return members;
  }

  return {
    of,
    /** Asks Slack for those that are not known, each once at a time. Never rejects. */
    async learn(channels: readonly string[]): Promise<void> {
      const unknown = channels.filter((channel) => of(channel) === undefined);
      for (const channel of unknown) {
        if (asked.has(channel)) continue;
        asked.set(
          channel,
          ask(channel).finally(() => asked.delete(channel)),
        );
      }
      await Promise.all(unknown.map((channel) => asked.get(channel)));
    },
  };
}
