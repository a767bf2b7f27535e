import { describe, expect, it } from 'vitest';
import type { Crew } from '../../src/approval/model/crew/crew.ts';
import { CrewAIClient } from '../../src/crewai/crew-ai.ts';
import { describeRunStatus } from '../../src/slack/views/text/crewai.ts';
import { createSystemClock } from '../../src/store/system-clock.ts';
import { aKickoff } from '../approval/kickoffs/records.ts';
import { fixedDialect } from '../support/dialects.ts';
import { freePort } from '../support/free-port.ts';
import { awkwardNames, crew, endpointsOf } from './records.ts';
import { serve } from './serve.ts';

const TOKEN = 'crew-token-that-nobody-may-see';
const SECRET = 'a-webhook-secret-of-crewai';
const HIDDEN = 'a-hidden-constant';
const OWN = 'https://bot.example.com/webhooks/press';

const startable: Crew = {
  ...crew,
  starts: 'crew',
  inputs: { api_key: { hidden: HIDDEN }, retries: { hidden: 3 } },
  ownUrls: { task: `${OWN}/task?token=${SECRET}`, crew: `${OWN}/crew?token=${SECRET}` },
  ownHumanInput: {
    object: { url: `${OWN}/human-input`, authentication: { strategy: 'bearer', token: SECRET } },
    string: { url: `${OWN}/human-input?token=${SECRET}`, form: 'string' },
  },
};

function clientOf(baseUrl: string, { timeout = 8_000, dialect = 'live' as 'live' | 'documented' } = {}) {
  return new CrewAIClient({
    endpoints: endpointsOf(startable, baseUrl, { secret: SECRET }),
    dialects: fixedDialect(dialect),
    clock: createSystemClock(),
    timeout,
  });
}

const INPUTS = { topic: 'rain jackets', api_key: HIDDEN, retries: 3 };
const message = { channel: 'CAPPROVALS', ts: '1700000000.000100', shown: '' };

async function kickoff(
  baseUrl: string,
  {
    inputs = INPUTS as Record<string, unknown>,
    ...options
  }: Parameters<typeof clientOf>[1] & {
    inputs?: Record<string, unknown>;
  } = {},
) {
  const outcome = await clientOf(baseUrl, options).kickoff(aKickoff({ message }), inputs);
  for (const secret of [TOKEN, SECRET, HIDDEN]) expect(JSON.stringify(outcome)).not.toContain(secret);
  return outcome;
}

