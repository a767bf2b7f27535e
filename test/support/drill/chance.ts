import { setTimeout as pause } from 'node:timers/promises';
import { seeded } from '../../world/stage.ts';

/** Chance that can be repeated: the same seed gives the same draws. */
export interface Chance {
  /** From 0 to 1, 1 excluded. */
  draw(): number;
  between(low: number, high: number): number;
  pick<T>(among: readonly T[]): T;
  /** So many milliseconds pass: what people and accidents take their time for. */
  while(low: number, high: number): Promise<void>;
  /** Another one, whose draws do not depend on how often this one is asked. */
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
