import type { Contract } from './contract.ts';
import { documentedContract } from './documented/contract.ts';
import { liveContract } from './live/contract.ts';

/** `live`: the API of the running platform; `documented`: CrewAI's API reference 1.15. */
export type Dialect = 'live' | 'documented';

export const CONTRACTS: Readonly<Record<Dialect, Contract>> = {
  live: liveContract,
  documented: documentedContract,
};
