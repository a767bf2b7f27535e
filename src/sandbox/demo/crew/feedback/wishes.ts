/** What people asked of an output so far. */
export interface Wishes {
  /** Negative: shorter than the first output; positive: longer. */
  length: number;
  /** The price to name; undefined: none is named. */
  price: string | undefined;
  hasSources: boolean;
  /** Counts how often another title was asked for. */
  title: number;
  isCheaper: boolean;
  tone: Tone;
  /** Parts of the output that were asked for (true) or dropped (false). */
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

/** What a first output follows. */
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

/** How a person can say a wish. */
export const EXAMPLES: Readonly<Record<WishName, string>> = {
  shorter: 'shorter',
  longer: 'longer',
  price: 'name the price',
  sources: 'cite sources',
  title: 'another title',
  cheaper: 'cheaper',
  tone: 'warmer or more formal',
};
