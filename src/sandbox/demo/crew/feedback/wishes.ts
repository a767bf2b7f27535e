/** Wishes of people for an output, added up over its rounds. */
export interface Wishes {
  /** Negative: shorter than the first output; positive: longer. */
  length: number;
  /** Price to name; undefined: no price. */
  price: string | undefined;
  hasSources: boolean;
  /** Number of requests for another title. */
  title: number;
  isCheaper: boolean;
  tone: Tone;
  /** Parts of the output that people asked to add (true) or drop (false). */
  parts: Readonly<Record<string, boolean>>;
  fixes: readonly Fix[];
}

export type Tone = 'plain' | 'warm' | 'formal';

/** A name, a number or other words to replace. */
export interface Fix {
  from: string;
  to: string;
}

export type WishName = 'shorter' | 'longer' | 'price' | 'sources' | 'title' | 'cheaper' | 'tone';

/** The wishes for a first output: no one has given feedback yet. */
export const NO_WISHES: Wishes = {
  length: 0,
  price: undefined,
  hasSources: false,
  title: 0,
  isCheaper: false,
  tone: 'plain',
  parts: {},
  fixes: [],
};

export const DEFAULT_PRICE = '189 €';

/** Feedback that expresses each wish. */
export const EXAMPLES: Readonly<Record<WishName, string>> = {
  shorter: 'shorter',
  longer: 'longer',
  price: 'name the price',
  sources: 'cite sources',
  title: 'another title',
  cheaper: 'cheaper',
  tone: 'warmer or more formal',
};
