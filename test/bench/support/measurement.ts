import type { Built } from './build.ts';
import type { Row } from './report.ts';

export interface Context {
  built: Built;
  /** True for a short run: fewer and shorter rounds, smaller stores. */
  quick: boolean;
  /** True for the whole soak. */
  soak: boolean;
  /** Parts of the names of inputs for `holds` (for `report` and `upgrade`: of stores). Empty: all. */
  input: readonly string[];
  /** True if rows include their list. */
  list: boolean;
  /** Reports progress to the person who waits. The table does not contain it. */
  progress(text: string): void;
}

/** A part of the run. It measures and returns its rows. */
export type Measurement = (context: Context) => Promise<Row[]>;

/** Carries out this many rounds one after the other and returns all results. */
export async function rounds<T>(count: number, round: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let index = 0; index < count; index += 1) results.push(await round(index));
  return results;
}
