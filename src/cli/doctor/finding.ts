/** The result of one check; `npm run doctor` prints a line for each. */
export interface Finding {
  /** What was checked, as an operator calls it: a setting, a channel, a crew. */
  about: string;
  /** `failed`: would stop an approval, or let other people decide it than the settings say. */
  state: 'ok' | 'warning' | 'failed';
  /** What was found, and what to do; never a secret. */
  says: string;
}

export const ok = (about: string, says: string): Finding => ({ about, state: 'ok', says });
export const warning = (about: string, says: string): Finding => ({ about, state: 'warning', says });
export const failed = (about: string, says: string): Finding => ({ about, state: 'failed', says });
