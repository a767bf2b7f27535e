import type { Mutants } from './mutant.ts';

/** What the histories of the world notice; each was also noticed by the histories that the world replaced. */
export const mutants: Mutants = {
  'src/approval/decide.ts': [
    [
      'if (next !== stored.record && !(await commit(app, stored, next, at, begun?.start))) return CONFLICT;',
      'if (next !== stored.record) await commit(app, stored, next, at, begun?.start);',
      'world/promises.property',
    ],
  ],
  'src/approval/lifecycle/delivery.ts': [
    [
      '    unsure: mayHaveArrived(round),\n    underway: true,',
      '    unsure: false,\n    underway: true,',
      'world/promises.property',
    ],
    [
      'export const RETRY_UNSURE_FOR = MINUTE;',
      'export const RETRY_UNSURE_FOR = 30 * MINUTE;',
      'world/promises.property',
    ],
    [
      'const settled = confirmContinuedIfHeard(settle(kept, ended, asDecided, at), round.number);',
      'const settled = kept;',
      'world/promises.property',
    ],
  ],
  'src/approval/lifecycle/lanes.ts': [['until: now + LEASE', 'until: now', 'world/promises.property']],
  'src/approval/lifecycle/new-output.ts': [
    [
      "    case 'waiting':\n      return settle(approval, round, 'superseded', at);",
      "    case 'waiting':\n      return approval;",
      'world/promises.property',
    ],
  ],
  'src/approval/lifecycle/next-steps.ts': [
    [
      'return cards.filter(({ shown }) => shown !== wanted);',
      'return cards.filter(({ shown }) => shown === undefined && shown !== wanted);',
      'world/promises.property',
    ],
  ],
  'src/approval/lifecycle/rounds.ts': [
    [
      'return Math.max(policy.approvalsRequired, strictest);',
      'return Math.min(1, policy.approvalsRequired + strictest);',
      'world/promises.property',
    ],
  ],
};
