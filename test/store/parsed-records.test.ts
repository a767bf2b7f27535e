import { expect, test } from 'vitest';
import { ParsedRecords } from '../../src/store/parsed-records.ts';

const stored = (raw: string) => ({ raw, record: { rounds: [{ raw }] } });

test('a record counts only for the text that it was parsed from', () => {
  const parsed = new ParsedRecords();
  expect(parsed.find('approval/a', '1')).toBeUndefined();
  const kept = parsed.keep('approval/a', stored('1'));
  expect(parsed.find('approval/a', '1')).toBe(kept);
  expect(parsed.find('approval/a', '2')).toBeUndefined();
  expect(parsed.find('approval/b', '1')).toBeUndefined();
  const next = parsed.keep('approval/a', stored('2'));
  expect(parsed.find('approval/a', '2')).toBe(next);
  expect(parsed.find('approval/a', '1')).toBeUndefined();
});

test('nobody can change it', () => {
  const { record } = new ParsedRecords().keep('approval/a', stored('1'));
  expect(() => record.rounds.push({ raw: '2' })).toThrow(TypeError);
  expect(() => Object.assign(record.rounds[0] as object, { raw: '2' })).toThrow(TypeError);
});

test('those that were read last are kept, and none that is long', () => {
  const parsed = new ParsedRecords();
  for (let count = 0; count < 256; count += 1) parsed.keep(`approval/${count}`, stored('1'));
  parsed.keep('approval/0', stored('1'));
  parsed.keep('approval/one more', stored('1'));
  expect(parsed.find('approval/0', '1')).toBeDefined();
  expect(parsed.find('approval/1', '1')).toBeUndefined();
  expect(parsed.find('approval/2', '1')).toBeDefined();
  const long = 'x'.repeat(32 * 1024 + 1);
  parsed.keep('approval/long', stored(long));
  expect(parsed.find('approval/long', long)).toBeUndefined();
});
