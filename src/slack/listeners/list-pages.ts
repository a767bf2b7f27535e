import { respond } from '../api/respond.ts';
import { type ListPage, readListPage } from '../app/button-values.ts';
import { buildList } from '../views/lists/list.ts';
import type { MessageView } from '../views/message-view.ts';
import { buildSentence } from '../views/message-view.ts';
import { describeLookUpRefusal, NOT_LOOKED_UP } from '../views/text/sentences.ts';
import { type ButtonArgs, readClick } from './card-buttons.ts';
import type { ListenerContext } from './context.ts';

/** The pages of a list: all that a page needs is in its buttons, so they go on working after a restart. */
export function createListPages({ lookUps, tell, links, clock, log }: ListenerContext) {
  async function view(person: string, page: ListPage): Promise<MessageView> {
    const listing = await lookUps.list(person, page.query, page.after);
    if ('code' in listing) return buildSentence(describeLookUpRefusal(listing));
    return buildList(listing, page, links, clock.now());
  }

  /** Newer or Older: the message becomes that page. */
  async function turn({ ack, body, action }: ButtonArgs): Promise<void> {
    await ack();
    const page = readListPage(action.value);
    const { place, by } = readClick(body, undefined);
    try {
      if (!page || !place.responseUrl) return await tell(place, NOT_LOOKED_UP);
      await respond(place.responseUrl, await view(by, page), { replace: true });
    } catch (error) {
      log.error({ person: by, error }, 'a page could not be turned');
      await tell(place, NOT_LOOKED_UP);
    }
  }

  return { view, turn };
}
