import { describe } from 'vitest';

/**
 * Returns `describe` if the tests have what they need, or else a skip with a warning. With CI=true a lack is a failure.
 */
export function describeIf(isThere: boolean, missing: string) {
  if (isThere) return describe;
  if (process.env.CI) throw new Error(missing);
  console.warn(missing);
  return describe.skip;
}
