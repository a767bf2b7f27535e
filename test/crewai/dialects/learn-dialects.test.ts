import type { RequestListener } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StoreError } from '../../../src/lib/errors.ts';
import { createDialectStore } from '../../../src/store/dialect-store.ts';
import { startPlatform } from '../../sandbox/crewai/platform.ts';
import { createMemoryRecords } from '../../support/memory-records.ts';
import { putRecord } from '../../support/records.ts';
import { TOKEN } from '../resume-at.ts';
import { says, serve } from '../serve.ts';
import { learner } from './learner.ts';

const NOWHERE = 'https://one.crewai.example';

const LIVE = says(200, '{"state":"NOT FOUND","status":"Task not found"}');
const DOCUMENTED = says(404, '{"error":"not_found","message":"Execution not found"}');

describe('a crew is asked for the status of a run that never existed', () => {
  it.each([
    ['live', LIVE],
    ['documented', DOCUMENTED],
  ] as const)('and its answer shows the %s dialect', async (dialect, answer) => {
    const { seen, url } = await serve(answer);
    const { dialects, learned, waiting } = learner(url);
    await dialects.start();
    await expect.poll(() => dialects.of('press')).toBe(dialect);
    expect([learned, waiting()]).toEqual([[`press ${dialect}`], []]);
    expect(seen).toMatchObject([
      {
        method: 'GET',
        url: expect.stringMatching(/^\/status\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        headers: { authorization: `Bearer ${TOKEN}` },
        body: '',
      },
    ]);
  });

  it.each(['live', 'documented'] as const)('and the sandbox platform answers it: %s', async (dialect) => {
    const platform = await startPlatform({ dialect, token: TOKEN, tasks: [] });
    onTestFinished(platform.close);
    const { dialects } = learner(platform.baseUrl);
    await dialects.start();
    await expect.poll(() => dialects.of('press')).toBe(dialect);
    expect(platform.resumes).toEqual([]);
  });

  it.each<[string, RequestListener]>([
    ['a page', says(200, '<html>Log in</html>')],
    ['a list', says(200, '[{"state":"RUNNING"}]')],
    ['a status without a state', says(200, '{"status":"running"}')],
    ['a 404 of FastAPI', says(404, '{"detail":"Not Found"}')],
    ['a 404 with an error alone', says(404, '{"error":"not_found"}')],
    ['an error with both fields', says(400, '{"error":"bad_request","message":"no"}')],
    ['a 500', says(500, '{"state":"NOT FOUND"}')],
    ['a redirect', says(302, '', { location: '/login' })],
    ['no answer', (request) => void request.socket.destroy()],
  ])('again five minutes after %s, which teaches nothing', async (_, answer) => {
    let answers = answer;
    const { seen, url } = await serve((request, response) => answers(request, response));
    const { dialects, learned, alarms, waiting, ring } = learner(url);
    await dialects.start();
    await expect.poll(waiting).toEqual([5 * 60_000]);
    expect([dialects.of('press'), learned, alarms, seen.length]).toEqual(['unknown', [], [], 1]);

    answers = LIVE;
    ring();
    await expect.poll(() => dialects.of('press')).toBe('live');
    expect(waiting()).toEqual([]);
    // Each time for another run that never existed.
    expect(seen[1]?.url).not.toBe(seen[0]?.url);
  });

  it.each([401, 403])('and a %i is reported each time, without the token', async (status) => {
    const { url } = await serve(says(status, '{"detail":"Invalid or missing credentials"}'));
    const { dialects, alarms, waiting, ring, lines } = learner(url);
    await dialects.start();
    await expect.poll(waiting).toHaveLength(1);
    expect(dialects.of('press')).toBe('unknown');
    const alert = { kind: 'crew_token_rejected', crew: 'press', status };
    expect(alarms).toEqual([alert]);
    expect(JSON.stringify(lines)).not.toContain(TOKEN);
    ring();
    await expect.poll(() => alarms).toEqual([alert, alert]);
  });

  it('in the background: the dialect is unknown while the crew does not answer', async () => {
    const { seen, url } = await serve(() => {});
    const { dialects } = learner(url);
    await dialects.start();
    await expect.poll(() => seen.length).toBe(1);
    expect(dialects.of('press')).toBe('unknown');
  });

  it('and not again once the bot has stopped, also while an answer is on its way', async () => {
    const stopped = learner((await serve(says(503))).url);
    await stopped.dialects.start();
    await expect.poll(stopped.waiting).toHaveLength(1);
    stopped.dialects.close();
    expect(stopped.waiting()).toEqual([]);

    let answer = () => {};
    const { seen, url } = await serve((_, response) => {
      answer = () => response.writeHead(401).end();
    });
    const { dialects, waiting, alarms } = learner(url);
    await dialects.start();
    await expect.poll(() => seen.length).toBe(1);
    dialects.close();
    answer();
    await expect.poll(() => alarms.length).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(waiting()).toEqual([]);
  });

  it.each([
    ['documented', 'documented', 'live'],
    ['camelcase', 'live', 'documented'],
  ] as const)('unless the settings say its format: %s', async (format, dialect, other) => {
    const { seen, url } = await serve(LIVE);
    const { dialects, learned, waiting } = learner(url, { format });
    await dialects.start();
    await dialects.learn('press', other);
    expect([dialects.of('press'), learned]).toEqual([dialect, [`press ${dialect}`]]);
    expect([seen, waiting()]).toEqual([[], []]);
  });
});

describe('what was learned', () => {
  const fails = () => Promise.reject(new StoreError('The store is away.'));
  const NO_TICKETS = { hasTickets: fails, saveTickets: fails };

  it('holds after a restart, which asks once whether it still does', async () => {
    const { seen, url } = await serve(says(401));
    const first = learner(url);
    await first.dialects.learn('press', 'documented');
    const second = learner(url, { store: first.store });
    expect(second.dialects.of('press')).toBe('unknown');
    await second.dialects.start();
    expect(second.dialects.of('press')).toBe('documented');
    await expect.poll(() => second.alarms).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toMatchObject([{ method: 'GET', url: expect.stringMatching(/^\/status\//) }]);
    expect([second.dialects.of('press'), second.learned]).toEqual(['documented', ['press documented']]);
    expect(second.waiting()).toEqual([]);
  });

  it('is replaced after a restart when the deployment speaks the other dialect by then', async () => {
    const { url } = await serve(LIVE);
    const first = learner(url);
    await first.dialects.learn('press', 'documented');
    const second = learner(url, { store: first.store });
    await second.dialects.start();
    await expect.poll(() => second.learned).toEqual(['press documented', 'press live']);
    expect(second.dialects.of('press')).toBe('live');
  });

  it('belongs to one deployment of one crew', async () => {
    const { url } = await serve(LIVE);
    const { dialects, store } = learner(NOWHERE);
    await dialects.learn('press', 'documented');
    for (const [at, name] of [
      [url, 'press'],
      [NOWHERE, 'sales'],
    ] as const) {
      const other = learner(at, { store, name });
      await other.dialects.start();
      expect(other.dialects.of(name)).toBe('unknown');
    }
    const again = learner(NOWHERE, { store });
    await again.dialects.start();
    expect(again.dialects.of('press')).toBe('documented');
  });

  it('is reported once, and again when an answer contradicts it', async () => {
    const { dialects, learned, store } = learner(NOWHERE);
    for (const dialect of ['live', 'live', 'documented', 'documented', 'live'] as const)
      await dialects.learn('press', dialect);
    expect(learned).toEqual(['press live', 'press documented', 'press live']);
    const later = learner(NOWHERE, { store });
    await later.dialects.start();
    expect(later.dialects.of('press')).toBe('live');
  });

  it('holds for this process where it cannot be stored, and the log says so', async () => {
    const { dialects, lines } = learner(NOWHERE, {
      store: { dialect: fails, saveDialect: fails, ...NO_TICKETS },
    });
    await dialects.learn('press', 'live');
    expect(dialects.of('press')).toBe('live');
    expect(lines).toMatchObject([{}, { level: 'error', fact: 'dialect not stored' }]);
  });

  it('is learned again where the store cannot be read', async () => {
    const { url } = await serve(LIVE);
    const { dialects } = learner(url, {
      store: { dialect: fails, saveDialect: async () => {}, ...NO_TICKETS },
    });
    await dialects.start();
    await expect.poll(() => dialects.of('press')).toBe('live');
  });

  it.each(['', 'unknown', '{"value":"live"}', 'LIVE'])('is unknown where the store holds %j', async (raw) => {
    const { records } = createMemoryRecords();
    await putRecord(records, 'dialect/press/one', raw);
    expect(await createDialectStore(records).dialect('press', 'one')).toBeUndefined();
  });
});

it('the dialect of a crew that is not in the settings stays unknown', async () => {
  const { dialects, learned } = learner(NOWHERE);
  await dialects.learn('another', 'live');
  expect([dialects.of('another'), learned]).toEqual(['unknown', []]);
});
