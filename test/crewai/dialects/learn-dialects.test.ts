import type { RequestListener } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Alert } from '../../../src/approval/alerts.ts';
import type { Crew } from '../../../src/approval/model/crew/crew.ts';
import { type DialectStore, LearnedDialects } from '../../../src/crewai/dialects/learn-dialects.ts';
import { StoreError } from '../../../src/lib/errors.ts';
import { startPlatform } from '../../../src/sandbox/crewai/platform.ts';
import { createDialectStore } from '../../../src/store/dialect-store.ts';
import { collectingLog } from '../../slack/stage.ts';
import { createMemoryRecords } from '../../support/memory-records.ts';
import { putRecord } from '../../support/records.ts';
import { crew, endpointsOf } from '../records.ts';
import { serve } from '../serve.ts';

const TOKEN = 'crew-token-that-nobody-may-see';
const MINUTE = 60_000;

/** A clock whose timers are called by the test. */
function manualClock() {
  const timers: { after: number; callback: () => void }[] = [];
  return {
    timers,
    now: () => 0,
    after(milliseconds: number, callback: () => void) {
      const timer = { after: milliseconds, callback };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  };
}

/** What a bot with a crew at this address learns. */
function learner(
  baseUrl: string,
  {
    format = 'auto' as Crew['resumeFormat'],
    store = createDialectStore(createMemoryRecords().records) as DialectStore,
    name = 'press',
  } = {},
) {
  const clock = manualClock();
  const alarms: Alert[] = [];
  const learned: string[] = [];
  const { log, lines } = collectingLog();
  const dialects = new LearnedDialects({
    endpoints: endpointsOf({ ...crew, name, resumeFormat: format }, baseUrl),
    store,
    clock,
    log,
    alarm: (alert) => void alarms.push(alert),
    learned: (of, dialect) => void learned.push(`${of} ${dialect}`),
  });
  onTestFinished(() => dialects.close());
  return { clock, alarms, learned, dialects, store, lines };
}

const says =
  (status: number, body: string): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(body);
const LIVE = says(200, '{"state":"NOT FOUND","status":"Task not found"}');
const DOCUMENTED = says(404, '{"error":"not_found","message":"Execution not found"}');

describe('a crew is asked for the status of a run that never existed', () => {
  it.each([
    ['live', LIVE],
    ['documented', DOCUMENTED],
  ] as const)('and its answer shows the %s dialect', async (dialect, answer) => {
    const { seen, url } = await serve(answer);
    const { dialects, learned, clock } = learner(url);
    await dialects.start();
    await expect.poll(() => dialects.of('press')).toBe(dialect);
    expect(learned).toEqual([`press ${dialect}`]);
    expect(seen).toMatchObject([{ method: 'GET', headers: { authorization: `Bearer ${TOKEN}` }, body: '' }]);
    expect(seen[0]?.url).toMatch(/^\/status\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(clock.timers).toEqual([]);
  });

  it.each(['live', 'documented'] as const)('as the sandbox platform answers it: %s', async (dialect) => {
    const platform = await startPlatform({ dialect, token: TOKEN, tasks: [] });
    onTestFinished(platform.close);
    const { dialects } = learner(platform.baseUrl);
    await dialects.start();
    await expect.poll(() => dialects.of('press')).toBe(dialect);
    expect(platform.resumes).toEqual([]);
  });

  it.each<[string, RequestListener]>([
    ['a page', says(200, '<html>Log in</html>')],
    ['a page that is not found', says(404, '<html>Not Found</html>')],
    ['a list', says(200, '[{"state":"RUNNING"}]')],
    ['a status without a state', says(200, '{"status":"running"}')],
    ['a state that is no text', says(200, '{"state":7}')],
    ['a 404 of FastAPI', says(404, '{"detail":"Not Found"}')],
    ['a 404 with an error alone', says(404, '{"error":"not_found"}')],
    ['an error with both fields', says(400, '{"error":"bad_request","message":"no"}')],
    ['a 500', says(500, '{"state":"NOT FOUND"}')],
    ['a 503', says(503, '')],
    ['a redirect', (_, response) => response.writeHead(302, { location: '/login' }).end()],
    ['no answer', (request) => void request.socket.destroy()],
  ])('learns nothing from %s and asks again after five minutes', async (_, answer) => {
    let answers = answer;
    const { seen, url } = await serve((request, response) => answers(request, response));
    const { dialects, learned, alarms, clock } = learner(url);
    await dialects.start();
    await expect.poll(() => clock.timers.map(({ after }) => after)).toEqual([5 * MINUTE]);
    expect(dialects.of('press')).toBe('unknown');
    expect([learned, alarms]).toEqual([[], []]);
    expect(seen).toHaveLength(1);

    answers = LIVE;
    clock.timers.pop()?.callback();
    await expect.poll(() => dialects.of('press')).toBe('live');
    expect(clock.timers).toEqual([]);
    // Each time for another run that never existed.
    expect(seen[1]?.url).not.toBe(seen[0]?.url);
  });

  it.each([401, 403])(
    'a refused token (%i) is told to the operators at once, without the token',
    async (status) => {
      const { url } = await serve(says(status, '{"detail":"Invalid or missing authentication credentials"}'));
      const { dialects, alarms, clock, lines } = learner(url);
      await dialects.start();
      await expect.poll(() => clock.timers).toHaveLength(1);
      expect(dialects.of('press')).toBe('unknown');
      const alert = { kind: 'crew_token_rejected', crew: 'press', status };
      expect(alarms).toEqual([alert]);
      expect(JSON.stringify(lines)).not.toContain(TOKEN);
      // Later it has the same cause, which the operators' channel tells once in a while.
      clock.timers.pop()?.callback();
      await expect.poll(() => alarms).toEqual([alert, alert]);
    },
  );

  it('no decision waits for it: while it hangs, the dialect is unknown', async () => {
    const { seen, url } = await serve(() => {});
    const { dialects } = learner(url);
    await dialects.start();
    await expect.poll(() => seen.length).toBe(1);
    expect(dialects.of('press')).toBe('unknown');
  });

  it('it is not asked again once the bot has stopped', async () => {
    const { url } = await serve(says(503, ''));
    const { dialects, clock } = learner(url);
    await dialects.start();
    await expect.poll(() => clock.timers).toHaveLength(1);
    dialects.close();
    expect(clock.timers).toEqual([]);
  });

  it('it is not asked again when the bot stops while the answer is on its way', async () => {
    let answer = () => {};
    const { seen, url } = await serve((_, response) => {
      answer = () => response.writeHead(401).end();
    });
    const { dialects, clock, alarms } = learner(url);
    await dialects.start();
    await expect.poll(() => seen.length).toBe(1);
    dialects.close();
    answer();
    await expect.poll(() => alarms.length).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.timers).toEqual([]);
  });

  it.each([
    ['documented', 'documented', []],
    ['camelcase', 'live', ['press live']],
  ] as const)('unless the settings say its format: %s', async (format, dialect, learned) => {
    const { seen, url } = await serve(LIVE);
    const known = learner(url, { format });
    await known.dialects.start();
    await known.dialects.learn('press', dialect === 'live' ? 'documented' : 'live');
    expect(known.dialects.of('press')).toBe(dialect);
    expect(known.learned.filter((one) => one !== 'press documented')).toEqual(learned);
    expect(seen).toEqual([]);
    expect(known.clock.timers).toEqual([]);
  });
});

describe('what was learned', () => {
  it('is kept: it holds from the start of the next process, which asks once whether it still does', async () => {
    const { seen, url } = await serve(
      says(401, '{"detail":"Invalid or missing authentication credentials"}'),
    );
    const first = learner(url);
    await first.dialects.learn('press', 'documented');
    const second = learner(url, { store: first.store });
    expect(second.dialects.of('press')).toBe('unknown');
    await second.dialects.start();
    expect(second.dialects.of('press')).toBe('documented');
    // The answer has come, and does not tell.
    await expect.poll(() => second.alarms).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toMatchObject([{ method: 'GET', url: expect.stringMatching(/^\/status\//) }]);
    expect(second.dialects.of('press')).toBe('documented');
    expect(second.learned).toEqual(['press documented']);
    expect(second.clock.timers).toEqual([]);
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

  it('is of one deployment: at another base URL it is unknown and asked for', async () => {
    const first = learner('https://one.crewai.example');
    await first.dialects.learn('press', 'documented');
    const { url } = await serve(LIVE);
    const moved = learner(url, { store: first.store });
    await moved.dialects.start();
    expect(moved.dialects.of('press')).toBe('unknown');
    await expect.poll(() => moved.dialects.of('press')).toBe('live');
    const back = learner('https://one.crewai.example', { store: first.store });
    await back.dialects.start();
    expect(back.dialects.of('press')).toBe('documented');
  });

  it('is of one crew: another at the same base URL is asked itself', async () => {
    const { url } = await serve(LIVE);
    const first = learner(url);
    await first.dialects.learn('press', 'documented');
    const other = learner(url, { store: first.store, name: 'sales' });
    await other.dialects.start();
    await expect.poll(() => other.dialects.of('sales')).toBe('live');
  });

  it('is told once, and again when an answer contradicts it', async () => {
    const { dialects, learned, store } = learner('https://one.crewai.example');
    for (const dialect of ['live', 'live', 'documented', 'documented', 'live'] as const)
      await dialects.learn('press', dialect);
    expect(learned).toEqual(['press live', 'press documented', 'press live']);
    const later = learner('https://one.crewai.example', { store });
    await later.dialects.start();
    expect(later.dialects.of('press')).toBe('live');
  });

  it('holds for this process where it cannot be stored, and the log says so', async () => {
    const fails = () => Promise.reject(new StoreError('The store is away.'));
    const { dialects, lines } = learner('https://one.crewai.example', {
      store: { dialect: fails, saveDialect: fails },
    });
    await dialects.learn('press', 'live');
    expect(dialects.of('press')).toBe('live');
    expect(JSON.stringify(lines)).toContain('dialect not stored');
  });

  it('is asked for anew where the store cannot tell it', async () => {
    const { url } = await serve(LIVE);
    const { dialects } = learner(url, {
      store: {
        dialect: () => Promise.reject(new StoreError('The store is away.')),
        saveDialect: async () => {},
      },
    });
    await dialects.start();
    await expect.poll(() => dialects.of('press')).toBe('live');
  });

  it('is not believed where the store holds something else', async () => {
    const { records } = createMemoryRecords();
    const store = createDialectStore(records);
    for (const raw of ['', 'unknown', '{"value":"live"}', 'LIVE']) {
      await putRecord(records, 'dialect/press/one', raw);
      expect(await store.dialect('press', 'one')).toBeUndefined();
    }
  });
});

it('a crew that is not in the settings is unknown, and nothing is learned of it', async () => {
  const { dialects, learned } = learner('https://one.crewai.example');
  await dialects.learn('another', 'live');
  expect(dialects.of('another')).toBe('unknown');
  expect(learned).toEqual([]);
});
