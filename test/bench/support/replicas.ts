import type { Built } from './build.ts';
import { inPostgres, postgresVersion } from './postgres.ts';
import type { Running } from './process.ts';
import { inRedis, redisVersion } from './redis.ts';
import { databaseIn, inFolder, startBot, type World } from './world.ts';

/** Bots on one store, which take clicks and webhooks in turn, as behind a load balancer. */
export interface Replicas {
  /** The bot whose turn it is; the workspace delivers to this bot until the next call. */
  next(): Running;
  stop(): Promise<void>;
}

/** How many replicas are measured here: two need a store that processes can share. */
export async function replicaCounts(): Promise<number[]> {
  const shared = (await redisVersion()) ?? (await postgresVersion());
  return shared === undefined ? [1] : [1, 2];
}

/** One bot on SQLite, or several on one Redis (without Redis, on one Postgres), for as long as `work` takes. */
export function withReplicas<T>(
  built: Built,
  world: World,
  count: number,
  work: (replicas: Replicas) => Promise<T>,
): Promise<T> {
  return inFolder((folder) =>
    inStore(folder, count, async (storeUrl) => {
      const replicas = await startReplicas(built, world, { folder, count, storeUrl });
      try {
        return await work(replicas);
      } finally {
        await replicas.stop();
      }
    }),
  );
}

async function inStore<T>(folder: string, count: number, work: (url: string) => Promise<T>): Promise<T> {
  if (count === 1) return work(`sqlite://${databaseIn(folder)}`);
  return (await redisVersion()) === undefined ? inPostgres(work) : inRedis(work);
}

async function startReplicas(
  built: Built,
  world: World,
  { folder, count, storeUrl }: { folder: string; count: number; storeUrl: string },
): Promise<Replicas> {
  const bots: Running[] = [];
  for (let index = 0; index < count; index += 1) {
    bots.push(await startBot(built, world, folder, { storeUrl }));
  }
  let turn = 0;
  const next = () => {
    const bot = bots[turn++ % bots.length] as Running;
    world.workspace.connectBot(`${bot.url}/slack/events`);
    return bot;
  };
  next();
  return { next, stop: async () => void (await Promise.all(bots.map((bot) => bot.stop()))) };
}

/** For a row of the table. */
export function replicasText(count: number): string {
  return count === 1 ? 'one replica' : `${count} replicas`;
}
