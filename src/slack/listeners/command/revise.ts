import type { Target } from '../../../approval/read-round.ts';
import { explainStoreFailure } from '../answer-in-time.ts';
import type { ListenerContext } from '../context.ts';
import { openRevisionModal } from '../open-revision-modal.ts';
import type { CommandArgs } from './command-args.ts';
import { findApproval } from './find-approval.ts';
import type { Command } from './read-command.ts';

/** `/approvals revise`: opens the modal for feedback, also if a card could not be posted. */
export async function reviseByCommand(
  context: ListenerContext,
  asked: Extract<Command, { kind: 'revise' }>,
  { ack, command, client }: CommandArgs,
): Promise<void> {
  await ack();
  const { user_id: by, channel_id: channel, response_url: responseUrl, trigger_id: triggerId } = command;
  const place = { user: by, channel, responseUrl, triggerId };
  const approval = await findApproval(context, asked, by).catch((error: unknown) =>
    explainStoreFailure(context.log, error),
  );
  if (typeof approval === 'string') return context.reply(place, approval);
  const target: Target = { approvalId: approval.id, round: asked.round, via: 'command' };
  await openRevisionModal(context, { client, target, by, place });
}
