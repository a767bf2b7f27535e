import type { KnownBlock } from '@slack/types';
import type { Listing } from '../../../approval/queries/look-up.ts';
import type { Figures, Stats } from '../../../approval/queries/stats.ts';
import { texts } from '../../texts/texts.ts';
import type { MessageView } from '../message-view.ts';
import { buildPreformatted } from '../output/json.ts';
import { context, formatDate, section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { mention } from '../text/names.ts';

const MOST_ROWS = 10;
const DAY = 24 * 60 * 60_000;
/** 90 days, the longest period, touch 14 calendar weeks at most. */
const MOST_BARS = 14;
/** In characters, so that a line does not wrap on a phone. */
const LINE_WIDTH = 32;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

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
  const { lists } = texts;
  const { all, approvals, revisionsPerApproval, since } = stats;
  const text = lists.summary(waiting, { count: all.decisions, since: formatDate(since) });
  const hasRevisions = all.decisions > 0 && approvals > 0;
  return {
    text,
    blocks: [
      section(`*${text}*`),
      ...(all.decisions > 0 ? [section(lists.timeToDecide(all.median, all.p90))] : []),
      ...(hasRevisions ? [section(lists.revisions(revisionsPerApproval, approvals))] : []),
      ...(runs > 0 ? [section(lists.startedRuns(runs))] : []),
      ...(all.decisions > 0 ? buildDecisionBars(stats.days) : []),
      ...buildFigureLines(lists.byCrew, stats.byCrew, ({ crew }) => escapeLine(crew, 64)),
      ...buildFigureLines(lists.byApprover, stats.byPerson, ({ person }) => mention(person)),
      ...context(stopped ? lists.figuresIncomplete : undefined),
    ],
  };
}

function buildFigureLines<T extends Figures>(title: string, all: readonly T[], name: (row: T) => string) {
  if (all.length === 0) return [];
  const lines = all.slice(0, MOST_ROWS).map((row) => {
    return `• ${texts.lists.figures(name(row), row.decisions, row.median, row.p90)}`;
  });
  const more = all.length - lines.length;
  return [section([`*${title}*`, ...lines, ...(more > 0 ? [texts.lists.andMore(more)] : [])].join('\n'))];
}

function buildDecisionBars(days: Stats['days']): KnownBlock[] {
  const { per, lines } = drawDecisionBars(days);
  const title = per === 'day' ? texts.lists.decisionsPerDay : texts.lists.decisionsPerWeek;
  return [section(`*${title}*`), buildPreformatted(lines.join('\n'))];
}

/**
 * Decisions per day or, in a long period, per calendar week, as lines of label, number and bar. The bar is last, so
 * that a font with block elements of another width does not move the numbers. Pure.
 */
export function drawDecisionBars(days: Stats['days']): { per: 'day' | 'week'; lines: string[] } {
  return days.length > MOST_BARS
    ? { per: 'week', lines: drawBars(sumWeeks(days)) }
    : {
        per: 'day',
        lines: drawBars(days.map(({ from, ...day }) => ({ ...day, label: texts.lists.day(from) }))),
      };
}

interface Bar {
  label: string;
  decisions: number;
}

function drawBars(bars: readonly Bar[]): string[] {
  const { count } = texts.lists;
  const most = Math.max(1, ...bars.map(({ decisions }) => decisions));
  const labelWidth = Math.max(...bars.map(({ label }) => label.length));
  const numberWidth = count(most).length;
  const barWidth = Math.max(0, LINE_WIDTH - labelWidth - numberWidth - 2);
  return bars.map(({ label, decisions }) => {
    const number = count(decisions).padStart(numberWidth);
    return `${label.padEnd(labelWidth)} ${number} ${drawBar((decisions / most) * barWidth)}`.trimEnd();
  });
}

function sumWeeks(days: Stats['days']): Bar[] {
  const weeks = new Map<number, number>();
  for (const { from, decisions } of days) {
    const monday = findMonday(from);
    weeks.set(monday, (weeks.get(monday) ?? 0) + decisions);
  }
  return [...weeks].map(([monday, decisions]) => ({ label: texts.lists.weekOf(monday), decisions }));
}

/** The beginning of the calendar week in UTC. Day 0, 1 January 1970, is a Thursday. */
function findMonday(at: number): number {
  const day = Math.floor(at / DAY);
  return (day - ((day + 3) % 7)) * DAY;
}

/** Rounded up to an eighth of a character: one decision is visible beside thousands. */
function drawBar(width: number): string {
  const eighths = Math.ceil(width * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}
