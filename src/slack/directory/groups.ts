import type { WebClient } from '@slack/web-api';
import type { Members } from '../../approval/access/can-decide.ts';
import { isGroupId } from '../../approval/model/crew/slack-ids.ts';
import type { Clock, Log } from '../../approval/ports.ts';
import { retryAfterOf, slackErrorOf } from '../api/client.ts';

const REFRESH_EVERY = 60_000;
const AGAIN_AFTER_FAILURE = 5_000;
const REFRESHED_AT_MOST_EVERY = 10_000;
/** While Slack lets nothing be read, members count for so long, in milliseconds. */
const KNOWN_FOR = 5 * 60_000;

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
  const known = new Map<string, { people: ReadonlySet<string>; at: number }>();
  let cancel = () => {};
  let reading = false;
  let readAt = Number.NEGATIVE_INFINITY;
  let notBefore = Number.NEGATIVE_INFINITY;
  let closed = false;

  const ageOf = (group: string) => clock.now() - (known.get(group)?.at ?? Number.NEGATIVE_INFINITY);
  const members: Members = (group) => (ageOf(group) <= KNOWN_FOR ? known.get(group)?.people : undefined);

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

  /** Reads them all, those first that were not read for the longest; gives how long to wait for the next time. */
  async function read(): Promise<number> {
    let wait = REFRESH_EVERY;
    for (const group of groups.toSorted((a, b) => ageOf(b) - ageOf(a))) {
      try {
        const answer = await client.usergroups.users.list({ usergroup: group });
        known.set(group, { people: new Set(answer.users ?? []), at: clock.now() });
      } catch (error) {
        const limited = retryAfterOf(error);
        if (limited !== undefined) {
          // A limit says nothing of the members: those that were read lately still count.
          log.warn({ group, againInMs: limited }, 'Slack limits how often user groups are read');
          notBefore = clock.now() + limited;
          return limited;
        }
        // What was read before may be out of date by now: it allows nobody.
        known.delete(group);
        const refused = slackErrorOf(error);
        if (refused === undefined || PASSING.has(refused)) wait = AGAIN_AFTER_FAILURE;
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
      const now = clock.now();
      if (now >= notBefore && now - readAt >= REFRESHED_AT_MOST_EVERY) refresh();
    },
    close() {
      closed = true;
      cancel();
    },
  };
}

/** Slack's own faults; whatever else it refuses it refuses again. */
const PASSING = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'ratelimited',
]);

export type Groups = ReturnType<typeof createGroups>;
