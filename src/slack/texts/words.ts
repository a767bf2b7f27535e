import type { Alert, Announcement } from '../../approval/alerts.ts';
import type { ValueFault } from '../../approval/model/fields.ts';
import type { NamedDeciders } from '../../approval/ports.ts';
import { splitDuration } from '../../lib/duration.ts';

/** Functions that write the sentence of each alert and announcement from its fields. */
export type FactTexts = {
  [Fact in Alert | Announcement as Fact['kind']]: (fields: Omit<Fact, 'kind'>) => string;
};

/** A decision in words. `option`: chosen option; `by`: undefined for a rule. */
export interface DecisionWords {
  action: 'approve' | 'request_revision' | 'choose';
  option: string | undefined;
  by: string | undefined;
  when?: string;
}

/**
 * A request to decide. `what`: name of the approval; undefined in the thread of the card, where "this" is clear. `subject`: the
 * name at the beginning of a sentence.
 */
export interface DecisionRequest {
  people?: string | undefined;
  what?: string | undefined;
  subject?: string | undefined;
  since: string;
}

/** CrewAI's own words for a failure. `isSentence`: they begin like "… failed: …", so they are a sentence of their own. */
export interface Reason {
  text: string;
  isSentence: boolean;
}

/** Filter of decisions: by a person, in a crew, since a date. */
export interface DecisionFilter {
  by?: string | undefined;
  crew?: string | undefined;
  since?: string | undefined;
}

/** Functions that write the sentence of each fault of a value. `bound`: the limit, if the fault has one. */
export type ValueFaultTexts = Readonly<Record<ValueFault['code'], (bound: number) => string>>;

/** People who can decide. `card_channel`: the members of the card's channel, for readers outside that channel. */
export type Deciders = NamedDeciders | 'card_channel';

type DeciderWords = 'channel' | 'card_channel' | 'unnamed' | 'more';

/**
 * Creates functions that name the people who can decide in a language. `channel` and `card_channel`: words for any one member,
 * then for all members. `unnamed`, `more`: singular and plural for people who are only counted, alone and after names.
 */
export function createDeciderWords(
  { plural, formatList, formatChoice }: ReturnType<typeof createWords>,
  { unnamed, more, ...members }: Record<DeciderWords, readonly [string, string]>,
) {
  /** Names all people: "Ana, Ben, and 34 others". */
  const nameEveryone = (people: Deciders): string => {
    if (typeof people === 'string') return members[people][1];
    const { names, others } = people;
    const otherPeople = others === 0 ? [] : [plural(others, ...(names.length === 0 ? unnamed : more))];
    return formatList([...names, ...otherPeople]);
  };
  /** Names any one of the people: "Ana, Ben, or Cat". If some are only counted, names all: "Ana, Ben, and 34 others". */
  const nameAnyone = (people: Deciders): string => {
    if (typeof people === 'string') return members[people][0];
    return people.others > 0 ? nameEveryone(people) : formatChoice(people.names);
  };
  /** Begins a sentence with any one of the people. A name keeps its first letter, other words get a capital. */
  const nameAnyoneCapitalized = (people: Deciders): string => {
    const isNamed = typeof people !== 'string' && people.names.length > 0;
    return isNamed ? nameAnyone(people) : capitalize(nameAnyone(people));
  };
  return { nameEveryone, nameAnyone, nameAnyoneCapitalized };
}

/** True if the words of `nameAnyone` take a singular verb ("puede", not "pueden"). A channel does: any one member. */
export function takesSingularVerb(people: Deciders): boolean {
  return typeof people === 'string' || people.names.length + people.others === 1;
}

/** Creates functions that format numbers, lists and times as a locale writes them. */
export function createWords(locale: string) {
  const plurals = new Intl.PluralRules(locale);
  const lists = new Intl.ListFormat(locale);
  const choices = new Intl.ListFormat(locale, { type: 'disjunction' });
  const days = new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  });
  const formatCount = (count: number) => count.toLocaleString(locale);
  const formatNumber = (value: number) => value.toLocaleString(locale, { maximumFractionDigits: 20 });
  return {
    formatCount,
    /** Formats a number with all its digits. */
    formatNumber,
    /**
     * Returns `one` for one thing, else `other` with the number in place of its first `#`. Insert text from outside only after
     * that `#`, since it may contain one. Zero always takes `other`: some languages count zero as one, and `one` may contain no
     * number.
     */
    plural: (count: number, one: string, other: string) =>
      count !== 0 && plurals.select(count) === 'one' ? one : other.replace('#', formatCount(count)),
    formatList: (names: readonly string[]) => lists.format(names),
    /** Formats a choice: "Ana, Ben, or Cat". */
    formatChoice: (names: readonly string[]) => choices.format(names),
    /** Formats a duration: "3 hr 20 min", or in one unit "3 hours". */
    formatDuration(milliseconds: number, max: 1 | 2 = 2): string {
      const unitDisplay = max === 1 ? 'long' : 'short';
      return splitDuration(milliseconds, max)
        .map(({ count, unit }) => count.toLocaleString(locale, { style: 'unit', unit, unitDisplay }))
        .join(' ');
    },
    /** Formats a day, in UTC: "Fri, Dec 4". */
    formatDay: (at: number) => days.format(at),
  };
}

/** Adds a full stop to a title, unless the title already ends like a sentence. */
export function endSentence(title: string): string {
  return title + chooseFullStop(title);
}

/** Returns the full stop after a quotation; empty: the quotation already ends like a sentence. */
export function chooseFullStop(quoted: string): string {
  return /[.?!…]$/.test(quoted) ? '' : '.';
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
