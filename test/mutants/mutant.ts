/** A small change of behaviour that the tests named here catch. */
export interface Mutant {
  file: string;
  /** Occurs exactly once in the file. */
  from: string;
  to: string;
  tests: readonly string[];
  /** Why it survives, if it does. */
  survives?: string;
}
