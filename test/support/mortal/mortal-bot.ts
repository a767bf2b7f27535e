import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { type LogLine, type SpawnedBot, spawnBot } from '../spawn-bot.ts';
import type { World } from '../world.ts';

const KILLER = new URL('./kill-at.mjs', import.meta.url).href;

/** `after 3 commit`: counted from now on. What can be named is in kill-at.mjs. */
export type Point = `${'before' | 'after'} ${number} ${string}`;

/** A bot that is killed at points of its life, and started again each time. */
export interface MortalBot {
  /** The life that is up, once it has been sent again what the killed one did not answer. */
  up(): Promise<SpawnedBot>;
  /** Plans the next kill -9. */
  killAt(point: Point): void;
  /** How often it was killed. */
  deaths(): number;
  logged(): LogLine[];
}

/** `redeliver`: sends again what was not answered. */
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
      // Whoever waits for it hears of it.
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
