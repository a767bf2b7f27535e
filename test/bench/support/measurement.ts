import type { Built } from './build.ts';
import type { Row } from './report.ts';

export interface Context {
  built: Built;
  /** A short run: fewer and shorter rounds, smaller stores. */
  quick: boolean;
  /** The whole soak. */
  soak: boolean;
  /** Parts of the names of those inputs that `holds` takes; all without. */
  input: readonly string[];
  /** Whether rows have their list. */
  list: boolean;
  /** Tells how far it is; nothing of it is in the table. */
  progress(text: string): void;
}

/** One part of the run: it measures and gives its rows. */
export type Measurement = (context: Context) => Promise<Row[]>;

/** Carries out a round so many times, one after the other, and gives all results. */
export async function rounds<T>(count: number, round: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let index = 0; index < count; index += 1) results.push(await round(index));
  return results;
}
