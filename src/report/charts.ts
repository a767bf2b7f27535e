import { html, type Markup } from './html.ts';

/** A bar and its label. */
interface Bar {
  label: string;
  count: number;
}

/** Draws bars with their numbers as text, readable at any width, on paper and without colour. */
function drawBars(title: string, bars: readonly Bar[]): Markup {
  const largestCount = Math.max(1, ...bars.map(({ count }) => count));
  const rows = bars.map(
    ({ label, count }) =>
      html`<tr><th scope="row">${label}</th><td class="number">${count}</td><td>${count > 0 && html`<i style="width:${((100 * count) / largestCount).toFixed(1)}%"></i>`}</td></tr>`,
  );
  return html`<table class="bars"><caption>${title}</caption><tbody>${rows}</tbody></table>`;
}

/** Longest list of days that can be taken in at a glance. */
const MAX_DAYS = 31;

/** Draws the decisions per day in UTC, or per month if there are too many days. `perDay`: by YYYY-MM-DD. */
export function drawDecisions(perDay: ReadonlyMap<string, number>): Markup {
  const days = [...perDay.keys()].sort();
  const [first, last] = [Date.parse(days[0] ?? ''), Date.parse(days.at(-1) ?? '')];
  const count = (last - first) / 86_400_000 + 1;
  const title = count <= MAX_DAYS ? 'Decisions per day' : 'Decisions per month';
  if (count <= MAX_DAYS) {
    const everyDay = Array.from({ length: count }, (_, n) => new Date(first + n * 86_400_000).toISOString());
    return drawBars(
      title,
      everyDay.map((day) => ({ label: day.slice(5, 10), count: perDay.get(day.slice(0, 10)) ?? 0 })),
    );
  }
  const months = new Map<string, number>();
  for (const day of days)
    months.set(day.slice(0, -3), (months.get(day.slice(0, -3)) ?? 0) + (perDay.get(day) ?? 0));
  return drawBars(
    title,
    [...months].map(([label, count]) => ({ label, count })),
  );
}

const SPANS: readonly [label: string, below: number][] = [
  ['< 1 min', 60_000],
  ['< 5 min', 300_000],
  ['< 15 min', 900_000],
  ['< 1 h', 3_600_000],
  ['< 4 h', 14_400_000],
  ['< 1 d', 86_400_000],
  ['< 7 d', 604_800_000],
  ['more', Number.POSITIVE_INFINITY],
];

/** Draws how long decisions took. `times`: in milliseconds. */
export function drawTimes(times: readonly number[]): Markup {
  const bars = SPANS.map(([label]) => ({ label, count: 0 }));
  for (const time of times) (bars[SPANS.findIndex(([, below]) => time < below)] as Bar).count += 1;
  return drawBars('Time to a decision', bars);
}
