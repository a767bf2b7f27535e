import type { AllMiddlewareArgs, SlackEventMiddlewareArgs } from '@slack/bolt';
import type { Home } from '../api/home.ts';

/** Someone opened the app's Home tab: it shows what waits for them. */
export function createAppHomeOpened(home: Home) {
  return async ({
    event,
  }: SlackEventMiddlewareArgs<'app_home_opened'> & AllMiddlewareArgs): Promise<void> => {
    // The same event comes for the Messages tab.
    if (event.tab === 'home') await home.open(event.user);
  };
}
