import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { openApproval } from '../../src/approval/lifecycle/rounds.ts';
import { RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import { createRecordReader, serializeRecord } from '../../src/store/read-record.ts';
import { anOutput } from '../approval/builders.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { putRecord } from '../support/records.ts';
import { SILENT, T0 } from './support.ts';

const schema = z.object({ rounds: z.array(z.object({ text: z.string() })) });
let { records } = createMemoryRecords();
let { readRecord } = createRecordReader(records, SILENT);

beforeEach(() => {
  ({ records } = createMemoryRecords());
  ({ readRecord } = createRecordReader(records, SILENT));
});

const put = (id: string | number, text = '1') =>
  putRecord(records, `approval/${id}`, JSON.stringify({ value: { rounds: [{ text }] } }));
const read = async (id: string | number) => (await readRecord(`approval/${id}`, schema))?.record;

test('a record is parsed once for the text that the store holds', async () => {
  await put('a');
  const first = await read('a');
  expect(first).toEqual({ rounds: [{ text: '1' }] });
  expect(await read('a')).toBe(first);
  expect(await read('b')).toBeUndefined();
  await put('a', '2');
  expect(await read('a')).toEqual({ rounds: [{ text: '2' }] });
});

test('others have their turn while many records that are about to be written are checked', async () => {
  const { requireReadable } = createRecordReader(records, SILENT);
  const approval = openApproval(
    {
      id: 'A1',
      crew: 'press',
      executionId: 'e1',
      task: 'draft',
      channel: 'C1',
      urls: {},
      policy: DEFAULT_POLICY,
    },
    anOutput('h1', { at: T0 }),
  );
  let turns = 0;
  let done = false;
  const turn = () => {
    turns += 1;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  await requireReadable(Array.from({ length: 500 }, (_, n) => serializeRecord(`approval/${n}`, approval)));
  done = true;
  expect(turns).toBeGreaterThanOrEqual(9);
});

test('a record of a newer format is not damaged: it stays as it is, and says why it cannot be read', async () => {
  const raw = JSON.stringify({ value: { v: RECORD_VERSION + 1, rounds: 'of another kind' } });
  await putRecord(records, 'approval/a', raw);
  await expect(read('a')).rejects.toThrow(
    `The record approval/a is of format ${RECORD_VERSION + 1}, which a newer version of the bot wrote`,
  );
  expect(await records.get('approval/a')).toBe(raw);
});

test('nobody can change a record that was read', async () => {
  await put('a');
  const record = await read('a');
  expect(() => record?.rounds.push({ text: '2' })).toThrow(TypeError);
  expect(() => Object.assign(record?.rounds[0] as object, { text: '2' })).toThrow(TypeError);
});

test('the records that were read last are kept parsed, except those that are long', async () => {
  for (let id = 0; id < 257; id += 1) await put(id);
  const [first, second, third] = [await read(0), await read(1), await read(2)];
  for (let id = 3; id < 256; id += 1) await read(id);
  expect(await read(0)).toBe(first);
  await read(256);
  expect(await read(2)).toBe(third);
  expect(await read(0)).toBe(first);
  expect(await read(1)).not.toBe(second);
  await put('long', 'x'.repeat(32 * 1024));
  expect(await read('long')).not.toBe(await read('long'));
});
