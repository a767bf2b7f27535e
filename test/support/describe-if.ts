import { describe } from 'vitest';

/** `describe` where the tests have what they need, or a skip that the output names; with CI=true that is a failure. */
export function describeIf(isThere: boolean, missing: string) {
  if (isThere) return describe;
  if (process.env.CI) throw new Error(missing);
  console.warn(missing);
  return describe.skip;
}
