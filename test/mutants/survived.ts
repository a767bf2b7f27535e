import type { Mutant } from './mutant.ts';

/** Changes that no test noticed once. */
export const mutants: readonly Mutant[] = [
  {
    file: 'src/slack/listeners/listeners.ts',
    from: 'isDecision(readCommand(text, 0))',
    to: "readCommand(text, 0).kind === 'approve'",
    tests: ['test/slack/app/late-clicks.test.ts'],
  },
  {
    file: 'src/crewai/dialects/learn-dialects.ts',
    from: 'void this.askAll(true);',
    to: 'void this.askAll();',
    tests: ['test/crewai/dialects/learn-dialects.test.ts'],
  },
  {
    file: 'src/slack/api/clicked-cards.ts',
    from: 'const VALID_FOR = 25 * 60_000;',
    to: 'const VALID_FOR = 45 * 60_000;',
    tests: ['test/slack/api/clicked-cards.test.ts'],
  },
  {
    file: 'src/approval/worker/rate-limits.ts',
    from: 'Math.floor((limit.burst ?? 1) * pace)',
    to: 'limit.burst ?? 1',
    tests: ['test/approval/worker/rate-limits.test.ts'],
  },
  {
    file: 'src/approval/worker/rate-limits.ts',
    from: 'queue.left = Math.min(queue.left, 0);',
    to: '',
    tests: ['test/approval/worker/rate-limits.test.ts'],
  },
  {
    file: 'src/approval/lifecycle/delivery.ts',
    from: "if (outcome.kind === 'not_reached' && !after.unsure) delete after.firstAttemptAt;",
    to: '',
    tests: ['test/approval/lifecycle/delivery.test.ts'],
  },
  {
    file: 'src/http/webhooks.ts',
    from: 'Number(length) <= SMALL_BODY && encoding === undefined',
    to: 'Number(length) <= SMALL_BODY',
    tests: ['test/http/large-reviews.test.ts'],
  },
  {
    file: 'src/http/body.ts',
    from: 'const rejection = size > limit ? describeTooLarge(limit) : grow(size);',
    to: 'const rejection = size > limit ? describeTooLarge(limit) : decoder ? undefined : grow(size);',
    tests: ['test/http/body.test.ts'],
  },
  {
    file: 'src/slack/views/lists/home.ts',
    from: "inbox.starts ? [button(ACTIONS.startCrew, texts.forms.startTitle, 'start')] : []",
    to: '[]',
    tests: ['test/slack/api/home.test.ts'],
  },
];
