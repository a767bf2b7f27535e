import type { Listing } from '../../../approval/queries/look-up.ts';
import type { Texts } from '../../../slack/texts/texts.ts';
import type { MessageView } from '../../../slack/views/message-view.ts';
import { context, formatDate, section } from '../../../slack/views/text/elements.ts';
import { escapeLine } from '../../../slack/views/text/escape.ts';
import { mention } from '../../../slack/views/text/names.ts';
import type { Figures, Stats } from '../figures.ts';
import { statsTexts } from '../texts.ts';

const MAX_ROWS = 10;

/** Shows the figures of a period. Pure. */
export function buildStats(
  texts: Texts,
  {
    stats,
    waiting,
    runs = 0,
    isIncomplete,
  }: {
    stats: Stats;
    waiting: NonNullable<Listing['total']>;
    /** Number of runs started from Slack. */
    runs?: number;
    /** Not all decisions were read in time. */
    isIncomplete: boolean;
  },
): MessageView {
  const { all, approvals, revisionsPerApproval, since } = stats;
  const text = statsTexts(texts).summary(waiting, { count: all.decisions, since: formatDate(texts, since) });
  const hasRevisions = all.decisions > 0 && approvals > 0;
  return {
    text,
    blocks: [
      section(`*${text}*`),
      ...(all.decisions > 0 ? [section(statsTexts(texts).timeToDecide(all.median, all.p90))] : []),
      ...(hasRevisions ? [section(statsTexts(texts).revisions(revisionsPerApproval, approvals))] : []),
      ...(runs > 0 ? [section(statsTexts(texts).startedRuns(runs))] : []),
      ...buildFigureLines(texts, statsTexts(texts).byCrew, stats.byCrew, ({ crew }) => escapeLine(crew, 64)),
      ...buildFigureLines(texts, statsTexts(texts).byApprover, stats.byPerson, ({ person }) =>
        mention(person),
      ),
      ...context(isIncomplete ? statsTexts(texts).incomplete : undefined),
    ],
  };
}

function buildFigureLines<T extends Figures>(
  texts: Texts,
  title: string,
  rows: readonly T[],
  name: (row: T) => string,
) {
  if (rows.length === 0) return [];
  const lines = rows.slice(0, MAX_ROWS).map((row) => {
    return `• ${statsTexts(texts).figures(name(row), row.decisions, row.median, row.p90)}`;
  });
  const hiddenCount = rows.length - lines.length;
  return [
    section(
      [`*${title}*`, ...lines, ...(hiddenCount > 0 ? [texts.lists.andMore(hiddenCount)] : [])].join('\n'),
    ),
  ];
}
