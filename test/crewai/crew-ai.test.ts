import type { RequestListener } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { startPlatform } from '../sandbox/crewai/platform.ts';
import { freePort } from '../support/free-port.ts';
import { crew } from './records.ts';
import { resumeAt, TOKEN } from './resume-at.ts';
import { says, serve } from './serve.ts';

it('a decision is one POST of JSON to /resume with the bearer token', async () => {
  const { seen, url } = await serve(says(200, '{"status":"resumed","message":"Going on"}'));
  const accepted = { kind: 'accepted', dialect: 'documented', says: 'resumed' };
  expect(await resumeAt(`${url}/deployed//`)).toEqual(accepted);
  expect(seen).toMatchObject([
    {
      method: 'POST',
      url: '/deployed/resume',
      headers: {
        authorization: `Bearer ${TOKEN}`,
        'content-type': expect.stringMatching(/^application\/json/),
        accept: 'application/json',
      },
    },
  ]);
  const sent = { execution_id: 'run-1', task_id: 'draft', human_feedback: 'Approved.', is_approve: true };
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual(sent);
});

it.each([301, 302, 303, 307, 308])('does not send the token on by a redirect: %i', async (status) => {
  const elsewhere = await serve(says(200, '{}'));
  const { seen, url } = await serve(says(status, '', { location: `${elsewhere.url}/resume` }));
  expect(await resumeAt(url)).toEqual({ kind: 'refused', failure: { kind: 'refused', status } });
  expect([seen.length, elsewhere.seen.length]).toEqual([1, 0]);
});

/** Goes on until the client closes the connection. */
const writeWithoutEnd: RequestListener = (_, response) => {
  const more = () => {
    if (!response.destroyed) response.write(`"${'x'.repeat(64 * 1024)}`, more);
  };
  response.writeHead(200);
  more();
};

it.each<[string, RequestListener, number?, string?]>([
  ['does not come in time', () => {}, 1_000, 'ETIMEDOUT'],
  ['does not end in time', (_, response) => void response.writeHead(200).write('{"status":'), 1_000],
  ['is a reset connection', (request) => void request.socket.destroy(), 8_000, 'ECONNRESET'],
  [
    'breaks off',
    (request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"status": "resumed"', () => request.socket.destroy());
    },
  ],
  ['is not HTTP', (request) => void request.socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
  ['is larger than 256 KiB', writeWithoutEnd],
])('the outcome is unknown when the answer %s', async (_, answer, timeout = 8_000, detail = undefined) => {
  const { seen, url } = await serve(answer);
  const failure = { kind: 'unknown', ...(detail === undefined ? {} : { detail }) };
  expect(await resumeAt(url, { timeout })).toMatchObject({ kind: 'unknown', failure });
  expect(seen).toHaveLength(1);
});

it.each(['127.0.0.1', 'localhost'])('CrewAI was not reached when %s refuses the connection', async (host) => {
  const failure = { kind: 'not_reached', detail: 'ECONNREFUSED' };
  const outcome = await resumeAt(`http://${host}:${await freePort()}`);
  expect(outcome).toEqual({ kind: 'not_reached', failure });
});

it('CrewAI was not reached when the server of an https URL has no TLS', async () => {
  const { seen, url } = await serve(says(200));
  expect((await resumeAt(url.replace('http:', 'https:'))).kind).toBe('not_reached');
  expect(seen).toEqual([]);
});

it.each<[number, object]>([
  [403, { kind: 'refused' }],
  [429, { kind: 'not_reached', retryAfterMs: 2_000 }],
  [500, { kind: 'unknown', retryAfterMs: 2_000 }],
])('reads the status and Retry-After of an answer: %i', async (status, outcome) => {
  const { url } = await serve(says(status, '<html>proxy</html>', { 'retry-after': '2' }));
  expect(await resumeAt(url)).toMatchObject(outcome);
});

it('the sandbox platform refuses an unknown run and another token, as documented', async () => {
  const platform = await startPlatform({ dialect: 'documented', token: TOKEN, tasks: [] });
  onTestFinished(platform.close);
  expect(await resumeAt(platform.baseUrl)).toMatchObject({ kind: 'refused', failure: { status: 404 } });
  const outcome = await resumeAt(platform.baseUrl, { bearerToken: 'another' });
  expect(outcome).toMatchObject({ failure: { status: 401 } });
});

it('refuses for a crew that is no longer in the settings', async () => {
  const outcome = await resumeAt('http://127.0.0.1:9', { of: { ...crew, name: 'sales' } });
  expect(outcome).toMatchObject({ kind: 'refused', failure: { detail: 'CREW_GONE' } });
});
