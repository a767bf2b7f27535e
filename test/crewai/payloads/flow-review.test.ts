import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attachHash, formatOutput, hashOutput, readOutput } from '../../../src/approval/model/output.ts';
import { readBody } from '../../../src/crewai/payloads/read-body.ts';
import { canonicalizeJson } from '../../../src/lib/json-text.ts';
import { jsonText } from '../../support/json-text.ts';

type Fields = Record<string, unknown>;

const fixture = (name: string) =>
  readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', `${name}.json`), 'utf8');
const FLAT = JSON.parse(fixture('flow-review-flat')) as Fields;
const NESTED = JSON.parse(fixture('flow-request')) as Fields & { request: Fields };

function readFlowReview(body: unknown, text = JSON.stringify(body)) {
  const result = readBody('flow', text);
  if ('rejection' in result) throw new Error(result.rejection);
  return result;
}
function read(body: unknown, text?: string) {
  const result = readFlowReview(body, text);
  if ('faults' in result) throw new Error(JSON.stringify(result.faults));
  return result.review;
}
const flat = (over: Fields = {}) => read({ ...FLAT, ...over });
const nested = (request: Fields = {}, over: Fields = {}) =>
  read({ ...NESTED, ...over, request: { ...NESTED.request, ...request } });
function faults(body: unknown, text?: string): string[] {
  const result = readFlowReview(body, text);
  return 'faults' in result ? result.faults.map(({ field, fault }) => `${field} ${fault}`) : [];
}
describe('a review', () => {
  it('is read in the flat shape, without its response token', () => {
    const review = flat();
    expect(review).toEqual({
      event: 'new_request',
      requestId: 'hfr_01J9Z7Q2M4',
      executionId: '5a8f2f0e-6f0b-4b0e-9d5e-7a4b9d6f0c21',
      method: 'review_article',
      message: 'Please review the article before it is published.',
      output: { kind: 'text', text: FLAT.output },
      options: ['approved', 'needs_changes', 'rejected'],
      defaultOutcome: 'needs_changes',
      hashes: [hashOutput({ kind: 'text', text: FLAT.output as string })],
      state: attachHash(readOutput({ topic: 'rain jackets', draft: 2 })),
      callbackUrl: FLAT.callback_url,
      assigneeEmail: 'ana@example.com',
      slaTargetMinutes: 60,
      createdAt: Date.UTC(2026, 9, 1, 9),
      responders: ['ana@example.com'],
      enforceRouting: true,
    });
    expect(JSON.stringify(flat({ response_token: 'only-here' }))).not.toContain('only-here');
  });

  it('is read in the nested shape, which has no output', () => {
    expect(nested()).toEqual({
      event: 'new_request',
      requestId: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
      executionId: 'flow_42',
      hasFlowIdOnly: true,
      method: 'review_article',
      message: 'Please review this article for publication.',
      output: { kind: 'text', text: '' },
      options: ['approved', 'rejected', 'needs_changes'],
      hashes: [hashOutput({ kind: 'text', text: '' })],
      state: attachHash(readOutput({ article_id: 12345, author: 'author@example.com' })),
      callbackUrl: 'https://platform.example.com/hitl/7c9e6679',
      assigneeEmail: 'reviewer@example.com',
      createdAt: Date.UTC(2026, 0, 14, 12),
    });
    expect(nested({ output: { total: 7 } }).output).toEqual({ kind: 'json', text: '{"total":7}' });
  });

  it('can be an escalation', () => {
    expect(flat({ event_type: 'escalation' }).event).toBe('escalation');
    expect(nested({}, { event: 'escalation' }).event).toBe('escalation');
  });

  it('is read whatever other fields it has', () => {
    expect(flat({ request: { id: 'other' }, event: 'other', status: 7, metadata: [] })).toEqual(flat());
    expect(nested({ status: 'x' }, { id: 'other', metadata: null })).toEqual(nested());
  });

  it('belongs to the Flow where the id of the execution is missing', () => {
    expect(flat({ flow_execution_id: undefined, flow_id: 'flow-7' }).executionId).toBe('flow-7');
    expect(nested({ flow_execution_id: 'run-7' }).executionId).toBe('run-7');
  });
});

