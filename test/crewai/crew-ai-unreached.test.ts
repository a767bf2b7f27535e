import nock from 'nock';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resumeAt, TOKEN } from './resume-at.ts';

const BASE = 'https://press.crewai.example';

beforeAll(() => nock.disableNetConnect());
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

it.each([
  ['ENOTFOUND', 'not_reached', 'ENOTFOUND'],
  ['EAI_AGAIN', 'not_reached', 'EAI_AGAIN'],
  ['CERT_HAS_EXPIRED', 'not_reached', 'CERT_HAS_EXPIRED'],
  ['EPIPE', 'unknown', 'EPIPE'],
  [undefined, 'unknown', expect.any(String)],
])('a decision whose request fails with the code %s is %s', async (code, kind, detail) => {
  const error = new Error(`${code} with Bearer ${TOKEN}`);
  nock(BASE)
    .post('/resume')
    .replyWithError(Object.assign(error, code ? { code } : {}));
  expect(await resumeAt(BASE)).toEqual({ kind, failure: { kind, detail } });
});
