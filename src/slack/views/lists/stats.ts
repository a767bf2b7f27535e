import type { KnownBlock } from '@slack/types';
import type { Listing } from '../../../approval/queries/look-ups.ts';
import type { Figures, Stats } from '../../../approval/queries/stats.ts';
import type { MessageView } from '../message-view.ts';
import { buildPreformatted } from '../output/json.ts';
import { context, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { mention } from '../text/people.ts';
import { formatCount, formatDate } from '../text/text.ts';
import { drawDecisionBars } from './decision-bars.ts';

const MOST_ROWS = 10;

/** Figures of what was decided. Pure. */
export function buildStats({
  stats,
  waiting,
  stopped,
}: {
  stats: Stats;
  waiting: NonNullable<Listing['total']>;
  stopped: boolean;
}): MessageView {
  const { all, approvals, revisionsPerApproval, since } = stats;
  const text = `${waiting.more ? 'More than ' : ''}${formatCount(waiting.count)} waiting now · ${countOf(all.decisions, 'decision')} since ${formatDate(since)}`;
  const lines =
    all.decisions === 0
      ? []
      : [
          `Time to a decision: median *${formatTime(all.median)}*, 90th percentile *${formatTime(all.p90)}*`,
          `Revisions per approval: *${revisionsPerApproval.toFixed(2)}* (${countOf(approvals, 'approval')})`,
        ];
  return {
    text,
    blocks: [
      section(`*${text}*`),
      ...lines.map(section),
      ...buildDecisionBars(stats),
      ...buildRows('By crew', stats.byCrew, ({ crew }) => escapeLine(crew, 64)),
      ...buildRows('By approver', stats.byPerson, ({ person }) => mention(person)),
      ...context(
        stopped ? 'There is more than I could look at: the oldest days are not complete.' : undefined,
      ),
    ],
  };
}

function buildDecisionBars({ days, all }: Stats): KnownBlock[] {
  if (all.decisions === 0) return [];
  const { per, lines } = drawDecisionBars(days);
  return [section(`*Decisions per ${per} (UTC)*`), buildPreformatted(lines.join('\n'))];
}

function buildRows<T extends Figures>(title: string, all: readonly T[], name: (row: T) => string) {
  if (all.length === 0) return [];
  const lines = all
    .slice(0, MOST_ROWS)
    .map(
      (row) =>
        `• ${name(row)}: ${countOf(row.decisions, 'decision')}, median ${formatTime(row.median)}, 90th percentile ${formatTime(row.p90)}`,
    );
  const more = all.length - lines.length;
  return [
    section([`*${title}*`, ...lines, ...(more > 0 ? [`… and ${formatCount(more)} more`] : [])].join('\n')),
  ];
}

function countOf(number: number, what: string): string {
  return `${formatCount(number)} ${what}${number === 1 ? '' : 's'}`;
}

/** A time in two units at most. */
function formatTime(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min${seconds % 60 > 0 && minutes < 10 ? ` ${seconds % 60} s` : ''}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h${minutes % 60 > 0 ? ` ${minutes % 60} min` : ''}`;
  return `${Math.floor(hours / 24)} d${hours % 24 > 0 ? ` ${hours % 24} h` : ''}`;
}
