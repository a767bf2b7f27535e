export type Language = 'en' | 'de' | 'fr' | 'es';

/** What people asked of an output so far. */
export interface Wishes {
  /** Negative: shorter than the first output; positive: longer. */
  length: number;
  /** The price to name; undefined: none is named. */
  price: string | undefined;
  hasSources: boolean;
  /** Counts how often another headline was asked for. */
  headline: number;
  isCheaper: boolean;
  language: Language;
}

export type WishName = 'shorter' | 'longer' | 'price' | 'sources' | 'headline' | 'cheaper' | 'language';

/** What a first output follows. */
export const NO_WISHES: Wishes = {
  length: 0,
  price: undefined,
  hasSources: false,
  headline: 0,
  isCheaper: false,
  language: 'en',
};

export const DEFAULT_PRICE = '189 €';

/** How a person can say a wish. */
export const EXAMPLES: Readonly<Record<WishName, string>> = {
  shorter: 'shorter',
  longer: 'longer',
  price: 'name the price',
  sources: 'cite sources',
  headline: 'another headline',
  cheaper: 'cheaper',
  language: 'in German, French, Spanish or English',
};
