/** Why a body is rejected whatever its fields. `too_large`: it has more values than the bot can read. */
export type BodyRejection = 'not_json' | 'too_deep' | 'too_large';

/** Parses a JSON body; rejects one that is nested too deeply. Pure. */
export function parseBody(text: string): { value: unknown } | { rejection: BodyRejection } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { rejection: 'not_json' };
  }
  return isNestedWithin(value, MAX_JSON_DEPTH) ? { value } : { rejection: 'too_deep' };
}

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
