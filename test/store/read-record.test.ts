import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createRecordReader } from '../../src/store/read-record.ts';
import { createMemoryRecords } from '../support/memory-records.ts';
import { putRecord } from '../support/records.ts';

const schema = z.object({ rounds: z.array(z.object({ text: z.string() })) });
const silent = { info: () => {}, warn: () => {}, error: () => {} };
let { records } = createMemoryRecords();
let readRecord = createRecordReader(records, silent);

beforeEach(() => {
  ({ records } = createMemoryRecords());
  readRecord = createRecordReader(records, silent);
});

const put = (key: string, text: string) =>
  putRecord(records, key, JSON.stringify({ value: { rounds: [{ text }] } }));
const read = async (key: string) => (await readRecord(key, schema))?.record;

test('a record is parsed once for the text that the store holds', async () => {
  await put('approval/a', '1');
  const first = await read('approval/a');
  expect(first).toEqual({ rounds: [{ text: '1' }] });
  expect(await read('approval/a')).toBe(first);
  expect(await read('approval/b')).toBeUndefined();
  await put('approval/a', '2');
  expect(await read('approval/a')).toEqual({ rounds: [{ text: '2' }] });
});

test('nobody can change a record that was read', async () => {
  await put('approval/a', '1');
  const record = await read('approval/a');
  expect(() => record?.rounds.push({ text: '2' })).toThrow(TypeError);
  expect(() => Object.assign(record?.rounds[0] as object, { text: '2' })).toThrow(TypeError);
});

test('the records that were read last are kept parsed, and none that is long', async () => {
  for (let count = 0; count < 257; count += 1) await put(`approval/${count}`, '1');
  const [first, second, third] = [
    await read('approval/0'),
    await read('approval/1'),
    await read('approval/2'),
  ];
  for (let count = 3; count < 256; count += 1) await read(`approval/${count}`);
  expect(await read('approval/0')).toBe(first);
  await read('approval/256');
  expect(await read('approval/2')).toBe(third);
  expect(await read('approval/0')).toBe(first);
  expect(await read('approval/1')).not.toBe(second);
  await put('approval/long', 'x'.repeat(32 * 1024));
  expect(await read('approval/long')).not.toBe(await read('approval/long'));
});
