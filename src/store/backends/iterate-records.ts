/** Yields records page by page, in the order of their keys. `readPage`: the records after a key, none at the end. */
export async function* iterateRecords(
  readPage: (after: string) => Promise<{ key: string; raw: string }[]>,
): AsyncGenerator<[key: string, raw: string], void> {
  for (let after = ''; ; ) {
    const page = await readPage(after);
    for (const { key, raw } of page) yield [key, raw];
    const last = page.at(-1);
    if (!last) return;
    after = last.key;
  }
}
