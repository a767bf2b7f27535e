import { beforeAll, expect, test } from 'vitest';
import { type ReportOptions, writeReport } from '../../src/report/write-report.ts';
import { createHistoryReader } from '../../src/store/history-reader.ts';
import type { RawRecord, RecordStore } from '../../src/store/record-store.ts';
import { type Manifest, STORY_WITHIN, tellStory } from '../fixtures/stores/story.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { readStoreOf } from './fixture-store.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a forger writes has no shape.
type Anything = any;

let written: RawRecord[];
let manifest: Pick<Manifest, 'approvals' | 'starts'>;
beforeAll(async () => {
  const story = await tellStory();
  [written, manifest] = [story.records, story.manifest];
}, STORY_WITHIN);
const idOf = (name: string): string => manifest.approvals[name]?.id ?? '';

async function copy(puts: readonly RawRecord[] = written) {
  const { records } = createMemoryRecords();
  await records.commit({ compare: [], puts, deletes: [] });
  return records;
}

async function edit(records: RecordStore, key: string, change: (value: Anything) => void): Promise<void> {
  const { value } = JSON.parse((await records.get(key)) as string) as { value: Anything };
  change(value);
  await records.commit({ compare: [], puts: [{ key, raw: JSON.stringify({ value }) }], deletes: [] });
}

const set = (name: string, to: unknown) => (value: Anything) => {
  value[name] = to;
};

async function report(records: RecordStore, more: Partial<ReportOptions> = {}) {
  let page = '';
  const pieces = writeReport(createHistoryReader(records), {
    ...{ since: 0, until: Number.MAX_SAFE_INTEGER, madeAt: 0, longestText: 100_000 },
    ...more,
  });
  let next = await pieces.next();
  for (; !next.done; next = await pieces.next()) page += next.value;
  return { page, ...next.value };
}

/** The part of a page that is about one approval. */
function articleOf(page: string, id: string): string {
  const [, rest = ''] = page.split(`<article id="a-${id}"`);
  return rest.slice(0, rest.indexOf('</article>'));
}

const strip = (markup: string) => markup.replace(/<[^>]+>/g, '');

