import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { type Approval, currentRound } from '../../approval/approval.ts';
import { within } from '../deadline.ts';
import { approvalView, foundView, LISTED, waitingView } from '../views/look-up.ts';
import { NOT_LOOKED_UP } from '../views/sentences.ts';
import type { ListenerContext } from './context.ts';

const LOOK_UP_DEADLINE = 2_500;

/** `/approvals`: what waits. `/approvals <id>`: one approval, or those of one execution. Only the asker sees it. */
export function createApprovalsCommand({ service, links, log }: ListenerContext) {
  async function found(text: string, approvals: Approval[], person: string) {
    const [only, ...others] = approvals;
    if (!only || others.length > 0) return foundView(text, approvals, links);
    const seen = await service.maySee(only, person);
    const output = seen ? await service.output(only, currentRound(only)) : undefined;
    return approvalView(only, output, links);
  }

  return async ({ ack, command }: SlackCommandMiddlewareArgs & AllMiddlewareArgs): Promise<void> => {
    const text = command.text.trim();
    try {
      const view = await within(LOOK_UP_DEADLINE, async () =>
        text === ''
          ? waitingView(await service.waiting(LISTED + 1), links)
          : found(text, await service.find(text.replace(/^`+|`+$/g, '')), command.user_id),
      );
      await ack({ response_type: 'ephemeral', ...view });
    } catch (error) {
      log.error({ error }, 'a look-up failed');
      await ack({
        response_type: 'ephemeral',
        text: NOT_LOOKED_UP,
      });
    }
  };
}
