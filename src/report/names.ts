import { isApproverId, isUserId } from '../approval/model/crew/slack-ids.ts';

/** Names people and channels on a page, by their ids and known names. */
export class Names {
  /** Ids of channels, by their #names. */
  readonly #channels = new Map<string, string>();
  readonly #nameOf: (id: string) => string | undefined;

  constructor({
    nameOf = () => undefined,
  }: { nameOf?: ((id: string) => string | undefined) | undefined } = {}) {
    this.#nameOf = nameOf;
  }

  /** Names a person by id or email address. Groups and channels keep their ids. */
  name(id: string): string {
    if (isApproverId(id) && !isUserId(id)) return id;
    const name = this.#nameOf(id);
    return name === undefined ? id : `${name} (${id})`;
  }

  /** Records the id of a channel that the settings name by its #name. */
  recordChannel(name: string, id: string): void {
    this.#channels.set(name, id);
  }

  /** Names a channel. A direct message is named after the person if the settings name the person. */
  place(channel: string): string {
    if (isApproverId(channel) && isUserId(channel)) return this.name(channel);
    for (const [name, id] of this.#channels) if (channel === name || channel === id) return `${name} (${id})`;
    return channel;
  }
}