describe('a review is rejected by the name of the field', () => {
  const ids = [
    ['id', 'id'],
    ['flow_execution_id', 'flow_id'],
    ['method_name', 'method_name'],
  ] as const;

  it.each(ids)('when %s is missing, blank, too long or an object', (flatName, nestedName) => {
    for (const [value, fault] of [
      ...[undefined, null, '', ' \n'].map((blank) => [blank, 'is missing'] as const),
      ['x'.repeat(256), 'must be at most 255 characters long'],
      [{ id: 1 }, 'must be a text'],
    ] as const) {
      const flowId = flatName === 'flow_execution_id' ? { flow_id: value } : {};
      expect(faults({ ...FLAT, [flatName]: value, ...flowId })).toEqual([`${flatName} ${fault}`]);
      const request = { ...NESTED.request, [nestedName]: value };
      expect(faults({ ...NESTED, request })).toEqual([`request.${nestedName} ${fault}`]);
    }
  });

  it('when the callback is missing or not an http URL, without repeating it', () => {
    for (const body of [FLAT, NESTED])
      expect(faults({ ...body, callback_url: undefined })).toEqual(['callback_url is missing']);
    const fault = 'callback_url must be an http or https URL of at most 2,000 characters';
    const tooLong = `https://a.b/${'x'.repeat(2_000)}`;
    for (const url of [7, '', 'ftp://a.b/s3cret', 'app.crewai.com/s3cret', tooLong])
      expect(faults({ ...FLAT, callback_url: url })).toEqual([fault]);
  });

  const needed = ['event_type', 'id', 'flow_execution_id', 'method_name', 'callback_url'];
  it.each<[unknown, string[]]>([
    [null, ['body must be a JSON object']],
    ['new_request', ['body must be a JSON object']],
    [[FLAT], ['body must be a JSON object']],
    [{ ...FLAT, event_type: undefined }, ['event_type is missing']],
    [{ ...FLAT, event_type: 'responded' }, ['event_type must be new_request or escalation']],
    [{ ...NESTED, event: undefined }, ['event is missing']],
    [{}, needed.map((name) => `${name} is missing`)],
  ])('when it is %j', (body, expected) => expect(faults(body)).toEqual(expected));
});

describe('the options of a review', () => {
  const texts = (count: number, length = 1) =>
    Array.from({ length: count }, (_, n) => `${n}`.padEnd(length, 'x'));

  const verbatim = [' yes ', 'Yes', 'yes', 'não', 'na\u0303o', '👍', 'a\nb', 'x'.repeat(1_000)];
  it.each<[string, unknown, string[]]>([
    ['with their blanks, case and Unicode', verbatim, verbatim],
    ['100 of 200 characters each', texts(100, 200), texts(100, 200)],
    ['1,000 of more', texts(1_001), texts(1_000)],
    ['as many of long ones as have 100,000 characters', texts(101, 1_000), texts(100, 1_000)],
    ['once each', ['a', 'b', 'a', 'c', 'b'], ['a', 'b', 'c']],
    ['none where there is nothing to see', ['', ' ', '\u200b'], []],
    ['none of other types', [7, null, { a: 1 }, ['approved'], true, '\ud800'], []],
    ...[undefined, null, 'approved', { approved: true }, []].map((emit): [string, unknown, string[]] => [
      `none of ${JSON.stringify(emit)}`,
      emit,
      [],
    ]),
  ])('are kept: %s', (_, emit, options) => {
    expect(flat({ emit }).options).toEqual(options);
    expect(nested({ emit_options: emit }).options).toEqual(options);
  });

  it('are at most 1,000 characters long', () => {
    const tooLong = { ...FLAT, emit: ['a', 'x'.repeat(1_001)] };
    expect(faults(tooLong)).toEqual(['emit.1 must be at most 1000 characters long']);
  });

  it('are some of those that were sent, each once, in the order of their first', () => {
    const text = fc.oneof(fc.constantFrom('a', 'b', '', ' '), fc.string({ unit: 'binary' }));
    const option = fc.oneof(text, fc.jsonValue());
    fc.assert(
      fc.property(fc.array(option, { maxLength: 100 }), (emit) => {
        const { options } = flat({ emit });
        expect(new Set(options).size).toBe(options.length);
        expect(options).toEqual([...new Set(emit)].filter((option) => options.includes(option as string)));
        for (const option of options) expect(option.trim()).not.toBe('');
      }),
    );
  });
});

