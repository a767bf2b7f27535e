import type { AckFn, BlockAction, SlashCommand, ViewSubmitAction } from '@slack/bolt';
import type { ReplyPlace } from '../api/reply.ts';
import { buildNotDoneModal } from '../views/modals/decision-modals.ts';
import { TOO_LATE } from '../views/text/sentences.ts';
import { readClick } from './buttons/read-click.ts';
import type { ListenerContext } from './context.ts';
import { readEntered } from './modals/read-entered.ts';

type Interaction = BlockAction | ViewSubmitAction | SlashCommand;

/** Answers an interaction that is too old to decide anything. Nothing is recorded; a modal shows the typed text again. */
export async function replyTooLate(
  { reply, log }: Pick<ListenerContext, 'reply' | 'log'>,
  body: Interaction,
  ack: AckFn<unknown>,
): Promise<void> {
  const place = findReplyPlace(body);
  log.warn({ person: place.user }, 'click too old, not decided');
  const shown =
    'view' in body && body.type === 'view_submission'
      ? {
          response_action: 'update',
          view: buildNotDoneModal(body.view.title.text, TOO_LATE, readEntered(body.view)),
        }
      : undefined;
  await ack(shown).catch(() => {});
  await reply(place, TOO_LATE);
}

function findReplyPlace(body: Interaction): ReplyPlace {
  if ('command' in body) {
    const { user_id: user, channel_id: channel, response_url: responseUrl, trigger_id: triggerId } = body;
    return { user, channel, responseUrl, triggerId };
  }
  return body.type === 'view_submission' ? { user: body.user.id } : readClick(body, undefined).place;
}
