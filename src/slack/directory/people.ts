import type { UsersInfoResponse } from '@slack/web-api';
import { findLanguage, type Language } from '../../approval/model/crew/language.ts';
import { isGroupId, unfoldGroups } from '../../approval/model/crew/slack-ids.ts';
import type { PeopleDirectory } from '../../approval/ports.ts';
import { type Cache, createCache } from '../../lib/cache.ts';
import { REPLY_TIMEOUT, withTimeout } from '../../lib/time.ts';
import { isTransient, readSlackError, type SlackBase } from '../api/client.ts';
import { ChannelMembers } from './members.ts';
import type { UserGroups } from './user-groups.ts';

const VALIDITY = 60 * 60_000;
/** If Slack does not answer, the last reading of a person is used for this long, in milliseconds. */
const STALE_PERIOD = 24 * 60 * 60_000;
const MAX_KEPT = 5_000;
/** A person waits for the lookups: a click has to be answered within 3 s. */
const LEARN_TIMEOUT = 1_000;
/** Slack allows about 50 lookups per minute: https://docs.slack.dev/apis/web-api/rate-limits */
const MAX_LOOKUPS = 50;
const MAX_NOTIFIED = 10;
const DAY_STARTS_AT = 8;
const DAY_ENDS_AT = 20;
const MINUTES_PER_DAY = 24 * 60;

/** Our workspace, or the Enterprise organization that it belongs to. */
type Team = { teamId: string; enterpriseId?: string };

interface Person {
  name?: string | undefined;
  outsider?: boolean | undefined;
  /** Deactivated, or a bot. */
  isGone?: boolean;
  timeZone?: string | undefined;
  language?: Language | undefined;
}

/** A person as Slack described them. The reading is valid until `until`, and a little longer if Slack does not answer by then. */
interface Reading {
  person: Person;
  until: number;
}

/** What Slack's error codes say about a person. https://docs.slack.dev/reference/methods/users.info */
const PERSON_BY_ERROR: ReadonlyMap<string | undefined, Person> = new Map([
  // Slack has no such person.
  ['user_not_found', { outsider: true, isGone: true }],
  // The person belongs to another workspace or organization.
  ['user_not_visible', { outsider: true, isGone: false }],
]);

/** Facts from Slack about people, kept for an hour: guests, email addresses, time zones, groups and channels. */
export class SlackPeople implements PeopleDirectory {
  readonly #slack: SlackBase;
  readonly #groups: UserGroups;
  readonly #channels: ChannelMembers;
  readonly #team: () => Team | undefined;
  readonly #people: Cache<Reading>;
  /** The person of an email address; null: nobody has it. */
  readonly #emails: Cache<{ id: string | null }>;

  constructor(
    slack: SlackBase,
    {
      groups,
      channels,
      team,
    }: {
      groups: UserGroups;
      /** Channels of cards: their members are read at the start and kept up to date. */
      channels?: readonly string[];
      /** Our workspace, once Slack has named it. */
      team: () => Team | undefined;
    },
  ) {
    this.#slack = slack;
    this.#groups = groups;
    this.#channels = new ChannelMembers(slack, channels);
    this.#team = team;
    const cacheOptions = { max: MAX_KEPT, clock: slack.clock, ttl: VALIDITY };
    this.#people = createCache({ ...cacheOptions, ttl: STALE_PERIOD, load: (id) => this.#lookUpPerson(id) });
    this.#emails = createCache({ ...cacheOptions, load: (email) => this.#lookUpPersonByEmail(email) });
  }

  start = () => this.#channels.start();

  close = () => this.#channels.close();

  // The domain takes single methods out of the directory, so they are bound.
  members = (group: string) => this.#groups.members(group);

  refreshGroups = () => this.#groups.refreshForNewMember();

  idOf = (email: string) => this.#emails.get(email)?.id;

  outsider = (id: string) => this.#find(id)?.outsider;

  /** The language of the last reading, however old: an old language is better than none. */
  language = (id: string) => this.#people.get(id)?.person.language;

