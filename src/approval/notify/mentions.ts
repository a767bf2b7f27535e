import type { Members } from '../access/can-decide.ts';
import type { Clock } from '../ports.ts';

/** Mentions everyone who is active in the channel; stands among Slack ids. */
export const HERE = 'here';

/** Shortest time between two mentions of a person in one channel, in milliseconds. */
export const MENTIONED_EVERY = 60_000;
const MOST_REMEMBERED = 10_000;
/** A group of more people is mentioned as such or not at all. */
const MOST_UNFOLDED = 20;
/** Longest list of mentions in a message: its section takes 3,000 characters. */
export const MOST_MENTIONED = 80;

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

  function isRecent(channel: string, id: string): boolean {
    const passed = clock.now() - lastAt(channel, id);
    // A clock that was set back remembers nothing.
    return passed >= 0 && passed < MENTIONED_EVERY;
  }

  /** A group some of whose members were just mentioned is mentioned as the others. */
  function unfold(channel: string, id: string): string[] {
    const people = [...(members(id) ?? [])];
    if (people.length === 0 || !people.some((one) => isRecent(channel, one))) return [id];
    return people.length <= MOST_UNFOLDED ? people : [id];
  }

  /** `always`: is mentioned whatever was before. */
  function admit(channel: string, ids: readonly string[], always: readonly string[] = []): Admitted {
    const all = [...new Set(ids.flatMap((id) => (always.includes(id) ? [id] : unfold(channel, id))))];
    const free = all.filter((id) => always.includes(id) || !isRecent(channel, id));
    const now = free.slice(0, MOST_MENTIONED);
    return { now, later: all.filter((id) => !now.includes(id)) };
  }

  /** A message that mentions them stands in the channel. */
  function mentioned(channel: string, ids: readonly string[]): void {
    for (const one of ids.flatMap((id) => [id, ...(members(id) ?? [])])) {
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
    const isTold = (id: string) => lastAt(channel, id) >= since;
    return ids.filter((id) => {
      const people = [...(members(id) ?? [])];
      return !isTold(id) && (people.length === 0 || !people.every(isTold));
    });
  }

  return { admit, mentioned, notMentionedSince };
}

export type Mentions = ReturnType<typeof createMentions>;
