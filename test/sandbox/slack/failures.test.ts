import { expect, it } from 'vitest';
import { createFailures } from '../../../src/sandbox/failures.ts';

it('uses failures up in order, by name and body, and for ever if told so', () => {
  const failures = createFailures();
  failures.plan({ on: 'a', failure: { status: 500 }, times: 2 });
  failures.plan({
    on: 'a',
    failure: { noAnswer: true },
    times: Number.POSITIVE_INFINITY,
    when: (body) => body === 1,
  });
  expect(failures.next('b', 1)).toBeUndefined();
  expect([1, 2, 3, 4].map(() => failures.next('a', 2))).toEqual([
    { status: 500 },
    { status: 500 },
    undefined,
    undefined,
  ]);
  expect(failures.next('a', 1)).toEqual({ noAnswer: true });
  expect(failures.next('a', 1)).toEqual({ noAnswer: true });
  failures.clear();
  expect(failures.next('a', 1)).toBeUndefined();
});
