import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { clickOn } from '../process-steps.ts';
import type { SpawnedBot } from '../spawn-bot.ts';
import type { World } from '../world.ts';
import { type Due, lookAtDue } from './due.ts';
import type { MortalBot } from './mortal-bot.ts';

/** A start that waits for its turn, the lease of a killed worker and the sweep that finds it, on a busy machine. */
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
  /** What CrewAI sent and got, to investigate a fault. */
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
    if (await Promise.race([late, life.ended.then(() => false)]))
      throw new Error(`${what} was not acked, though the bot lives`);
  }
}

/** Clicks on a card of the list: a hasty person on the first one, a patient one on the last. */
export const persistClick = (
  world: World,
  bot: MortalBot,
  {
    list,
    person,
    actionId,
    user,
  }: { list: () => { ts: string }[]; person: Person; actionId: string; user: string },
) =>
  persist(
    bot,
    `the click on ${actionId}`,
    () => list().length > 0,
    () => clickOn(world, list().at(person === 'hasty' ? 0 : -1)?.ts as string, actionId, user),
  );

/** UBEN learns that a click of theirs came too late. */
export const seesTooLate = ({ workspace }: World) =>
  workspace.changed(
    () => workspace.ephemerals('UBEN').some(({ text }) => /nothing .*was recorded/.test(text)),
    { what: 'whose decision it was', timeoutMs: PATIENCE },
  );

/**
 * Tells a story to its end, and to the same end again when the bot is killed at its very end. `check`: what was sent
 * again, and what is there twice. Rejects if a promise was broken.
 */
export async function tellToTheEnd(
  world: World,
  bot: MortalBot,
  story: {
    begin(due: Due): Promise<void>;
    /** Resolves to how many cards needed a click to learn how it ended. */
    end(due: Due): Promise<number>;
    check(): Pick<Told, 'twins' | 'secondSends'>;
  },
): Promise<Told> {
  const due = await lookAtDue(world.settings.STORE_URL as string);
  try {
    await story.begin(due);
    let clickedLate = 0;
    let errors: unknown[];
    do {
      clickedLate += await story.end(due);
      errors = bot.logged().filter(({ level }) => level >= 50);
    } while (!(await bot.stop()));
    const told = { ...story.check(), clickedLate };
    expect(errors).toEqual([]);
    // It is killed once.
    expect(told.twins).toBeLessThanOrEqual(1);
    expect(told.secondSends).toBeLessThanOrEqual(1);
    return told;
  } finally {
    await due.close();
  }
}