describe('a kickoff', () => {
  it.each(['live', 'documented'] as const)(
    'is one POST with the inputs, who asked, and every webhook of the bot, on the %s dialect',
    async (dialect) => {
      const { seen, url } = await serve((_, response) => response.end('{"kickoff_id":"run-1"}'));
      expect(await kickoff(`${url}/deployed/`, { dialect })).toEqual({
        kind: 'started',
        executionId: 'run-1',
      });
      expect(seen).toHaveLength(1);
      expect(seen[0]).toMatchObject({
        method: 'POST',
        url: '/deployed/kickoff',
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      const { string, object } = startable.ownHumanInput ?? {};
      expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
        inputs: INPUTS,
        meta: {
          requested_by: 'UANA',
          channel: 'CAPPROVALS',
          request_id: aKickoff().id,
          thread: message.ts,
        },
        taskWebhookUrl: startable.ownUrls.task,
        crewWebhookUrl: startable.ownUrls.crew,
        ...(dialect === 'live' ? { humanInputWebhookUrl: string?.url } : { humanInputWebhook: object }),
        webhooks: expect.objectContaining({
          url: `${OWN}/events`,
          authentication: { strategy: 'bearer', token: SECRET },
        }),
      });
    },
  );

  it('sends inputs named like what objects have, at every depth, as JSON', async () => {
    const { seen, url } = await serve((_, response) => response.end('{"kickoff_id":"run-1"}'));
    await kickoff(url, { inputs: JSON.parse(awkwardNames) });
    expect(seen[0]?.headers['content-type']).toBe('application/json');
    expect(seen[0]?.body).toContain(`"inputs":${awkwardNames}`);
  });

  it.each([
    ['the token of the crew', `Bearer ${TOKEN} is wrong`],
    ['the secret of its webhooks', `cannot reach ${OWN}/task?token=${SECRET}`],
    ['a hidden input', `api_key ${HIDDEN} is wrong`],
  ])('whose rejection repeats %s keeps it secret', async (_, detail) => {
    const { url } = await serve((_, response) => response.writeHead(422).end(JSON.stringify({ detail })));
    expect(await kickoff(url)).toMatchObject({ kind: 'refused', reason: expect.stringContaining('…') });
  });

  it('that is not answered in time, or whose connection is reset, may have started the run', async () => {
    const silent = await serve(() => {});
    expect(await kickoff(silent.url, { timeout: 1_000 })).toEqual({
      kind: 'unknown',
      reason: { code: 'no_answer_in_time' },
    });
    const resets = await serve((request) => void request.socket.destroy());
    expect(await kickoff(resets.url)).toEqual({
      kind: 'unknown',
      reason: { code: 'no_answer', error: 'ECONNRESET' },
    });
    expect([silent.seen.length, resets.seen.length]).toEqual([1, 1]);
  });

  it('without a connection has started nothing', async () => {
    expect(await kickoff(`http://127.0.0.1:${await freePort()}`)).toEqual({
      kind: 'not_reached',
      reason: { code: 'no_connection', error: 'ECONNREFUSED' },
    });
  });

  it('is not sent on by a redirect', async () => {
    const elsewhere = await serve((_, response) => response.end('{"kickoff_id":"run-1"}'));
    const { url } = await serve((_, response) =>
      response.writeHead(307, { location: `${elsewhere.url}/kickoff` }).end(),
    );
    expect(await kickoff(url)).toEqual({ kind: 'refused', reason: 'HTTP 307' });
    expect(elsewhere.seen).toEqual([]);
  });
});

describe('the inputs of a crew', () => {
  it('are read with its token', async () => {
    const { seen, url } = await serve((_, response) => response.end('{"inputs":["topic","tone"]}'));
    expect(await clientOf(url).inputs('press')).toEqual({ names: ['topic', 'tone'] });
    expect(seen).toMatchObject([
      { method: 'GET', url: '/inputs', headers: { authorization: `Bearer ${TOKEN}` } },
    ]);
  });

  it('are not known when CrewAI does not answer, or of a crew that is not configured', async () => {
    const silent = await serve(() => {});
    expect(await clientOf(silent.url, { timeout: 500 }).inputs('press')).toBe('not_reached');
    expect(await clientOf(`http://127.0.0.1:${await freePort()}`).inputs('press')).toBe('not_reached');
    expect(await clientOf(silent.url).inputs('sales')).toBeUndefined();
  });
});

it('the status of a run is shown without hidden inputs', async () => {
  const failed = { state: 'FAILED', status: `AuthError: ${HIDDEN} is not a key` };
  const { url } = await serve((_, response) => response.end(JSON.stringify(failed)));
  expect(await clientOf(url).status('press', 'run-1')).toEqual({
    kind: 'failed',
    error: 'AuthError: … is not a key',
  });
});

it('the status of a crew that takes Flow reviews only is not asked for, and that is said', async () => {
  const endpoint = { crew, secret: SECRET, flowSecrets: [], callbackHosts: [] };
  const client = new CrewAIClient({
    endpoints: new Map([['press', endpoint]]),
    dialects: fixedDialect('live'),
    clock: createSystemClock(),
  });
  expect(describeRunStatus(await client.status('press', 'run-1'))).toContain('only takes Flow reviews');
  expect(describeRunStatus(await client.status('sales', 'run-1'))).toContain(
    "this crew isn't in the settings anymore",
  );
});
