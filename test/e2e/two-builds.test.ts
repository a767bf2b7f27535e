import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { eachRecord } from '../../src/store/record-store.ts';
import { BUILT } from '../support/build.ts';
import { scaleLimit } from '../support/limits.ts';
import { FIELD, makeNextBuild, NEXT_FORMAT } from '../support/next-build.ts';
import { kickoff, ready } from '../support/process-steps.ts';
import { describeEachServer } from '../support/servers.ts';
import { atEnd, share } from '../support/shared.ts';
import { run, type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { SECRET, shown, startWorld, type World } from '../support/world.ts';

const SECOND = 1_000;
/** A run is kicked off so often. */
const KICKOFF_EVERY = 900;
const RAISED = 'no replica of an earlier format runs: the format of the store was raised';
const SWEPT = 'all records are of the current format';

/** What stands before the replicas: each request goes to the next of those that take any. */
async function startProxy(current: () => readonly SpawnedBot[]) {
  const answers: { path: string; status: number }[] = [];
  let turn = 0;
  const forward = async (req: IncomingMessage, body: Buffer) => {
    turn += 1;
    const bots = current();
    const bot = bots[turn % bots.length] as SpawnedBot;
    const named = Object.entries(req.headers).filter(([name]) =>
      /^(content-type|authorization|x-slack-.*|x-crewai-.*)$/.test(name),
    );
    const headers = Object.fromEntries(named.map(([name, value]) => [name, String(value)]));
    return fetch(`${bot.url}${req.url}`, {
      method: req.method ?? 'POST',
      headers,
      body: new Uint8Array(body),
    });
  };
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const answer = await forward(req, Buffer.concat(chunks)).catch(() => undefined);
    answers.push({ path: String(req.url).replace(/\?.*/, ''), status: answer?.status ?? 0 });
    res.writeHead(answer?.status ?? 502, {
      'content-type': answer?.headers.get('content-type') ?? 'text/plain',
    });
    res.end(answer ? await answer.text() : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answers };
}

/** Runs that are kicked off and approved one after another, until it is told to stop: their ids. */
function startLoad(world: World, url: string): () => Promise<string[]> {
  const webhook = (kind: string) => `${url}/webhooks/press/${kind}?token=${SECRET}`;
  const runs: string[] = [];
  const clicked = new Set<string>();
  let [kicksOff, ended] = [true, false];
  const kickOff = async () => {
    while (kicksOff) {
      runs.push(kickoff(world, { webhook }));
      await pause(KICKOFF_EVERY);
    }
  };
  const waiting = () => shown(world.workspace).filter((card) => ready(card) && !clicked.has(card.ts));
  const approve = async () => {
    while (!ended || waiting().length > 0) {
      for (const { ts } of waiting()) {
        clicked.add(ts);
        const click = { user: 'UANA', channel: 'CAPPROVALS', ts, actionId: 'approve' };
        expect((await world.workspace.click(click)).acked, `the click on ${ts}`).toBe(true);
      }
      await pause(50);
    }
  };
  const work = Promise.all([kickOff(), approve()]);
  const cards = () => shown(world.workspace).filter(({ approval }) => approval !== undefined);
  return async () => {
    kicksOff = false;
    await world.workspace.changed(() => cards().length >= runs.length, { what: 'all cards' });
    ended = true;
    await work;
    return runs;
  };
}

describeEachServer('a rolling upgrade to a build of the next format, on', (newUrl) => {
  const next = share(makeNextBuild);

  test('loses nothing: each card decides, and the format is raised once the last replica of the former is gone', {
    timeout: scaleLimit(400_000),
  }, async () => {
    const world = await startWorld();
    const storeUrl = await newUrl();
    let live: SpawnedBot[] = [];
    const proxy = await startProxy(() => live);
    const settings = { STORE_URL: storeUrl, PUBLIC_URL: proxy.url };
    const start = async (built: string, port = '0') => {
      const bot = await spawnBot(world, { ...settings, PORT: port }, [], built);
      world.workspace.connectBot(`${proxy.url}/slack/events`);
      return bot;
    };
    const stop = async (bot: SpawnedBot) => {
      bot.signal('SIGTERM');
      expect(await bot.ended).toMatchObject({ code: 0 });
    };
    const [first, second, frozen] = [await start(BUILT), await start(BUILT), await start(BUILT)];
    live = [first, second, frozen];
    const endLoad = startLoad(world, proxy.url);
    await pause(5 * SECOND);

    const firstNew = await start(next());
    live = [firstNew, second];
    await pause(SECOND);
    frozen.signal('SIGSTOP');
    await stop(first);
    await pause(20 * SECOND);
    expect(await readForms(storeUrl), 'both builds read what each of them writes').toEqual([
      `${RECORD_VERSION} ${FIELD.now}`,
    ]);
    const secondNew = await start(next());
    live = [firstNew, secondNew];
    await pause(SECOND);
    await stop(second);
    const oneLogs = (what: string) =>
      Promise.race(live.map((bot) => bot.logs(what, ({ msg }) => msg === what, 150 * SECOND)));
    // The stopped one said that it ended; the frozen one was not heard of for a minute.
    await oneLogs(RAISED);
    // One of them finds that the other one has done it.
    await oneLogs(SWEPT);
    await pause(5 * SECOND);
    const runs = await endLoad();

    await expectEachDecided(world, runs);
    expect(proxy.answers.filter(({ status }) => status !== 200 && status !== 202)).toEqual([]);
    expect(await readForms(storeUrl)).toEqual([`${NEXT_FORMAT} ${FIELD.next}`]);

    // It still thinks that it serves.
    frozen.signal('SIGCONT');
    const body = JSON.stringify({ execution_id: 'run-late', task_id: 'draft', task_output: '# Late' });
    const headers = { 'content-type': 'application/json' };
    const late = await fetch(frozen.webhook('human-input'), { method: 'POST', headers, body });
    expect(late.status).toBe(503);
    await frozen.logs('a fault', ({ fault }) => String(fault).includes(`of format ${NEXT_FORMAT} now`));
    expect((await fetch(`${frozen.url}/readyz`)).status).toBe(503);
    await stop(frozen);
    const { records, close } = await openNext(storeUrl);
    expect(await records.range('execution/run-late', { limit: 1 })).toEqual([]);
    expect(await records.get('format')).toBe(String(NEXT_FORMAT));
    await close();

    const address = { ...world.settings, ...settings, PORT: '0' };
    const again = await run(join(BUILT, 'main.js'), address, { cwd: world.folder }).ended;
    expect([again.code, again.stderr]).toEqual([
      1,
      `The store of STORE_URL is of format ${NEXT_FORMAT}, which a newer version of the bot wrote; this one reads up to ${RECORD_VERSION}. Nothing was changed: start the newer version, or restore the backup from before its upgrade and start with --restored.\n`,
    ]);
    for (const bot of live) await stop(bot);
  });
});

/** CrewAI was sent each decision once, and each run went on. */
async function expectEachDecided({ platform, workspace }: World, runs: readonly string[]): Promise<void> {
  const accepted = () => platform.resumes.filter(({ status }) => status === 200);
  await platform.changed(() => accepted().length >= runs.length, {
    what: 'all decisions',
    timeoutMs: 60 * SECOND,
  });
  expect(runs.length).toBeGreaterThan(50);
  expect(accepted()).toHaveLength(runs.length);
  const still = () => shown(workspace).filter(ready);
  await workspace.changed(() => still().length === 0, { what: 'no card that waits', timeoutMs: 60 * SECOND });
}

/** A store of any format, as its records are. */
async function openNext(url: string) {
  if (url.startsWith('redis')) {
    const { openRedis } = await import('../../src/store/backends/redis.ts');
    const { records } = await openRedis(url, () => {});
    return { records, close: () => records.disconnect() };
  }
  const { openPostgres } = await import('../../src/store/backends/postgres.ts');
  const { records } = await openPostgres(url, () => {});
  return { records, close: () => records.disconnect() };
}

/** In which forms the approvals are, each once. */
async function readForms(url: string): Promise<string[]> {
  const { records, close } = await openNext(url);
  const forms = new Set<string>();
  for await (const { raw } of eachRecord(records, 'approval')) {
    const { value } = JSON.parse(raw) as { value: Record<string, unknown> };
    const fields = Object.values(FIELD).filter((name) => name in value);
    forms.add(`${value.v} ${fields.join()}`);
  }
  await close();
  return [...forms];
}
