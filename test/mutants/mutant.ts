/** A small, plausible change of behavior that the tests must notice. */
export interface Mutant {
  file: string;
  /** Occurs exactly once in the file. */
  from: string;
  to: string;
  /** The nearest test files: at least one of them fails. */
  tests: readonly string[];
  /** Why it survives, if it does. */
  survives?: string;
}
