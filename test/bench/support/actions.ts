import type { Running } from './process.ts';
import { APPROVER, CREW, SECRET, type World } from './world.ts';

/** Makes the workspace deliver clicks to this bot. */
export function connect({ workspace }: World, bot: Running): Running {
  workspace.connectBot(`${bot.url}/slack/events`);
  return bot;
}

export const webhookUrl = (bot: { url: string }, kind = 'task') =>
  `${bot.url}/webhooks/${CREW}/${kind}?token=${SECRET}`;

/** Starts a run whose webhooks go to this bot, and returns its execution id. */
export const kickoff = (
  { platform }: World,
  bot: Running,
  more: Parameters<World['platform']['kickoff']>[0] = {},
) => platform.kickoff({ taskWebhookUrl: webhookUrl(bot), crewWebhookUrl: webhookUrl(bot, 'crew'), ...more });

export async function sendWebhook(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  await response.text();
  if (response.status !== 202) throw new Error(`a webhook was answered ${response.status}`);
}

export interface Card {
  channel: string;
  ts: string;
}

export function hasButton(message: { blocks?: unknown } | undefined, actionId = 'approve'): boolean {
  return JSON.stringify(message?.blocks ?? []).includes(`"${actionId}"`);
}

/** Runs `act` and waits for the next message with this button in the channel. */
export async function nextCard(
  { workspace }: World,
  channel: string,
  act: () => unknown,
  { actionId = 'approve', timeoutMs = 30_000 } = {},
): Promise<Card> {
  const messageCount = workspace.messages(channel).length;
  const find = () =>
    workspace
      .messages(channel)
      .slice(messageCount)
      .find((message) => hasButton(message, actionId));
  await act();
  await workspace.changed(() => find() !== undefined, { what: `a card with ${actionId}`, timeoutMs });
  return { channel, ts: find()?.ts ?? '' };
}

/** Measures the time until `check` holds, in milliseconds; `maxMs` if it does not hold by then. */
export async function timeUntil({ workspace }: World, check: () => boolean, maxMs: number): Promise<number> {
  const begun = performance.now();
  return workspace.changed(check, { timeoutMs: maxMs, what: 'what is timed' }).then(
    () => performance.now() - begun,
    () => maxMs,
  );
}

export const clickApprove = ({ workspace }: World, card: Card, user = APPROVER) =>
  workspace.click({ user, ...card, actionId: 'approve' });

/** Clicks Approve and returns the time to the ack, in milliseconds. */
export async function approve(world: World, card: Card, user?: string): Promise<number> {
  const begun = performance.now();
  const { acked } = await clickApprove(world, card, user);
  if (!acked) throw new Error('a click was not acked');
  return performance.now() - begun;
}
