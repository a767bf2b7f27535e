import type { AckFn, BlockAction, SlashCommand, ViewSubmitAction } from '@slack/bolt';
import type { Place } from '../api/reply.ts';
import { buildNotDoneModal } from '../views/modals/decision-modals.ts';
import { TOO_LATE } from '../views/text/sentences.ts';
import { readClick } from './card-buttons.ts';
import type { ListenerContext } from './context.ts';
import { enteredIn } from './submissions.ts';

type Interaction = BlockAction | ViewSubmitAction | SlashCommand;

/** Answers an interaction that is too old to decide anything: nothing is recorded, what was typed is shown again. */
export async function tellTooLate(
  { tell, log }: Pick<ListenerContext, 'tell' | 'log'>,
  body: Interaction,
  ack: AckFn<unknown>,
): Promise<void> {
  const place = placeOf(body);
  log.warn({ person: place.user }, 'click too old, not decided');
  const shown =
    'view' in body && body.type === 'view_submission'
      ? {
          response_action: 'update',
          view: buildNotDoneModal(body.view.title.text, TOO_LATE, enteredIn(body.view)),
        }
      : undefined;
  await ack(shown).catch(() => {});
  await tell(place, TOO_LATE);
}

function placeOf(body: Interaction): Place {
  if ('command' in body) {
    const { user_id: user, channel_id: channel, response_url: responseUrl, trigger_id: triggerId } = body;
    return { user, channel, responseUrl, triggerId };
  }
  return body.type === 'view_submission' ? { user: body.user.id } : readClick(body, undefined).place;
}
