import type * as z from 'zod';
import type { Answer } from '../answers.ts';
import { type DetailItem, refuseBody } from './refusals.ts';

type Issue = z.core.$ZodIssue;

const TYPE_ERRORS: Readonly<Record<string, { type: string; msg: string }>> = {
  string: { type: 'string_type', msg: 'Input should be a valid string' },
  boolean: { type: 'bool_type', msg: 'Input should be a valid boolean' },
  array: { type: 'list_type', msg: 'Input should be a valid list' },
  record: { type: 'dict_type', msg: 'Input should be a valid dictionary' },
  object: {
    type: 'model_attributes_type',
    msg: 'Input should be a valid dictionary or object to extract fields from',
  },
};

/** Turns the issues of a body, parsed with `reportInput`, into FastAPI's 422. */
export function refuseInvalidBody({ issues }: z.ZodError, body: unknown): Answer {
  return refuseBody(issues.flatMap((issue) => buildItems(issue, body)));
}

function buildItems(issue: Issue, body: unknown): DetailItem[] {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  const loc = ['body', ...path];
  const { input } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const value = readAt(body, [...path, key]);
        return {
          type: 'extra_forbidden',
          loc: [...loc, key],
          msg: 'Extra inputs are not permitted',
          input: value,
        };
      });
    case 'invalid_type': {
      if (input === undefined) {
        const parent = readAt(body, path.slice(0, -1));
        return [{ type: 'missing', loc, msg: 'Field required', input: parent }];
      }
      const error = TYPE_ERRORS[issue.expected] ?? { type: 'value_error', msg: issue.message };
      return [{ ...error, loc, input }];
    }
    // The only custom check is that of a webhook URL.
    case 'custom':
      return [{ type: 'url_parsing', loc, msg: 'Input should be a valid URL', input }];
    case 'invalid_union':
      return [
        { type: 'union_tag_invalid', loc, msg: 'Input tag does not match any of the expected tags', input },
      ];
    default:
      return [{ type: 'value_error', loc, msg: issue.message, input }];
  }
}

function readAt(body: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | undefined)?.[key],
    body,
  );
}
