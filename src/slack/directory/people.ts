import type { WebClient } from '@slack/web-api';
import { isGroupId } from '../../approval/model/crew/slack-ids.ts';
import type { Clock, Log, PeopleDirectory } from '../../approval/ports.ts';
import { withTimeout } from '../../lib/deadline.ts';
import { slackErrorOf } from '../api/client.ts';
import { untilDay } from './daytime.ts';
import type { Groups } from './groups.ts';
import { ChannelMembers } from './members.ts';

const KNOWN_FOR = 60 * 60_000;
/** A person waits for it: a click has to be answered within 3 s. */
const LEARNT_WITHIN = 1_000;
/** At once: https://docs.slack.dev/apis/web-api/rate-limits allows about so many a minute. */
const MOST_LOOKED_UP = 50;
const MOST_CALLED = 10;

interface Person {
  outsider: boolean;
  gone: boolean;
  timeZone: string | undefined;
}

/** What Slack says of people, kept for an hour: who is a guest, who has an email address, where it is night. */
export function createPeople({
  client,
  groups,
  channels: kept,
  team,
  clock,
  log,
}: {
  client: WebClient;
  groups: Groups;
  /** Channels of cards: who is in them is read at the start and kept up to date. */
  channels?: readonly string[];
  /** Ours, once Slack has told it. */
  team: () => { teamId: string; enterpriseId?: string } | undefined;
  clock: Clock;
  log: Log;
}): PeopleDirectory & { start(): Promise<void>; close(): void } {
  const people = createCache<Person>(clock);
  const emails = createCache<string | null>(clock);
  const channels = new ChannelMembers({ client, clock, log, ...(kept ? { kept } : {}) });

  const lookUp = oneFlight(async (id) => {
    if (people.get(id)) return;
    try {
      const { user } = await client.users.info({ user: id });
      const ours = team();
      const sameEnterprise =
        ours?.enterpriseId !== undefined && user?.enterprise_user?.enterprise_id === ours.enterpriseId;
      const otherTeam = Boolean(user?.team_id && ours && user.team_id !== ours.teamId && !sameEnterprise);
      const guest = Boolean(user?.is_restricted || user?.is_ultra_restricted || user?.is_stranger);
      // Of another team we do not know while we do not know our own.
      const gone = user?.deleted === true;
      if (ours || guest || gone) people.set(id, { outsider: guest || otherTeam, gone, timeZone: user?.tz });
    } catch (error) {
      log.error({ person: id, error }, 'a person could not be looked up');
    }
  });

  const lookUpEmail = oneFlight(async (email) => {
    if (emails.get(email) !== undefined) return;
    try {
      const { user } = await client.users.lookupByEmail({ email });
      emails.set(email, user?.id ?? null);
    } catch (error) {
      if (slackErrorOf(error) === 'users_not_found') {
        emails.set(email, null);
        log.warn(
          {},
          'nobody in Slack has the email address of whoever started a run: nobody is excluded by it',
        );
      } else log.error({ error }, 'whoever started a run could not be looked up');
    }
  });

  return {
    members: groups.members,
    noteNotMember: groups.missed,
    idOf: emails.get,
    outsider: (id) => people.get(id)?.outsider,
    isGone: (id) => people.get(id)?.gone,

    async learn(ids, addresses) {
      const unknown = [
        ...[...new Set(ids)].filter((id) => !people.get(id)).map((id) => () => lookUp(id)),
        ...[...new Set(addresses)]
          .filter((email) => emails.get(email) === undefined)
          .map((email) => () => lookUpEmail(email)),
      ];
      const asked = unknown.slice(0, MOST_LOOKED_UP);
      await withTimeout(LEARNT_WITHIN, () => Promise.all(asked.map((ask) => ask()))).catch(() => {});
    },

    inChannel: (person, channel) => channels.has(person, channel),
    channelSize: (channel) => channels.size(channel),
    start: () => channels.start(),
    close: () => channels.close(),

    async learnMembers(wanted) {
      await withTimeout(LEARNT_WITHIN, () => channels.learn(wanted)).catch(() => {});
    },

    async findAwake(ids, now) {
      const all = ids.flatMap((id) => (isGroupId(id) ? [...(groups.members(id) ?? [])] : [id]));
      const each = [...new Set(all)].slice(0, MOST_LOOKED_UP);
      if (each.length === 0) return { ids: [...ids] };
      // Of whom Slack does not say it in time, it is day.
      await withTimeout(LEARNT_WITHIN, () => Promise.all(each.map(lookUp))).catch(() => {});
      const waits = each.map((id) => ({ id, wait: untilDay(people.get(id)?.timeZone, now) }));
      const awake = waits.filter(({ wait }) => wait === 0).map(({ id }) => id);
      if (awake.length === 0) return { ids: [], dawn: now + Math.min(...waits.map(({ wait }) => wait)) };
      return { ids: awake.slice(0, MOST_CALLED) };
    },
  };
}

/** Whoever asks for the same while it is being asked for gets the same answer. */
function oneFlight(ask: (key: string) => Promise<void>): (key: string) => Promise<void> {
  const asked = new Map<string, Promise<void>>();
  return (key) => {
    const flight = asked.get(key) ?? ask(key).finally(() => asked.delete(key));
    asked.set(key, flight);
    return flight;
  };
}

function createCache<T>(clock: Clock) {
  const held = new Map<string, { value: T; until: number }>();
  return {
    get(key: string): T | undefined {
      const found = held.get(key);
      return found && found.until > clock.now() ? found.value : undefined;
    },
    set(key: string, value: T): void {
      held.set(key, { value, until: clock.now() + KNOWN_FOR });
    },
  };
}
