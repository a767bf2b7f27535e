import { expect, it } from 'vitest';
import type { Approval } from '../../../src/approval/model/approval.ts';
import { computeStats, listDecisions } from '../../../src/features/stats/figures.ts';
import { statsTexts } from '../../../src/features/stats/texts.ts';
import { buildStats } from '../../../src/features/stats/views/figures-view.ts';
import { AT, approval, decision, reviewApproval, roundIn } from '../../slack/records.ts';
import { fillIn } from '../../slack/texts/fill-in.ts';
import { read } from '../../slack/views/draw.ts';
import { spoken } from '../../support/spoken.ts';

function figures(...all: Approval[]): string {
  const stats = computeStats(
    all.flatMap((of) => listDecisions(of, AT)),
    AT,
  );
  return read(buildStats(spoken(), { stats, waiting: { count: 0, more: false }, isIncomplete: false })).says;
}

it('counts the answer of a Flow as a decision, and not as an approval without a revision', () => {
  const publish = decision({ action: 'choose', option: 0, feedback: 'publish' });
  const answered = reviewApproval({}, { status: 'answered', decision: publish });
  const both = figures(answered, approval([roundIn('revision_requested')], { id: 'BCDEFGHJKM' }));
  expect(both).toContain('2 decisions');
  expect(both).toContain('Revisions per approval: *1.00* (1 approval)');
  expect(figures(answered)).toContain('1 decision since');
  expect(figures(answered)).not.toContain('Revisions');
});

it.each<[string, (count: number) => string]>([
  [
    '{1|#} waiting now · {1 decision|# decisions} since Monday',
    (count) => statsTexts(spoken()).summary({ count, more: false }, { count, since: 'Monday' }),
  ],
  [
    'Revisions per approval: *0.50* ({1 approval|# approvals})',
    (count) => statsTexts(spoken()).revisions(0.5, count),
  ],
  ['Started from Slack: *{1 run|# runs}*', (count) => statsTexts(spoken()).startedRuns(count)],
])('counts none, one and a thousand: %s', (pattern, write) => {
  expect([0, 1, 1_000].map(write)).toEqual([0, 1, 1_000].map((count) => fillIn(pattern, count)));
});

it.each([
  [0, '0 sec'],
  [59_999, '59 sec'],
  [200_000, '3 min 20 sec'],
  [3_600_000, '1 hr'],
  [100 * 3_600_000, '4 days 4 hr'],
])('writes a duration of %i ms with two units', (time, figure) => {
  const line = `Ana: 1 decision, median ${figure}, 90th percentile ${figure}`;
  expect(statsTexts(spoken()).figures('Ana', 1, time, time)).toBe(line);
});
