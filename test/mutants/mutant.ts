/** A small, plausible change of behavior that the tests must notice. */
export interface Mutant {
  file: string;
  from: string;
  to: string;
  /** At least one of these test files fails. */
  tests: readonly string[];
}

/**
 * The mutants of each source file: a text that occurs exactly once in it, what replaces this text, and the nearest tests,
 * as `e2e/clicks` for `test/e2e/clicks.test.ts`. Without tests: those of the source file itself.
 */
export type Mutants = Record<string, readonly (readonly [from: string, to: string, ...tests: string[]])[]>;
