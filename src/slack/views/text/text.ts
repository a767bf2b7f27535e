/** A number with separators between thousands. */
export function formatCount(number: number): string {
  return number.toLocaleString('en-US');
}

/** A time in the reader's time zone, with UTC as the fallback. `milliseconds`: since 1970. */
export function formatDate(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  const fallback = new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');
  return `<!date^${seconds}^{date_short_pretty} at {time}|${fallback} UTC>`;
}

/** " (round 2)", or nothing for the first round. */
export function formatLaterRound(number: number): string {
  return number > 1 ? ` (round ${number})` : '';
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
