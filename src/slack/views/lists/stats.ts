import type { KnownBlock } from '@slack/types';
import type { Listing } from '../../../approval/queries/look-ups.ts';
import type { Figures, Stats } from '../../../approval/queries/stats.ts';
import type { MessageView } from '../message-view.ts';
import { preformatted } from '../output/json.ts';
import { context, section } from '../text/elements.ts';
import { escapedLine } from '../text/escape.ts';
import { mention } from '../text/people.ts';
import { count, slackDate } from '../text/text.ts';
import { drawDecisionBars } from './decision-bars.ts';

const MOST_ROWS = 10;

/** Figures of what was decided. Pure. */
export function statsView({
  stats,
  waiting,
  stopped,
}: {
  stats: Stats;
  waiting: NonNullable<Listing['total']>;
  stopped: boolean;
}): MessageView {
  const { all, approvals, revisionsPerApproval, since } = stats;
  const text = `${waiting.more ? 'More than ' : ''}${count(waiting.count)} waiting now · ${several(all.decisions, 'decision')} since ${slackDate(since)}`;
  const lines =
    all.decisions === 0
      ? []
      : [
          `Time to a decision: median *${took(all.median)}*, 90th percentile *${took(all.p90)}*`,
          `Revisions per approval: *${revisionsPerApproval.toFixed(2)}* (${several(approvals, 'approval')})`,
        ];
  return {
    text,
    blocks: [
      section(`*${text}*`),
      ...lines.map(section),
      ...decisionBars(stats),
      ...rows('By crew', stats.byCrew, ({ crew }) => escapedLine(crew, 64)),
      ...rows('By approver', stats.byPerson, ({ person }) => mention(person)),
      ...context(
        stopped ? 'There is more than I could look at: the oldest days are not complete.' : undefined,
      ),
    ],
  };
}

function decisionBars({ days, all }: Stats): KnownBlock[] {
  if (all.decisions === 0) return [];
  const { per, lines } = drawDecisionBars(days);
  return [section(`*Decisions per ${per} (UTC)*`), preformatted(lines.join('\n'))];
}

function rows<T extends Figures>(title: string, all: readonly T[], name: (row: T) => string) {
  if (all.length === 0) return [];
  const lines = all
    .slice(0, MOST_ROWS)
    .map(
      (row) =>
        `• ${name(row)}: ${several(row.decisions, 'decision')}, median ${took(row.median)}, 90th percentile ${took(row.p90)}`,
    );
  const more = all.length - lines.length;
  return [section([`*${title}*`, ...lines, ...(more > 0 ? [`… and ${count(more)} more`] : [])].join('\n'))];
}

function several(number: number, what: string): string {
  return `${count(number)} ${what}${number === 1 ? '' : 's'}`;
}

/** A time in two units at most. */
function took(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min${seconds % 60 > 0 && minutes < 10 ? ` ${seconds % 60} s` : ''}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h${minutes % 60 > 0 ? ` ${minutes % 60} min` : ''}`;
  return `${Math.floor(hours / 24)} d${hours % 24 > 0 ? ` ${hours % 24} h` : ''}`;
}
