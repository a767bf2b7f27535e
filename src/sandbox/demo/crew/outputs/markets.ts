export interface Market {
  name: string;
  /** Share of the first season's sales, in percent. */
  share: number;
  euros: number;
  channel: string;
}

/** Markets of the jacket, largest first. */
export const MARKETS: readonly Market[] = (
  [
    ['Germany', 18, 205, 'test reports'],
    ['France', 14, 199, 'newsletters'],
    ['Spain', 11, 185, 'outdoor magazines'],
    ['Portugal', 9, 179, 'local press'],
    ['United Kingdom', 8, 189, 'podcasts'],
    ['Netherlands', 6, 195, 'cycling clubs'],
    ['Italy', 5, 199, 'fashion weeklies'],
    ['Denmark', 4, 219, 'design press'],
    ['Sweden', 4, 215, 'hiking forums'],
    ['Norway', 4, 229, 'ferry magazines'],
    ['Ireland', 3, 189, 'radio'],
    ['Belgium', 3, 195, 'city guides'],
    ['Austria', 3, 205, 'alpine clubs'],
    ['Switzerland', 2, 235, 'railway magazines'],
    ['Poland', 2, 169, 'video reviews'],
    ['Finland', 1, 215, 'library talks'],
    ['Iceland', 1, 239, 'travel blogs'],
    ['Estonia', 1, 169, 'student papers'],
    ['Slovenia', 1, 175, 'climbing gyms'],
  ] as const
).map(([name, share, euros, channel]) => ({ name, share, euros, channel }));
