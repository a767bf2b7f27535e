import type { Contract } from './contract.ts';
import { documentedContract } from './documented/contract.ts';
import { liveContract } from './live/contract.ts';

/** `live` is what the running platform does, `documented` what CrewAI's API reference 1.15 says. */
export type Dialect = 'live' | 'documented';

export const CONTRACTS: Readonly<Record<Dialect, Contract>> = {
  live: liveContract,
  documented: documentedContract,
};
