/** A number with thousands separated. */
export function formatCount(number: number): string {
  return number.toLocaleString('en-US');
}

/** A moment in the reader's own time zone; `fallback` is what Slack shows where it cannot tell. */
export function formatDate(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  const fallback = new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ');
  return `<!date^${seconds}^{date_short_pretty} at {time}|${fallback} UTC>`;
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
