import nock from 'nock';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { CrewAIClient } from '../../src/crewai/crew-ai.ts';
import { createSystemClock } from '../../src/store/system-clock.ts';
import { approval, round } from '../slack/records.ts';
import { fixedDialect } from '../support/dialects.ts';
import { crew, decision, endpointsOf, execution } from './records.ts';

const TOKEN = 'crew-token-that-nobody-may-see';
const BASE = 'https://press.crewai.example';

beforeAll(() => nock.disableNetConnect());
afterEach(() => nock.cleanAll());
afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

async function resume() {
  const crews = new CrewAIClient({
    endpoints: endpointsOf(crew, BASE),
    dialects: fixedDialect(),
    clock: createSystemClock(),
  });
  const outcome = await crews.resume({
    approval: approval([round()]),
    round: round(),
    decision: decision(),
    execution: execution(),
  });
  expect(JSON.stringify(outcome)).not.toContain(TOKEN);
  return outcome;
}

it('the body and the token are as documented', async () => {
  const scope = nock(BASE, { reqheaders: { authorization: `Bearer ${TOKEN}` } })
    .post('/resume', {
      execution_id: 'run-1',
      task_id: 'draft',
      human_feedback: 'Approved.',
      is_approve: true,
    })
    .reply(200, { status: 'resumed', message: 'Execution resumed', kickoff_id: 'run-2' });
  expect(await resume()).toEqual({
    kind: 'accepted',
    dialect: 'documented',
    says: 'resumed',
    aliasId: 'run-2',
  });
  expect(scope.isDone()).toBe(true);
});

it('a pause that is over is told apart from every other 400', async () => {
  nock(BASE)
    .post('/resume')
    .reply(400, { error: 'x', message: 'Execution is not in pending human input state' })
    .post('/resume')
    .reply(400, { error: 'invalid', message: 'task_id is required' });
  expect(await resume()).toEqual({ kind: 'not_pending' });
  expect(await resume()).toEqual({
    kind: 'refused',
    failure: { kind: 'refused', status: 400, detail: 'task_id is required' },
  });
});

it.each(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'CERT_HAS_EXPIRED'])(
  '%s: certainly not reached',
  async (code) => {
    nock(BASE)
      .post('/resume')
      .replyWithError(Object.assign(new Error(`${code} ${TOKEN}`), { code }));
    expect(await resume()).toEqual({ kind: 'not_reached', failure: { kind: 'not_reached', detail: code } });
  },
);

it.each(['ECONNRESET', 'ETIMEDOUT', 'EPIPE'])('%s: it may have been taken', async (code) => {
  nock(BASE)
    .post('/resume')
    .replyWithError(Object.assign(new Error(`${code} ${TOKEN}`), { code }));
  expect(await resume()).toEqual({ kind: 'unknown', failure: { kind: 'unknown', detail: code } });
});

it('an error without a code says nothing but that', async () => {
  nock(BASE).post('/resume').replyWithError(`broke with Bearer ${TOKEN}`);
  expect(await resume()).toMatchObject({ kind: 'unknown' });
});

it('a 503 with a date says when to come again', async () => {
  const later = new Date(Date.now() + 3_600_000).toUTCString();
  nock(BASE).post('/resume').reply(503, 'down', { 'Retry-After': later });
  const outcome = await resume();
  expect(outcome.kind === 'not_reached' && outcome.retryAfterMs).toBeGreaterThan(3_500_000);
});
