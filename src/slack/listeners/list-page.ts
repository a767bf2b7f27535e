import type { ListPage } from '../app/button-values.ts';
import { listView, sentenceView } from '../views/lists/look-up.ts';
import type { MessageView } from '../views/message-view.ts';
import { lookUpSentence } from '../views/text/sentences.ts';
import type { ListenerContext } from './context.ts';

/** A page of a list. The buttons hold all that the other pages need, so they still work after a restart. */
export async function buildListPage(
  { lookUps, links, clock }: ListenerContext,
  person: string,
  page: ListPage,
): Promise<MessageView> {
  const listing = await lookUps.list(person, page.query, page.after);
  if ('code' in listing) return sentenceView(lookUpSentence(listing));
  return listView(listing, page, links, clock.now());
}
