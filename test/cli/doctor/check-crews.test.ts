import { expect, it, onTestFinished } from 'vitest';
import { checkDialect } from '../../../src/cli/doctor/check-crews.ts';
import { formatResult } from '../../../src/cli/doctor/result.ts';
import { startPlatform } from '../../../src/sandbox/crewai/platform.ts';
import { serve } from '../../crewai/serve.ts';

const TOKEN = 'crew-token-that-nobody-may-see';
type Format = Parameters<typeof checkDialect>[2]['resumeFormat'];

async function check(baseUrl: string, resumeFormat: Format = 'auto', isFlow = false) {
  const deployment = { baseUrl, bearerToken: TOKEN };
  const found = await checkDialect('press', deployment, { resumeFormat, isFlow });
  expect(JSON.stringify(found)).not.toContain(TOKEN);
  expect(found.about).toBe('dialect of press');
  return { dialect: 'unknown', ...found };
}

/** A deployment that answers POST /resume so. */
async function answering(status: number, body: unknown, format?: Format) {
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
const refused = (message: string) => ({ error: 'bad_request', message });

it.each(['live', 'documented'] as const)('the sandbox platform says which it speaks: %s', async (dialect) => {
  const platform = await startPlatform({ dialect, token: TOKEN, tasks: [] });
  onTestFinished(platform.close);
  expect(await check(platform.baseUrl)).toMatchObject({
    status: 'ok',
    dialect,
    says: expect.stringContaining(`speaks the ${dialect} dialect`),
  });
});

it.each<[string, number, unknown, 'ok' | 'note' | 'failed', string, string]>([
  [
    'the missing fields of the live dialect',
    422,
    missing('executionId', 'taskId'),
    'ok',
    'live',
    'speaks the live dialect',
  ],
  [
    'the missing fields of the documented dialect',
    422,
    missing('execution_id', 'is_approve'),
    'ok',
    'documented',
    'speaks the documented dialect',
  ],
  [
    'a list of other faults, as FastAPI writes them',
    422,
    { detail: [{ type: 'json_invalid', loc: ['body'], msg: 'x' }] },
    'ok',
    'live',
    'speaks the live dialect',
  ],
  [
    'a documented 400',
    400,
    refused('execution_id is required'),
    'ok',
    'documented',
    'speaks the documented dialect',
  ],
  [
    'a documented 422',
    422,
    refused('execution_id is required'),
    'ok',
    'documented',
    'speaks the documented dialect',
  ],
  ['404: a Flow', 404, { detail: 'Not Found' }, 'failed', 'unknown', 'so it is a Flow deployment'],
  ['404 with a page', 404, '<html>', 'failed', 'unknown', 'so it is a Flow deployment'],
  ['401', 401, { detail: 'Not authenticated' }, 'failed', 'unknown', 'rejects its bearer token (401)'],
  ['403', 403, '', 'failed', 'unknown', 'rejects its bearer token (403)'],
  ['200: it is not a crew', 200, { ok: true }, 'failed', 'unknown', 'Check its base URL'],
  ['a page', 422, '<html>', 'failed', 'unknown', 'Check its base URL'],
  ['a redirect', 302, '', 'failed', 'unknown', 'Check its base URL'],
  ['a sentence of neither', 422, { detail: 'no' }, 'note', 'unknown', 'not known yet'],
  ['503 with an object', 503, { detail: 'down' }, 'note', 'unknown', 'answers 503 now'],
])('%s is told', async (_, status, body, outcome, dialect, sentence) => {
  const found = await answering(status, body);
  expect(found).toMatchObject({ status: outcome, dialect });
  expect(formatResult(found)).toContain(sentence);
});

it('no answer is a warning: it says nothing of the dialect', async () => {
  const { url } = await serve((request) => void request.socket.destroy());
  expect(await check(url)).toMatchObject({
    status: 'note',
    dialect: 'unknown',
    says: expect.stringContaining('ECONNRESET'),
  });
});

it.each<[Format, object, 'ok' | 'failed', string]>([
  ['camelcase', missing('executionId'), 'ok', 'live'],
  ['camelcase', refused('no'), 'failed', 'documented'],
  ['documented', refused('no'), 'ok', 'documented'],
  ['documented', missing('executionId'), 'failed', 'live'],
  ['auto', missing('executionId'), 'ok', 'live'],
  ['auto', refused('no'), 'ok', 'documented'],
])('resume_format %s beside %j', async (format, body, status, dialect) => {
  const found = await answering(422, body, format);
  expect(found).toMatchObject({ status, dialect });
  if (status === 'failed')
    expect(formatResult(found)).toContain(`resume_format is ${format}. Set it to auto.`);
});
