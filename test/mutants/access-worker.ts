import type { Mutant } from './mutant.ts';

const DECIDE = ['test/approval/access/can-decide.test.ts'];
const LOOK_UPS = ['test/approval/queries/look-ups.test.ts'];
const CLOCK = ['test/approval/worker/clock-set-back.test.ts'];
const AUDIENCE = ['test/approval/notify/audience.test.ts'];
const WORKER = ['test/approval/worker/worker.test.ts'];

export const mutants: readonly Mutant[] = [
  {
    file: 'src/approval/access/can-decide.ts',
    from: "groups.includes(undefined) ? 'cannot_check' : 'no'",
    to: "groups.includes(undefined) ? 'no' : 'no'",
    tests: DECIDE,
  },
  {
    file: 'src/approval/access/can-decide.ts',
    from: 'if (isGroupId(id)) return false;',
    to: 'if (isGroupId(id)) return true;',
    tests: DECIDE,
  },
  {
    file: 'src/approval/queries/list-approvals.ts',
    from: 'approvals.length === ROWS_PER_PAGE',
    to: 'approvals.length > ROWS_PER_PAGE',
    tests: LOOK_UPS,
  },
  {
    file: 'src/approval/queries/list-approvals.ts',
    from: 'at(approval) < since',
    to: 'at(approval) <= since',
    tests: LOOK_UPS,
  },
  {
    file: 'src/approval/queries/list-approvals.ts',
    from: 'if (clock.now() >= until)',
    to: 'if (clock.now() >= until + 60_000)',
    tests: LOOK_UPS,
  },
  {
    file: 'src/approval/worker/clock-set-back.ts',
    from: 'firstAttemptAt = now - RETRY_UNSURE_FOR',
    to: 'firstAttemptAt = now',
    tests: CLOCK,
  },
  {
    file: 'src/approval/worker/clock-set-back.ts',
    from: 'Math.min(claim.until, now + CLAIM_FOR)',
    to: 'claim.until',
    tests: CLOCK,
  },
  {
    file: 'src/approval/notify/audience.ts',
    from: 'const MOST_DIRECT = 10;',
    to: 'const MOST_DIRECT = 11;',
    tests: AUDIENCE,
  },
  {
    file: 'src/approval/notify/audience.ts',
    from: 'countApprovalsRequired(approval, round) === 1',
    to: 'countApprovalsRequired(approval, round) >= 1',
    tests: AUDIENCE,
  },
  {
    file: 'src/approval/worker/worker.ts',
    from: ' || !this.queue.canDeliver(decided)',
    to: '',
    tests: WORKER,
  },
  {
    file: 'src/approval/worker/worker.ts',
    from: ' && other > this.app.clock.now() + SWEEP_EVERY',
    to: '',
    tests: WORKER,
  },
  {
    file: 'src/approval/model/crew/task-rules.ts',
    from: 'urgent: all.some(',
    to: 'urgent: all.every(',
    tests: ['test/approval/access/strictest-rules.test.ts'],
  },
];
