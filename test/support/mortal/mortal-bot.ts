import type { Platform } from '../../../src/sandbox/crewai/platform.ts';
import { freePort } from '../free-port.ts';
import { type LogLine, type SpawnedBot, spawnBot } from '../spawn-bot.ts';
import { SECRET, type World } from '../world.ts';

const KILLER = new URL('./kill-at.mjs', import.meta.url).href;
/** A start is the one thing here that is heavy on the processor. */
const STARTS_AT_ONCE = 2;

/** A bot that is killed at a point of its life and started again, without the killer then. */
export interface MortalBot {
  /** Where CrewAI reaches it, in every life. */
  webhook(kind: string): string;
  /** The life that is up, once it has been sent again what the killed one did not answer. */
  up(): Promise<SpawnedBot>;
  /** Rejects when it could not be started again. */
  broken: Promise<never>;
  /** When it was started again, by performance.now(); undefined: it has not been killed. */
  startedAgainAt(): number | undefined;
  /** Ends it as an operator does; false if it was killed at its point instead, and lives again. */
  stop(): Promise<boolean>;
  kill(): Promise<void>;
  logged(): LogLine[];
}

/** `killAt`: as kill-at.mjs takes it. */
export async function startMortalBot(world: World, killAt: string): Promise<MortalBot> {
  const PORT = String(await freePort());
  const PUBLIC_URL = `http://127.0.0.1:${PORT}`;
  const lives: SpawnedBot[] = [];
  let startedAgainAt: number | undefined;
  let ended = false;
  let fail: (error: unknown) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    fail = reject;
  });
  broken.catch(() => {});

  const live = (settings: Record<string, string> = {}) =>
    inTurn(async () => {
      if (!settings.KILL_AT) startedAgainAt = performance.now();
      const bot = await spawnBot(world, { PORT, PUBLIC_URL, ...settings });
      lives.push(bot);
      return bot;
    });

  async function liveAgain(): Promise<SpawnedBot> {
    const bot = await live();
    await redeliver(world.platform);
    return bot;
  }

  async function begin(): Promise<SpawnedBot> {
    try {
      const bot = await live({ NODE_OPTIONS: `--import ${KILLER}`, KILL_AT: killAt });
      void bot.ended.then(({ signal }) => {
        if (signal !== 'SIGKILL' || ended) return;
        up = liveAgain();
        up.catch(fail);
      });
      return bot;
    } catch (error) {
      if (!String(error).includes('the process has ended (SIGKILL)')) throw error;
      return liveAgain();
    }
  }

  let up = begin();
  await up;

  return {
    webhook: (kind) => `${PUBLIC_URL}/webhooks/press/${kind}?token=${SECRET}`,
    up: () => up,
    broken,
    startedAgainAt: () => startedAgainAt,
    async stop() {
      const bot = await up;
      bot.signal('SIGTERM');
      return (await bot.ended).signal !== 'SIGKILL';
    },
    async kill() {
      ended = true;
      for (const bot of lives) await bot.kill();
    },
    logged: () => lives.flatMap((bot) => bot.logged),
  };
}

/** As a sender does that wants a 2xx: whether CrewAI does is not documented. */
async function redeliver({ webhooks, changed, redeliver: sendAgain }: Platform): Promise<void> {
  const ended = () => webhooks.every(({ status, error }) => status !== undefined || error !== undefined);
  await changed(ended, { what: 'the end of each webhook' });
  const unanswered = [...webhooks.keys()].filter((index) => webhooks[index]?.status !== 202);
  for (const index of unanswered) await sendAgain(index);
}

let starting = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(start: () => Promise<T>): Promise<T> {
  if (starting === STARTS_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else starting += 1;
  try {
    return await start();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else starting -= 1;
  }
}
