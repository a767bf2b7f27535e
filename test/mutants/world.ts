import type { Mutants } from './mutant.ts';

/** What the histories of the world notice. */
export const mutants: Mutants = {
  'src/approval/describe-seen.ts': [
    ['shortenHash(text.hash) === shownHash', 'text.hash !== shownHash', 'world/seen'],
    [
      'if (!round || !text || hasText(approval, text)) return approval;',
      'if (!round || !text) return approval;',
      'world/seen',
    ],
  ],
  'src/approval/decide.ts': [
    [
      'if (next !== stored.record && !(await commit(app, stored, next, context))) return CONFLICT;',
      'if (next !== stored.record) await commit(app, stored, next, context);',
      'world/promises.property',
    ],
  ],
  'src/approval/lifecycle/delivery.ts': [
    [
      'const settled = settle(withUnsentNote, endedRound, decidedStatus, at);',
      'const settled = withUnsentNote;',
      'world/promises.property',
    ],
  ],
  'src/approval/lifecycle/lanes.ts': [['until: now + LEASE', 'until: now', 'world/promises.property']],
  'src/approval/lifecycle/new-output.ts': [
    ["return settle(approval, round, 'superseded', at)", 'return approval', 'world/promises.property'],
  ],
  'src/approval/lifecycle/next-steps.ts': [
    ['shown !== currentHash', 'shown === undefined && shown !== currentHash', 'world/promises.property'],
  ],
};
