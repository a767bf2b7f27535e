/** Many processes, stores and browsers one after the other: minutes that a newcomer does not wait for. */
export const ONLY_IN_CI = [
  'test/e2e/backup.test.ts',
  'test/e2e/bad-world-clocks.test.ts',
  'test/e2e/clock-set-back.test.ts',
  'test/e2e/demo-ends.test.ts',
  'test/e2e/export.test.ts',
  'test/e2e/store-files.test.ts',
  'test/e2e/store-outage-postgres.test.ts',
  'test/e2e/store-outage-redis.test.ts',
  'test/pictures/pictures.test.ts',
];
