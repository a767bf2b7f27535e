import { expect, onTestFinished, test } from 'vitest';
import { hashOutput } from '../../src/approval/model/output.ts';
import { readBody } from '../../src/crewai/payloads/read-body.ts';
import { createProgramReader, type ProgramBody, readProgramBody } from '../../src/http/program-bodies.ts';
import { MIB } from '../support/json-text.ts';

const question = (more: object) => JSON.stringify({ title: 'Ship it?', ...more });
const faultsOf = (kind: ProgramBody, text: string) => {
  const read = readProgramBody(kind, text);
  return 'faults' in read ? read.faults.map(({ field }) => field) : [];
};

test('a text is at most 1,000,000 characters long', () => {
  expect(faultsOf('question', question({ text: 'x'.repeat(1_000_000) }))).toEqual([]);
  expect(faultsOf('question', question({ text: 'x'.repeat(1_000_001) }))).toEqual(['text']);
});

test.each<[ProgramBody, string, string]>([
  ['question', '{"title":"Pay?","output":{"amount":NUMBER}}', 'output'],
  ['run', '{"state":"finished","result":[NUMBER]}', 'result'],
  ['inputs', '{"inputs":NUMBER}', 'inputs'],
])('a %s with a number whose exponent no program computes with is rejected', (kind, body, field) => {
  for (const number of ['1e999999999', '-1.5E-0123456', `1e${'9'.repeat(100_000)}`])
    expect(faultsOf(kind, body.replace('NUMBER', number))).toEqual([field]);
  for (const number of ['1e99999', '1e-6144'])
    if (kind !== 'inputs') expect(faultsOf(kind, body.replace('NUMBER', number))).toEqual([]);
});

test('what looks like such a number in a text is a text', () => {
  expect(
    faultsOf('question', question({ output: { says: '1e999999999', '2e999999999': '\\"3e999999999' } })),
  ).toEqual([]);
});

test.each<[ProgramBody, string, string]>([
  [
    'question',
    question({ text: 'x' }).replace('}', ',"expires_in":1e400}'),
    'expires_in must be a number of seconds between',
  ],
  ['question', question({ text: 'x', expires_in: '10' }), 'expires_in must be a number of seconds between'],
  ['question', question({ text: 5 }), 'text must be a text'],
  ['question', '{"text":"x"}', 'title is missing'],
  ['inputs', '{"inputs":"topic"}', 'inputs must be a list of names'],
  ['inputs', '{}', 'inputs is missing'],
])('a field of a %s that is there is not called missing: %s', (kind, text, fault) => {
  const read = readProgramBody(kind, text);
  expect('faults' in read && read.faults.map((one) => `${one.field} ${one.fault}`)).toEqual([
    expect.stringMatching(new RegExp(`^${fault}`)),
  ]);
});

test('of many faults, the reader hands over those that are named, and how many others there are', () => {
  const unknown = Object.fromEntries(Array.from({ length: 30_000 }, (_, n) => [`key${n}`, n]));
  const options = Array.from({ length: 30 }, (_, n) => `${n}${'x'.repeat(1_000)}`);
  const review = {
    event_type: 'new_request',
    id: 'i',
    flow_execution_id: 'f',
    method_name: 'm',
    emit: options,
    callback_url: 'https://app.crewai.com/callback',
  };
  for (const [read, others] of [
    [readProgramBody('question', question({ text: 'x', ...unknown })), 29_980],
    [readProgramBody('run', JSON.stringify({ state: 'running', ...unknown })), 29_980],
    [readBody('flow', JSON.stringify(review)), 10],
  ] as const)
    expect(read).toEqual({
      faults: Array.from({ length: 20 }, () => ({ field: expect.any(String), fault: expect.any(String) })),
      more: others,
    });
});

test('a question carries the identity of its output and of a call, so that they are read once', () => {
  const output = { b: 1.0, a: 'x' };
  const read = readProgramBody('question', question({ output, kind: 'tool' }));
  expect(read).toMatchObject({
    question: {
      hash: hashOutput({ kind: 'json', text: JSON.stringify(output) }),
      call: { isLong: false, text: '{\n  "b": 1,\n  "a": "x"\n}' },
    },
  });
});

test.each<[ProgramBody, string]>([
  ['question', question({ output: { rows: Array.from({ length: 20_000 }, (_, n) => ({ n })) } })],
  ['question', question({ kind: 'tool', output: { text: 'x'.repeat(MIB / 2) } })],
  ['question', question({ text: '\u202e'.repeat(100_000) })],
  ['run', JSON.stringify({ state: 'finished', result: 'x'.repeat(MIB / 2) })],
  ['inputs', JSON.stringify({ inputs: Array.from({ length: 1_001 }, () => 'x'.repeat(200)) })],
])('the thread reads a large %s as the event loop would, which goes on meanwhile', async (kind, text) => {
  const reader = createProgramReader();
  onTestFinished(() => reader.close());
  let turns = 0;
  let done = false;
  const turn = () => {
    turns += 1;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  const read = await reader.read(kind, Buffer.from(text));
  done = true;
  expect(read).toEqual(readProgramBody(kind, text));
  expect(turns).toBeGreaterThan(20);
});
