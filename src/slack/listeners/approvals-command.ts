import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import { within } from '../deadline.ts';
import { foundView, LISTED, waitingView } from '../views/look-up.ts';
import type { ListenerContext } from './context.ts';

const LOOK_UP_DEADLINE = 2_500;

/** `/approvals`: what waits. `/approvals <id>`: one approval, or those of one execution. Only the asker sees it. */
export function createApprovalsCommand({ service, links, log }: ListenerContext) {
  return async ({ ack, command }: SlackCommandMiddlewareArgs & AllMiddlewareArgs): Promise<void> => {
    const text = command.text.trim();
    try {
      const view = await within(LOOK_UP_DEADLINE, async () =>
        text === ''
          ? waitingView(await service.waiting(LISTED + 1), links)
          : foundView(text, await service.find(text.replace(/^`+|`+$/g, '')), links),
      );
      await ack({ response_type: 'ephemeral', ...view });
    } catch (error) {
      log.error({ error }, 'a look-up failed');
      await ack({
        response_type: 'ephemeral',
        text: 'I could not look that up right now. Please try again in a moment.',
      });
    }
  };
}
