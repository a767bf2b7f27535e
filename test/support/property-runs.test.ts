import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeRuns, requireRuns } from './property-runs.ts';

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
