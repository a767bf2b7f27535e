import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { TICKET_SOURCES } from '../../src/approval/model/round.ts';
import { checkDialect } from '../../src/cli/doctor/check-crews.ts';
import { checkStore } from '../../src/cli/doctor/check-store.ts';
import { formatResult, type Result } from '../../src/cli/doctor/result.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { anApproval, aRound } from '../approval/builders.ts';
import { serve } from '../crewai/serve.ts';
import { startPlatform } from '../sandbox/crewai/platform.ts';
import { newFolder, SILENT, T0 } from '../store/support.ts';

const TOKEN = 'crew-token-that-nobody-may-see';
type Format = Parameters<typeof checkDialect>[2]['resumeFormat'];

async function check(baseUrl: string, resumeFormat: Format = 'auto') {
  const found = await checkDialect('press', { baseUrl, bearerToken: TOKEN }, { resumeFormat, isFlow: false });
  expect(JSON.stringify(found)).not.toContain(TOKEN);
  expect(found.about).toBe('dialect of press');
  return { dialect: 'unknown', ...found, sentence: formatResult(found) };
}

/** Checks a deployment that answers POST /resume so. */
async function checkAnswer(status: number, body: unknown, format?: Format) {
  const { seen, url } = await serve((_, response) =>
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)),
  );
  const found = await check(url, format);
  expect(seen).toMatchObject([{ method: 'POST', url: '/resume', body: '{}' }]);
  return found;
}

const missing = (...names: string[]) => ({
  detail: names.map((name) => ({ type: 'missing', loc: ['body', name], msg: 'Field required' })),
});
const invalid = { detail: [{ type: 'json_invalid', loc: ['body'], msg: 'x' }] };
const refused = { error: 'bad_request', message: 'execution_id is required' };

const LIVE = ['ok', 'live', 'speaks the live dialect'] as const;
const DOCUMENTED = ['ok', 'documented', 'speaks the documented dialect'] as const;
const FLOW = ['failed', 'unknown', 'so it is a Flow deployment'] as const;
const NO_CREW = ['failed', 'unknown', 'Check its base URL'] as const;

it.each<[string, number, unknown, readonly [string, string, string]]>([
  ['the missing fields of the live dialect', 422, missing('executionId', 'taskId'), LIVE],
  ['the missing fields of the documented dialect', 422, missing('execution_id', 'is_approve'), DOCUMENTED],
  ['a list of other faults, as FastAPI writes them', 422, invalid, LIVE],
  ['a documented 400', 400, refused, DOCUMENTED],
  ['a documented 422', 422, refused, DOCUMENTED],
  ['404 of a Flow', 404, { detail: 'Not Found' }, FLOW],
  ['404 with a page', 404, '<html>', FLOW],
  ['401', 401, { detail: 'Not authenticated' }, ['failed', 'unknown', 'rejects its bearer token (401)']],
  ['403', 403, '', ['failed', 'unknown', 'rejects its bearer token (403)']],
  ['200, which a crew does not answer', 200, { ok: true }, NO_CREW],
  ['a page', 422, '<html>', NO_CREW],
  ['a redirect', 302, '', NO_CREW],
  ['a sentence of neither dialect', 422, { detail: 'no' }, ['note', 'unknown', 'not known yet']],
  ['503 with an object', 503, { detail: 'down' }, ['note', 'unknown', 'answers 503 now']],
])('the doctor understands %s', async (_, status, body, [outcome, dialect, sentence]) => {
  const expected = { status: outcome, dialect, sentence: expect.stringContaining(sentence) };
  expect(await checkAnswer(status, body)).toMatchObject(expected);
});

it.each(['live', 'documented'] as const)(
  'the doctor recognizes the %s dialect of the sandbox',
  async (dialect) => {
    const platform = await startPlatform({ dialect, token: TOKEN, tasks: [] });
    onTestFinished(platform.close);
    const says = expect.stringContaining(`speaks the ${dialect} dialect`);
    expect(await check(platform.baseUrl)).toMatchObject({ status: 'ok', dialect, says });
  },
);

