import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInputs } from '../../../src/features/starts/read-inputs.ts';
import { startsTexts } from '../../../src/features/starts/texts.ts';
import { awkwardNames } from '../../crewai/records.ts';
import { spoken } from '../../support/spoken.ts';

const read = (values: Record<string, Record<string, object>>, isFlow = false, blocks: object[] = []) =>
  readInputs(spoken(), { state: { values }, blocks } as unknown as Parameters<typeof readInputs>[1], isFlow);
const typed = (value: string | null) => ({ input: { type: 'plain_text_input', value } });
const json = (value: string | null) => ({ inputs_json: { inputs_json: { value } } });
const wrong = (sentence: string) => ({ errors: { inputs_json: sentence } });

describe('the fields of a form', () => {
  const missing = startsTexts(spoken()).inputMissing;

  it('gives each input as it was typed or chosen', () => {
    const chosen = { input: { type: 'static_select', selected_option: { value: 'dry' } } };
    const values = { 'input:topic': typed(' a\n b '), 'input:tone': chosen, 'input:a:b': typed('x') };
    expect(read(values)).toEqual({ inputs: { topic: ' a\n b ', tone: 'dry', 'a:b': 'x' } });
  });

  it.each([null, '', ' \n', '\u200b'])('says at each blank field that it is missing: %j', (value) => {
    const values = { 'input:topic': typed(value), 'input:tone': typed('dry'), 'input:x': typed(value) };
    expect(read(values)).toEqual({ errors: { 'input:topic': missing, 'input:x': missing } });
  });

  it('leaves out blank fields that are optional', () => {
    const blocks = [
      { type: 'input', block_id: 'input:topic' },
      { type: 'input', block_id: 'input:tone', optional: true },
      { type: 'input', block_id: 'input:city', optional: true },
    ];
    const chosen = { input: { type: 'static_select', selected_option: null } };
    const values = { 'input:topic': typed('rain'), 'input:tone': typed(' '), 'input:city': chosen };
    expect(read(values, false, blocks)).toEqual({ inputs: { topic: 'rain' } });
    const blank = read({ ...values, 'input:topic': typed(' ') }, false, blocks);
    expect(blank).toEqual({ errors: { 'input:topic': missing } });
  });

  it('reads the fields of a Flow as texts, or as lists and objects in JSON', () => {
    const values = {
      'input:topic': typed('2026'),
      'input:tags': typed(' ["a", {"__proto__": 1}]'),
      'input:note': typed('[draft] {1}'),
    };
    const { inputs } = read(values, true) as { inputs: object };
    expect(JSON.stringify(inputs)).toBe('{"topic":"2026","tags":["a",{"__proto__":1}],"note":"[draft] {1}"}');
    const inexact = read({ 'input:ids': typed('[12345678901234567890]') }, true);
    expect(inexact).toEqual({ errors: { 'input:ids': startsTexts(spoken()).notExact } });
    expect(read({ 'input:tags': typed('["a"]') })).toEqual({ inputs: { tags: '["a"]' } });
  });

  it('gives no inputs for a form without fields, and ignores the blocks of other forms', () => {
    expect(read({})).toEqual({ inputs: {} });
    const other = { feedback: { feedback: { value: 'x' } }, 'input:a': typed('b') };
    expect(read(other)).toEqual({ inputs: { a: 'b' } });
  });

  it('accepts inputs that are named like members of every object', () => {
    const values = { 'input:__proto__': typed('a'), 'input:constructor': typed('b') };
    expect(JSON.stringify(read(values))).toBe('{"inputs":{"__proto__":"a","constructor":"b"}}');
  });
});

describe('inputs as JSON', () => {
  it('gives the object as it was written', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'prototype'));
    fc.assert(
      fc.property(fc.dictionary(name, fc.jsonValue()), (value) => {
        const given = read(json(JSON.stringify(value))) as { inputs: unknown };
        expect(JSON.stringify(given.inputs)).toBe(JSON.stringify(value));
      }),
      { examples: [[{ topic: 'rain', count: 3, nested: { list: [null, true] } }]] },
    );
  });

  it('accepts names like members of every object, at every depth', () => {
    const { inputs } = read(json(awkwardNames)) as { inputs: object };
    expect(JSON.stringify(inputs)).toBe(awkwardNames);
    expect(read(json('{"__proto__": {"id": 1}}'), true)).toHaveProperty('inputs');
    expect(read(json('{"__proto__": 1, "__proto__": 2}'))).toEqual(wrong(startsTexts(spoken()).notExact));
  });

  it.each([null, '', ' \n'])('gives no inputs for an empty field: %j', (value) => {
    expect(read(json(value))).toEqual({ inputs: {} });
  });

  it.each(['[1]', 'null', '3', '"topic"', '{topic: "rain"}', '{"topic": "rain"', 'topic'])(
    'says at the field that %j is not an object',
    (value) => void expect(read(json(value))).toEqual(wrong(startsTexts(spoken()).notAnObject)),
  );

  it('rejects an id for a Flow, since CrewAI gives each run its own', () => {
    expect(read(json('{"id": "1"}'), true)).toEqual(wrong(startsTexts(spoken()).noId));
    expect(read(json('{"id": "1"}'))).toEqual({ inputs: { id: '1' } });
    expect(read(json('{"ID": "1"}'), true)).toEqual({ inputs: { ID: '1' } });
  });
});