describe('a field that is not needed', () => {
  const EMPTY = { kind: 'text', text: '' } as const;
  const noRouting = { responders: undefined, enforceRouting: undefined };

  it.each<[string, Fields, Fields]>([
    ['no message', { message: null }, { message: '' }],
    ['a message that is an object', { message: { text: 'x' } }, { message: '' }],
    ['no output', { output: null }, { output: EMPTY, hashes: [hashOutput(EMPTY)] }],
    ['an empty default', { default_outcome: '' }, { defaultOutcome: undefined }],
    ['a state that is null', { state: null }, { state: undefined }],
    ['a state with nothing in it', { state: {} }, { state: undefined }],
    ['a state that is a text', { state: 'x' }, { state: attachHash({ kind: 'text', text: 'x' }) }],
    ['no assignee', { assigned_to: null, assigned_to_email: null }, { assigneeEmail: undefined }],
    ['an assignee by the object alone', { assigned_to_email: 7 }, { assigneeEmail: 'ana@example.com' }],
    ['no address', { assigned_to: {}, assigned_to_email: '<a@b>' }, { assigneeEmail: undefined }],
    ['a target that is a text', { sla_target_minutes: '60' }, { slaTargetMinutes: undefined }],
    ['a target without end', { sla_target_minutes: 1e300 }, { slaTargetMinutes: undefined }],
    ['UTC', { created_at: '2026-10-01T09:00:00.123' }, { createdAt: Date.UTC(2026, 9, 1, 9, 0, 0, 123) }],
    ['another zone', { created_at: '2026-10-01T11:00:00+02:00' }, { createdAt: Date.UTC(2026, 9, 1, 9) }],
    ['a time that is not one', { created_at: 'yesterday' }, { createdAt: undefined }],
    ['routing that is null', { routing: null }, noRouting],
    ['other types', { routing: { effective_responders: 'ana', enforce_routing_rules: 'yes' } }, noRouting],
  ])('is read or ignored: %s', (_, over, expected) => {
    expect(flat(over)).toEqual({ ...flat(), ...expected });
  });

  it('is cut when it is too long, and stays well-formed', () => {
    const { message } = flat({ message: `${'x'.repeat(9_999)}👍 and more` });
    expect(message).toBe(`${'x'.repeat(9_999)}\ufffd`);
  });

  it('names the responders by address or id, and none that cannot be read', () => {
    const readable = [{ email: 'a@example.com', id: 1 }, { id: 7 }, { id: 'u-8' }, 'b@example.com', 9];
    const respondersOf = (...listed: unknown[]) =>
      flat({ routing: { effective_responders: listed, enforce_routing_rules: false } });
    expect(respondersOf(...readable, {}, null, [], { email: 7 })).toMatchObject({
      responders: ['a@example.com', '7', 'u-8', 'b@example.com', '9'],
      enforceRouting: false,
    });
    // Nobody of the list is known: this must not be read as "anyone".
    expect(respondersOf({}).responders).toEqual([]);
    expect(respondersOf(...Array(5_000).fill(7)).responders).toHaveLength(1_000);
  });
});

describe('numbers that no double holds', () => {
  const EXACT = '{"order": 12345678901234567890, "rate": 1e400, "a": 1, "a": 2}';

  it.each<[string, (field: string) => string]>([
    ['flat', (field) => JSON.stringify({ ...FLAT, [field]: 'HERE' })],
    ['nested', (field) => JSON.stringify({ ...NESTED, request: { ...NESTED.request, [field]: 'HERE' } })],
  ])('are kept in the output and the state of the %s shape', (_, write) => {
    const output = write('output').replace('"HERE"', EXACT);
    expect(read(JSON.parse(output), output).output).toEqual({ kind: 'json', text: EXACT });
    const state = write('state').replace('"HERE"', EXACT);
    expect(read(JSON.parse(state), state).state?.output).toEqual({ kind: 'json', text: EXACT });
  });

  it('are kept where a duplicate key hides a value that is nested too deep', () => {
    const deep = `${'['.repeat(70)}${']'.repeat(70)}`;
    const text = JSON.stringify({ ...FLAT, state: 'HERE' })
      .replace('{', `{"state":${deep},`)
      .replace('"HERE"', EXACT);
    expect(read(JSON.parse(text), text).state?.output).toEqual({ kind: 'json', text: EXACT });
  });
});

describe('any body', () => {
  const fieldNames = [...Object.keys(FLAT), ...Object.keys(NESTED), ...Object.keys(NESTED.request)];
  const value = fc.oneof(fc.jsonValue(), fc.string());
  const mixed = fc.dictionary(fc.constantFrom(...fieldNames), value, { maxKeys: 6 });

  it('is a review within its limits or a list of faults', () => {
    fc.assert(
      fc.property(fc.constantFrom(FLAT, NESTED, {}), mixed, mixed, (base, over, request) => {
        const inner = 'request' in base ? { request: { ...NESTED.request, ...request } } : {};
        const result = readFlowReview({ ...base, ...over, ...inner });
        if ('faults' in result) return void expect(result.faults).not.toEqual([]);
        const { review } = result;
        for (const id of [review.requestId, review.executionId, review.method]) {
          expect(id.length).toBeGreaterThan(0);
          expect(id.length).toBeLessThanOrEqual(255);
        }
        expect(review.message.length).toBeLessThanOrEqual(10_000);
        expect(review.callbackUrl).toMatch(/^https?:/i);
      }),
    );
  });

  it('keeps the state as JSON of the same value', () => {
    fc.assert(
      fc.property(jsonText, ({ text }) => {
        const body = JSON.stringify({ ...FLAT, state: 0 }).replace('"state":0', () => `"state":${text}`);
        const { state } = read(JSON.parse(body), body);
        fc.pre(state?.output.kind === 'json');
        const value: unknown = JSON.parse(text);
        // A string that is JSON counts as that JSON.
        const sent = typeof value === 'string' ? value : text;
        expect(canonicalizeJson(formatOutput(state.output))).toBe(canonicalizeJson(sent));
      }),
    );
  });
});
