import {
  type CountedDecision,
  computePeriodStart,
  computeStats,
} from '../../../src/features/stats/figures.ts';
import { buildStats } from '../../../src/features/stats/views/figures-view.ts';
import { type GalleryPart, showMessage } from '../../gallery/gallery-view.ts';
import { AT } from '../../gallery/samples.ts';
import { spoken } from '../../support/spoken.ts';

const NOW = AT + 3 * 3_600_000;

export function buildGalleryPart(): GalleryPart {
  const made = Array.from(
    { length: 40 },
    (_, index): CountedDecision => ({
      crew: index % 3 === 0 ? 'research' : 'press',
      approval: `BCDEFGHJ${index}`,
      by: ['UANA', 'UBEN', 'UCAT'][index % 3] ?? 'UANA',
      action: index % 4 === 0 ? 'request_revision' : 'approve',
      at: AT,
      took: (index + 1) * 400_000,
    }),
  );
  const since = computePeriodStart(NOW, 7);
  const quarterSince = computePeriodStart(NOW, 90);
  const quarter = made.map((one, index) => ({ ...one, at: AT - index ** 2 * 80 * 60_000 }));
  const views = [
    showMessage(
      'stats',
      buildStats(spoken(), {
        stats: computeStats(made, since),
        waiting: { count: 12, more: false },
        runs: 3,
        isIncomplete: true,
      }),
    ),
    showMessage(
      'stats of 90 days',
      buildStats(spoken(), {
        stats: computeStats(quarter, quarterSince),
        waiting: { count: 0, more: false },
        isIncomplete: false,
      }),
    ),
    showMessage(
      'stats, nothing decided',
      buildStats(spoken(), {
        stats: computeStats([], since),
        waiting: { count: 1_000, more: true },
        isIncomplete: false,
      }),
    ),
  ];
  return { title: 'Statistics', views };
}
