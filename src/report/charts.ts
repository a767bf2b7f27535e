import { html, type Markup } from './html.ts';

/** A bar, with what it says in words. */
interface Bar {
  label: string;
  count: number;
}

const WIDTH = 640;
const HEIGHT = 120;
const BASE = 90;
const WIDEST = 80;
/** More bars would be too thin to have a number. */
const MOST_NUMBERED = 31;

/** Bars whose numbers can be read, without colour too. */
function drawBars(title: string, bars: readonly Bar[]): Markup {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const step = Math.min(WIDTH / Math.max(bars.length, 1), WIDEST);
  const every = Math.ceil(bars.length / 8);
  const drawn = bars.map(({ label, count }, index) => {
    const [x, height] = [index * step, (count / most) * 70];
    const middle = (x + step / 2).toFixed(1);
    const number = bars.length <= MOST_NUMBERED && count > 0;
    return html`<rect x="${(x + step * 0.1).toFixed(1)}" y="${(BASE - height).toFixed(1)}" width="${(step * 0.8).toFixed(1)}" height="${height.toFixed(1)}"><title>${label}: ${count}</title></rect>${number && html`<text x="${middle}" y="${(BASE - height - 4).toFixed(1)}">${count}</text>`}${index % every === 0 && html`<text x="${middle}" y="${BASE + 16}">${label}</text>`}`;
  });
  const summary = `${title}: ${bars.map(({ label, count }) => `${label} ${count}`).join(', ')}`;
  return html`<figure><figcaption>${title}</figcaption><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${summary}"><line x1="0" x2="${WIDTH}" y1="${BASE}" y2="${BASE}"/>${drawn}</svg></figure>`;
}

/** Decisions per day in UTC, per month where there are too many days. `perDay`: by YYYY-MM-DD. */
export function drawDecisions(perDay: ReadonlyMap<string, number>): Markup {
  const days = [...perDay.keys()].sort();
  const [first, last] = [Date.parse(days[0] ?? ''), Date.parse(days.at(-1) ?? '')];
  const count = (last - first) / 86_400_000 + 1;
  const title = count <= 62 ? 'Decisions per day' : 'Decisions per month';
  if (count <= 62) {
    const all = Array.from({ length: count }, (_, n) => new Date(first + n * 86_400_000).toISOString());
    return drawBars(
      title,
      all.map((day) => ({ label: day.slice(5, 10), count: perDay.get(day.slice(0, 10)) ?? 0 })),
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

/** How long decisions took. */
export function drawTimes(times: readonly number[]): Markup {
  const bars = SPANS.map(([label]) => ({ label, count: 0 }));
  for (const time of times) (bars[SPANS.findIndex(([, below]) => time < below)] as Bar).count += 1;
  return drawBars('Time to a decision', bars);
}
