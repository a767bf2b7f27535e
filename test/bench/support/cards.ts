import type { Call } from '../../../src/sandbox/slack/web-api/web-api.ts';
import type { Replicas } from './replicas.ts';
import { type World, webhookUrl } from './world.ts';

export interface Card {
  channel: string;
  ts: string;
}

/** Runs that wait for a decision, and their cards, in no common order. */
export interface Waiting {
  executionIds: string[];
  cards: Card[];
}

/** Starts runs on each channel in turn, and waits for their cards. */
export async function postCards(world: World, replicas: Replicas, count: number): Promise<Waiting> {
  const { workspace, channels } = world;
  let seen = workspace.calls.length;
  const executionIds = Array.from({ length: count }, (_, index) =>
    kickoffOn(world, replicas, channels[index % channels.length] as string),
  );
  const cards: Card[] = [];
  const collect = () => {
    for (; seen < workspace.calls.length; seen += 1) {
      const call = workspace.calls[seen] as Call;
      // A call is listed before it has its answer.
      if (call.answer === undefined) break;
      cards.push(...cardsOf(call));
    }
    return cards.length >= count;
  };
  await workspace.changed(collect, { timeoutMs: 120_000, what: `${count} cards` });
  return { executionIds, cards };
}

function cardsOf({ method, args, answer }: Call): Card[] {
  const posted = method === 'chat.postMessage' && answer?.ok === true && hasApprove(args.blocks);
  return posted ? [{ channel: String(answer.channel), ts: String(answer.ts) }] : [];
}

function hasApprove(blocks: unknown): boolean {
  return JSON.stringify(blocks ?? []).includes('"approve"');
}

/** Starts one run whose card goes to this channel, and returns its execution id. */
export function kickoffOn({ platform }: World, replicas: Replicas, channel: string): string {
  const bot = replicas.next();
  return platform.kickoff({
    taskWebhookUrl: webhookUrl(bot),
    crewWebhookUrl: webhookUrl(bot, 'crew'),
    humanInputWebhookUrl: webhookUrl(bot, 'human-input'),
    meta: { channel },
  });
}

/** Whether a card still has its Approve button. */
export function isWaiting({ workspace }: World, { channel, ts }: Card): boolean {
  return hasApprove(workspace.message(channel, ts)?.blocks);
}

/** Sends the last webhook of each of these runs, many at a time. */
export async function endCrews(replicas: Replicas, executionIds: readonly string[]): Promise<void> {
  await inLanes(16, executionIds, async (executionId) => {
    const response = await fetch(webhookUrl(replicas.next(), 'crew'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kickoff_id: executionId, result: 'Done' }),
    });
    if (response.status !== 202) throw new Error(`a webhook was answered ${response.status}`);
    await response.text();
  });
}

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
