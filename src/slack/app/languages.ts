import type { Crew } from '../../approval/model/crew/crew.ts';
import type { Language } from '../../approval/model/crew/language.ts';
import type { PeopleDirectory } from '../../approval/ports.ts';
import { withTimeout } from '../../lib/time.ts';
import { inLanguage, type LoadTexts, type Texts } from '../texts/texts.ts';

/** How long an answer waits for the language of a person, in milliseconds. */
const LEARN_TIMEOUT = 500;

/** The language of messages about a crew. */
export type LanguageOf = (crew: string) => Language;
/** Languages of messages about a crew, and of messages to one person. */
export type MessageLanguages = Pick<Languages, 'ofCrew' | 'textsFor'>;

type Crews = ReadonlyMap<string, Pick<Crew, 'language' | 'channels'>>;

/** The language that all crews share, else English. */
export function findCommonLanguage(crews: Crews): Language {
  const languages = new Set([...crews.values()].map(({ language }) => language));
  const [language = 'en'] = languages;
  return languages.size === 1 ? language : 'en';
}

/** Chooses languages: a person reads the language of their Slack, a channel the language of its crew. */
export class Languages {
  readonly #crews: Crews;
  readonly #people: Pick<PeopleDirectory, 'language' | 'learn' | 'channelId'>;

  constructor(crews: Crews, people: Pick<PeopleDirectory, 'language' | 'learn' | 'channelId'>) {
    this.#crews = crews;
    this.#people = people;
  }

  ofCrew = (name: string | undefined): Language => {
    const crew = name === undefined ? undefined : this.#crews.get(name);
    return crew?.language ?? findCommonLanguage(this.#crews);
  };

  /**
   * Returns the texts for a person who acts in a channel or elsewhere, or who gets a message about a crew. A form decides the
   * language of its answers; else the person's language does, once it is known. All answers to one interaction are in one
   * language. Asks Slack for the person's language at once.
   */
  textsFor(
    person: string,
    {
      channel,
      form,
      crew,
    }: { channel?: string | undefined; form?: Language | undefined; crew?: string } = {},
  ): LoadTexts {
    const learning = this.#learn(person);
    let texts: Promise<Texts> | undefined;
    return () => {
      texts ??=
        form === undefined
          ? learning.then(() => inLanguage(this.#people.language(person) ?? this.#default(crew, channel)))
          : Promise.resolve(inLanguage(form));
      return texts;
    };
  }

  /** Asks Slack for the language of a person, for half a second at most; never rejects. */
  async #learn(person: string): Promise<void> {
    await withTimeout(LEARN_TIMEOUT, () => this.#people.learn([person], [])).catch(() => {});
  }

  #default(crewName: string | undefined, channel: string | undefined): Language {
    if (channel === undefined) return this.ofCrew(crewName);
    const [channelCrew] = [...this.#crews].find(([, { channels }]) =>
      channels.some((name) => name === channel || this.#people.channelId(name) === channel),
    ) ?? [undefined];
    return this.ofCrew(channelCrew);
  }
}

/** The texts for the person whose interaction a listener handles. */
export function textsOf({ context }: { context: Record<string, unknown> }): LoadTexts {
  return context.texts as LoadTexts;
}
