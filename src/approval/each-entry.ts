import type { ApprovalStore, Entry, ListName } from './ports.ts';

const PAGE = 200;

/** The entries of a list one after the other, however many: a page is read when it is come to. Rejects with a StoreError. */
export async function* eachEntry(
  store: Pick<ApprovalStore, 'list'>,
  name: ListName,
  owners: readonly string[] | 'all',
  { until }: { until?: number } = {},
): AsyncGenerator<Entry, void> {
  let after: string | undefined;
  for (;;) {
    const page = await store.list(name, owners, {
      limit: PAGE,
      after,
      ...(until === undefined ? {} : { until }),
    });
    yield* page;
    after = page.at(-1)?.place;
    if (page.length < PAGE) return;
  }
}
