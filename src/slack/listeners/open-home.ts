import type { AllMiddlewareArgs, SlackEventMiddlewareArgs } from '@slack/bolt';
import type { Home } from '../api/home.ts';

export type HomeOpenedArgs = SlackEventMiddlewareArgs<'app_home_opened'> & AllMiddlewareArgs;

/** A person opened the app's Home tab: publishes their inbox there. */
export async function openHome(home: Pick<Home, 'open'>, { event }: HomeOpenedArgs): Promise<void> {
  // Slack sends the same event for the Messages tab.
  if (event.tab === 'home') await home.open(event.user);
}
