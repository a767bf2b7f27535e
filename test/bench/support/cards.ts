import type { Call } from '../../sandbox/slack/calls.ts';
import { type Card, connect, hasButton, kickoff, sendWebhook, webhookUrl } from './actions.ts';
import type { Context } from './measurement.ts';
import type { Running } from './process.ts';
import { inStore, postgresVersion, redisVersion } from './stores.ts';
import { inFolder, startBot, startWorld, type World } from './world.ts';

/** Runs that wait for a decision, and their cards, in no common order. */
export interface Waiting {
  executionIds: string[];
  cards: Card[];
}

/** A world with bots on one store, which take clicks and webhooks in turn, as behind a load balancer. */
export interface Replicas extends World {
  /** The bot whose turn it is; the workspace delivers to this bot until the next call. */
  next(): Running;
}

/** How many replicas are measured here: two need a store that processes can share. */
export async function replicaCounts(): Promise<number[]> {
  const shared = (await redisVersion()) ?? (await postgresVersion());
  return shared === undefined ? [1] : [1, 2];
}

/** For a row of the table. */
export const replicasText = (count: number) => (count === 1 ? 'one replica' : `${count} replicas`);

/**
 * One bot on SQLite, or several on one Redis (without Redis, on one Postgres), for as long as `work` takes, with a Slack
 * that enforces its rates.
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

/** The messages of this kind that Slack has taken since something was done, once there are so many. */
export async function postedAfter(
  { workspace }: World,
  { count, timeoutMs, isPost }: { count: number; timeoutMs: number; isPost: (call: Call) => boolean },
  act: () => unknown,
): Promise<Call[]> {
  let seen = workspace.calls.length;
  const posts: Call[] = [];
  await act();
  const collect = () => {
    for (; seen < workspace.calls.length; seen += 1) {
      const call = workspace.calls[seen] as Call;
      // A call is listed before it has its answer: the last one is looked at again.
      if (call.answer === undefined) break;
      if (isPost(call) && call.answer.ok === true) posts.push(call);
    }
    return posts.length >= count;
  };
  await workspace.changed(collect, { timeoutMs, what: `${count} cards` });
  return posts;
}

/** Starts runs on each channel in turn, and waits for their cards. */
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

/** Starts one run whose card goes to this channel, and returns its execution id. */
export function kickoffOn(replicas: Replicas, channel: string): string {
  const bot = replicas.next();
  return kickoff(replicas, bot, { humanInputWebhookUrl: webhookUrl(bot, 'human-input'), meta: { channel } });
}

/** Whether a card still has its Approve button. */
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
