import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { listOutputHashes, roundStatuses } from '../../src/approval/model/round.ts';
import { startStatuses } from '../../src/approval/model/run/start.ts';
import type { Log } from '../../src/approval/ports.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { readAuditTrail } from '../../src/store/audit.ts';
import { checkStoredHistory } from '../../src/store/check-history.ts';
import { createDialectStore } from '../../src/store/dialect-store.ts';
import { createEventOutbox } from '../../src/store/event-outbox.ts';
import { INDEX_OF, KEY_KINDS, readKey } from '../../src/store/keys.ts';
import { openStore } from '../../src/store/open-store.ts';
import { eachRecord } from '../../src/store/record-store.ts';
import { Usage } from '../../src/store/usage.ts';
import type { Manifest } from '../fixtures/stores/story.ts';
import { newFolder } from './support.ts';

const FOLDER = join(import.meta.dirname, '..', 'fixtures', 'stores');
const read = (name: string, format = RECORD_VERSION) => readFileSync(join(FOLDER, `format-${format}${name}`));
const manifest = JSON.parse(read('.json').toString()) as Manifest;
const KINDS = [
  ...KEY_KINDS,
  ...['format', 'unreadable', 'usage/drawings', 'usage/languages', 'usage/last', 'usage/restored'],
  ...Object.values(INDEX_OF),
];

/** A copy of the store, opened as a bot opens it. */
async function openCopy() {
  const file = join(newFolder(), 'approvals.db');
  writeFileSync(file, gunzipSync(read('.db.gz')));
  const logged: string[] = [];
  const log: Log = { info() {}, warn() {}, error: (_: object, fact: string) => void logged.push(fact) };
  const { records, clock, close } = await openStore(`sqlite://${file}`, log);
  onTestFinished(close);
  const keysOf = async (kind: string) => {
    const keys = (await records.get(kind)) === undefined ? [] : [kind];
    for await (const { key } of eachRecord(records, kind)) keys.push(key);
    return keys;
  };
  const partsOf = async (kind: string) => (await keysOf(kind)).map((key) => readKey(key) as [string, string]);
  return { records, clock, log, logged, store: createApprovalStore(records, log), keysOf, partsOf };
}

test('the store of the current format holds each kind of record, and the README says how many', async () => {
  const { keysOf } = await openCopy();
  expect(Object.keys(manifest.kinds).toSorted()).toEqual(KINDS.toSorted());
  const counted: Record<string, number> = {};
  for (const kind of KINDS) counted[kind] = (await keysOf(kind)).length;
  expect(counted).toEqual(manifest.kinds);
  const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8');
  const [, formats = ''] = /^\| key \| (.*) \| what they are \|$/m.exec(readme) ?? [];
  const column = formats.split(' | ').indexOf(`format ${RECORD_VERSION}`);
  const table = [...readme.matchAll(/^\| `([\w/]+)` \| (\d+(?: \| \d+)*) \|/gm)];
  const said = table.map(([, kind, counts = '']) => [kind, Number(counts.split(' | ')[column])]);
  expect(Object.fromEntries(said)).toEqual(counted);
});

test('each record of it is read, and no history of it has a fault', async () => {
  const { records, clock, log, logged, store, partsOf } = await openCopy();
  const approvals = await store.approvals((await partsOf('approval')).map(([id]) => id));
  expect(approvals).toHaveLength(manifest.kinds.approval as number);
  for (const { record } of approvals)
    for (const hash of record.rounds.flatMap(listOutputHashes))
      expect(await store.output(record.id, hash)).toBeDefined();
  for (const [run, crew] of await partsOf('execution')) expect(await store.run(crew, run)).toBeDefined();
  for (const [id] of await partsOf('kickoff')) expect(await store.start(id)).toBeDefined();
  for (const [run, crew] of await partsOf('result')) expect(await store.result(crew, run)).toBeDefined();
  for (const [run, crew] of await partsOf('steps')) expect(await store.steps(crew, run)).toBeDefined();
  for (const [id, crew] of await partsOf('alias')) expect(await store.originalId(crew, id)).not.toBe(id);
  for (const [id, crew] of await partsOf('question')) expect(await store.question(crew, id)).toBeDefined();
  for (const [channel, ts] of await partsOf('root'))
    expect(await store.ownerOfThread(channel, ts)).toBeDefined();
  for (const [crew] of await partsOf('inputs')) expect(await store.declaredInputs(crew)).toBeDefined();
  for (const [crew, deployment] of await partsOf('dialect'))
    expect(await createDialectStore(records).dialect(crew, deployment)).toBe(manifest.dialects[crew]);
  const { people } = (await store.absences())?.record ?? {};
  expect(people).toMatchObject(manifest.absences);
  const pending = await createEventOutbox(records, log).pending('press', { after: undefined, limit: 1_000 });
  expect(pending).toHaveLength(manifest.kinds.event as number);
  const facts = readAuditTrail(records, store, { since: 0, until: manifest.madeAt + 1 }, expect.unreachable);
  let told = 0;
  for await (const _ of facts) told += 1;
  expect(told).toBe(manifest.kinds.fact);
  const usage = new Usage(records, clock);
  expect(await usage.lastUsedAt()).toBeLessThanOrEqual(manifest.madeAt);
  expect(await usage.restoredAt()).toBeLessThan(manifest.madeAt);
  expect(await checkStoredHistory(records)).toMatchObject({ faults: [], unreadable: [] });
  expect(logged, 'nothing was set aside').toEqual([]);
});

test('its approvals and starts are those of the manifest, in each state that they can have', async () => {
  const { store } = await openCopy();
  for (const { id, crew, run, rounds } of Object.values(manifest.approvals)) {
    const { record } = (await store.approval(id)) ?? {};
    expect(record).toMatchObject({ crew, executionId: run, rounds: rounds.map((status) => ({ status })) });
  }
  for (const { id, crew, status } of Object.values(manifest.starts))
    expect((await store.start(id))?.record).toMatchObject({ crew, status });
  const named = Object.values(manifest.approvals).flatMap(({ rounds }) => rounds);
  expect([...new Set(named)].toSorted()).toEqual(roundStatuses.toSorted());
  const started = Object.values(manifest.starts).map(({ status }) => status);
  expect([...new Set(started)].toSorted()).toEqual(startStatuses.toSorted());
  const roundOf = async (name: string) =>
    (await store.approval(manifest.approvals[name]?.id ?? ''))?.record.rounds.at(-1);
  expect(await roundOf('underway')).toMatchObject({ delivery: { underway: true } });
  expect(await roundOf('unsure')).toMatchObject({ delivery: { unsure: true, underway: false } });
  expect(await roundOf('sending')).toMatchObject({ delivery: { failure: { kind: 'not_reached' } } });
  expect(await roundOf('undoable')).toMatchObject({
    delivery: { undoUntil: expect.any(Number), attempts: 0 },
  });
  expect(await roundOf('voted_once')).toMatchObject({ votes: [{ by: 'UANA' }] });
  expect(await roundOf('claimed')).toMatchObject({ claim: { by: 'UBEN' } });
  expect(await roundOf('assigned')).toMatchObject({ assignee: 'UCAT' });
  expect(await roundOf('expired')).toMatchObject({
    expiredAt: expect.any(Number),
    reminders: expect.any(Number),
  });
  expect(await roundOf('question_answered')).toMatchObject({ delivery: { offeredAt: expect.any(Number) } });
  expect((await roundOf('question_tool_allowed'))?.allowedCalls).toHaveLength(2);
  expect(await roundOf('cardless')).not.toHaveProperty('card');
});
