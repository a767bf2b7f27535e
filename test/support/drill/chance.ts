import { setTimeout as pause } from 'node:timers/promises';
import { seeded } from '../../world/stage.ts';

/** Repeatable randomness: the same seed gives the same draws. */
export interface Chance {
  /** From 0 to 1, 1 excluded. */
  draw(): number;
  between(low: number, high: number): number;
  pick<T>(among: readonly T[]): T;
  /** Waits a random time in milliseconds, as people and accidents do. */
  while(low: number, high: number): Promise<void>;
  /** Creates another chance, whose draws do not depend on later draws of this one. */
  fork(): Chance;
}

export function createChance(seed: number): Chance {
  const draw = seeded(seed);
  const between = (low: number, high: number) => low + draw() * (high - low);
  return {
    draw,
    between,
    pick: (among) => among[Math.floor(draw() * among.length)] as (typeof among)[number],
    while: (low, high) => pause(between(low, high)),
    fork: () => createChance(Math.floor(draw() * 2 ** 32)),
  };
}