it('without an answer the doctor does not know the dialect', async () => {
  const { url } = await serve((request) => void request.socket.destroy());
  const says = expect.stringContaining('ECONNRESET');
  expect(await check(url)).toMatchObject({ status: 'note', dialect: 'unknown', says });
});

it.each<[Format, object, 'ok' | 'failed', string]>([
  ['camelcase', missing('executionId'), 'ok', 'live'],
  ['camelcase', refused, 'failed', 'documented'],
  ['documented', refused, 'ok', 'documented'],
  ['documented', missing('executionId'), 'failed', 'live'],
])('resume_format %s beside %j is %s', async (format, body, status, dialect) => {
  const found = await checkAnswer(422, body, format);
  expect(found).toMatchObject({ status, dialect });
  const advice = `resume_format is ${format}. Set it to auto.`;
  expect(found.sentence.includes(advice)).toBe(status === 'failed');
});

it.each([
  'postgres://bot:S3/CRET@db:5432/x',
  'redis://:S3#CRET@cache:6379',
  'postgres://bot:S3CRET@127.0.0.1:1/x',
])('the doctor does not print the password of the store %s', async (url) => {
  const results: Result[] = [];
  for await (const result of checkStore(url, [])) results.push(result);
  expect(results).toMatchObject([{ status: 'failed' }]);
  expect(results.map(formatResult).join()).not.toMatch(/S3|CRET/);
});

it.each([
  ['Postgres', 'postgres://bot@127.0.0.1:1/x'],
  ['Redis', 'redis://127.0.0.1:1'],
])('the doctor says in a sentence for people that %s cannot be reached', async (server, url) => {
  const results: Result[] = [];
  for await (const result of checkStore(url, [])) results.push(result);
  const sentence = `^Can't connect to ${server} at STORE_URL \\(.+\\)\\. Check that it is running and that STORE_URL is right\\.$`;
  expect(results).toMatchObject([{ status: 'failed', says: expect.stringMatching(sentence) }]);
});

it('the doctor counts what the pauses after a decision brought, per crew, among its 500 newest approvals', async () => {
  const url = `sqlite://${join(newFolder(), 'approvals.db')}`;
  const { records, close } = await openStore(url, SILENT);
  const store = createApprovalStore(records, SILENT);
  const brought = (...kinds: ((typeof TICKET_SOURCES)[number] | undefined)[]) =>
    kinds.map((kind, index) => aRound({ number: index + 1, ...(kind ? { after: { brought: kind } } : {}) }));
  const told: [crew: string, ReturnType<typeof brought>][] = [
    // Older than the others.
    ['press', brought('none', 'none')],
    ['press', brought(undefined, 'ticket', 'ticket')],
    ['press', brought('older', 'ticket', 'start')],
    ['press', brought('none', 'older')],
    ...Array.from(
      { length: 497 },
      () => ['press', brought(undefined)] as [string, ReturnType<typeof brought>],
    ),
    ['budget', brought('start', 'start')],
    ['quiet', brought(undefined)],
  ];
  const approvals = told.map(([crew, rounds], index) => {
    const id = `A${String(index).padStart(15, '0')}`;
    const next = anApproval(rounds, { id, crew, executionId: `run-${index}`, createdAt: T0 + index });
    return { previous: undefined, next };
  });
  for (let at = 0; at < approvals.length; at += 100)
    expect(await store.save({ approvals: approvals.slice(at, at + 100) })).toBe(true);
  await close();
  const results: Result[] = [];
  for await (const result of checkStore(url, ['press', 'budget', 'quiet'])) results.push(result);
  expect(results.filter(({ about }) => about.startsWith('pauses of')).map(formatResult)).toEqual([
    'note     pauses of press: 7 came after a decision. Tickets in their webhooks: 3 the ticket of the decision before, 2 an older ticket, 1 the ticket of the start, 1 none.',
    'note     pauses of budget: 2 came after a decision. Tickets in their webhooks: 0 the ticket of the decision before, 0 an older ticket, 2 the ticket of the start, 0 none.',
  ]);
});
