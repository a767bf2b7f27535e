import type { AllMiddlewareArgs, MessageShortcut, SlackShortcutMiddlewareArgs } from '@slack/bolt';
import type { Target } from '../../approval/read-round.ts';
import { readTarget } from '../app/button-values.ts';
import type { ListenerContext } from './context.ts';
import { showDetails } from './show-details.ts';

export type ShortcutArgs = SlackShortcutMiddlewareArgs<MessageShortcut> & AllMiddlewareArgs;

/** A person chose Approval details in the menu of a message. */
export async function openDetailsOfMessage(
  context: ListenerContext,
  { ack, shortcut, client }: ShortcutArgs,
): Promise<void> {
  await ack();
  const { user, channel, message, response_url: responseUrl, trigger_id: triggerId } = shortcut;
  const thread = typeof message.thread_ts === 'string' ? message.thread_ts : undefined;
  const threadTs = thread === message.ts ? undefined : thread;
  const place = { user: user.id, channel: channel.id, threadTs, responseUrl, triggerId };
  await showDetails(context, client, findTarget(message.blocks), place);
}

/** Searches blocks for a button's value that names a round: all buttons of a card name the same round. */
function findTarget(value: unknown): Target | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const { value: own } = value as { value?: unknown };
  const target = typeof own === 'string' ? readTarget(own) : undefined;
  if (target) return target;
  for (const inner of Object.values(value)) {
    const found = findTarget(inner);
    if (found) return found;
  }
  return undefined;
}
