import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCrewInputs, readKickoffAnswer, readNoKickoffAnswer } from '../../src/crewai/kickoff-answer.ts';

const PAGE = '<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1><p>nginx</p></body></html>';
const write = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));
const read = (status: number, body: unknown = '', retryAfter?: string, hide = (said: string) => said) =>
  readKickoffAnswer({ status, body: write(body), retryAfter }, Date.UTC(2026, 9, 21), hide);

describe('an answer to a kickoff', () => {
  it.each([200, 201, 202, 299])('of %i with a kickoff_id has started the run', (status) => {
    const executionId = '97eb0c2a-3f1b-4a8f-9a41-0d6f5a2f7f11';
    expect(read(status, { kickoff_id: executionId })).toEqual({ kind: 'started', executionId });
  });

  it.each<unknown>([
    '',
    PAGE,
    [],
    '{"kickoff_id": "97eb',
    { status: 'started' },
    ...['', 7, 'x'.repeat(256)].map((kickoff_id) => ({ kickoff_id })),
  ])('of 200 without a readable kickoff_id may have started it: %j', (body) => {
    expect(read(200, body)).toEqual({ kind: 'unknown', reason: { code: 'no_id' } });
  });

  it.each([408, 500, 501, 502, 504, 520, 524])('of %i may have started it', (status) => {
    for (const body of ['', 'Internal Server Error', PAGE])
      expect(read(status, body)).toEqual({ kind: 'unknown', reason: `HTTP ${status}` });
    expect(read(status, { message: 'Later' })).toEqual({ kind: 'unknown', reason: `${status}: Later` });
  });

  it.each([429, 503])('of %i has started nothing, and says when to try again', (status) => {
    expect(read(status, PAGE)).toEqual({ kind: 'not_reached', reason: `HTTP ${status}` });
    const outcome = { kind: 'not_reached', reason: `${status}: Busy`, retryAfterMs: 30_000 };
    expect(read(status, { detail: 'Busy' }, '30')).toEqual(outcome);
  });

  it.each([300, 302, 307, 400, 401, 403, 404, 405, 409, 413, 415, 422])('of %i is final', (status) => {
    expect(read(status, PAGE)).toEqual({ kind: 'refused', reason: `HTTP ${status}` });
    const outcome = { kind: 'refused', reason: `${status}: Why` };
    expect(read(status, { error: 'e', message: 'Why' })).toEqual(outcome);
  });

  it.each<[number, unknown, string[]?]>([
    [422, { detail: 'Missing inputs: topic, tone' }, ['topic', 'tone']],
    [422, { detail: 'Missing inputs: topic' }, ['topic']],
    [422, { message: 'Missing', details: { missing_inputs: ['topic', 'a, b'] } }, ['topic', 'a, b']],
    [422, { detail: 'Wrong inputs: topic' }],
    [422, { detail: [{ type: 'missing', loc: ['body', 'inputs'], msg: 'Field required' }] }],
    [422, { message: 'x', details: { missing_inputs: [7] } }],
    [400, { detail: 'Missing inputs: topic' }],
  ])('of %i %j misses the inputs %j', (status, body, missing = undefined) => {
    const reason = expect.any(String);
    expect(read(status, body)).toEqual({ kind: 'refused', reason, ...(missing ? { missing } : {}) });
  });

  it("keeps at most 300 characters of CrewAI's own words, well-formed and without secrets", () => {
    const long = read(401, { detail: `${'x'.repeat(299)}👍${'y'.repeat(300)}` });
    expect(long).toEqual({ kind: 'refused', reason: `401: ${'x'.repeat(299)}\ufffd` });
    const hide = (said: string) => said.replaceAll('secret', '…');
    const outcome = read(401, { detail: `${'x'.repeat(297)}secret` }, undefined, hide);
    expect(JSON.stringify(outcome)).not.toContain('sec');
  });

  it('allows another attempt only after what certainly started nothing, whatever its body', () => {
    const body = fc.oneof(
      fc.string(),
      fc.jsonValue().map(write),
      fc.record({ kickoff_id: fc.string(), detail: fc.string() }).map(write),
    );
    const header = fc.option(fc.string(), { nil: undefined });
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), body, header, (status, said, retryAfter) => {
        const { kind } = read(status, said, retryAfter);
        expect(kind === 'not_reached').toBe(status === 429 || status === 503);
        if (kind === 'started') expect(status).toBeLessThan(300);
        if (status >= 300 && status < 500 && status !== 408 && status !== 429) expect(kind).toBe('refused');
      }),
    );
  });
});

