import type { ApprovalStore, ListEntry, ListName } from './ports.ts';

const PAGE_SIZE = 200;

/** Yields all entries of a list, and reads each page when needed. Rejects with a StoreError. */
export async function* eachEntry(
  store: Pick<ApprovalStore, 'list'>,
  name: ListName,
  owners: readonly string[] | 'all',
  { until }: { until?: number } = {},
): AsyncGenerator<ListEntry, void> {
  let after: string | undefined;
  for (;;) {
    const page = await store.list(name, owners, {
      limit: PAGE_SIZE,
      after,
      ...(until === undefined ? {} : { until }),
    });
    yield* page;
    after = page.at(-1)?.place;
    if (page.length < PAGE_SIZE) return;
  }
}
