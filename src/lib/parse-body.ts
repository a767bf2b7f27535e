import { isNestedWithin, MAX_JSON_DEPTH } from './json-depth.ts';

/** The body of a request, and the charset that its Content-Type names. */
export interface SentBody {
  bytes: Uint8Array<ArrayBuffer>;
  charset: string;
}

/** Why a body is refused whatever it says. `too_large`: it holds more values than can be read here. */
export type BodyRefusal = 'not_json' | 'too_deep' | 'too_large';

export function decodeBody({ bytes, charset }: SentBody): string {
  return new TextDecoder(charset).decode(bytes);
}

/** The value of a JSON body that is not nested too deep. Pure. */
export function parseBody(text: string): { value: unknown } | { refusal: BodyRefusal } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { refusal: 'not_json' };
  }
  return isNestedWithin(value, MAX_JSON_DEPTH) ? { value } : { refusal: 'too_deep' };
}
