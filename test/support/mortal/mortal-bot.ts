import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { type LogLine, type SpawnedBot, spawnBot } from '../spawn-bot.ts';
import type { World } from '../world.ts';

const KILLER = new URL('./kill-at.mjs', import.meta.url).href;

/** A point of execution: `after 3 commit` is the third commit from now. kill-at.mjs lists the names. */
export type Point = `${'before' | 'after'} ${number} ${string}`;

/** A bot that is killed at given points and started again each time. */
export interface MortalBot {
  /** The current life, once it has got again what the killed one did not answer. */
  up(): Promise<SpawnedBot>;
  /** Plans the next kill -9. */
  killAt(point: Point): void;
  /** Number of times it was killed. */
  deaths(): number;
  logged(): LogLine[];
}

/** Starts the bot. `redeliver`: sends again what was not answered. */
export async function startMortalBot(world: World, redeliver: () => Promise<void>): Promise<MortalBot> {
  const port = String(await freePort());
  const file = join(world.folder, 'kill-at');
  const settings = {
    ...{ PORT: port, PUBLIC_URL: `http://127.0.0.1:${port}` },
    ...{ NODE_OPTIONS: `--import ${KILLER}`, KILL_AT_FILE: file },
  };
  const lives: SpawnedBot[] = [];
  let deaths = 0;

  async function live(): Promise<SpawnedBot> {
    const bot = await spawnBot(world, settings);
    lives.push(bot);
    void bot.ended.then(() => {
      if (!bot.logged.some(({ msg }) => msg === 'killed')) return;
      up = live().then(async (again) => {
        await redeliver();
        return again;
      });
      // Callers that await `up` get the rejection.
      up.catch(() => {});
      deaths += 1;
    });
    return bot;
  }

  let up = live();
  await up;
  return {
    up: () => up,
    killAt: (point) => writeFileSync(file, point),
    deaths: () => deaths,
    logged: () => lives.flatMap(({ logged }) => logged),
  };
}
