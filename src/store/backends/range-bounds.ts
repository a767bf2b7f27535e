/** The keys between which a page of an index lies, both left out: those that begin with `index/`, beyond `after`. */
export function buildRangeBounds(index: string, after: string | undefined, reverse: boolean | undefined) {
  // '0' is the character after '/'.
  const [low, high] = [`${index}/`, `${index}0`];
  if (after === undefined) return { low, high };
  return reverse
    ? { low, high: isBefore(after, high) ? after : high }
    : { low: isBefore(low, after) ? after : low, high };
}

/** By bytes, as stores order keys. */
function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}
