import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCrewInputs, readKickoffAnswer, readNoKickoffAnswer } from '../../src/crewai/kickoff-answer.ts';

const NOW = Date.UTC(2026, 9, 21, 7, 27);
const PAGE = '<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1><p>nginx</p></body></html>';
const write = (body: unknown) => (typeof body === 'string' ? body : JSON.stringify(body));
const read = (status: number, body: unknown = '', retryAfter?: string, hide?: (said: string) => string) =>
  readKickoffAnswer({ status, body: write(body), retryAfter }, NOW, hide);

describe('an answer to a kickoff', () => {
  it.each([200, 201, 202, 299])('of %i with a kickoff_id: the run was started', (status) => {
    const executionId = '97eb0c2a-3f1b-4a8f-9a41-0d6f5a2f7f11';
    expect(read(status, { kickoff_id: executionId })).toEqual({ kind: 'started', executionId });
  });

  it.each<[string, unknown]>([
    ['no body', ''],
    ['a page', PAGE],
    ['a list', []],
    ['half of an object', '{"kickoff_id": "97eb'],
    ['no kickoff_id', { status: 'started' }],
    ['an empty kickoff_id', { kickoff_id: '' }],
    ['a kickoff_id that is not a text', { kickoff_id: 7 }],
    ['a kickoff_id that is too long to be one', { kickoff_id: 'x'.repeat(256) }],
  ])('of 200 with %s: it may have been started', (_, body) => {
    expect(read(200, body)).toEqual({ kind: 'unknown', reason: { code: 'no_id' } });
  });

  it.each([408, 500, 501, 502, 504, 520, 524])('of %i: it may have been started', (status) => {
    for (const body of ['', 'Internal Server Error', PAGE])
      expect(read(status, body)).toEqual({ kind: 'unknown', reason: `HTTP ${status}` });
    expect(read(status, { message: 'Later' })).toEqual({ kind: 'unknown', reason: `${status}: Later` });
  });

  it.each([429, 503])('of %i: it was certainly not started, and CrewAI says when to ask again', (status) => {
    expect(read(status, PAGE)).toEqual({ kind: 'not_reached', reason: `HTTP ${status}` });
    expect(read(status, { detail: 'Busy' }, '30')).toEqual({
      kind: 'not_reached',
      reason: `${status}: Busy`,
      retryAfterMs: 30_000,
    });
  });

  it.each([300, 302, 307, 400, 401, 403, 404, 405, 409, 413, 415, 422])('of %i is a final no', (status) => {
    expect(read(status, PAGE)).toEqual({ kind: 'refused', reason: `HTTP ${status}` });
    expect(read(status, { error: 'e', message: 'Why' })).toEqual({
      kind: 'refused',
      reason: `${status}: Why`,
    });
  });

  it.each<[string, unknown, string[]]>([
    ['live', { detail: 'Missing inputs: topic, tone' }, ['topic', 'tone']],
    ['live, one of them', { detail: 'Missing inputs: topic' }, ['topic']],
    [
      'documented',
      { error: 'x', message: 'Missing required inputs', details: { missing_inputs: ['topic', 'a, b'] } },
      ['topic', 'a, b'],
    ],
  ])('of 422 names the missing inputs, %s', (_, body, missing) => {
    expect(read(422, body)).toMatchObject({ kind: 'refused', missing });
  });

  it.each<[string, number, unknown]>([
    ['another sentence', 422, { detail: 'Wrong inputs: topic' }],
    [
      'FastAPI’s list',
      422,
      { detail: [{ type: 'missing', loc: ['body', 'inputs'], msg: 'Field required' }] },
    ],
    ['a list of anything', 422, { message: 'x', details: { missing_inputs: [7] } }],
    ['another status', 400, { detail: 'Missing inputs: topic' }],
  ])('names none by %s', (_, status, body) => {
    const outcome = read(status, body);
    expect(outcome.kind).toBe('refused');
    expect(outcome).not.toHaveProperty('missing');
  });

  it("keeps at most 300 characters of CrewAI's own words, well-formed and without secrets", () => {
    const long = read(401, { detail: `${'x'.repeat(299)}👍${'y'.repeat(300)}` });
    const words = 'reason' in long ? String(long.reason) : '';
    expect(words).toMatch(/^401: x{299}/);
    expect(words.length).toBeLessThanOrEqual('401: '.length + 300);
    expect(words.isWellFormed()).toBe(true);
    const hide = (said: string) => said.replaceAll('secret', '…');
    const outcome = read(401, { detail: `${'x'.repeat(297)}secret` }, undefined, hide);
    expect(JSON.stringify(outcome)).not.toMatch(/sec/);
  });

  it('is asked for again only after what certainly started nothing, whatever the body says', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 599 }),
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify(value)),
          fc.record({ kickoff_id: fc.string(), detail: fc.string() }).map((value) => JSON.stringify(value)),
        ),
        fc.option(fc.string(), { nil: undefined }),
        (status, body, retryAfter) => {
          const { kind } = read(status, body, retryAfter);
          expect(kind === 'not_reached').toBe(status === 429 || status === 503);
          if (kind === 'started') expect(status).toBeLessThan(300);
          if (status >= 300 && status < 500 && status !== 408 && status !== 429) expect(kind).toBe('refused');
        },
      ),
    );
  });
});

