import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type Approval, currentRound, RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { CARD_DESIGN_VERSION } from '../../src/slack/views/card/card.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { readAuditTrail } from '../../src/store/audit.ts';
import { checkStoredHistory } from '../../src/store/check-history.ts';
import type { RawRecord, RecordStore } from '../../src/store/record-store.ts';
import { askSecretOf } from '../fixtures/stores/story.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { listPosted, readApproval } from './resumed-story.ts';
import { createWorld, HOUR, MINUTE, SECOND, type World, type WorldOptions } from './world.ts';

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'stores');
/** A store of the last build that had hidden values, with a question in each state by its id. */
const STORE = JSON.parse(gunzipSync(readFileSync(join(FOLDER, 'hidden-fields.json.gz'))).toString()) as {
  madeAt: number;
  records: RawRecord[];
};
const WAITING = [
  'waiting',
  'in_run',
  'pushed',
  'with_deadline',
  'without_options',
  'leased',
  'later_round',
  'voted',
  'voted_with_values',
];
const SETTLED = ['closed', 'withdrawn', 'received', 'run_ended'];
const ANSWERED = ['answered', 'answered_pushed', 'sent_after_window'];
const crewOf = (id: string) =>
  id.startsWith('voted') ? 'pair' : ['undoable', 'sent_after_window'].includes(id) ? 'slow' : 'office';
const SENTENCE = texts.refusals.hiddenFields;
const REASON = 'writeOnly is not possible: a form in Slack is not a place for secrets.';
const DRAWINGS = 'usage/drawings';

interface Pushed {
  id: string;
  status: string;
  reason?: string;
}

async function start({ holds = STORE.records, ...options }: WorldOptions & { holds?: RawRecord[] } = {}) {
  const pushed: Pushed[] = [];
  const world = await createWorld({
    settings: { CREWS_FILE: join(FOLDER, 'hidden-fields.crews.yml') },
    slack: { messages: listPosted(holds) },
    store: { holds, at: STORE.madeAt },
    hosts: {
      'program.test:5678': (request, response) => {
        let body = '';
        request.on('data', (part) => {
          body += part;
        });
        request.on('end', () => {
          pushed.push(JSON.parse(body));
          response.writeHead(204).end();
        });
      },
    },
    ...options,
  });
  return { world, pushed };
}

/** The store as its sweep was done before. */
const swept = () => {
  const drawn = JSON.stringify({
    office: CARD_DESIGN_VERSION,
    pair: CARD_DESIGN_VERSION,
    slow: CARD_DESIGN_VERSION,
  });
  return STORE.records.map((record) => (record.key === DRAWINGS ? { ...record, raw: drawn } : record));
};

const ask = (world: World, id: string, method = 'GET', path = '', body?: object) =>
  world.send(`crews/${crewOf(id)}/questions/${id}${path}`, body, {
    method,
    headers: { authorization: `Bearer ${askSecretOf(crewOf(id))}` },
  });

function find(world: World, id: string): Approval {
  const found = world.records
    .all()
    .filter(({ key }) => key.startsWith('approval/'))
    .map(readApproval)
    .find(({ rounds }) => rounds.some(({ question }) => question?.id === id));
  if (!found) throw new Error(`${id} is lost`);
  return found;
}

/** The card of the last round of a question. */
function cardOf(world: World, id: string) {
  const { ts } = currentRound(find(world, id)).card ?? {};
  const card = world.cards().find((one) => one.ts === ts);
  if (!card) throw new Error(`${id} has no card`);
  return card;
}

async function hold(holds: readonly RawRecord[]): Promise<RecordStore> {
  const { records } = createMemoryRecords();
  await records.commit({ compare: [], puts: [...holds], deletes: [] });
  return records;
}

const verify = async (holds: readonly RawRecord[]) => checkStoredHistory(await hold(holds));

/** What the export says of the end of a question. */
async function readEnd(world: World, id: string): Promise<object | undefined> {
  const records = await hold(world.records.all());
  const log = { info() {}, warn() {}, error() {} };
  const period = { since: 0, until: Number.MAX_SAFE_INTEGER };
  const lines: object[] = [];
  for await (const line of readAuditTrail(records, createApprovalStore(records, log), period, () => {}))
    if (line.approval === find(world, id).id) lines.push(line);
  return lines.at(-1);
}

const readStatus = async (world: World, id: string) => (await ask(world, id)).data.status;
const stored = ({ records }: World) => JSON.stringify(records.all());

test('what waits for hidden values is closed once, with the reason on the card, in the thread, for its program and in the history', async () => {
  const { world, pushed } = await start();
  await world.pass(MINUTE);
  for (const id of WAITING) {
    expect((await ask(world, id)).data, id).toMatchObject({ id, status: 'closed', reason: REASON });
    expect(currentRound(find(world, id)), id).toMatchObject({ status: 'withdrawn', lapsed: 'hidden_fields' });
    expect(cardOf(world, id).text, id).toContain('it asks for a hidden value');
    expect(await readEnd(world, id), id).toMatchObject({ what: 'withdrawn', detail: 'hidden_fields' });
  }
  const told = world.workspace.messages('CAPPROVALS').filter(({ text }) => text === SENTENCE);
  const threads = WAITING.map((id) => {
    const [first] = find(world, id).rounds;
    return first?.card?.ts;
  });
  expect(told.map(({ thread_ts }) => thread_ts).toSorted()).toEqual(threads.toSorted());
  expect(pushed.filter(({ status }) => status === 'closed')).toEqual([
    expect.objectContaining({ id: 'pushed', reason: REASON }),
  ]);
  await world.restart();
  await world.pass(HOUR);
  expect(world.workspace.messages('CAPPROVALS').filter(({ text }) => text === SENTENCE)).toHaveLength(
    WAITING.length,
  );
});

