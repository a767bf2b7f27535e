import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant, Mutants } from './mutant.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** A row of a list; `list`: the list's file name without its ending, or the name of the leaf. */
export type Row = Mutant & { list: string };

/** The lists in this folder, and that of each leaf of the product, beside its tests: name and file. */
function findLists(): { list: string; path: string }[] {
  const features = join(import.meta.dirname, '..', 'features');
  const files = [
    ...readdirSync(import.meta.dirname).map((name) => ({
      list: name.replace(/\.ts$/, ''),
      path: join(import.meta.dirname, name),
    })),
    ...readdirSync(features).map((leaf) => ({ list: leaf, path: join(features, leaf, 'mutants.ts') })),
  ];
  return files.filter(
    ({ path }) => existsSync(path) && /^export const mutants\b/m.test(readFileSync(path, 'utf8')),
  );
}

export async function loadRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { list, path } of findLists()) {
    const { mutants } = (await import(path)) as { mutants: Mutants };
    for (const [file, changes] of Object.entries(mutants)) {
      const own = file.replace(/^src\/|\.ts$/g, '');
      for (const [from, to, ...named] of changes) {
        const tests = (named.length > 0 ? named : [own]).map((test) => `test/${test}.test.ts`);
        rows.push({ list, file, from, to, tests });
      }
    }
  }
  return rows;
}

export function nameRow({ list, file, from, to }: Row): string {
  const oneLine = (text: string) => text.trim().replace(/\s+/g, ' ');
  return `${list}: ${file}: ${oneLine(from)} → ${oneLine(to) || '(nothing)'}`;
}

/** Why a row no longer fits the source; undefined if it fits. */
export function findFault({ file, from, to, tests }: Mutant, root = ROOT): string | undefined {
  if (!existsSync(join(root, file))) return `${file} is missing`;
  const times = readFileSync(join(root, file), 'utf8').split(from).length - 1;
  if (times !== 1) return `"from" occurs ${times} times in ${file}`;
  if (from === to) return '"to" is the same as "from"';
  const missing = tests.find((test) => !existsSync(join(root, test)));
  return missing && `${missing} is missing`;
}
