import { isApproverId, isUserId } from '../approval/model/crew/slack-ids.ts';

/** Ids in texts: a mention as Slack writes it, an e-mail address, or a word that can be an id. */
const MENTIONED =
  /<@([A-Z0-9]{1,30})(?:\|[^<>]{0,200})?>|[^\s@<>"'(),;:|]{1,64}(?:@|%40)[^\s@<>"'(),;:|]{0,189}[^\s@<>"'(),;:|.!?]|(?<![A-Za-z0-9])[UW][A-Z0-9]{2,29}(?![A-Za-z0-9])/g;
/** The id of a member as Slack gives it: other words in capitals are shorter or have no digits, and ids of approvals are longer. */
const MEMBER_ID = /^[UW](?=[A-Z0-9]*\d)[A-Z0-9]{7,12}$/;

/** How a page names people: by their ids and what is known of them, or by numbers that stay the same in one report. */
export class Names {
  readonly #numbers = new Map<string, number>();
  /** Ids of channels by their #names. */
  readonly #channels = new Map<string, string>();
  readonly #isHidden: boolean;
  readonly #nameOf: (id: string) => string | undefined;

  constructor({
    pseudonyms,
    nameOf = () => undefined,
  }: {
    pseudonyms: boolean;
    nameOf?: ((id: string) => string | undefined) | undefined;
  }) {
    this.#isHidden = pseudonyms;
    this.#nameOf = nameOf;
  }

  /** A person is known before texts are written that may name them. */
  note(person: string): void {
    if (this.#isHidden && !this.#numbers.has(person)) this.#numbers.set(person, this.#numbers.size + 1);
  }

  /** A person by the id or the e-mail address; groups and channels keep their ids. */
  name(id: string): string {
    if (isApproverId(id) && !isUserId(id)) return id;
    if (this.#isHidden) {
      this.note(id);
      return `Person ${this.#numbers.get(id)}`;
    }
    const name = this.#nameOf(id);
    return name === undefined ? id : `${name} (${id})`;
  }

  /** A channel that the settings call by its #name has this id. */
  noteChannel(name: string, id: string): void {
    this.#channels.set(name, id);
  }

  /** A channel; a direct message is named by its person, or not at all: its id is always that of the same person. */
  place(channel: string): string {
    if (this.#isHidden && channel.startsWith('D')) return 'a direct message';
    if (isApproverId(channel) && isUserId(channel)) return this.name(channel);
    for (const [name, id] of this.#channels) if (channel === name || channel === id) return `${name} (${id})`;
    return channel;
  }

  /** A sentence of ours, which has ids of people and of much else, without those of people who are known. */
  replaceKnown(sentence: string): string {
    if (!this.#isHidden) return sentence;
    return sentence.replace(/[A-Z0-9]+/g, (found) => (this.#numbers.has(found) ? this.name(found) : found));
  }

  /** A text without the ids and addresses of people, where they are hidden. */
  replaceIn(text: string): string {
    if (!this.#isHidden) return text;
    return text.replace(MENTIONED, (found, mentioned?: string) => {
      if (mentioned !== undefined) return isUserId(mentioned) ? `@${this.name(mentioned)}` : found;
      const isPerson = this.#numbers.has(found) || MEMBER_ID.test(found) || /@|%40/.test(found);
      return isPerson ? this.name(found.replace('%40', '@')) : found;
    });
  }
}
