import type { AllMiddlewareArgs } from '@slack/bolt';
import type { Target } from '../../approval/read-round.ts';
import type { ReplyPlace } from '../api/reply.ts';
import { buildDetailsModal } from '../views/modals/details.ts';
import {
  describeLookUpRefusal,
  describeNotFound,
  NOT_A_CARD,
  NOT_LOOKED_UP,
} from '../views/text/sentences.ts';
import type { ListenerContext } from './context.ts';
import { openModal } from './open-modal.ts';

/** Opens a modal with all that is known about an approval. */
export async function showDetails(
  context: ListenerContext,
  client: AllMiddlewareArgs['client'],
  target: Target | undefined,
  place: ReplyPlace,
): Promise<void> {
  const { lookUps, reply, links, log } = context;
  if (!target) return reply({ ...place, triggerId: undefined }, NOT_A_CARD);
  const found = await lookUps
    .named(place.user, target.approvalId)
    .catch((error: unknown) => log.error({ approval: target.approvalId, error }, 'lookup failed'));
  if (!found) return reply(place, NOT_LOOKED_UP);
  if (!Array.isArray(found)) return reply(place, describeLookUpRefusal(found));
  const [approval] = found;
  if (!approval) return reply(place, describeNotFound(target.approvalId));
  await openModal(
    context,
    { client, target, by: place.user, place },
    {
      check: async () => ({ done: true, approval }),
      buildView: (_, opened) => buildDetailsModal(approval, links, opened),
    },
  );
}
