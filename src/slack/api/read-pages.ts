import type { WebAPICallResult, WebClient } from '@slack/web-api';

const PAGE_SIZE = 1_000;
const MAX_PAGES = 20;

/**
 * Reads a list of the Web API page by page. Resolves to whether it was read to its end: at most 20 pages of 1,000 are
 * read. Rejects with the WebClient's error.
 */
export async function readPages<Page extends WebAPICallResult>(
  client: Pick<WebClient, 'paginate'>,
  method: string,
  options: Record<string, unknown>,
  visit: (page: Page) => void,
): Promise<boolean> {
  let pages = 0;
  for await (const page of client.paginate(method, { ...options, limit: PAGE_SIZE })) {
    visit(page as Page);
    pages += 1;
    if (pages === MAX_PAGES) return !page.response_metadata?.next_cursor;
  }
  return true;
}
