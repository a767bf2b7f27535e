import { createCache } from '../../lib/cache.ts';
import { isUserId, type ListMembers } from '../model/crew/slack-ids.ts';
import type { Clock } from '../ports.ts';

/** Mentions everyone who is active in the channel. Can be in a list of Slack ids. */
export const HERE = 'here';

/** Shortest time between two mentions of a person in one channel, in milliseconds. */
export const MENTION_INTERVAL = 60_000;
const MAX_REMEMBERED = 10_000;
/** Largest group to mention person by person; larger groups are mentioned by name. */
const MAX_UNFOLDED = 20;
/** Most mentions in a message: a section holds 3,000 characters. */
export const MAX_MENTIONED = 80;

/** Lists the people and groups that a message notifies. A direct message always notifies its person. */
export function listNotified(channel: string, mentioned: readonly string[]): string[] {
  return [...new Set([...(isUserId(channel) ? [channel] : []), ...mentioned])];
}

/** People to mention now, and people to mention later because they were just mentioned. */
export interface AdmittedMentions {
  now: string[];
  later: string[];
}

/** Remembers in this process who was mentioned where, so that thirty cards do not mention a person thirty times. */
export class Mentions {
  private readonly clock: Clock;
  private readonly members: ListMembers;
  private readonly lastMentions = createCache<number>({ max: MAX_REMEMBERED });

  constructor(clock: Clock, members: ListMembers) {
    this.clock = clock;
    this.members = members;
  }

  /** Splits people by whether to mention them now or later. `mentionEvenIfRecent`: mentioned now, even if just mentioned before. */
  admit(
    channel: string,
    ids: readonly string[],
    mentionEvenIfRecent: readonly string[] = [],
  ): AdmittedMentions {
    const people = [
      ...new Set(ids.flatMap((id) => (mentionEvenIfRecent.includes(id) ? [id] : this.unfold(channel, id)))),
    ];
    const mentionable = people.filter(
      (id) => mentionEvenIfRecent.includes(id) || !this.isRecent(channel, id),
    );
    const now = mentionable.slice(0, MAX_MENTIONED);
    return { now, later: people.filter((id) => !now.includes(id)) };
  }

  /** Remembers that a message in the channel mentioned these people. */
  remember(channel: string, ids: readonly string[]): void {
    for (const person of ids.flatMap((id) => [id, ...(this.members(id) ?? [])]))
      this.lastMentions.set(`${channel} ${person}`, this.clock.now());
  }

  /** Lists the people whom no message in the channel has mentioned since then. */
  listNotMentioned(channel: string, ids: readonly string[], since: number): string[] {
    const isMentioned = (id: string) => this.findLastMention(channel, id) >= since;
    return ids.filter((id) => {
      const people = [...(this.members(id) ?? [])];
      return !isMentioned(id) && (people.length === 0 || !people.every(isMentioned));
    });
  }

  private findLastMention(channel: string, id: string): number {
    return this.lastMentions.get(`${channel} ${id}`) ?? Number.NEGATIVE_INFINITY;
  }

  private isRecent(channel: string, id: string): boolean {
    const elapsed = this.clock.now() - this.findLastMention(channel, id);
    // After the clock was set back, no mention counts as recent.
    return elapsed >= 0 && elapsed < MENTION_INTERVAL;
  }

  /** Replaces a group with its members if some of them were just mentioned. */
  private unfold(channel: string, id: string): string[] {
    const people = [...(this.members(id) ?? [])];
    if (people.length === 0 || !people.some((person) => this.isRecent(channel, person))) return [id];
    return people.length <= MAX_UNFOLDED ? people : [id];
  }
}
