/** Returns the keys around a page of an index, both exclusive: the page's keys begin with `index/` and lie beyond `after`. */
export function buildRangeBounds(index: string, after?: string, reverse?: boolean) {
  // '0' is the character after '/'.
  const [low, high] = [`${index}/`, `${index}0`];
  if (after === undefined) return { low, high };
  return reverse
    ? { low, high: isBefore(after, high) ? after : high }
    : { low: isBefore(low, after) ? after : low, high };
}

/** Compares the bytes, as the stores order keys. */
function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}
