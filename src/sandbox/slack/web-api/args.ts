import { isCleanText } from '../blocks/block-texts.ts';
import { SlackError } from './slack-error.ts';

/** The arguments of a call. Each is read by the type that its method documents. */
export interface Args {
  optional(name: string): string | undefined;
  required(name: string): string;
  integer(name: string): number | undefined;
  flag(name: string): boolean | undefined;
  /** Reads a value that is JSON: encoded as a string, or plain in a JSON body. */
  json(name: string, errorWhenMalformed?: string): unknown;
}

const wrongType = (name: string, type: string) =>
  new SlackError('invalid_arguments', [`[ERROR] must be a ${type} [json-pointer:/${name}]`]);

/** Reads the arguments from a form or JSON body. */
export function readArgs(body: Record<string, unknown>): Args {
  const optional = (name: string) => {
    const value = body[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw wrongType(name, 'string');
    if (!isCleanText(value)) throw wrongType(name, 'valid text');
    return value;
  };
  return {
    optional,
    required(name) {
      const value = optional(name);
      if (value === undefined || value === '') {
        throw new SlackError('invalid_arguments', [
          `[ERROR] missing required field: ${name} [json-pointer:/${name}]`,
        ]);
      }
      return value;
    },
    integer(name) {
      const value = body[name];
      if (value === undefined || value === null || value === '') return undefined;
      const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
      if (!Number.isInteger(number)) throw wrongType(name, 'integer');
      return number;
    },
    flag(name) {
      const value = body[name];
      if (value === undefined || value === null || value === '') return undefined;
      if (value === true || value === 'true' || value === '1') return true;
      if (value === false || value === 'false' || value === '0') return false;
      throw wrongType(name, 'boolean');
    },
    json(name, errorWhenMalformed = 'invalid_arguments') {
      const value = body[name];
      if (value === undefined || value === null || value === '') return undefined;
      if (typeof value !== 'string') return value;
      try {
        return JSON.parse(value);
      } catch {
        throw new SlackError(errorWhenMalformed, [`[ERROR] must be valid JSON [json-pointer:/${name}]`]);
      }
    },
  };
}
