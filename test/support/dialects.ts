import type { Dialect } from '../../src/approval/model/crew/dialect.ts';

/** Remembers the crews whose webhooks bring tickets. */
function tickets() {
  const crews = new Set<string>();
  return {
    bringsTickets: async (crew: string) => crews.has(crew),
    learnTickets: async (crew: string) => void crews.add(crew),
  };
}

/** Crews with one dialect that the test can change. */
export function changingDialect(first: Dialect) {
  let current = first;
  return {
    of: () => current,
    ...tickets(),
    become: (dialect: Dialect) => {
      current = dialect;
    },
  };
}

/** Crews whose dialect is known and never changes. */
export const fixedDialect = (dialect: Dialect = 'documented') => ({
  of: () => dialect,
  ...tickets(),
  learn: async () => {},
  askAgain: async () => {},
});
