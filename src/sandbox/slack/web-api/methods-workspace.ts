import {
  BOT,
  type Channel,
  type Group,
  hasScope,
  type Person,
  requireScope,
  type State,
  TEAM,
  visibleChannel,
} from '../state.ts';
import type { Args } from './args.ts';
import type { Method } from './method.ts';
import { SlackError } from './slack-error.ts';

const botPerson: Person = { id: BOT.userId, name: BOT.name };

export const workspaceMethods: Record<string, Method> = {
  'auth.test': {
    scopes: [],
    run: () => ({
      url: `https://${TEAM.domain}.slack.com/`,
      team: TEAM.name,
      user: BOT.name,
      team_id: TEAM.id,
      user_id: BOT.userId,
      bot_id: BOT.id,
      is_enterprise_install: false,
    }),
  },
  'bots.info': {
    scopes: ['users:read'],
    run({ args }) {
      // Slack returns no bot for a call without an id, so the sandbox requires one. Only the app's own bot exists.
      if (args.required('bot') !== BOT.id) throw new SlackError('bot_not_found');
      return {
        bot: { id: BOT.id, deleted: false, name: BOT.name, app_id: BOT.appId, user_id: BOT.userId },
      };
    },
  },
  'users.info': {
    scopes: ['users:read'],
    run({ state, args }) {
      const id = args.required('user');
      const person = id === BOT.userId ? botPerson : state.people.find((other) => other.id === id);
      if (!person) throw new SlackError('user_not_found');
      const locale = args.flag('include_locale') ? { locale: person.locale ?? 'en-US' } : {};
      return { user: { ...userObject(state, person), ...locale } };
    },
  },
  'users.lookupByEmail': {
    scopes: ['users:read.email'],
    run({ state, args }) {
      const email = args.required('email').toLowerCase();
      const person = state.people.find((other) => other.email?.toLowerCase() === email);
      if (!person) throw new SlackError('users_not_found');
      return { user: userObject(state, person) };
    },
  },
  'users.list': {
    scopes: ['users:read'],
    run: ({ state }) => ({
      members: [...state.people, botPerson].map((person) => userObject(state, person)),
      response_metadata: { next_cursor: '' },
    }),
  },
  'usergroups.list': {
    scopes: ['usergroups:read'],
    run({ state, args }) {
      const withUsers = args.flag('include_users') ?? false;
      return { usergroups: state.groups.map((group) => groupObject(group, withUsers)) };
    },
  },
  'usergroups.users.list': {
    scopes: ['usergroups:read'],
    run({ state, args }) {
      const id = args.required('usergroup');
      const group = state.groups.find((other) => other.id === id);
      if (!group) throw new SlackError('no_such_subteam');
      return { users: [...group.users] };
    },
  },
  'conversations.info': {
    scopes: [],
    run({ state, args }) {
      requireScope(state, 'channels:read', 'groups:read', 'im:read', 'mpim:read');
      const channel = visibleChannel(state, args.required('channel'));
      requireScope(state, readScope(channel));
      return { channel: channelObject(channel) };
    },
  },
  'conversations.members': {
    scopes: [],
    run({ state, args }) {
      requireScope(state, 'channels:read', 'groups:read', 'im:read', 'mpim:read');
      const channel = visibleChannel(state, args.required('channel'));
      requireScope(state, readScope(channel));
      const { page, next } = pageOf([...channel.members, ...(channel.botIsMember ? [BOT.userId] : [])], args);
      return { members: page, response_metadata: { next_cursor: next } };
    },
  },
  'conversations.list': {
    scopes: [],
    run({ state, args }) {
      const types = (args.optional('types') || 'public_channel').split(',').map((type) => type.trim());
      const scopeOf: Record<string, string> = {
        public_channel: 'channels:read',
        private_channel: 'groups:read',
        im: 'im:read',
        mpim: 'mpim:read',
      };
      for (const type of types) {
        const scope = scopeOf[type];
        if (!scope) throw new SlackError('invalid_types');
        requireScope(state, scope);
      }
      const listed = state.channels.filter(
        (channel) =>
          types.includes(typeOf(channel)) &&
          (!channel.private || channel.botIsMember) &&
          !(args.flag('exclude_archived') && channel.archived),
      );
      const { page, next } = pageOf(listed, args);
      return { channels: page.map(channelObject), response_metadata: { next_cursor: next } };
    },
  },
};

/** Cuts a page of a list by `limit` and `cursor`. `next`: the cursor of the next page, empty on the last. */
function pageOf<T>(all: readonly T[], args: Args): { page: T[]; next: string } {
  const limit = args.integer('limit') ?? 100;
  if (limit < 1 || limit > 1000) throw new SlackError('invalid_limit');
  const cursor = args.optional('cursor') || '0';
  const start = Number(Buffer.from(cursor, 'base64').toString() || cursor);
  if (!Number.isInteger(start)) throw new SlackError('invalid_cursor');
  const end = start + limit;
  const next = end < all.length ? Buffer.from(String(end)).toString('base64') : '';
  return { page: all.slice(start, end), next };
}

function typeOf(channel: Channel): string {
  if (channel.im) return 'im';
  return channel.private ? 'private_channel' : 'public_channel';
}

function readScope(channel: Channel): string {
  if (channel.im) return 'im:read';
  return channel.private ? 'groups:read' : 'channels:read';
}

/** Builds the channel object that Slack sends to apps. */
export function channelObject(channel: Channel): Record<string, unknown> {
  const common = { id: channel.id, created: 1_700_000_000, is_archived: channel.archived ?? false };
  if (channel.im) return { ...common, is_im: true, user: channel.im };
  return {
    ...common,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: !channel.private,
    is_group: channel.private ?? false,
    is_im: false,
    is_mpim: false,
    is_private: channel.private ?? false,
    is_member: channel.botIsMember ?? false,
    is_shared: false,
    is_ext_shared: false,
    num_members: channel.members.length,
  };
}

function userObject(state: State, person: Person): Record<string, unknown> {
  const email = person.email && hasScope(state, 'users:read.email') ? { email: person.email } : {};
  return {
    id: person.id,
    team_id: person.stranger ? 'T0STRANGER' : TEAM.id,
    name: person.name,
    deleted: person.deleted === true,
    real_name: person.name,
    tz: person.tz ?? 'Europe/London',
    profile: { real_name: person.name, display_name: person.name, team: TEAM.id, ...email },
    is_admin: false,
    is_bot: person.id === BOT.userId || person.bot === true,
    is_restricted: person.guest ?? false,
    is_ultra_restricted: false,
    ...(person.stranger ? { is_stranger: true } : {}),
  };
}

function groupObject(group: Group, withUsers: boolean): Record<string, unknown> {
  return {
    id: group.id,
    team_id: TEAM.id,
    is_usergroup: true,
    name: group.handle,
    handle: group.handle,
    user_count: group.users.length,
    ...(withUsers ? { users: [...group.users] } : {}),
  };
}
