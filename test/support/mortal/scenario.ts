import { setTimeout as pause } from 'node:timers/promises';
import type { SpawnedBot } from '../spawn-bot.ts';
import type { World } from '../world.ts';
import type { MortalBot } from './mortal-bot.ts';

/** A start that waits for its turn, a dead worker's lease and the sweep that finds it, on a machine that is busy. */
export const PATIENCE = 60_000;
const ACK_PATIENCE = 5_000;

export interface Told {
  /** Messages that are there twice, since Slack's answer to the first one was lost. */
  twins: number;
  /** Of these, cards that the bot learned of by a click that came too late. */
  clickedLate: number;
  /** Decisions that were sent again, and that had no effect any more. */
  secondSends: number;
}

/**
 * `hasty`: clicks on the first card that is there. `patient`: waits until the bot has nothing to do, and clicks on the
 * last one.
 */
export type Person = 'hasty' | 'patient';

/** What happens in a cell. */
export interface Scenario {
  /** From the first webhook to the end. Rejects if a promise was broken. */
  tell(bot: MortalBot, person: Person): Promise<Told>;
  /** What CrewAI sent and got, for whoever looks for a fault. */
  scene(): Record<string, readonly unknown[]>;
  close(): Promise<void>;
}

/** Starts what a scenario needs beside the world, and gives the bot of the world its settings. */
export type Prepare = (world: World) => Promise<Scenario>;

/** Does it again for as long as it is needed and a bot that is killed does not ack it. */
export async function persist(
  bot: MortalBot,
  what: string,
  needed: () => boolean,
  once: (life: SpawnedBot) => Promise<{ acked: boolean }>,
): Promise<void> {
  for (;;) {
    const life = await bot.up();
    if (!needed()) return;
    const { acked } = await once(life);
    if (acked) return;
    const late = pause(ACK_PATIENCE, true, { ref: false });
    if (await Promise.race([late, life.ended.then(() => false)])) {
      throw new Error(`${what} was not acked, though the bot lives`);
    }
  }
}
