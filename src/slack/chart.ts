import { createRequire } from 'node:module';
import type { Stats } from '../approval/queries/stats.ts';
import { count } from './views/text/text.ts';

/** Read on a phone at half its width. */
const SIZE = { width: 720, height: 420 };
const FONT = 'DejaVu Sans';

/** Decisions per day as bars, as a PNG. What draws it is loaded when it is first asked for: it is large. */
export async function decisionsChart({ days }: Stats): Promise<Buffer> {
  const { GlobalFonts, createCanvas } = await import('@napi-rs/canvas');
  const { BarController, BarElement, CategoryScale, Chart, LinearScale, Title } = await import('chart.js');
  // Its own, since a server has none.
  if (!GlobalFonts.has(FONT))
    GlobalFonts.registerFromPath(
      createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
      FONT,
    );
  Chart.register(BarController, BarElement, CategoryScale, LinearScale, Title);
  const canvas = createCanvas(SIZE.width, SIZE.height);
  const font = { family: FONT, size: 22 };
  const chart = new Chart(canvas as never, {
    type: 'bar',
    data: {
      labels: days.map(({ from }) => dayWords(from)),
      datasets: [{ data: days.map(({ decisions }) => decisions), backgroundColor: '#148567' }],
    },
    options: {
      animation: false,
      responsive: false,
      devicePixelRatio: 1,
      layout: { padding: 12 },
      plugins: {
        title: {
          display: true,
          text: 'Decisions per day (UTC)',
          align: 'start',
          font: { ...font, weight: 'normal' },
        },
      },
      scales: {
        x: {
          grid: { display: false },
          ticks: { font, color: '#616061', maxRotation: 0, autoSkipPadding: 24 },
        },
        y: { beginAtZero: true, ticks: { font, color: '#616061', precision: 0 } },
      },
    },
    plugins: [
      {
        id: 'paper',
        beforeDraw: ({ ctx }) => {
          ctx.fillStyle = '#ffffff';
          ctx.fillRect(0, 0, SIZE.width, SIZE.height);
        },
      },
    ],
  });
  try {
    return await canvas.encode('png');
  } finally {
    chart.destroy();
  }
}

/** The same in words. */
export function chartWords({ days }: Stats): string {
  const busiest = days.reduce((most, day) => (day.decisions > most.decisions ? day : most));
  const all = days.reduce((sum, { decisions }) => sum + decisions, 0);
  const figures = days.map(({ from, decisions }) => `${dayWords(from)}: ${decisions}`).join(', ');
  return `Decisions per day (UTC), ${count(all)} in ${days.length} days, the most on ${dayWords(busiest.from)} (${busiest.decisions}). ${figures}`;
}

function dayWords(at: number): string {
  return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
}
