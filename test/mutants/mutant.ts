/** A small change of behaviour that tests have to catch. */
export interface Mutant {
  file: string;
  /** Occurs once in the file. */
  from: string;
  to: string;
  /** The nearest test files, which must fail. */
  tests: readonly string[];
  /** Why it survives, if it does. */
  survives?: string;
}
