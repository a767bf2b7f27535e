import type { Dialect } from '../../src/approval/model/crew/dialect.ts';

/** Crews of one dialect, which the test can change. */
export function changingDialect(first: Dialect) {
  let current = first;
  return {
    of: () => current,
    become: (dialect: Dialect) => {
      current = dialect;
    },
  };
}

/** Crews whose dialect is known and stays what it is. */
export const fixedDialect = (dialect: Dialect = 'documented') => ({
  of: () => dialect,
  learn: async () => {},
  doubt: async () => {},
});