it.each([
  ['ENOTFOUND', 'not_reached', { code: 'no_connection', error: 'ENOTFOUND' }],
  ['CERT_HAS_EXPIRED', 'not_reached', { code: 'no_connection', error: 'CERT_HAS_EXPIRED' }],
  ['ECONNRESET', 'unknown', { code: 'no_answer', error: 'ECONNRESET' }],
  ['', 'unknown', { code: 'no_answer', error: '' }],
  ['ETIMEDOUT', 'unknown', { code: 'no_answer_in_time' }],
])('a kickoff that ends with the code %j is %s', (code, kind, reason) => {
  expect(readNoKickoffAnswer(code)).toEqual({ kind, reason });
});

describe('the inputs of a crew', () => {
  const inputs = (body: unknown, status = 200) => readCrewInputs({ status, body: write(body) });

  it('are the names that CrewAI lists, each once, junk included', () => {
    const listed = { inputs: ['topic', 'tone', 'topic', '', ' ', '{"a"'] };
    expect(inputs(listed)?.names).toEqual(['topic', 'tone', '', ' ', '{"a"']);
    expect(inputs({ inputs: [] })).toEqual({ names: [] });
  });

  it.each<[string, unknown, number?]>([
    ['another status', { inputs: ['topic'] }, 404],
    ['a page', PAGE],
    ['names that are not texts', { inputs: ['topic', 7] }],
    ['an object of them', { inputs: { topic: 'string' } }],
    ['more than 1,000', { inputs: Array.from({ length: 1_001 }, (_, n) => `input_${n}`) }],
  ])('are not known by %s', (_, body, status) => expect(inputs(body, status)).toBeUndefined());

  it('are required where CrewAI says so, and it does not say so of older crews', () => {
    const topic = { inputs: ['topic'] };
    const both = { inputs: ['topic', 'tone'], required_inputs: ['topic'] };
    expect(inputs(both)).toEqual({ names: ['topic', 'tone'], required: ['topic'] });
    expect(inputs({ ...topic, required_inputs: [] })).toEqual({ names: ['topic'], required: [] });
    expect(inputs({ inputs: [], required_inputs: ['topic'] })?.names).toEqual(['topic']);
    for (const required of [undefined, null, 'topic', [7], { topic: true }])
      expect(inputs({ ...topic, required_inputs: required })).toEqual({ names: ['topic'] });
  });
});

describe('apps that are not connected', () => {
  const CODE = 'apps_not_connected';
  const apps = ['Gmail', 'Slack'];

  it.each<[string, unknown]>([
    ['an error beside the list', { error: CODE, message: 'Connect them', apps }],
    ['an error with details', { error: CODE, details: { missing_apps: apps } }],
    ['a detail with a code', { detail: { code: CODE, apps } }],
    ['a list of errors', { errors: [{ type: CODE, apps: [...apps, 'Gmail'] }] }],
    ['a text with the names', { detail: `${CODE}: Gmail, Slack` }],
    ['a key', { detail: { [CODE]: apps } }],
  ])('are named, however CrewAI writes it: %s', (_, body) => {
    for (const status of [200, 400, 422, 424, 500, 503])
      expect(read(status, body)).toEqual({ kind: 'refused', reason: { code: CODE, apps: 'Gmail, Slack' } });
  });

  it.each<[string, unknown, string?]>([
    ['the code alone', { error: CODE }],
    ['a message', { error: CODE, message: 'Gmail first' }, 'Gmail first'],
    ['a message beside the code', { error: { code: CODE, message: 'Gmail first' } }],
    ['an exception', { detail: `ValueError: ${CODE}` }, `ValueError: ${CODE}`],
    ['an answer nested without end', `{"error":"${CODE}","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
  ])('are not named where CrewAI does not name them, and its words are shown: %s', (_, body, said) => {
    const reason = { code: CODE, ...(said === undefined ? {} : { said }) };
    expect(read(424, body)).toEqual({ kind: 'refused', reason });
  });

  it('do not hide that a run with an id was started', () => {
    const body = { kickoff_id: 'run-1', warnings: [CODE] };
    expect(read(200, body)).toEqual({ kind: 'started', executionId: 'run-1' });
  });
});
