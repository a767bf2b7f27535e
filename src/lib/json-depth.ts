/** JSON that is nested deeper is handled as text. */
export const MAX_JSON_DEPTH = 64;

/** Whether a JSON value has at most this many levels. */
export function isNestedWithin(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= levels; depth += 1) {
    level = level.flatMap((inner) =>
      inner !== null && typeof inner === 'object' ? Object.values(inner) : [],
    );
    if (level.length === 0) return true;
  }
  return false;
}