  nameOf = (id: string) => (isGroupId(id) ? this.#groups.handleOf(id) : this.#find(id)?.name);

  timeZone = (id: string) => this.#find(id)?.timeZone;

  isGone = (id: string) => this.#find(id)?.isGone;

  inChannel = (person: string, channel: string) => this.#channels.has(person, channel);

  channelId = (channel: string) => this.#channels.idOf(channel);

  channelSize = (channel: string) => this.#channels.size(channel);

  learn = async (ids: readonly string[], emails: readonly string[]): Promise<void> => {
    const unknownIds = [...new Set(ids)].filter((id) => !this.#find(id)).slice(0, MAX_LOOKUPS);
    const lookUps = [
      ...unknownIds.map((id) => () => this.#people.fetch(id, { forceRefresh: true })),
      ...[...new Set(emails)]
        .filter((email) => !this.#emails.has(email))
        .map((email) => () => this.#emails.fetch(email)),
    ];
    const allowedLookUps = lookUps.slice(0, MAX_LOOKUPS);
    await withTimeout(LEARN_TIMEOUT, () => Promise.all(allowedLookUps.map((lookUp) => lookUp()))).catch(
      () => {},
    );
    // Slack did not answer for these people: their old readings are valid for the current click only.
    for (const reading of unknownIds.map((id) => this.#people.get(id)))
      if (reading) reading.until = Math.max(reading.until, this.#slack.clock.now() + REPLY_TIMEOUT);
  };

  learnMembers = async (channels: readonly string[]): Promise<void> => {
    await withTimeout(LEARN_TIMEOUT, () => this.#channels.learn(channels)).catch(() => {});
  };

  findAwake = async (ids: readonly string[], now: number): Promise<{ ids: string[]; dawn?: number }> => {
    const personIds = [...new Set(unfoldGroups(ids, this.members))].slice(0, MAX_LOOKUPS);
    if (personIds.length === 0) return { ids: [...ids] };
    // A person whose time zone is not known in time counts as awake.
    await this.learn(personIds, []);
    const waits = personIds.map((id) => ({ id, wait: computeTimeUntilDay(this.timeZone(id), now) }));
    const awake = waits.filter(({ wait }) => wait === 0).map(({ id }) => id);
    if (awake.length === 0) return { ids: [], dawn: now + Math.min(...waits.map(({ wait }) => wait)) };
    return { ids: awake.slice(0, MAX_NOTIFIED) };
  };

  /** The last reading of a person, unless it is too old. */
  #find(id: string): Person | undefined {
    const { person, until = 0 } = this.#people.get(id) ?? {};
    return this.#slack.clock.now() < until ? person : undefined;
  }

  /** Undefined: Slack did not answer. */
  async #lookUpPerson(id: string): Promise<Reading | undefined> {
    const { client, clock, log } = this.#slack;
    try {
      const { user } = await client.users.info({ user: id, include_locale: true });
      const person = readPerson(user, this.#team());
      if (!user?.id) log.error({ person: id }, 'person lookup failed: the answer has no user');
      // Read again once our team is known.
      return person && { person, until: person.outsider === undefined ? 0 : clock.now() + VALIDITY };
    } catch (error) {
      log.error({ person: id, error }, 'person lookup failed');
      const person = PERSON_BY_ERROR.get(readSlackError(error));
      if (person) return { person, until: clock.now() + VALIDITY };
      // Slack responded with an error: nothing is known about the person, and the next call asks again.
      return isTransient(error) ? undefined : { person: {}, until: 0 };
    }
  }

  async #lookUpPersonByEmail(email: string): Promise<{ id: string | null } | undefined> {
    try {
      const { user } = await this.#slack.client.users.lookupByEmail({ email });
      return { id: user?.id ?? null };
    } catch (error) {
      if (readSlackError(error) === 'users_not_found') {
        this.#slack.log.warn({}, 'no Slack user found with an email address that a run names');
        return { id: null };
      }
      this.#slack.log.error({ error }, 'person lookup by email failed');
      return undefined;
    }
  }
}

/** Reads a person from Slack's user; undefined: no user. Without `team`, it is unknown whether the person is external. */
function readPerson(user: UsersInfoResponse['user'], team: Team | undefined): Person | undefined {
  if (!user?.id) return undefined;
  const isSameEnterprise =
    team?.enterpriseId !== undefined && user.enterprise_user?.enterprise_id === team.enterpriseId;
  const isOtherTeam = Boolean(user.team_id && team && user.team_id !== team.teamId && !isSameEnterprise);
  const isGuest = Boolean(user.is_restricted || user.is_ultra_restricted || user.is_stranger);
  const isGone = user.deleted === true || user.is_bot === true;
  return {
    name: [user.profile?.display_name, user.profile?.real_name, user.name].find((name) => name?.trim()),
    outsider: isGuest || (team ? isOtherTeam : undefined),
    isGone,
    timeZone: user.tz,
    language: findLanguage(user.locale),
  };
}

/** How long until daytime (8:00 to 20:00) in a time zone, in milliseconds; 0 in daytime or if the zone is unknown. */
export function computeTimeUntilDay(timeZone: string | undefined, now: number): number {
  const minutes = timeZone === undefined ? undefined : readMinutesOfDay(timeZone, now);
  if (minutes === undefined || (minutes >= DAY_STARTS_AT * 60 && minutes < DAY_ENDS_AT * 60)) return 0;
  return ((DAY_STARTS_AT * 60 - minutes + MINUTES_PER_DAY) % MINUTES_PER_DAY) * 60_000;
}

function readMinutesOfDay(timeZone: string, now: number): number | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    const [hours = '', minutes = ''] = format.format(now).split(':');
    return Number(hours) * 60 + Number(minutes);
  } catch {
    return undefined;
  }
}
