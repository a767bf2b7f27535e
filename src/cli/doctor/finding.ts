/** One thing that was looked at before the bot is trusted: `npm run doctor` prints a line for each. */
export interface Finding {
  /** What was looked at, as an operator calls it: a setting, a channel, a crew. */
  about: string;
  /** `failed`: it would stop an approval. */
  state: 'ok' | 'warning' | 'failed';
  /** What was seen, and what to do about it; never a secret. */
  says: string;
}

export const ok = (about: string, says: string): Finding => ({ about, state: 'ok', says });
export const warning = (about: string, says: string): Finding => ({ about, state: 'warning', says });
export const failed = (about: string, says: string): Finding => ({ about, state: 'failed', says });
