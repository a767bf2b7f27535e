import type { ListenerContext } from '../context.ts';
import { openStartForm } from '../runs/open-start-form.ts';
import type { CommandArgs } from './command-args.ts';
import type { Command } from './read-command.ts';

/** `/approvals run`: opens the form that starts a run. */
export async function startByCommand(
  context: ListenerContext,
  { crew }: Extract<Command, { kind: 'run' }>,
  { ack, command, client }: CommandArgs,
): Promise<void> {
  await ack();
  const place = {
    user: command.user_id,
    channel: command.channel_id,
    responseUrl: command.response_url,
    triggerId: command.trigger_id,
  };
  await openStartForm(context, { client, place, crew });
}
