import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeRuns, reportRuns, requireRuns, stopAfter } from './property-runs.ts';

/** A property that is stopped during its third case. */
function stopAtThird() {
  const details = fc.check(
    fc.property(fc.nat(), () => true),
    { numRuns: 500 },
  );
  return { ...details, interrupted: true, numRuns: 2 };
}

describe('a property', () => {
  test('that was stopped early fails in CI, and elsewhere only if not one of its cases ran', () => {
    const stopped = stopAtThird();
    expect(() => requireRuns(stopped, { all: true })).toThrow('ran 2 of 500 cases');
    expect(() => requireRuns(stopped, { all: false })).not.toThrow();
    expect(() => requireRuns({ ...stopped, numRuns: 0 }, { all: false })).toThrow('ran 0 of 500 cases');
  });

  test.each([
    ['', fc.property(fc.nat(), () => true)],
    [' and waits', fc.asyncProperty(fc.nat(), async () => true)],
    [' and skips cases', fc.property(fc.nat(), (n) => fc.pre(n % 2 === 1))],
  ])('whose time is over before its first case runs it all the same, and no more%s', async (_, property) => {
    const limits = { numRuns: 500, plugins: [stopAfter<unknown>(0)], seed: 1 };
    const details = await fc.check(property as fc.IRawProperty<unknown>, limits);
    expect(details).toMatchObject({ failed: false, interrupted: true, numRuns: 1 });
    expect(() => requireRuns(details, { all: false })).not.toThrow();
  });

  test('of which not one case ran fails as one that was not run, and not as one that is broken', () => {
    const details = fc.check(
      fc.property(fc.nat(), () => true),
      { numRuns: 500, interruptAfterTimeLimit: 0 },
    );
    expect(details).toMatchObject({ failed: true, numRuns: 0 });
    expect(() => reportRuns(details as fc.RunDetails<unknown>)).toThrow('ran 0 of 500 cases');
  });

  test('is counted in the test output, with the number of cases that it asks for', () => {
    describeRuns();
    fc.assert(
      fc.property(fc.nat(), () => true),
      { numRuns: 7 },
    );
    expect(describeRuns()).toBe('Cases that each property ran: 7 of 7');
    expect(describeRuns()).toBeUndefined();
  });

  test('that fails says which case it failed for, as fast-check reports it', () => {
    const property = fc.property(fc.constant('broken'), (text) => expect(text).toBe('whole'));
    expect(() => fc.assert(property, { seed: 1 })).toThrow(/Counterexample: \["broken"\]/);
  });
});
