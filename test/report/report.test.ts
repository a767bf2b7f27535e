import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { transition } from '../../src/approval/lifecycle/transitions.ts';
import { type Approval, addFact } from '../../src/approval/model/approval.ts';
import { attachHash } from '../../src/approval/model/output.ts';
import type { Seen } from '../../src/approval/model/seen.ts';
import type { Stored } from '../../src/approval/ports.ts';
import { drawDecisions, drawTimes } from '../../src/report/charts.ts';
import { html, isolate } from '../../src/report/html.ts';
import { Names } from '../../src/report/names.ts';
import { writeTime, writeTimeSpan } from '../../src/report/spans.ts';
import { TextWriter } from '../../src/report/text-writer.ts';
import { type ReportOptions, writeReport } from '../../src/report/write-report.ts';
import { createHistoryReader } from '../../src/store/history-reader.ts';
import { decideBy } from '../approval/builders.ts';
import { createStage, strip, T0 } from './stage.ts';

const DAY = 86_400_000;

describe('a report', () => {
  test('escapes markup, isolates texts that run right to left and shows what nobody sees', async () => {
    const stage = createStage();
    const evil = `</pre><script>alert("1")</script>&amp; \u202Eevil\u200B שלום`;
    await stage.add('A1', {
      text: evil,
      task: `<img src=x onerror='1'>`,
      feedback: `'"><b>`,
      decidedAt: T0 + 5,
    });
    const { page } = await stage.report();
    expect(page).not.toMatch(/<script|<img|<b>'|\u202E|\u200B/);
    expect(page).toContain(
      '&lt;/pre&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp; \\u202eevil\\u200b שלום',
    );
    expect(page).toContain('<pre dir="auto">');
    expect(page).toContain('<bdi>&lt;img src=x onerror=&#39;1&#39;&gt;</bdi>');
    expect(strip(page)).toContain('Invisible characters, written as escapes such as \\u200b: 2.');
  });

  test('cuts a text of 2 MiB, and says so with its hash', async () => {
    const stage = createStage();
    const text = 'word '.repeat(419_431);
    await stage.add('A1', { text });
    const { page } = await stage.report();
    expect(page.length).toBeLessThan(50_000);
    expect(page).toContain('<details class="text">');
    expect(strip(page)).toMatch(/Output · 2,097,155 characters · text:[0-9a-f]{32}/);
    expect(strip(page)).toMatch(/Only the first 4,\d{3} characters are shown here/);
  });

  test('keeps the texts of few rounds in memory, whichever approvals they are of, in the order of the approvals', async () => {
    const stage = createStage();
    const ids = ['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7'];
    for (const [index, id] of ids.entries()) {
      await stage.add(id, { at: T0 + index });
      const previous = (await stage.store.approval(id)) as Stored<Approval>;
      const later = [2, 3, 4].map((number) => attachHash({ kind: 'text', text: `${id}, round ${number}` }));
      const [first] = previous.record.rounds as [Approval['rounds'][number]];
      const rounds = later.map(({ hash }, at) => ({ ...first, number: at + 2, hashes: [hash] }));
      const next = { ...previous.record, rounds: [first, ...rounds] };
      expect(await stage.store.save({ approvals: [{ previous, next, outputs: later }] })).toBe(true);
    }
    let [underway, max] = [0, 0];
    const { getMany } = stage.records;
    stage.records.getMany = async (keys) => {
      const count = keys.filter((key) => key.startsWith('output/')).length;
      underway += count;
      max = Math.max(max, underway);
      await setImmediate();
      return getMany.call(stage.records, keys).finally(() => {
        underway -= count;
      });
    };
    const { page } = await stage.report();
    expect(max).toBeGreaterThan(1);
    expect(max).toBeLessThanOrEqual(5);
    expect([...page.matchAll(/ id="a-(A\d)"/g)].map(([, id]) => id)).toEqual(ids);
  });

  test('shows nothing of what its reader may not read, but hashes: no text, option, argument or input', async () => {
    const stage = createStage();
    await stage.add('A1', { text: 'PRIVATE output', decidedAt: T0 + 5, feedback: 'PRIVATE feedback' });
    const previous = (await stage.store.approval('A1')) as Stored<Approval>;
    const [round] = previous.record.rounds;
    const asked = {
      ...round,
      description: 'PRIVATE message',
      expectedOutput: 'PRIVATE expectation',
      question: {
        ...{ id: 'q1', digest: '', freeText: 'none', tool: true },
        options: [{ id: 'allow', label: 'PRIVATE option' }],
      },
      allowedCalls: [{ id: 'q2', digest: '', at: T0 + 9, text: 'PRIVATE arguments' }],
    } as Approval['rounds'][number];
    const fact = { at: T0 + 9, what: 'call_allowed', round: 1, by: 'UANA12345' } as const;
    const next = addFact({ ...previous.record, rounds: [asked] }, fact);
    expect(await stage.store.save({ approvals: [{ previous, next }] })).toBe(true);
    expect((await stage.report()).page).toContain('PRIVATE arguments');
    const { page } = await stage.report({ mayRead: async () => false });
    expect(page).not.toContain('PRIVATE');
    expect(page).toContain('You cannot read');
  });

  test('hides a secret at the place where a long text is cut, and searches no more than is shown', async () => {
    const secret = 'a-secret-of-the-crew';
    const names = new Names();
    for (let before = 2_940; before <= 3_010; before += 1) {
      const texts = new TextWriter(names, { secrets: [secret], longest: 3_000 });
      const page = texts.block('Shown', `${'x'.repeat(before)}${secret.repeat(400)}`).text;
      expect(page, String(before)).not.toContain('a-secret');
      expect(page).toContain('Only the first');
    }
    const many = Array.from({ length: 500 }, (_, index) => `secret-${index}-of-a-crew`);
    const texts = new TextWriter(names, { secrets: many, longest: 3_000 });
    const text = 'word '.repeat(419_430);
    texts.block('Shown', text);
    const begun = performance.now();
    texts.block('Shown', text);
    expect(performance.now() - begun).toBeLessThan(200);
  });

  test('hides a secret at the cut also where a form of it is many times as long', () => {
    const secret = Array.from({ length: 300 }, (_, index) => String.fromCharCode(0xac01 + index * 28)).join(
      '',
    );
    // As Python prints the bytes of a name that a disk kept in NFD.
    const bytes = [...Buffer.from(secret.normalize('NFD'))].map((byte) => `\\x${byte.toString(16)}`).join('');
    const percent = encodeURIComponent(secret.normalize('NFD'));
    const page = (text: string) =>
      new TextWriter(new Names(), { secrets: [secret], longest: 20_000 }).block('Shown', text).text;
    expect(page(`${'x '.repeat(9_700)}${bytes}${' y'.repeat(20_000)}`)).not.toContain('\\xe1');
    expect(page(`${percent} `.repeat(100))).not.toContain('%E1');
  });

  test('hides secrets in the names of tools and runs too, wherever a text is cut', async () => {
    const stage = createStage();
    const secret = 'a-secret-of-the-crew';
    const long = `${'x'.repeat(1_990)} ${secret}`;
    await stage.add('A1', { task: `Write to ${secret}` });
    await stage.add('A2', { task: long });
    const { page } = await stage.report({ secrets: [secret] });
    for (const part of [secret, secret.slice(0, 8)]) expect(page).not.toContain(part);
  });

  test('of a time in which nothing happened says so', async () => {
    const stage = createStage();
    await stage.add('A1');
    const { page, approvals } = await stage.report({ since: T0 + DAY, until: T0 + 2 * DAY });
    expect(approvals).toBe(0);
    expect(strip(page)).toContain('Nothing happened in this time.');
    expect(page).toMatch(/<\/html>\s*$/);
    expect((await createStage().report()).page).toContain('0 entries of 0 histories: nothing was changed.');
  });

  test('has the approvals with an entry in the period, of the crews that are asked for', async () => {
    const stage = createStage();
    await stage.add('A1', { at: T0 - 10 * DAY, decidedAt: T0 + 1_000 });
    await stage.add('A2', { at: T0 - 10 * DAY });
    await stage.add('A3', { crew: 'constructor' });
    const { page } = await stage.report({ since: T0, until: T0 + DAY, crews: new Set(['press']) });
    expect([...page.matchAll(/<article id="a-(\w+)"/g)].map(([, id]) => id)).toEqual(['A1']);
    expect(strip(page)).toContain('Outside the period of this report.');
    expect(strip(page)).toContain('4 entries of 3 histories: nothing was changed.');
    const other = await stage.report({ crews: new Set(['constructor']) });
    expect([...other.page.matchAll(/<article id="a-(\w+)"/g)].map(([, id]) => id)).toEqual(['A3']);
  });

  test('counts decisions partly shown, below the last page, and within five seconds after the card was posted', async () => {
    const stage = createStage();
    const decide = async (id: string, delay: number, seen: Omit<Seen, 'language'>) => {
      await stage.add(id);
      await stage.tell(id, [
        { what: 'posted', at: T0 + 1_000 },
        {
          what: 'decided',
          at: T0 + 1_000 + delay,
          by: 'UANA',
          detail: 'approve',
          seen: { language: 'en', ...seen },
        },
      ]);
    };
    await decide('A1', 5_000, { place: 'card', part: { shown: 1, of: 2 }, hash: 'text:1' });
    await decide('A2', 5_001, { place: 'last_page', pages: 3, hash: 'text:1' });
    await decide('A3', 2_000, { place: 'home', part: { shown: 1, of: 2 }, hash: 'text:1' });
    const page = strip((await stage.report()).page);
    expect(page).toContain('Decisions where only a part was shown2');
    expect(page).toContain('Decisions below the last page of Read in full1');
    expect(page).toContain('Decisions within five seconds after the card was posted2');
    expect(page).not.toContain('partly shownbelow');
    const titles =
      'persondecisionsvotesrefused clickspartly shownbelow the last pagewithin five seconds after the card';
    expect(strip((await stage.report({ perPerson: true })).page)).toContain(`${titles}UANA300212`);
  });

  test('has the median and the slowest time to a decision, and says what a report of a period alone has not read', async () => {
    const stage = createStage();
    for (const [index, took] of [2_000, 4_000, 3_600_000].entries())
      await stage.add(`A${index}`, { at: T0 + index, decidedAt: T0 + index + took });
    await stage.add('BEFORE', { at: T0 - DAY, decidedAt: T0 + 5_000 });
    const period = { since: T0, until: T0 + DAY };
    const whole = strip((await stage.report(period)).page);
    expect(whole).toContain('Decided4');
    expect(whole).toContain('Median time to a decision of a person30 min 2 s');
    expect(whole).toContain('Slowest decision of a person1 d (BEFORE, round 1)');
    expect(whole).not.toContain('Only entries from this period were read');
    const part = strip((await stage.report({ ...period, newest: 10 })).page);
    expect(part).toContain('Median time to a decision of a person4 s');
    expect(part).toContain('Slowest decision of a person1 h (A2, round 1)');
    expect(part).toContain('Only entries from this period were read');
  });

  test('says that a clock went back, and counts no time from it', async () => {
    const stage = createStage();
    await stage.add('A1', { decidedAt: T0 - 60_000 });
    const { page, check } = await stage.report();
    expect(check.faults).toEqual([]);
    expect(strip(page)).toContain('the clock was set back, or two messages arrived at the same moment');
    expect(strip(page)).not.toMatch(/-\d+ (?:s|ms|min)\b/);
  });

  test('says of a question who wrote what: the program its message, nobody the text of an option', async () => {
    const stage = createStage();
    await stage.add('A1');
    const asked = (await stage.store.approval('A1')) as Stored<Approval>;
    const question = {
      ...{ id: 'q1', digest: '', freeText: 'none' as const },
      options: [{ id: 'ship', label: 'Ship it' }],
    };
    const [round] = asked.record.rounds as [Approval['rounds'][number]];
    const next = { ...asked.record, rounds: [{ ...round, description: 'From main.', question }] };
    expect(await stage.store.save({ approvals: [{ previous: asked, next: next as Approval }] })).toBe(true);
    const previous = (await stage.store.approval('A1')) as Stored<Approval>;
    const chosen = decideBy('UANA12345', { at: T0 + 5, action: 'choose', option: 0, feedback: '' });
    const decided = transition(previous.record, chosen) as { approval: Approval };
    expect(await stage.store.save({ approvals: [{ previous, next: decided.approval }] })).toBe(true);
    const page = strip((await stage.report()).page);
    expect(page).toContain('Message: From main.');
    expect(page).not.toContain('Task:');
    expect(page).toContain('Option 1 (ship): Ship it');
    expect(page).toContain('Text of the answer · 7 characters');
    expect(page).not.toContain('Written');
    expect(page).toContain('now: decided; its program has not fetched the answer');
  });

  test('does not say of a question of a program that CrewAI accepted its answer', async () => {
    const stage = createStage();
    await stage.add('A1', { decidedAt: T0 + 5 });
    const previous = (await stage.store.approval('A1')) as Stored<Approval>;
    const fact = { what: 'approved', at: T0 + 9, round: 1 } as const;
    const fetched = addFact(previous.record, { ...fact, origin: 'program' });
    const next = addFact(fetched, { ...fact, origin: 'crewai' });
    await stage.store.save({ approvals: [{ previous, next }] });
    const { page } = await stage.report();
    expect(strip(page)).toContain('the Flow or the program has the answer (program)');
    expect(strip(page)).toContain('CrewAI accepted the approval (crewai)');
    expect(strip(page)).not.toContain('CrewAI accepted the approval (program)');
  });

  test('says under the attempt that CrewAI accepted what CrewAI said, and under no other one', async () => {
    const stage = createStage();
    await stage.add('A1', { decidedAt: T0 + 1 });
    const previous = (await stage.store.approval('A1')) as Stored<Approval>;
    const [round] = previous.record.rounds as [Approval['rounds'][number]];
    const delivery = { ...(round.delivery as NonNullable<typeof round.delivery>), says: 'resumed' };
    const outcomes = ['unknown', 'accepted', 'unknown'].entries();
    const next = [...outcomes].reduce<Approval>(
      (approval, [index, outcome]) =>
        addFact(approval, { at: T0 + 10 + index, what: 'attempt_ended', round: 1, outcome }),
      { ...previous.record, rounds: [{ ...round, delivery }] },
    );
    expect(await stage.store.save({ approvals: [{ previous, next }] })).toBe(true);
    const entries = strip((await stage.report()).page)
      .split('the attempt ended')
      .slice(1);
    expect(entries.map((entry) => entry.includes('CrewAI says: resumed.'))).toEqual([false, true, false]);
  });

  test('leaves secrets out, however they are written', async () => {
    const stage = createStage();
    const secret = 'a secret/with+signs';
    await stage.add('A1', {
      text: `x ${secret} ${encodeURIComponent(secret)} ${Buffer.from(secret).toString('base64')} y`,
    });
    const { page } = await stage.report({ secrets: [secret] });
    expect(page).not.toContain('with+signs');
    expect(page).toContain('x [secret] [secret] [secret]');
  });

  test('is one page, of which each approval is written before the next ones are read', async () => {
    const stage = createStage();
    for (let n = 0; n < 2_100; n += 1) await stage.add(`A${n}`, { at: T0 + n * 1_000 });
    await stage.add('LATE', { at: T0 + 31 * DAY, decidedAt: T0 + 32 * DAY });
    let read = 0;
    const { getMany } = stage.records;
    stage.records.getMany = async (keys) => {
      read += keys.filter((key) => key.startsWith('output/')).length;
      return getMany.call(stage.records, keys);
    };
    let page = '';
    let written = 0;
    const options = { since: 0, until: Number.MAX_SAFE_INTEGER, madeAt: T0, longestText: 5_000 };
    for await (const piece of writeReport(createHistoryReader(stage.records), options)) {
      if (piece.startsWith('<!doctype')) read = 0;
      written += piece.split('<article ').length - 1;
      expect(read - written).toBeLessThanOrEqual(5);
      page += piece;
    }
    expect(read).toBe(2_101);
    for (const once of ['<!doctype html>', '</html>', '<article id="a-LATE"'])
      expect(page.split(once)).toHaveLength(2);
    expect(page.split('<article ')).toHaveLength(2_102);
    const parts = page.split('<section>').slice(1);
    expect(parts).toHaveLength(22);
    for (const part of parts) {
      expect(part.split('<article ').length).toBeLessThanOrEqual(101);
      expect(part.split('</section>')).toHaveLength(2);
    }
    expect(page.trimEnd().endsWith('</html>')).toBe(true);
    expect(page).toContain('(<a href="#a-LATE">LATE</a>, round 1)');
  });

  test('leads to what it shows, and nowhere else', async () => {
    const stage = createStage();
    await stage.add('SLOW', { decidedAt: T0 + DAY });
    await stage.add('LAST', { at: T0 + 1 });
    expect((await stage.report()).page).toContain('(<a href="#a-SLOW">SLOW</a>, round 1)');
    const { page } = await stage.report({ newest: 1 });
    expect(strip(page)).toContain('(SLOW, round 1)');
    expect(page).not.toContain('href=');
  });

  test('has the histories that were there when it began, while a bot writes', async () => {
    const stage = createStage();
    await stage.add('A1');
    const pieces = writeReport(createHistoryReader(stage.records), {
      ...{ since: 0, until: Number.MAX_SAFE_INTEGER, madeAt: T0, longestText: 5_000 },
    });
    const first = await pieces.next();
    await stage.add('A2');
    let text = first.done ? '' : first.value;
    for await (const piece of pieces) text += piece;
    expect([...text.matchAll(/<article id="a-(\w+)"/g)].map(([, id]) => id)).toEqual(['A1']);
    expect(text).not.toContain('class="fault"');
  });
});

test('says at its end how many records are gone, and of how many others a text is missing', async () => {
  const stage = createStage();
  await stage.add('A1', { decidedAt: T0 + 5, feedback: 'Fine.' });
  await stage.add('A2');
  const end = async (more: Partial<ReportOptions> = {}) =>
    strip((await stage.report(more)).page)
      .split('Records and texts that are no longer kept')
      .at(-1)
      ?.trim();
  expect(await end()).toBe('All records above are kept, with their texts.');
  expect(await end({ mayRead: async ({ id }) => id === 'A1' })).toBe(
    'Approvals and starts with a text that is missing here: 1. A note in place of the text gives the reason and the hash.',
  );
  const outputs = await stage.records.range('output/A2', { limit: 9 });
  await stage.records.commit({
    compare: [],
    puts: [],
    deletes: outputs.map(({ key }) => key),
  });
  expect(await end()).toMatch(/^Approvals and starts with a text that is missing here: 1\./);
  await stage.store.forget((await stage.store.approval('A1')) as Stored<Approval>);
  expect(await end()).toMatch(/^Approvals without a record: 1\. .*Approvals and starts with a text .*: 1\./);
});

test('promises the names of people only where they are known', async () => {
  const stage = createStage();
  await stage.add('A1', { decidedAt: T0 + 5 });
  const byId = strip((await stage.report()).page);
  expect(byId).toContain('People are named by their Slack member IDs.');
  const named = strip((await stage.report({ nameOf: () => 'Ana' })).page);
  expect(named).toContain(
    'People are named by their names in Slack where these are known, with their member IDs.',
  );
  expect(named).toContain('Ana (UANA12345)');
});

test('says what no hash covers', async () => {
  const stage = createStage();
  await stage.add('A1');
  const forge = async (change: Partial<Approval>) => {
    const key = 'approval/A1';
    const { value } = JSON.parse((await stage.records.get(key)) as string) as { value: Approval };
    const [round] = value.rounds;
    const forged = { ...value, ...change, rounds: [{ ...round, mentioned: ['UEVE12345'] }] };
    await stage.records.commit({
      compare: [],
      puts: [{ key, raw: JSON.stringify({ value: forged }) }],
      deletes: [],
    });
  };
  await forge({ hasRequester: true, ignored: ['channel_invalid'] });
  const { page, check } = await stage.report();
  expect(check).toMatchObject({ faults: [], unreadable: [] });
  expect(strip(page)).toContain(
    'No hash covers the people a card mentioned, the ignored settings of a run, and whether the person who started a run is notified of decisions.',
  );
});

test('says how to recompute each hash that it shows', async () => {
  const sha256 = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');
  const stage = createStage();
  await stage.add('A1', { text: 'Pay 5 €.', decidedAt: T0 + 5, feedback: 'Fine.' });
  await stage.add('A2', { text: '{"b": [1.50, 100, 0, "x"], "a": null}', kind: 'json' });
  await stage.tell('A2', [
    {
      what: 'decided',
      at: T0 + 9,
      detail: 'choose',
      option: { index: 0, label: sha256('Ship it') },
      texts: 'x',
    },
  ]);
  const { page } = await stage.report();
  expect(page).toContain('<summary>How to recompute a hash</summary>');
  expect(page).toContain(`text:${sha256('text:Pay 5 €.').slice(0, 32)}`);
  expect(page).toContain(`json:${sha256('json:{"a":null,"b":[15e-1,1e2,0,"x"]}').slice(0, 32)}`);
  expect(page).toContain(sha256('["Fine.",null,null]'));
  const entries = await stage.records.range('fact', { limit: 9 });
  const values = entries.map(({ raw }) => (JSON.parse(raw) as { value: Record<string, unknown> }).value);
  const last = values.find(({ approval, what }) => approval === 'A1' && what === 'decided') ?? {};
  const { hash, ...said } = last;
  const sorted = Object.fromEntries(Object.entries(said).sort(([a], [b]) => (a < b ? -1 : 1)));
  expect(hash).toBe(sha256(JSON.stringify(sorted)));
  expect(page).toContain(`the last with the hash <code>${hash}</code>`);
});

describe('the parts of a page', () => {
  test.each([
    [0, '0 s'],
    [61_000, '1 min 1 s'],
    [90_000_000, '1 d 1 h'],
    [1e300, '1e+300 ms'],
    [Number.NaN, 'NaN ms'],
  ])('a duration of %d ms is written as %s', (time, written) => {
    expect(writeTimeSpan(time)).toBe(written);
  });

  test.each([
    [T0, '2026-01-15 12:00:00 UTC'],
    [1e300, '1e+300 ms after 1970'],
    [-1e300, '-1e+300 ms after 1970'],
  ])('a time of %d is written as %s', (time, written) => {
    expect(writeTime(time)).toBe(written);
  });

  test('markup is escaped once', () => {
    expect(html`<p>${isolate('<&>')}${undefined}${false}${['a', 1]}</p>`.text).toBe(
      '<p><bdi>&lt;&amp;&gt;</bdi>a1</p>',
    );
  });

  test('charts say their numbers in text, per day up to a month, and per month', () => {
    const days = new Map([
      ['2026-01-01', 2],
      ['2026-01-03', 1],
    ]);
    const rows = (markup: { text: string }) =>
      markup.text.match(/<th scope="row">[^<]*<\/th><td[^>]*>\d+/g)?.map(strip);
    expect(strip(drawDecisions(days).text)).toContain('Decisions per day');
    expect(rows(drawDecisions(days))).toEqual(['01-012', '01-020', '01-031']);
    const months = new Map([
      ['2026-01-01', 2],
      ['2026-01-02', 1],
      ['2026-06-03', 1],
    ]);
    expect(strip(drawDecisions(months).text)).toContain('Decisions per month');
    expect(rows(drawDecisions(months))).toEqual(['2026-013', '2026-061']);
    expect(rows(drawTimes([1, 70_000, 1e300]))?.slice(0, 2)).toEqual(['&lt; 1 min1', '&lt; 5 min1']);
    const month = Array.from({ length: 32 }, (_, n) => new Date(T0 + n * DAY).toISOString().slice(0, 10));
    const each = (days: string[]) => new Map(days.map((day) => [day, 1]));
    expect(rows(drawDecisions(each(month.slice(1))))).toHaveLength(31);
    expect(rows(drawDecisions(each(month)))).toEqual(['2026-0117', '2026-0215']);
    expect(drawDecisions(days).text).toContain('<i style="width:50.0%">');
  });

  test('a cut never shows a part of an id or an amount', () => {
    const texts = new TextWriter(new Names(), { longest: 12 });
    expect(texts.block('Shown', 'word word 12345 more words').text).toContain(
      '<pre dir="auto">word word</pre>',
    );
  });
});
