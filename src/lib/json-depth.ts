/** Nested deeper, JSON is text: nobody reads it as anything else. */
export const MAX_JSON_DEPTH = 64;
/** Whether JSON is nested in at most so many levels. */
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
