import fc from 'fast-check';
import { afterAll } from 'vitest';
import { describeRuns, reportRuns, stopAfter } from './property-runs.ts';

/** Without CI each property is tried for half a second at most; with it, as often as it says. */
fc.configureGlobal({
  reporter: reportRuns,
  ...(process.env.CI ? {} : { plugins: [stopAfter(500)] }),
});

afterAll(() => {
  const runs = describeRuns();
  if (runs !== undefined) console.log(runs);
});
