/** Finds the names that differ from a word by few typos, nearest first. `maxTypos`: typos allowed for a name; 2 by default. */
export function findNearest<T extends string>(
  word: string,
  names: readonly T[],
  maxTypos: (name: T) => number = () => 2,
): T[] {
  return names
    .filter((name) => Math.abs(name.length - word.length) <= maxTypos(name))
    .map((name) => ({ name, typos: computeEditDistance(word, name) }))
    .filter(({ name, typos }) => typos <= maxTypos(name))
    .sort((a, b) => a.typos - b.typos)
    .map(({ name }) => name);
}

/** Computes the Levenshtein distance in UTF-16 code units. Quadratic: for short words only. */
export function computeEditDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substitution = readDistance(previous, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(
        Math.min(substitution, readDistance(previous, column) + 1, readDistance(current, column - 1) + 1),
      );
    }
    previous = current;
  }
  return readDistance(previous, b.length);
}

function readDistance(distances: readonly number[], index: number): number {
  return distances[index] ?? Number.POSITIVE_INFINITY;
}
