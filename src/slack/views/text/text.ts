import { en as texts } from '../../texts/en.ts';

/** A time in the reader's time zone, with UTC as the fallback. `milliseconds`: since 1970. */
export function formatDate(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  const fallback = new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');
  return `<!date^${seconds}^${texts.card.time}|${fallback} UTC>`;
}
