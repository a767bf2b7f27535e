import { channelOf, findPerson } from '../../../src/sandbox/slack/interactions/interactions.ts';
import type { Channel, State } from '../../../src/sandbox/slack/state.ts';

/** Creates the changes to a workspace, its people and channels that the bot has no part in. */
export function createAdministration(state: State) {
  function change(channel: string, fields: Partial<Channel>): void {
    Object.assign(channelOf(state, channel), fields);
    state.touch();
  }

  return {
    /** Removes a person from the workspace, its channels and groups. */
    deactivate(user: string) {
      const { id } = Object.assign(findPerson(state, user), { deleted: true });
      for (const channel of state.channels) channel.members = channel.members.filter((one) => one !== id);
      for (const group of state.groups) group.users = group.users.filter((one) => one !== id);
      state.touch();
    },
    joinChannel({ user, channel }: { user: string; channel: string }) {
      const { members } = channelOf(state, channel);
      const { id } = findPerson(state, user);
      change(channel, { members: members.includes(id) ? members : [...members, id] });
    },
    leaveChannel({ user, channel }: { user: string; channel: string }) {
      change(channel, { members: channelOf(state, channel).members.filter((id) => id !== user) });
    },
    joinBot: (channel: string) => change(channel, { botIsMember: true }),
    removeBot: (channel: string) => change(channel, { botIsMember: false }),
    archive: (channel: string) => change(channel, { archived: true }),
    makePrivate: (channel: string) => change(channel, { private: true }),
    rename: (channel: string, name: string) => change(channel, { name }),
    revokeToken() {
      state.revoked = true;
      state.touch();
    },
  };
}
