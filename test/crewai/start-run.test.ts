import { describe, expect, it } from 'vitest';
import type { Crew } from '../../src/approval/model/crew/crew.ts';
import { CrewAIClient } from '../../src/crewai/crew-ai.ts';
import { describeRunStatus } from '../../src/slack/views/text/crewai.ts';
import { createSystemClock } from '../../src/store/system-clock.ts';
import { aStart } from '../approval/starts/records.ts';
import { fixedDialect } from '../support/dialects.ts';
import { freePort } from '../support/free-port.ts';
import { spoken } from '../support/spoken.ts';
import { awkwardNames, crew, endpointsOf } from './records.ts';
import { TOKEN } from './resume-at.ts';
import { says, serve } from './serve.ts';

const SECRET = 'a-webhook-secret-of-crewai';
const HIDDEN = 'a-hidden-constant';
const OWN = 'https://bot.example.com/webhooks/press';
const authentication = { strategy: 'bearer', token: SECRET } as const;

const startable: Crew = {
  ...crew,
  starts: 'crew',
  inputs: { api_key: { hidden: HIDDEN }, retries: { hidden: 3 } },
  ownUrls: { task: `${OWN}/task?token=${SECRET}`, crew: `${OWN}/crew?token=${SECRET}` },
  ownHumanInput: {
    object: { url: `${OWN}/human-input`, authentication },
    string: { url: `${OWN}/human-input?token=${SECRET}`, form: 'string' },
  },
};
const INPUTS: Record<string, unknown> = { topic: 'rain jackets', api_key: HIDDEN, retries: 3 };
const message = { channel: 'CAPPROVALS', ts: '1700000000.000100', shown: '' };

function clientOf(baseUrl: string, { timeout = 8_000, dialect = 'live' as 'live' | 'documented' } = {}) {
  return new CrewAIClient({
    endpoints: endpointsOf(startable, baseUrl, { secret: SECRET }),
    dialects: fixedDialect(dialect),
    clock: createSystemClock(),
    timeout,
  });
}

/** Starts a run. Whatever happens, the outcome holds no secret. */
async function kickoff(baseUrl: string, options: Parameters<typeof clientOf>[1] = {}, inputs = INPUTS) {
  const outcome = await clientOf(baseUrl, options).kickoff(aStart({ message }), inputs);
  for (const secret of [TOKEN, SECRET, HIDDEN]) expect(JSON.stringify(outcome)).not.toContain(secret);
  return outcome;
}

describe('a kickoff', () => {
  it.each([
    ['live', { humanInputWebhookUrl: startable.ownHumanInput?.string.url }],
    ['documented', { humanInputWebhook: startable.ownHumanInput?.object }],
  ] as const)('is one POST with inputs, requester and webhooks: %s', async (dialect, humanInput) => {
    const { seen, url } = await serve(says(200, '{"kickoff_id":"run-1"}'));
    const started = { kind: 'started', executionId: 'run-1' };
    expect(await kickoff(`${url}/deployed/`, { dialect })).toEqual(started);
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect(seen).toMatchObject([{ method: 'POST', url: '/deployed/kickoff', headers }]);
    const requester = { requested_by: 'UANA', request_id: aStart().id };
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      inputs: INPUTS,
      meta: { ...requester, channel: 'CAPPROVALS', thread: message.ts },
      taskWebhookUrl: startable.ownUrls.task,
      crewWebhookUrl: startable.ownUrls.crew,
      ...humanInput,
      webhooks: expect.objectContaining({ url: `${OWN}/events`, authentication }),
    });
  });

  it('sends inputs named like what objects have, at every depth, as JSON', async () => {
    const { seen, url } = await serve(says(200, '{"kickoff_id":"run-1"}'));
    await kickoff(url, {}, JSON.parse(awkwardNames));
    expect(seen[0]?.headers['content-type']).toBe('application/json');
    expect(seen[0]?.body).toContain(`"inputs":${awkwardNames}`);
  });

  it.each([
    ['the token of the crew', `Bearer ${TOKEN} is wrong`],
    ['the secret of its webhooks', `cannot reach ${OWN}/task?token=${SECRET}`],
    ['a hidden input', `api_key ${HIDDEN} is wrong`],
  ])('hides %s when its rejection repeats it', async (_, detail) => {
    const { url } = await serve(says(422, JSON.stringify({ detail })));
    expect(await kickoff(url)).toMatchObject({ kind: 'refused', reason: expect.stringContaining('…') });
  });

  it('may have started the run when it is not answered in time, and has not without a connection', async () => {
    const { url } = await serve(() => {});
    const late = { kind: 'unknown', reason: { code: 'no_answer_in_time' } };
    expect(await kickoff(url, { timeout: 1_000 })).toEqual(late);
    const refused = { kind: 'not_reached', reason: { code: 'no_connection', error: 'ECONNREFUSED' } };
    expect(await kickoff(`http://127.0.0.1:${await freePort()}`)).toEqual(refused);
  });
});

it('the inputs of a crew are read with its token', async () => {
  const { seen, url } = await serve(says(200, '{"inputs":["topic","tone"]}'));
  expect(await clientOf(url).inputs('press')).toEqual({ names: ['topic', 'tone'] });
  const headers = { authorization: `Bearer ${TOKEN}` };
  expect(seen).toMatchObject([{ method: 'GET', url: '/inputs', headers }]);
});

it('the inputs of a crew are unknown when CrewAI does not answer or the crew is not configured', async () => {
  const silent = await serve(() => {});
  expect(await clientOf(silent.url, { timeout: 500 }).inputs('press')).toBe('not_reached');
  expect(await clientOf(`http://127.0.0.1:${await freePort()}`).inputs('press')).toBe('not_reached');
  expect(await clientOf(silent.url).inputs('sales')).toBeUndefined();
});

it('the status of a run is shown without hidden inputs', async () => {
  const failed = { state: 'FAILED', status: `AuthError: ${HIDDEN} is not a key` };
  const { url } = await serve(says(200, JSON.stringify(failed)));
  const status = { kind: 'failed', error: 'AuthError: … is not a key' };
  expect(await clientOf(url).status('press', 'run-1')).toEqual(status);
});

it('describes why a run has no status: its crew accepts Flow reviews only, or is not in the settings', async () => {
  const client = new CrewAIClient({
    endpoints: new Map([['press', { crew, secret: SECRET, flowSecrets: [], callbackHosts: [] }]]),
    dialects: fixedDialect('live'),
    clock: createSystemClock(),
  });
  expect(describeRunStatus(spoken(), await client.status('press', 'run-1'))).toContain(
    'only accepts Flow reviews',
  );
  expect(describeRunStatus(spoken(), await client.status('sales', 'run-1'))).toContain(
    "this crew isn't in the settings anymore",
  );
});
