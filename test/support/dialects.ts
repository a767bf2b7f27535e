import type { Dialect } from '../../src/approval/dialect.ts';

/** Crews whose dialect is known and stays what it is. */
export const fixedDialect = (dialect: Dialect = 'documented') => ({
  of: () => dialect,
  learn: async () => {},
});
