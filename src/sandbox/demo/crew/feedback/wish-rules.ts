import { DEFAULT_PRICE, type Wishes, type WishName } from './wishes.ts';

/** A part of a sentence. `words`: their number; `isNegated`: it has a negation such as "not". */
export interface Clause {
  text: string;
  words: number;
  isNegated: boolean;
}

/** Returns the changes of a clause to the earlier wishes; undefined if the clause does not concern this wish. */
type Rule = (clause: Clause, earlierWishes: Wishes) => Partial<Wishes> | undefined;

const SHORTER =
  /\b(?:short|shorter|shorten|brief|briefer|concise|condense|trim|tighten|less (?:text|words?|details?)|fewer words|half (?:the|its) (?:length|size)|half as long|(?:under|at most|within|max\.?|maximum) \d{1,4} (?:words|characters|lines|sentences)|cut (?:it )?(?:down|short|(?:the )?(?:text|words|length)))\b/i;
const TOO_LONG = /\b(?:too|so|very|that|rather|quite|bit|not) (?:long|wordy)\b(?! enough)/i;
const LONGER =
  /\b(?:longer|lengthen|expand|elaborate|in (?:more )?(?:detail|depth)|more (?:details?|text|background|context|words|information|depth))\b/i;
const TOO_SHORT = /\b(?:too|so|bit) (?:short|brief)\b|\blong enough\b/i;

const AMOUNT =
  /[€$£]\s?\d[\d.,]{0,11}|(?<![\d.,])\d[\d.,]{0,11}\s?(?:€|\$|£|(?:EUR|USD|GBP|euros?|dollars?|pounds?)(?!\w))/i;
const PRICE = /\b(?:prices?|costs?|how much|sells?)\b/i;
const NAMING =
  /\b(?:name|mention|say|state|add|include|give|show|tell|put|with|has|have|need|needs|want|missing|where|what|how much)\b/i;

const SOURCES =
  /\b(?:sources?|cite|cites|cited|citations?|footnotes?|references?)\b|\bwhere .{0,80}\bfrom\b/i;
const TITLE = /\b(?:headlines?|title|heading)\b/i;
const CHEAPER =
  /\b(?:cheap|cheaper|lower|cut(?! (?:it )?(?:down|short|(?:the )?(?:text|words|length)))|save|reduce|less money|spend less|cost less|too (?:expensive|high|much))\b/i;

const WARMER = /\b(?:warm|warmer|friendly|friendlier|personal|casual|(?:less|too) (?:formal|serious|dry))\b/i;
const MORE_FORMAL = /\b(?:formal|formally|serious|businesslike|(?:less|too) (?:warm|friendly|casual))\b/i;
const TOO_WARM = /\b(?:less|too) (?:warm|friendly|personal|casual)\b/i;

export const RULES: Readonly<Record<WishName, Rule>> = {
  shorter: ({ text, isNegated }, { length }) => {
    if (TOO_LONG.test(text)) return { length: length - 1 };
    if (!SHORTER.test(text) || TOO_SHORT.test(text)) return undefined;
    return isNegated ? {} : { length: length - 1 };
  },
  longer: ({ text, isNegated }, { length }) => {
    if (TOO_SHORT.test(text)) return { length: length + 1 };
    if (!LONGER.test(text)) return undefined;
    return isNegated ? {} : { length: length + 1 };
  },
  price: ({ text, words, isNegated }) => {
    const amount = AMOUNT.exec(text)?.[0].replace(/[.,]+$/, '');
    const mentionsPrice = PRICE.test(text);
    if (isNegated && mentionsPrice) return { price: undefined };
    if (isNegated) return amount === undefined ? undefined : {};
    if (amount !== undefined && (mentionsPrice || words <= 4)) return { price: amount };
    return mentionsPrice && (NAMING.test(text) || words <= 3) ? { price: DEFAULT_PRICE } : undefined;
  },
  sources: ({ text, isNegated }) => (SOURCES.test(text) ? { hasSources: !isNegated } : undefined),
  title: ({ text, isNegated }, { title }) => {
    if (!TITLE.test(text)) return undefined;
    return isNegated ? {} : { title: title + 1 };
  },
  cheaper: ({ text, isNegated }) => (CHEAPER.test(text) ? { isCheaper: !isNegated } : undefined),
  tone: ({ text, isNegated }) => {
    const isWarmer = WARMER.test(text) && !TOO_WARM.test(text);
    if (!isWarmer && !MORE_FORMAL.test(text)) return undefined;
    if (isNegated) return { tone: 'plain' };
    return { tone: isWarmer ? 'warm' : 'formal' };
  },
};
