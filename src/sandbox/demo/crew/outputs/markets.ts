export interface Market {
  name: string;
  /** The country, by ISO 3166. */
  code: string;
  /** Percent of the sales of the first season. */
  share: number;
  euros: number;
  channel: string;
}

/** Where the jacket is sold, the largest market first. */
export const MARKETS: readonly Market[] = (
  [
    ['Germany', 'DE', 18, 205, 'test reports'],
    ['France', 'FR', 14, 199, 'newsletters'],
    ['Spain', 'ES', 11, 185, 'outdoor magazines'],
    ['Portugal', 'PT', 9, 179, 'local press'],
    ['United Kingdom', 'GB', 8, 189, 'podcasts'],
    ['Netherlands', 'NL', 6, 195, 'cycling clubs'],
    ['Italy', 'IT', 5, 199, 'fashion weeklies'],
    ['Denmark', 'DK', 4, 219, 'design press'],
    ['Sweden', 'SE', 4, 215, 'hiking forums'],
    ['Norway', 'NO', 4, 229, 'ferry magazines'],
    ['Ireland', 'IE', 3, 189, 'radio'],
    ['Belgium', 'BE', 3, 195, 'city guides'],
    ['Austria', 'AT', 3, 205, 'alpine clubs'],
    ['Switzerland', 'CH', 2, 235, 'railway magazines'],
    ['Poland', 'PL', 2, 169, 'video reviews'],
    ['Finland', 'FI', 1, 215, 'library talks'],
    ['Iceland', 'IS', 1, 239, 'travel blogs'],
    ['Estonia', 'EE', 1, 169, 'student papers'],
    ['Slovenia', 'SI', 1, 175, 'climbing gyms'],
  ] as const
).map(([name, code, share, euros, channel]) => ({ name, code, share, euros, channel }));
