import type { Call } from '../../sandbox/slack/calls.ts';
import { type Card, connect, hasButton, kickoff, sendWebhook, webhookUrl } from './actions.ts';
import type { Context } from './measurement.ts';
import type { Running } from './process.ts';
import { inStore, postgresVersion, redisVersion } from './stores.ts';
import { inFolder, startBot, startWorld, type World } from './world.ts';

/** Runs that wait for a decision, and their cards. The orders differ. */
export interface Waiting {
  executionIds: string[];
  cards: Card[];
}

/** A world with bots on one store. They get clicks and webhooks in turn, as behind a load balancer. */
export interface Replicas extends World {
  /** Returns the bot whose turn it is. The workspace delivers to this bot until the next call. */
  next(): Running;
}

/** Lists the numbers of replicas to measure. Two need a store that processes can share. */
export async function replicaCounts(): Promise<number[]> {
  const shared = (await redisVersion()) ?? (await postgresVersion());
  return shared === undefined ? [1] : [1, 2];
}

/** The number of replicas as text, for a row of the table. */
export const replicasText = (count: number) => (count === 1 ? 'one replica' : `${count} replicas`);

/**
 * Runs `work` with one bot on SQLite, or several on one Redis (without Redis, on one Postgres), and a Slack that
 * enforces its rates.
 */
export async function withReplicas<T>(
  { built }: Context,
  count: number,
  size: { channels: number; approvers?: number },
  work: (replicas: Replicas) => Promise<T>,
): Promise<T> {
  const shared = (await redisVersion()) === undefined ? 'Postgres' : 'Redis';
  const world = await startWorld({ ...size, enforceRates: true, dialect: 'live' });
  const bots: Running[] = [];
  const inStoreAndFolder = (work: (folder: string, url: string) => Promise<T>) =>
    inStore(count === 1 ? 'SQLite' : shared, (url) => inFolder((folder) => work(folder, url)));
  try {
    return await inStoreAndFolder(async (folder, STORE_URL) => {
      try {
        for (let index = 0; index < count; index += 1)
          bots.push(await startBot(built, world, folder, { env: { STORE_URL } }));
        let turn = 0;
        const next = () => connect(world, bots[turn++ % bots.length] as Running);
        next();
        return await work({ ...world, next });
      } finally {
        await Promise.all(bots.map((bot) => bot.stop()));
      }
    });
  } finally {
    await world.close();
  }
}

/** Runs `act`, waits until Slack has accepted this many messages of this kind since then, and returns them. */
export async function postedAfter(
  { workspace }: World,
  { count, timeoutMs, isPost }: { count: number; timeoutMs: number; isPost: (call: Call) => boolean },
  act: () => unknown,
): Promise<Call[]> {
  let nextCall = workspace.calls.length;
  const posts: Call[] = [];
  await act();
  const collect = () => {
    for (; nextCall < workspace.calls.length; nextCall += 1) {
      const call = workspace.calls[nextCall] as Call;
      // A call is listed before it has its answer, so the last one is checked again.
      if (call.answer === undefined) break;
      if (isPost(call) && call.answer.ok === true) posts.push(call);
    }
    return posts.length >= count;
  };
  await workspace.changed(collect, { timeoutMs, what: `${count} cards` });
  return posts;
}

/** Starts runs on each channel in turn and waits for their cards. */
export async function postCards(replicas: Replicas, count: number): Promise<Waiting> {
  const { channels } = replicas;
  let executionIds: string[] = [];
  const isPost = ({ method, args }: Call) => method === 'chat.postMessage' && hasButton(args);
  const posts = await postedAfter(replicas, { count, timeoutMs: 120_000, isPost }, () => {
    executionIds = Array.from({ length: count }, (_, index) =>
      kickoffOn(replicas, channels[index % channels.length] as string),
    );
  });
  const cards = posts.map(({ answer }) => ({ channel: String(answer?.channel), ts: String(answer?.ts) }));
  return { executionIds, cards };
}

/** Starts a run whose card goes to this channel, and returns its execution id. */
export function kickoffOn(replicas: Replicas, channel: string): string {
  const bot = replicas.next();
  return kickoff(replicas, bot, { humanInputWebhookUrl: webhookUrl(bot, 'human-input'), meta: { channel } });
}

/** True if a card still has its Approve button. */
export const isWaiting = ({ workspace }: World, { channel, ts }: Card) =>
  hasButton(workspace.message(channel, ts));

/** Sends the last webhook of each of these runs, many at a time. */
export const endCrews = (replicas: Replicas, executionIds: readonly string[]) =>
  inLanes(16, executionIds, (executionId) =>
    sendWebhook(webhookUrl(replicas.next(), 'crew'), { kickoff_id: executionId, result: 'Done' }),
  );

/** Carries out `work` for all items, `lanes` of them at a time. */
export async function inLanes<T>(
  lanes: number,
  items: readonly T[],
  work: (item: T, lane: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (_: unknown, index: number) => {
    while (next < items.length) await work(items[next++] as T, index);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
