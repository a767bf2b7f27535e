import type { Mutant } from './mutant.ts';

export const mutants: readonly Mutant[] = [
  {
    file: 'src/approval/lifecycle/timers.ts',
    from: 'return byRule.length === RULE_REVISIONS;',
    to: 'return byRule.length > RULE_REVISIONS;',
    tests: ['test/approval/lifecycle/timers.test.ts'],
  },
  {
    file: 'src/approval/lifecycle/lanes.ts',
    from: 'const MOST_DUPLICATES = 5;',
    to: 'const MOST_DUPLICATES = 6;',
    tests: ['test/approval/lifecycle/lanes.test.ts'],
  },
  {
    file: 'src/approval/lifecycle/delivery.ts',
    from: "dialect !== 'documented'",
    to: "dialect === 'live'",
    tests: ['test/approval/lifecycle/delivery.test.ts'],
  },
];
