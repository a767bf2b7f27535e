import { isGroupId } from '../../approval/model/crew/slack-ids.ts';
import { type Cache, createCache } from '../../lib/cache.ts';
import { isTransient, readSlackRetryAfter, type SlackBase } from '../api/client.ts';

const REFRESH_INTERVAL = 60_000;
const RETRY_AFTER_FAILURE = 5_000;
const MIN_REFRESH_INTERVAL = 10_000;
/** Members read before a rate limit are used for this long, in milliseconds. */
const VALIDITY = 5 * 60_000;

/** The members of the user groups that may approve: read at the start and every minute, never while a person waits. */
export class UserGroups {
  readonly #slack: SlackBase;
  readonly #groups: readonly string[];
  readonly #memberSets: Cache<ReadonlySet<string>>;
  readonly #handles = new Map<string, string>();
  #cancelRefresh = () => {};
  #reading = false;
  #readAt = Number.NEGATIVE_INFINITY;
  #notBefore = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** `approvers`: of all crews. */
  constructor(slack: SlackBase, approvers: readonly string[]) {
    this.#slack = slack;
    this.#groups = [...new Set(approvers.filter(isGroupId))];
    this.#memberSets = createCache({
      max: Math.max(1, this.#groups.length),
      clock: slack.clock,
      ttl: VALIDITY,
    });
  }

  /** The members of a group; undefined while they are not known. */
  members(group: string): ReadonlySet<string> | undefined {
    return this.#memberSets.get(group);
  }

  /** How Slack shows a group; undefined while it is not known. */
  handleOf(group: string): string | undefined {
    const handle = this.#handles.get(group);
    return handle === undefined ? undefined : `@${handle}`;
  }

  start(): void {
    this.#refresh();
  }

  /** A person was in none of the groups: reads the groups again in the background, at most once in 10 s. */
  refreshForNewMember(): void {
    const now = this.#slack.clock.now();
    if (now >= this.#notBefore && now - this.#readAt >= MIN_REFRESH_INTERVAL) this.#refresh();
  }

  close = (): void => {
    this.#closed = true;
    this.#cancelRefresh();
  };

  #refresh(): void {
    if (this.#closed || this.#reading || this.#groups.length === 0) return;
    this.#cancelRefresh();
    this.#readAt = this.#slack.clock.now();
    this.#reading = true;
    void this.#readAll().then((wait) => {
      this.#reading = false;
      if (!this.#closed) this.#cancelRefresh = this.#slack.clock.after(wait, () => this.#refresh());
    });
  }

  /** Reads the handles of groups. A card counts a group without a handle among the others. */
  async #readHandles(): Promise<void> {
    try {
      const { usergroups = [] } = await this.#slack.client.usergroups.list();
      for (const { id, handle } of usergroups) if (id && handle) this.#handles.set(id, handle);
    } catch (error) {
      this.#slack.log.warn({ error }, 'names of user groups not read');
    }
  }

  /** Reads every group, the one with the oldest members first; resolves to the wait before the next reading. */
  async #readAll(): Promise<number> {
    let wait = REFRESH_INTERVAL;
    for (const group of this.#groups.toSorted(
      (a, b) => this.#memberSets.getRemainingTTL(a) - this.#memberSets.getRemainingTTL(b),
    )) {
      try {
        const answer = await this.#slack.client.usergroups.users.list({ usergroup: group });
        this.#memberSets.set(group, new Set(answer.users ?? []));
      } catch (error) {
        const retryAfter = readSlackRetryAfter(error);
        if (retryAfter !== undefined) {
          // A rate limit says nothing about the members, so members read recently still count.
          this.#slack.log.warn(
            { group, againInMs: retryAfter },
            'user group not read: rate limited by Slack',
          );
          this.#notBefore = this.#slack.clock.now() + retryAfter;
          return retryAfter;
        }
        // Members read earlier may be outdated by now, so they allow nobody.
        this.#memberSets.delete(group);
        if (isTransient(error)) wait = RETRY_AFTER_FAILURE;
        this.#slack.log.error({ group, error }, 'user group not read: its members cannot approve');
      }
    }
    // Members first: nothing waits for names.
    if (this.#groups.some((group) => !this.#handles.has(group))) void this.#readHandles();
    return wait;
  }
}
