import type { AllMiddlewareArgs, SlackCommandMiddlewareArgs } from '@slack/bolt';
import type { MessageView } from '../views/message-view.ts';

export type CommandArgs = SlackCommandMiddlewareArgs & AllMiddlewareArgs;
/** What the asker gets, and what is done once they have it. */
export interface Reply {
  view: MessageView;
  afterwards?: () => Promise<void>;
}
