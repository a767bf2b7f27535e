import type { AllMiddlewareArgs, GlobalShortcut, SlackShortcutMiddlewareArgs } from '@slack/bolt';
import type { ListenerContext } from '../context.ts';
import { openStartForm } from './open-start-form.ts';

export type GlobalShortcutArgs = SlackShortcutMiddlewareArgs<GlobalShortcut> & AllMiddlewareArgs;

/** A person chose *Start a crew* among Slack's shortcuts. */
export async function startByShortcut(
  context: ListenerContext,
  { ack, shortcut, client }: GlobalShortcutArgs,
): Promise<void> {
  await ack();
  const place = { user: shortcut.user.id, triggerId: shortcut.trigger_id };
  await openStartForm(context, { client, place });
}
