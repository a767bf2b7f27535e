import { expect, test } from 'vitest';
import { checkStore } from '../../../src/cli/doctor/check-store.ts';
import { formatResult, type Result } from '../../../src/cli/doctor/result.ts';

test.each([
  'postgres://bot:S3/CRET@db:5432/x',
  'redis://:S3#CRET@cache:6379',
  'postgres://bot:S3CRET@127.0.0.1:1/x',
])('the doctor does not print the password of the store %s', async (url) => {
  const results: Result[] = [];
  for await (const result of checkStore(url)) results.push(result);
  expect(results.map(({ status }) => status)).toEqual(['failed']);
  expect(results.map(formatResult).join()).not.toMatch(/S3|CRET/);
});
