import { respond } from '../../api/respond.ts';
import { readListPage } from '../../app/button-values.ts';
import { NOT_LOOKED_UP } from '../../views/text/sentences.ts';
import type { ListenerContext } from '../context.ts';
import { buildListPage } from '../list-page.ts';
import { type ButtonArgs, readClick } from './read-click.ts';

/** A person clicked *Newer* or *Older*: replaces the message with that page. */
export async function turnListPage(
  context: ListenerContext,
  { ack, body, action }: ButtonArgs,
): Promise<void> {
  const { reply, log } = context;
  await ack();
  const page = readListPage(action.value);
  const { place, by } = readClick(body, undefined);
  try {
    if (!page || !place.responseUrl) return await reply(place, NOT_LOOKED_UP);
    await respond(place.responseUrl, await buildListPage(context, by, page), { replace: true });
  } catch (error) {
    log.error({ person: by, error }, 'page not turned');
    await reply(place, NOT_LOOKED_UP);
  }
}