test('tells every kind of approval, start and fact of a store, without a fault', async () => {
  const { page, check, approvals } = await report(await copy());
  expect(check.faults).toEqual([]);
  expect(strip(page)).toContain('nothing was changed.');
  for (const { id } of [...Object.values(manifest.approvals), ...Object.values(manifest.starts)])
    expect(articleOf(page, id), id).not.toBe('');
  expect(approvals).toBe(page.split('<article ').length - 1);
  expect(page).not.toContain('class="fault"');
  expect(page).not.toMatch(/undefined|\[object|NaN/);
  expect(page).toContain('<h3>Start of a run</h3>');
  expect(strip(page)).toMatch(/Inputs, hidden ones without their values · \d+ characters · [0-9a-f]{64}/);
  const { page: withheld } = await report(await copy(), { mayRead: async () => false });
  expect(strip(withheld)).toMatch(
    /Its inputs are not shown here, or no longer kept\. The hash: [0-9a-f]{64}/,
  );
});

test('has no secret, no callback and no value of a hidden input', async () => {
  const { page } = await report(await copy());
  const raws = written.map(({ raw }) => raw).join('\n');
  const callbacks = [...raws.matchAll(/"callbackUrl":"([^"]+)"/g)].map(([, url = '']) => url);
  for (const url of callbacks) expect(page).not.toContain(url);
  expect(page).not.toMatch(/token=|webhook-secret-of|ask-secret-of|whsec_/);
});

test.each<[string, (records: RecordStore, keys: string[]) => Promise<unknown>, RegExp]>([
  [
    'an entry was changed',
    (records, [, key = '']) => edit(records, key, set('by', 'UEVE')),
    /The entry fact\S+ of \S+ was changed\. Compare it with/,
  ],
  [
    'an entry cannot be read',
    (records, [, key = '']) =>
      records.commit({ compare: [], puts: [{ key, raw: '{"value":{"what":5}}' }], deletes: [] }),
    /fact\S+ cannot be read: it was changed\./,
  ],
  [
    'an entry was removed',
    (records, [, key = '']) => records.commit({ compare: [], puts: [], deletes: [key] }),
    /does not follow the entry before it/,
  ],
  [
    'an entry has an impossible time',
    (records, [, key = '']) => edit(records, key, set('at', 1e300)),
    /1e\+300 ms after 1970/,
  ],
  [
    'an entry has a word that nobody knows',
    (records, [, key = '']) => edit(records, key, set('what', 'constructor')),
    /a word that this version does not know: constructor/,
  ],
])('shows red in its place that %s', async (_, happens, sentence) => {
  const records = await copy();
  const facts = await records.range('fact', { limit: 100_000 });
  const id = idOf('live_approved') || (Object.values(manifest.approvals)[0]?.id ?? '');
  const keys = facts.map(({ key }) => key).filter((key) => key.includes(id));
  await happens(records, keys);
  const { page, check } = await report(records);
  expect(check.faults.length + check.unreadable.length).toBeGreaterThan(0);
  expect(page).toContain('<p class="fault"><b>');
  const article = articleOf(page, id);
  expect(article).toMatch(/<li class="bad">/);
  expect(strip(article)).toMatch(sentence);
});

test('shows that the text of a decision, or an output, is another than the one that was recorded', async () => {
  const records = await copy();
  const { page } = await report(records);
  const id =
    Object.values(manifest.approvals).find(({ id }) => articleOf(page, id).includes('Written'))?.id ?? '';
  await edit(records, `approval/${id}`, (value) => {
    for (const round of value.rounds) if (round.decision) round.decision.feedback = 'Forged.';
  });
  for (const { key } of await records.range(`output/${id}`, { limit: 10 }))
    await edit(records, key, set('text', '<b>Forged</b> output'));
  const forged = strip(articleOf((await report(records)).page, id));
  expect(forged).toContain('The text below is not the one that was recorded with this decision');
  expect(forged).toContain('is not the text that was recorded: it was changed.');
  expect(forged).toContain('&lt;b&gt;Forged&lt;/b&gt; output');
});

test('does not say that a text was deleted where the person of its decision was changed', async () => {
  const records = await copy();
  const facts = await records.range('fact', { limit: 100_000 });
  const { key } = facts.find(({ raw }) =>
    /"what":"decided".*"by":"UANA"|"by":"UANA".*"what":"decided"/.test(raw),
  ) as RawRecord;
  await edit(records, key, set('by', 'UEVE'));
  const page = strip((await report(records)).page);
  expect(page).toContain('The written text was not found: it was taken back, deleted or changed. The hash:');
  expect(page).not.toContain('retention deleted it');
});

test.each([{}, { newest: 10_000 }])(
  'shows red that the record of an approval cannot be read: %j',
  async (more) => {
    const records = await copy();
    const { id = '' } = Object.values(manifest.approvals)[0] ?? {};
    await records.commit({ compare: [], puts: [{ key: `approval/${id}`, raw: '{{' }], deletes: [] });
    const { page, check } = await report(records, more);
    expect(check.unreadable).toEqual([`approval/${id}`]);
    const sentence = `<p class="fault">approval/${id} cannot be read: it was changed.</p>`;
    expect(articleOf(page, id)).toMatch(/^ class="bad"/);
    expect(articleOf(page, id)).toContain(sentence);
    expect(articleOf(page, id)).not.toContain('retention');
    expect(articleOf(page, id)).toContain(
      'Without its record, texts are not shown here; their hashes remain.',
    );
  },
);

test('says what the history of an earlier format does not say', async () => {
  const { page, check } = await report(await copy(readStoreOf(7)));
  expect(check.faults).toEqual([]);
  expect(strip(page)).toContain('it does not record who was asked or which rules applied');
});

test('keeps the hashes of what retention deleted', async () => {
  const kept = written.filter(({ key }) => !/^(?:approval|output)\//.test(key));
  const { page } = await report(await copy(kept));
  expect(strip(page)).toContain(
    'The record of this approval is no longer kept (retention): texts are gone, their hashes remain.',
  );
  expect(strip(page)).toMatch(/The output is no longer kept\. The hash: \w+:[0-9a-f]{32}/);
});

test('of the last days shows the same histories and checks only them', async () => {
  const records = await copy();
  const whole = await report(records);
  const part = await report(records, { newest: 10_000 });
  expect(part.check).toMatchObject({ faults: [], unreadable: [] });
  expect(part.page.split('<article ').length).toBe(whole.page.split('<article ').length);
  expect(strip(part.page)).toContain('Only the histories that are shown here were checked.');
});
