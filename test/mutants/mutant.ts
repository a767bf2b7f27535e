export interface Mutant {
  file: string;
  from: string;
  to: string;
  tests: readonly string[];
  /** Why it survives, if it does. */
  survives?: string;
}
