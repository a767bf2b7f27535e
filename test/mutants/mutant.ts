/** One small change of the product's behaviour that its tests have to notice. */
export interface Mutant {
  file: string;
  /** Occurs exactly once in the file. */
  from: string;
  to: string;
  /** The nearest test files; they fail. */
  tests: readonly string[];
  /** Why it survives, if it does. */
  survives?: string;
}
