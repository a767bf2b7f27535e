import fc from 'fast-check';
import { afterAll } from 'vitest';
import { describeRuns, reportRuns, stopAfter } from './property-runs.ts';

/** Without CI, each property runs for half a second at most. With CI=true it runs as many cases as it asks for. */
fc.configureGlobal({
  reporter: reportRuns,
  ...(process.env.CI ? {} : { plugins: [stopAfter(500)] }),
});

afterAll(() => {
  const runs = describeRuns();
  if (runs !== undefined) console.log(runs);
});
