import type { Alert, Announcement } from '../../approval/alerts.ts';
import type { ValueFault } from '../../approval/model/fields.ts';
import type { NamedDeciders } from '../../approval/ports.ts';
import { splitDuration } from '../../lib/duration.ts';

/** A sentence for each alert and announcement, from its fields. */
export type FactTexts = {
  [Fact in Alert | Announcement as Fact['kind']]: (fields: Omit<Fact, 'kind'>) => string;
};

/** A decision. `option`: the answer of a Flow; `by`: undefined for a rule. */
export interface DecisionWords {
  action: 'approve' | 'request_revision' | 'choose';
  option: string | undefined;
  by: string | undefined;
  when?: string;
}

/**
 * Asks people to decide. `what`: undefined in the thread of the card, where it is clear what "this" is; `subject`: the same
 * where a sentence begins with it.
 */
export interface DecisionRequest {
  people?: string | undefined;
  what?: string | undefined;
  subject?: string | undefined;
  since: string;
}

/** CrewAI's own words. `isSentence`: they say themselves that something failed. */
export interface Reason {
  text: string;
  isSentence: boolean;
}

/** Decisions of a person, of a crew, since a date. */
export interface DecisionFilter {
  by?: string | undefined;
  crew?: string | undefined;
  since?: string | undefined;
}

/** A sentence for each fault of a value; `bound`: what it has to keep to, where there is one. */
export type ValueFaultTexts = Readonly<Record<ValueFault['code'], (bound: number) => string>>;

/** Who can decide. `card_channel`: the members of the card's channel, on a place that is not in it. */
export type Deciders = NamedDeciders | 'card_channel';

type DeciderWords = 'channel' | 'card_channel' | 'unnamed' | 'more';

/**
 * Names the people who can decide, in the words of a language: `channel` and `card_channel` any and several of its members,
 * `unnamed` and `more` as in `plural`.
 */
export function createDeciderWords(
  { plural, formatList, formatChoice }: ReturnType<typeof createWords>,
  { unnamed, more, ...members }: Record<DeciderWords, readonly [string, string]>,
) {
  /** "Ana, Ben, and 34 others". */
  const nameEveryone = (people: Deciders): string => {
    if (typeof people === 'string') return members[people][1];
    const { names, others } = people;
    const rest = others === 0 ? [] : [plural(others, ...(names.length === 0 ? unnamed : more))];
    return formatList([...names, ...rest]);
  };
  /** "Ana, Ben, or Cat"; a number of people is not a choice: "Ana, Ben, and 34 others". */
  const nameAnyone = (people: Deciders): string => {
    if (typeof people === 'string') return members[people][0];
    return people.others > 0 ? nameEveryone(people) : formatChoice(people.names);
  };
  /** A name is written as it is. */
  const beginWithAnyone = (people: Deciders): string => {
    const isNamed = typeof people !== 'string' && people.names.length > 0;
    return isNamed ? nameAnyone(people) : capitalize(nameAnyone(people));
  };
  return { nameEveryone, nameAnyone, beginWithAnyone };
}

/** Decides between "puede" and "pueden". */
export function isOnePerson(people: Deciders): boolean {
  return typeof people === 'string' || people.names.length + people.others === 1;
}

/** Numbers, lists and times in a language, as its country writes them. */
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
    /** With all its digits. */
    formatNumber,
    /**
     * `one` of one thing, else `other` with the number instead of its first `#`, which has to stand before text from outside.
     * Some languages count nothing as one thing, and `one` may have no number.
     */
    plural: (count: number, one: string, other: string) =>
      count !== 0 && plurals.select(count) === 'one' ? one : other.replace('#', formatCount(count)),
    formatList: (names: readonly string[]) => lists.format(names),
    /** "Ana, Ben, or Cat". */
    formatChoice: (names: readonly string[]) => choices.format(names),
    /** "3 hr 20 min", or in one unit "3 hours". */
    formatDuration(milliseconds: number, most: 1 | 2 = 2): string {
      const unitDisplay = most === 1 ? 'long' : 'short';
      return splitDuration(milliseconds, most)
        .map(({ count, unit }) => count.toLocaleString(locale, { style: 'unit', unit, unitDisplay }))
        .join(' ');
    },
    /** "Fri, Dec 4", in UTC. */
    formatDay: (at: number) => days.format(at),
  };
}

/** A title that ends like a sentence keeps its end. */
export function endSentence(title: string): string {
  return title + fullStop(title);
}

/** After a quotation: none where that ends like a sentence. */
export function fullStop(quoted: string): string {
  return /[.?!…]$/.test(quoted) ? '' : '.';
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