test('a question with hidden values that ended before stays as it is', async () => {
  const { world } = await start();
  const before = SETTLED.map((id) => cardOf(world, id).text);
  const states = new Map(STORE.records.map(({ key, raw }) => [key, raw]));
  await world.pass(MINUTE);
  const raws = new Map(world.records.all().map(({ key, raw }) => [key, raw]));
  for (const id of ['closed', 'withdrawn', 'received']) {
    const key = `approval/${find(world, id).id}`;
    expect(raws.get(key), id).toBe(states.get(key)?.replace('"v":8', `"v":${RECORD_VERSION}`));
  }
  expect(SETTLED.map((id) => cardOf(world, id).text)).toEqual(before);
});

test('the history fits before such questions are closed, after that, and once no value is left', async () => {
  expect(await verify(STORE.records)).toMatchObject({ faults: [], unreadable: [] });
  const { world } = await start({ holds: swept() });
  expect(await verify(world.records.all())).toMatchObject({ faults: [], unreadable: [] });
  const { world: closed } = await start();
  await closed.pass(MINUTE);
  expect(await verify(closed.records.all())).toMatchObject({ faults: [], unreadable: [] });
  for (const id of [...ANSWERED, 'undoable']) await ask(closed, id, 'PUT', '/received');
  await closed.pass(25 * HOUR);
  expect(await verify(closed.records.all())).toMatchObject({ faults: [], unreadable: [] });
});

test('the store notes that all of them are closed, and a start after that looks for none', async () => {
  const { world } = await start();
  await world.pass(MINUTE);
  const raw = world.records.all().find(({ key }) => key === DRAWINGS)?.raw ?? '{}';
  expect(JSON.parse(raw)).toEqual({
    office: CARD_DESIGN_VERSION,
    pair: CARD_DESIGN_VERSION,
    slow: CARD_DESIGN_VERSION,
  });
  const { world: later } = await start({ holds: swept() });
  await later.pass(MINUTE);
  expect(await readStatus(later, 'waiting')).toBe('waiting');
});

test.each(['write_1', 'choose_2'])(
  'until it is closed, a click on %s is refused with the reason, and the bot is ready',
  async (button) => {
    const { world } = await start({ holds: swept() });
    expect((await world.read('readyz')).status).toBe(200);
    await world.click('UANA', button, cardOf(world, 'waiting'));
    expect(world.told('UANA')).toContain(SENTENCE);
    await world.pass(MINUTE);
    expect(find(world, 'waiting').rounds[0]).not.toHaveProperty('decision');
  },
);

test('until it is closed, a person cannot close it without a decision either', async () => {
  const asked = swept().map(({ key, raw }) => ({ key, raw: raw.replaceAll(',"hidden":true', '') }));
  const { world } = await start({ holds: asked });
  await world.choose('UANA', 'give_up', cardOf(world, 'waiting'));
  world.records.restore(swept());
  await world.submitForm('UANA', {});
  await world.pass(5 * SECOND);
  expect([...world.told('UANA'), world.form('UANA')].join()).toContain(SENTENCE);
  expect(currentRound(find(world, 'waiting')).status).toBe('waiting');
});

test('a form that was open when the bot was updated is refused with the reason, and keeps what was typed', async () => {
  const asked = swept().map(({ key, raw }) => ({ key, raw: raw.replaceAll(',"hidden":true', '') }));
  const { world } = await start({ holds: asked });
  await world.click('UANA', 'write_1', cardOf(world, 'waiting'));
  world.records.restore(swept());
  await world.submitForm('UANA', { User: 'acme', Password: 'correct horse' });
  await world.pass(5 * SECOND);
  expect(world.form('UANA')).toContain(SENTENCE);
  expect(world.form('UANA')).toContain('User: acme');
  expect(world.form('UANA')).not.toContain('correct horse');
  expect(stored(world)).not.toContain('correct horse');
});

test('an answer that its program has not received keeps its hidden values until then, and a received one for a day', async () => {
  const { world, pushed } = await start();
  await world.pass(MINUTE);
  for (const id of ['answered', 'sent_after_window', 'undoable']) {
    await world.pass(10 * MINUTE);
    const fields = { user: 'acme', password: `password of ${id}` };
    expect((await ask(world, id)).data.answer, id).toMatchObject({ option: 'log_in', fields });
    expect((await ask(world, id, 'PUT', '/received')).data.answer.fields, id).toEqual({ user: 'acme' });
    expect(stored(world)).not.toContain(`password of ${id}`);
  }
  await world.pass(HOUR);
  expect(pushed).toContainEqual(
    expect.objectContaining({
      id: 'answered_pushed',
      answer: expect.objectContaining({ fields: { user: 'acme', password: 'password of answered_pushed' } }),
    }),
  );
  expect(stored(world)).toContain('password of received');
  await world.pass(24 * HOUR);
  expect(stored(world)).not.toContain('password of');
});

test('a decision with hidden values can be undone, which closes its question', async () => {
  const { world } = await start();
  expect(stored(world)).toContain('password of undoable');
  await world.click('UANA', 'undo', cardOf(world, 'undoable'));
  await world.pass(5 * SECOND);
  expect((await ask(world, 'undoable')).data).toMatchObject({
    id: 'undoable',
    status: 'closed',
    reason: REASON,
  });
  expect(stored(world)).not.toContain('password of undoable');
  expect(await verify(world.records.all())).toMatchObject({ faults: [], unreadable: [] });
});
