import type { Members } from './policy.ts';
import type { Clock } from './ports.ts';

/** Mentions everyone who is active in the channel; stands among Slack ids. */
export const HERE = 'here';

/** Shortest time between two mentions of a person in one channel, in milliseconds. */
export const MENTIONED_EVERY = 60_000;
const MOST_REMEMBERED = 10_000;

/** Whom a message mentions now, and whom only later, since they were just mentioned. */
export interface Admitted {
  now: string[];
  later: string[];
}

/** Remembers who was mentioned where, in this process: nobody is mentioned for each of thirty cards. */
export function createMentions(clock: Clock, members: Members) {
  const last = new Map<string, number>();

  const key = (channel: string, id: string) => `${channel} ${id}`;
  const lastAt = (channel: string, id: string) => last.get(key(channel, id)) ?? Number.NEGATIVE_INFINITY;
  const everyone = (id: string) => [id, ...(members(id) ?? [])];

  function isRecent(channel: string, id: string): boolean {
    return everyone(id).some((one) => clock.now() - lastAt(channel, one) < MENTIONED_EVERY);
  }

  /** `always`: is mentioned whatever was before. */
  function admit(channel: string, ids: readonly string[], always: readonly string[] = []): Admitted {
    const now = ids.filter((id) => always.includes(id) || !isRecent(channel, id));
    return { now, later: ids.filter((id) => !now.includes(id)) };
  }

  /** A message that mentions them stands in the channel. */
  function mentioned(channel: string, ids: readonly string[]): void {
    for (const one of ids.flatMap(everyone)) {
      last.delete(key(channel, one));
      last.set(key(channel, one), clock.now());
    }
    for (const oldest of last.keys()) {
      if (last.size <= MOST_REMEMBERED) break;
      last.delete(oldest);
    }
  }

  /** Those of these whom no message in the channel has mentioned since then. */
  function notMentionedSince(channel: string, ids: readonly string[], since: number): string[] {
    return ids.filter((id) => !everyone(id).some((one) => lastAt(channel, one) >= since));
  }

  return { admit, mentioned, notMentionedSince };
}

export type Mentions = ReturnType<typeof createMentions>;
