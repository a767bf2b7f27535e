import { isApproverId, isUserId } from '../approval/model/crew/slack-ids.ts';

/** How a page names people and channels: by their ids and what is known of them. */
export class Names {
  /** Ids of channels by their #names. */
  readonly #channels = new Map<string, string>();
  readonly #nameOf: (id: string) => string | undefined;

  constructor({
    nameOf = () => undefined,
  }: { nameOf?: ((id: string) => string | undefined) | undefined } = {}) {
    this.#nameOf = nameOf;
  }

  /** A person by the id or the e-mail address; groups and channels keep their ids. */
  name(id: string): string {
    if (isApproverId(id) && !isUserId(id)) return id;
    const name = this.#nameOf(id);
    return name === undefined ? id : `${name} (${id})`;
  }

  /** A channel that the settings call by its #name has this id. */
  noteChannel(name: string, id: string): void {
    this.#channels.set(name, id);
  }

  /** A channel; a direct message is named by its person, if the settings name that person. */
  place(channel: string): string {
    if (isApproverId(channel) && isUserId(channel)) return this.name(channel);
    for (const [name, id] of this.#channels) if (channel === name || channel === id) return `${name} (${id})`;
    return channel;
  }
}
