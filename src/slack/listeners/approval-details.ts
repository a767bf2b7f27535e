import type { AllMiddlewareArgs, MessageShortcut, SlackShortcutMiddlewareArgs } from '@slack/bolt';
import type { Place } from '../api/reply.ts';
import { readTarget } from '../app/button-values.ts';
import { buildDetailsModal } from '../views/modals/details.ts';
import {
  describeLookUpRefusal,
  describeNotFound,
  NOT_A_CARD,
  NOT_LOOKED_UP,
} from '../views/text/sentences.ts';
import { type ButtonArgs, readClick } from './card-buttons.ts';
import { type ListenerContext, openModal } from './context.ts';

type ShortcutArgs = SlackShortcutMiddlewareArgs<MessageShortcut> & AllMiddlewareArgs;

/** All that is known of an approval, in a modal: from the menu of its card, or from a list. */
export function createApprovalDetails(context: ListenerContext) {
  const { lookUps, tell, links, log } = context;

  async function open(
    client: AllMiddlewareArgs['client'],
    target: ReturnType<typeof readTarget>,
    place: Place,
  ): Promise<void> {
    if (!target) return tell({ ...place, triggerId: undefined }, NOT_A_CARD);
    const may = await lookUps
      .named(place.user, target.approvalId)
      .catch((error: unknown) => log.error({ approval: target.approvalId, error }, 'a look-up failed'));
    if (!may) return tell(place, NOT_LOOKED_UP);
    if (!Array.isArray(may)) return tell(place, describeLookUpRefusal(may));
    const [approval] = may;
    if (!approval) return tell(place, describeNotFound(target.approvalId));
    await openModal(
      context,
      { client, target, by: place.user, place },
      {
        look: async () => ({ done: true, approval }),
        view: () => buildDetailsModal(approval, links),
      },
    );
  }

  return {
    async button({ ack, body, action, client }: ButtonArgs): Promise<void> {
      await ack();
      const { target, place } = readClick(body, action.value);
      await open(client, target, place);
    },

    async shortcut({ ack, shortcut, client }: ShortcutArgs): Promise<void> {
      await ack();
      const { user, channel, message, response_url: responseUrl, trigger_id: triggerId } = shortcut;
      const thread = typeof message.thread_ts === 'string' ? message.thread_ts : undefined;
      const threadTs = thread === message.ts ? undefined : thread;
      const place = { user: user.id, channel: channel.id, threadTs, responseUrl, triggerId };
      await open(client, targetIn(message.blocks), place);
    },
  };
}

/** Which round a card is about: every one of its buttons says so. */
function targetIn(value: unknown): ReturnType<typeof readTarget> {
  if (value === null || typeof value !== 'object') return undefined;
  const { value: own } = value as { value?: unknown };
  const target = typeof own === 'string' ? readTarget(own) : undefined;
  if (target) return target;
  for (const inner of Object.values(value)) {
    const found = targetIn(inner);
    if (found) return found;
  }
  return undefined;
}