describe('no answer to a kickoff', () => {
  it.each(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'CERT_HAS_EXPIRED'])(
    'by %s: there was no connection, so nothing was started',
    (code) => {
      expect(readNoKickoffAnswer(code)).toEqual({
        kind: 'not_reached',
        reason: { code: 'no_connection', error: code },
      });
    },
  );

  it.each(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_BAD_RESPONSE', 'FAILED', ''])(
    'by %j: it may have been started',
    (code) => {
      expect(readNoKickoffAnswer(code)).toEqual({
        kind: 'unknown',
        reason: { code: 'no_answer', error: code },
      });
    },
  );

  it('in time: it may have been started', () => {
    expect(readNoKickoffAnswer('ETIMEDOUT')).toEqual({
      kind: 'unknown',
      reason: { code: 'no_answer_in_time' },
    });
  });
});

describe('the inputs of a crew', () => {
  const inputs = (body: unknown, status = 200) => readCrewInputs({ status, body: write(body) });
  const names = (body: unknown, status?: number) => inputs(body, status)?.names;

  it('are the names that CrewAI lists, each once, junk included', () => {
    expect(names({ inputs: ['topic', 'tone', 'topic', '', ' ', '{"a"'] })).toEqual([
      'topic',
      'tone',
      '',
      ' ',
      '{"a"',
    ]);
    expect(names({ inputs: [] })).toEqual([]);
  });

  it.each<[string, unknown, number?]>([
    ['another status', { inputs: ['topic'] }, 404],
    ['a page', PAGE],
    ['names that are not texts', { inputs: ['topic', 7] }],
    ['an object of them', { inputs: { topic: 'string' } }],
    ['more than can be asked for', { inputs: Array.from({ length: 1_001 }, (_, n) => `input_${n}`) }],
  ])('are not known by %s', (_, body, status) => {
    expect(names(body, status)).toBeUndefined();
  });

  it('are required where CrewAI says so, and it does not say so of older crews', () => {
    expect(inputs({ inputs: ['topic', 'tone'], required_inputs: ['topic'] })).toEqual({
      names: ['topic', 'tone'],
      required: ['topic'],
    });
    expect(inputs({ inputs: ['topic'], required_inputs: [] })).toEqual({ names: ['topic'], required: [] });
    expect(inputs({ inputs: [], required_inputs: ['topic'] })?.names).toEqual(['topic']);
    for (const required of [undefined, null, 'topic', [7], { topic: true }])
      expect(inputs({ inputs: ['topic'], required_inputs: required })).toEqual({ names: ['topic'] });
  });
});

describe('apps that are not connected', () => {
  it.each<[string, unknown]>([
    [
      'an error beside the list',
      { error: 'apps_not_connected', message: 'Connect them', apps: ['Gmail', 'Slack'] },
    ],
    ['an error with details', { error: 'apps_not_connected', details: { missing_apps: ['Gmail', 'Slack'] } }],
    ['a detail with a code', { detail: { code: 'apps_not_connected', apps: ['Gmail', 'Slack'] } }],
    ['a list of errors', { errors: [{ type: 'apps_not_connected', apps: ['Gmail', 'Slack', 'Gmail'] }] }],
    ['a text with the names', { detail: 'apps_not_connected: Gmail, Slack' }],
    ['a key', { detail: { apps_not_connected: ['Gmail', 'Slack'] } }],
  ])('are named, however CrewAI writes it: %s', (_, body) => {
    for (const status of [200, 400, 422, 424, 500, 503])
      expect(read(status, body)).toEqual({
        kind: 'refused',
        reason: { code: 'apps_not_connected', apps: 'Gmail, Slack' },
      });
  });

  it.each<[string, unknown, string?]>([
    ['the code alone', { error: 'apps_not_connected' }],
    ['a message', { error: 'apps_not_connected', message: 'Gmail first' }, 'Gmail first'],
    ['a message beside the code', { error: { code: 'apps_not_connected', message: 'Gmail first' } }],
    ['an exception', { detail: 'ValueError: apps_not_connected' }, 'ValueError: apps_not_connected'],
  ])('are not named where CrewAI does not name them, and its words are shown: %s', (_, body, said) => {
    const reason = { code: 'apps_not_connected', ...(said === undefined ? {} : { said }) };
    expect(read(424, body)).toEqual({ kind: 'refused', reason });
  });

  it('are no reason to say that a run was not started that has an id', () => {
    const body = { kickoff_id: 'run-1', warnings: ['apps_not_connected'] };
    expect(read(200, body)).toEqual({ kind: 'started', executionId: 'run-1' });
  });

  it('are looked for in an answer that is nested without end', () => {
    const body = `{"error":"apps_not_connected","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect(read(400, body)).toEqual({
      kind: 'refused',
      reason: { code: 'apps_not_connected' },
    });
  });
});
