import type { Mutant } from './mutant.ts';

/** What the histories of the world notice; each was also noticed by the histories that the world replaced. */
const tests = ['test/world/promises.property.test.ts'];

export const mutants: readonly Mutant[] = [
  {
    file: 'src/approval/lifecycle/delivery.ts',
    from: '    unsure: mayHaveArrived(round),\n    underway: true,',
    to: '    unsure: false,\n    underway: true,',
    tests,
  },
  {
    file: 'src/approval/lifecycle/delivery.ts',
    from: 'export const RETRY_UNSURE_FOR = MINUTE;',
    to: 'export const RETRY_UNSURE_FOR = 30 * MINUTE;',
    tests,
  },
  {
    file: 'src/approval/lifecycle/delivery.ts',
    from: 'const settled = confirmContinuedIfHeard(settle(kept, ended, asDecided, at), round.number);',
    to: 'const settled = kept;',
    tests,
  },
  {
    file: 'src/approval/lifecycle/new-output.ts',
    from: "    case 'waiting':\n      return settle(approval, round, 'superseded', at);",
    to: "    case 'waiting':\n      return approval;",
    tests,
  },
  {
    file: 'src/approval/lifecycle/lanes.ts',
    from: 'until: now + LEASE',
    to: 'until: now',
    tests,
  },
  {
    file: 'src/approval/lifecycle/next-steps.ts',
    from: 'return cards.filter(({ shown }) => shown !== wanted);',
    to: 'return cards.filter(({ shown }) => shown === undefined && shown !== wanted);',
    tests,
  },
  {
    file: 'src/approval/decide.ts',
    from: 'if (next !== stored.record && !(await commit(app, stored, next, at, begun?.start))) return CONFLICT;',
    to: 'if (next !== stored.record) await commit(app, stored, next, at, begun?.start);',
    tests,
  },
  {
    file: 'src/approval/lifecycle/rounds.ts',
    from: 'return Math.max(policy.approvalsRequired, strictest);',
    to: 'return Math.min(1, policy.approvalsRequired + strictest);',
    tests,
  },
];
