import type { WebClient } from '@slack/web-api';
import { isGroupId, type Members } from '../approval/policy.ts';
import type { Clock, Log } from '../approval/ports.ts';

const REFRESH_EVERY = 60_000;
const AGAIN_AFTER_FAILURE = 5_000;
const REFRESHED_AT_MOST_EVERY = 10_000;

/** The members of the user groups that may approve: read at start and each minute, never while someone waits. */
export function createGroups({
  client,
  approvers,
  clock,
  log,
}: {
  client: WebClient;
  /** Of all crews. */
  approvers: readonly string[];
  clock: Clock;
  log: Log;
}) {
  const groups = [...new Set(approvers.filter(isGroupId))];
  const known = new Map<string, ReadonlySet<string>>();
  let cancel = () => {};
  let reading = false;
  let readAt = Number.NEGATIVE_INFINITY;
  let closed = false;

  const members: Members = (groupId) => known.get(groupId);

  function refresh(): void {
    if (closed || reading || groups.length === 0) return;
    cancel();
    readAt = clock.now();
    reading = true;
    void read().then((wait) => {
      reading = false;
      if (!closed) cancel = clock.after(wait, refresh);
    });
  }

  async function read(): Promise<number> {
    let wait = REFRESH_EVERY;
    for (const group of groups) {
      try {
        const answer = await client.usergroups.users.list({ usergroup: group });
        known.set(group, new Set(answer.users ?? []));
      } catch (error) {
        // What was read before may be out of date by now: it allows nobody.
        known.delete(group);
        wait = AGAIN_AFTER_FAILURE;
        log.error({ group, error }, 'a user group could not be read; nobody can approve by it');
      }
    }
    return wait;
  }

  return {
    members,
    start: refresh,
    /** Someone was in none of them: they are read again in the background, at most once in 10 s. */
    missed() {
      if (clock.now() - readAt >= REFRESHED_AT_MOST_EVERY) refresh();
    },
    close() {
      closed = true;
      cancel();
    },
  };
}

export type Groups = ReturnType<typeof createGroups>;
