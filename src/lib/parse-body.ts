import { isNestedWithin, MAX_JSON_DEPTH } from './json-depth.ts';

/** The body of a request, and the charset that its Content-Type names. */
export interface SentBody {
  bytes: Uint8Array<ArrayBuffer>;
  charset: string;
}

/** Why a body is rejected whatever its fields. `too_large`: it has more values than the bot can read. */
export type BodyRejection = 'not_json' | 'too_deep' | 'too_large';

export function decodeBody({ bytes, charset }: SentBody): string {
  return new TextDecoder(charset).decode(bytes);
}

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
