import type { Mutant } from './mutant.ts';

export const mutants: readonly Mutant[] = [
  {
    file: 'src/approval/lifecycle/timers.ts',
    from: 'return byRule.length === RULE_REVISIONS;',
    to: 'return byRule.length > RULE_REVISIONS;',
    tests: ['test/approval/lifecycle/timers.test.ts'],
  },
  {
    file: 'src/approval/lifecycle/timers.ts',
    from: 'Math.max(at, round.remindNotBefore ?? 0)',
    to: 'at',
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
  {
    file: 'src/approval/lifecycle/pauses.ts',
    from: "otherRoute && round.status === 'waiting' && isSameHash",
    to: 'otherRoute && isSameHash',
    tests: ['test/approval/lifecycle/pauses.test.ts', 'test/approval/intake/which-approval.test.ts'],
  },
  {
    file: 'src/approval/intake/aliases.ts',
    from: "if (dialects.of(stored.record.crew) !== 'live') return false;",
    to: '',
    tests: ['test/approval/intake/aliases.test.ts'],
  },
  {
    file: 'src/approval/intake/unseen-pauses.ts',
    from: '!hasEnded(execution) && !execution.unseenPausesReported',
    to: '!hasEnded(execution)',
    tests: ['test/approval/intake/unseen-pauses.test.ts'],
  },
  {
    file: 'src/approval/kickoffs/kickoff-events.ts',
    from: 'const ASKED_FOR = 10 * 60_000;',
    to: 'const ASKED_FOR = 9 * 60_000;',
    tests: ['test/approval/kickoffs/kickoff-events.test.ts'],
  },
];
