import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { ONLY_IN_CI } from './test/support/only-in-ci.ts';

/** In CI they take the machine for minutes, and are run one after the other when all else is done. */
const LONG_PROOFS = process.env.CI ? ['test/e2e/crash-matrix.test.ts', 'test/e2e/drill.test.ts'] : [];

export default defineConfig({
  test: {
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/keep-sqlite.ts'],
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'coverage/report.json' }]] : ['default'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    coverage: { provider: 'v8', include: ['src/**/*.ts'], exclude: ['src/main.ts'] },
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: process.env.CI ? LONG_PROOFS : ONLY_IN_CI,
          // Most of a test's time is waiting for another process.
          maxWorkers: Math.max(process.env.CI ? 4 : 5, availableParallelism()),
          // Each file for itself would read Bolt and all of the bot anew.
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'long proofs', include: LONG_PROOFS, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
