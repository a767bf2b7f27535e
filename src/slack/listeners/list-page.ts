import type { ListPage } from '../app/button-values.ts';
import { buildList } from '../views/lists/list.ts';
import { buildSentence, type MessageView } from '../views/message-view.ts';
import { describeLookUpRefusal } from '../views/text/sentences.ts';
import type { ListenerContext } from './context.ts';

/** A page of a list. The buttons hold all that the other pages need, so they still work after a restart. */
export async function buildListPage(
  { lookUps, links, clock }: ListenerContext,
  person: string,
  page: ListPage,
): Promise<MessageView> {
  const listing = await lookUps.list(person, page.query, page.after);
  if ('code' in listing) return buildSentence(describeLookUpRefusal(listing));
  return buildList(listing, page, links, clock.now());
}
