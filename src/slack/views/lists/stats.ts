import type { KnownBlock } from '@slack/types';
import type { Listing } from '../../../approval/queries/look-up.ts';
import type { Figures, Stats } from '../../../approval/queries/stats.ts';
import type { MessageView } from '../message-view.ts';
import { buildPreformatted } from '../output/json.ts';
import { context, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { mention } from '../text/people.ts';
import { formatCount, formatDate } from '../text/text.ts';
import { drawDecisionBars } from './decision-bars.ts';

const MOST_ROWS = 10;

/** Figures of the decisions in a period. Pure. */
export function buildStats({
  stats,
  waiting,
  runs = 0,
  stopped,
}: {
  stats: Stats;
  waiting: NonNullable<Listing['total']>;
  /** Started from Slack. */
  runs?: number;
  stopped: boolean;
}): MessageView {
  const { all, approvals, revisionsPerApproval, since } = stats;
  const text = `${waiting.more ? 'More than ' : ''}${formatCount(waiting.count)} waiting now · ${formatAmount(all.decisions, 'decision')} since ${formatDate(since)}`;
  const lines =
    all.decisions === 0
      ? []
      : [
          `Time to a decision: median *${formatDuration(all.median)}*, 90th percentile *${formatDuration(all.p90)}*`,
          ...(approvals === 0
            ? []
            : [
                `Revisions per approval: *${revisionsPerApproval.toFixed(2)}* (${formatAmount(approvals, 'approval')})`,
              ]),
        ];
  return {
    text,
    blocks: [
      section(`*${text}*`),
      ...lines.map(section),
      ...(runs > 0 ? [section(`Started from Slack: *${formatAmount(runs, 'run')}*`)] : []),
      ...buildDecisionBars(stats),
      ...buildRows('By crew', stats.byCrew, ({ crew }) => escapeLine(crew, 64)),
      ...buildRows('By approver', stats.byPerson, ({ person }) => mention(person)),
      ...context(
        stopped
          ? 'There are more decisions than I could read, so the oldest days are incomplete.'
          : undefined,
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
        `• ${name(row)}: ${formatAmount(row.decisions, 'decision')}, median ${formatDuration(row.median)}, 90th percentile ${formatDuration(row.p90)}`,
    );
  const more = all.length - lines.length;
  return [
    section([`*${title}*`, ...lines, ...(more > 0 ? [`… and ${formatCount(more)} more`] : [])].join('\n')),
  ];
}

function formatAmount(number: number, what: string): string {
  return `${formatCount(number)} ${what}${number === 1 ? '' : 's'}`;
}

/** A duration in at most two units. */
function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min${seconds % 60 > 0 && minutes < 10 ? ` ${seconds % 60} s` : ''}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h${minutes % 60 > 0 ? ` ${minutes % 60} min` : ''}`;
  return `${Math.floor(hours / 24)} d${hours % 24 > 0 ? ` ${hours % 24} h` : ''}`;
}
