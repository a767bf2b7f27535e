import {
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { openStore } from '../../src/store/open-store.ts';
import { USAGE_KEY } from '../../src/store/usage.ts';
import { BUILT } from '../support/build.ts';
import { build, checkout } from '../support/checkout.ts';
import { lookAtDue } from '../support/mortal/due.ts';
import {
  approvalOfRun,
  clickOn,
  expectRefusedStart,
  file,
  kickoff,
  noAnswerTo,
  ready,
  roots,
} from '../support/process-steps.ts';
import { putRecord } from '../support/records.ts';
import { closedBy } from '../support/sentences.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';
import { run, runToEnd, type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { sees, shown, startWorld, type World, withoutTickets } from '../support/world.ts';
import { aTask, http } from './store-outage-steps.ts';

const RESTORED = ['--restored'];
const MINUTE = 60_000;
const WHY = 'The bot was restored from a backup while this was being sent';
const IN_USE =
  /^A bot used this store \d+ s ago\. If it was restored from a backup, keep every bot stopped and start with --restored again in \d+ s: /;
const USAGE =
  'usage: npm run backup -- FILE   (as a package: npx crew-approvals backup FILE)\nRestore it as the file of STORE_URL and start once with: npm start -- --restored\n';
const quiet = { info() {}, warn() {}, error() {} };

function backup({ settings, folder }: World, args: string[], changed: Record<string, string> = {}) {
  return run(join(BUILT, 'cli', 'backup.js'), { ...settings, ...changed }, { cwd: folder, args }).ended;
}

/** All that a database holds, but what says that it is in use. */
function recordsIn(path: string): Map<string, string> {
  const database = new DatabaseSync(path, { readOnly: true });
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  const rows = database.prepare('SELECT key, raw FROM records').all() as { key: string; raw: string }[];
  database.close();
  return new Map(
    rows
      .filter(({ key }) => key !== USAGE_KEY && !key.startsWith('ready/'))
      .map(({ key, raw }) => [key, raw]),
  );
}

describe('npm run backup', { timeout: 60_000 }, () => {
  test('copies all that was taken, while the bot takes more: each approval whole, with all that belongs to it', async () => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const bot = await spawnBot(world);
    const taken: string[] = [];
    let writing = true;
    const writes = async (worker: number) => {
      for (let n = 0; writing; n += 1) {
        const run = `run-${worker}-${n}`;
        const body = { ...aTask(run), output: `${run} ${'x'.repeat(5_000)}` };
        expect((await http.post(bot.webhook('task'), body)).status).toBe(202);
        taken.push(run);
      }
    };
    const writers = Promise.all([0, 1, 2].map(writes));
    for (const name of ['first.db', 'second.db']) {
      await expect
        .poll(() => taken.length, { timeout: 10_000 })
        .toBeGreaterThan(name === 'first.db' ? 20 : 60);
      const before = [...taken];
      const target = join(world.folder, name);
      expect(await backup(world, [name])).toMatchObject({
        code: 0,
        stdout: `The database was copied to ${target}.\n`,
        stderr: '',
      });
      const copy = recordsIn(target);
      const keys = [...copy.keys()];
      for (const run of before) expect(copy.has(`execution/${run}/press`), run).toBe(true);
      // What one commit wrote is all there or not there at all.
      const approvals = keys.filter((key) => key.startsWith('approval/'));
      expect(approvals.length).toBeGreaterThanOrEqual(before.length);
      for (const key of approvals) {
        const { value } = JSON.parse(copy.get(key) as string);
        const { id, executionId, rounds, factCount } = value;
        expect(JSON.parse(copy.get(`execution/${executionId}/press`) as string).value.approvals).toEqual([
          id,
        ]);
        expect(copy.has(`output/${id}/${rounds[0].hashes[0]}`)).toBe(true);
        expect(keys.filter((one) => one.startsWith('fact/') && one.includes(`/${id}/`))).toHaveLength(
          factCount,
        );
        expect(keys.filter((one) => one.startsWith('waiting/') && one.endsWith(`/${id}`))).toHaveLength(1);
      }
      expect(keys.filter((key) => key.startsWith('output/'))).toHaveLength(approvals.length);
    }
    writing = false;
    await writers;
    expect((await http.get(`${bot.url}/readyz`)).data).toEqual({ status: 'ready' });
    expect(readdirSync(world.folder).filter((name) => /-(wal|shm|journal)$/.test(name))).toEqual([
      'approvals.db-shm',
      'approvals.db-wal',
    ]);
  });

  test('copies exactly what a bot holds that does nothing, and what one held that has ended', async () => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const bot = await spawnBot(world);
    kickoff(world, bot);
    await clickOn(world, (await sees(world.workspace, 'the card', ready)).ts, 'approve');
    await sees(world.workspace, 'went on', ({ all }) => all.includes(texts.card.continued));
    const due = await lookAtDue(world.settings.STORE_URL as string);
    await due.nothing(10_000);
    await due.close();
    expect((await backup(world, ['beside.db'])).code).toBe(0);
    const held = recordsIn(file(world));
    expect(held.size).toBeGreaterThan(8);
    expect(recordsIn(join(world.folder, 'beside.db'))).toEqual(held);
    bot.signal('SIGTERM');
    await bot.ended;
    expect((await backup(world, ['after.db'])).code).toBe(0);
    expect(recordsIn(join(world.folder, 'after.db'))).toEqual(held);
    // Nor is it in use.
    for (const [name, used] of [
      ['after.db', 0],
      ['approvals.db', 1],
    ] as const) {
      const database = new DatabaseSync(join(world.folder, name), { readOnly: true });
      const row = database.prepare('SELECT count(*) AS count FROM records WHERE key = ?').get(USAGE_KEY);
      database.close();
      expect([name, row]).toEqual([name, { count: used }]);
    }
  });

  test('can be read by its owner only, and opened elsewhere while the bot runs', async () => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const bot = await spawnBot(world);
    expect((await http.post(bot.webhook('task'), aTask('run-1'))).status).toBe(202);
    const copy = join(world.folder, 'copy.db');
    expect(await backup(world, [copy])).toMatchObject({ code: 0, stderr: '' });
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    const { records, close } = await openStore(`sqlite://${copy}`, quiet);
    expect(await records.get('execution/run-1/press')).toBeDefined();
    await close();
  });

  test('is refused under another name of the database, which lacks the last records', async () => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const bot = await spawnBot(world);
    expect((await http.post(bot.webhook('task'), aTask('run-1'))).status).toBe(202);
    const name = join(mkdtempSync(join(world.folder, 'other-')), 'approvals.db');
    linkSync(file(world), name);
    const { code, stderr } = await backup(world, ['copy.db'], { STORE_URL: `sqlite://${name}` });
    expect([code, stderr]).toEqual([1, expect.stringContaining(`was last opened as ${file(world)}`)]);
    expect(existsSync(join(world.folder, 'copy.db'))).toBe(false);
  });

  test('is refused onto a file that is there, which stays as it is', async () => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const bot = await spawnBot(world);
    const target = join(world.folder, 'precious.db');
    for (const precious of ['of great value', '']) {
      writeFileSync(target, precious);
      expect(await backup(world, ['precious.db'])).toMatchObject({
        code: 1,
        stdout: '',
        stderr: `${target} already exists: name a new file.\n`,
      });
      expect(readFileSync(target, 'utf8')).toBe(precious);
    }
    const itself = await backup(world, [file(world)]);
    expect(itself).toMatchObject({ code: 1, stderr: `${file(world)} already exists: name a new file.\n` });
    expect((await http.get(`${bot.url}/readyz`)).status).toBe(200);
  });

  test.each([
    ['without a file', []],
    ['with two', ['one.db', 'two.db']],
  ])('%s says how it is called, and copies nothing', async (_, args) => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    expect(await backup(world, args)).toMatchObject({ code: 1, stdout: '', stderr: USAGE });
    expect(readdirSync(world.folder)).toEqual([]);
    expect(await backup(world, ['--help'])).toMatchObject({ code: 0, stdout: USAGE, stderr: '' });
  });

  test('that cannot be made says so in a sentence, and leaves nothing behind', async () => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const refused = async (args: string[], changed = {}) => {
      const { code, stdout, stderr } = await backup(world, args, changed);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^[A-Z][^\n]*\.\n$/);
      return stderr.trim();
    };
    expect(await refused(['copy.db'])).toBe(
      `The database ${file(world)} does not exist: check STORE_URL and the working directory.`,
    );
    writeFileSync(file(world), 'no database\n'.repeat(100));
    expect(await refused(['copy.db'])).toBe('The backup failed: SQLITE_NOTADB: file is not a database.');
    expect(readdirSync(world.folder)).toEqual(['approvals.db']);
    rmSync(file(world));
    await (await spawnBot(world)).kill();
    expect(await refused(['not/there/copy.db'])).toMatch(/^The backup failed: ENOENT: /);
    expect(existsSync(join(world.folder, 'not'))).toBe(false);
  });

  test.each([
    [
      'redis://127.0.0.1:9/0',
      'STORE_URL is Redis: back it up with `redis-cli -u "$STORE_URL" --rdb backup.rdb`',
    ],
    [
      'rediss://127.0.0.1:9/0',
      'STORE_URL is Redis: back it up with `redis-cli -u "$STORE_URL" --rdb backup.rdb`',
    ],
    [
      'postgres://someone:a-password@127.0.0.1:9/approvals',
      'STORE_URL is Postgres: back it up with `pg_dump --table=crew_approvals_records "$STORE_URL" > backup.sql`',
    ],
  ])('of %s names the tool that makes one, and tells no password', async (STORE_URL, sentence) => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const { code, stdout, stderr } = await backup(world, ['copy.db'], { STORE_URL });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('a-password');
    expect(readdirSync(world.folder)).toEqual([]);
  });

  test('names every setting that is missing or wrong', async () => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const { code, stderr } = await backup(world, ['copy.db'], { PORT: 'http' });
    expect(code).toBe(1);
    expect(stderr).toContain('Invalid configuration:\n  PORT ');
  });
});

/** A decision that CrewAI has not answered, and another run that waits; then a backup is made and the bot is killed. */
async function backedUp() {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const bot = await spawnBot(world);
  const [sent, waiting] = [kickoff(world, bot), kickoff(world, bot)];
  const cardOf = async (run: string) => {
    const id = await approvalOfRun(world, run);
    return sees(world.workspace, 'a card', ({ approval, buttons }) => approval === id && ready({ buttons }));
  };
  const [sentCard, waitingCard] = [await cardOf(sent), await cardOf(waiting)];
  world.platform.hold();
  world.platform.failures.plan(noAnswerTo('resume'));
  expect((await clickOn(world, sentCard.ts, 'approve')).acked).toBe(true);
  await world.platform.changed(() => world.platform.resumes.length === 1, { what: '/resume' });
  const copy = join(world.folder, 'copy.db');
  expect((await backup(world, [copy])).code).toBe(0);
  await bot.kill();
  world.platform.failures.clear();
  return { world, ...world, bot, copy, sentCard, waitingCard };
}

/** Puts the copy in the place of the database, as the README says. */
function restore(world: World, copy: string): void {
  for (const end of ['-wal', '-shm']) rmSync(`${file(world)}${end}`, { force: true });
  renameSync(copy, file(world));
}

const ofCard = (card: { ts: string }, words: string) => (message: { ts: string; all: string }) =>
  message.ts === card.ts && message.all.includes(words);

describe('npm start -- --restored', { timeout: 90_000 }, () => {
  test('sends no decision again that was being sent: its card says why and asks a person, and Retry sends it', async () => {
    const { world, workspace, platform, bot, copy, sentCard, waitingCard } = await backedUp();
    restore(world, copy);
    const again = await bot.restart({}, RESTORED);
    expect(await again.logs('a warning', ({ msg }) => msg === 'started on a restored store')).toMatchObject({
      level: 40,
      held: 1,
    });
    const held = await sees(workspace, 'the reason', ofCard(sentCard, WHY));
    expect(held.all).toContain(`Approved by <@UANA>`);
    expect(held.all).toContain(`${texts.card.mayHaveArrived} ${WHY}`);
    expect(held.buttons).toEqual(['Retry', 'Close without a decision']);
    await sees(
      workspace,
      'its thread',
      ({ thread_ts, all }) => thread_ts === sentCard.ts && all.includes(WHY),
    );

    // The other one goes on as ever, and CrewAI has got nothing but it.
    expect((await clickOn(world, waitingCard.ts, 'approve')).acked).toBe(true);
    await sees(workspace, 'accepted', ofCard(waitingCard, 'CrewAI accepted it'));
    expect(platform.resumes.map(({ fate }) => fate)).toEqual(['no answer', 'answered']);
    expect(shown(workspace).find(ofCard(sentCard, WHY))).toBeDefined();

    expect((await clickOn(world, sentCard.ts, 'retry', 'UBEN')).acked).toBe(true);
    await sees(workspace, 'accepted', ofCard(sentCard, 'CrewAI accepted it'));
    expect(platform.resumes).toHaveLength(3);
    expect(withoutTickets(platform.resumes[2]?.body)).toEqual(withoutTickets(platform.resumes[0]?.body));
    expect(roots(world)).toHaveLength(2);
  });

  test('lets a person close it instead, and CrewAI gets nothing', async () => {
    const { world, workspace, platform, bot, copy, sentCard } = await backedUp();
    restore(world, copy);
    await bot.restart({}, RESTORED);
    await sees(workspace, 'the reason', ofCard(sentCard, WHY));
    expect((await clickOn(world, sentCard.ts, 'give_up')).acked).toBe(true);
    const closed = await sees(workspace, 'the end', ofCard(sentCard, closedBy('<@UANA>')));
    expect(closed.all).toContain(texts.card.decisionMayHaveArrived);
    expect(platform.resumes).toHaveLength(1);
  });

  test('is needed: without it the decision is sent again', async () => {
    const { world, workspace, platform, bot, copy, sentCard } = await backedUp();
    restore(world, copy);
    await bot.restart();
    await sees(workspace, 'accepted', ofCard(sentCard, 'CrewAI accepted it'));
    expect(platform.resumes).toHaveLength(2);
  });

  test('is refused while the database is in use and just after: nothing of it is held', async () => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const bot = await spawnBot(world);
    const first = expectRefusedStart(await runToEnd(world.settings, world.folder, RESTORED));
    expect(first).toBe(`The database ${file(world)} is in use by another process.`);
    const { platform, workspace } = world;
    kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    platform.failures.plan(noAnswerTo('resume'));
    await clickOn(world, card.ts, 'approve');
    await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
    await bot.kill();
    const second = expectRefusedStart(await runToEnd(world.settings, world.folder, RESTORED));
    expect(second).toMatch(IN_USE);
    platform.failures.clear();
    await bot.restart();
    await sees(workspace, 'accepted', ofCard(card, 'CrewAI accepted it'));
  });

  for (const [name, describeStore, newUrl] of [
    ['Redis', describeRedis, async () => newRedisUrl()],
    ['Postgres', describePostgres, newPostgresUrl],
  ] as const) {
    describeStore(`on ${name}`, () => {
      test('is refused while the store is in use and just after, and holds what was being sent later', async () => {
        const world = await startWorld(undefined, { dialect: 'documented' });
        const { workspace, platform } = world;
        const STORE_URL = await newUrl();
        Object.assign(world.settings, { STORE_URL });
        const bot: SpawnedBot = await spawnBot(world);
        kickoff(world, bot);
        const card = await sees(workspace, 'the card', ready);
        platform.failures.plan(noAnswerTo('resume'));
        await clickOn(world, card.ts, 'approve');
        await platform.changed(() => platform.resumes.length === 1, { what: '/resume' });
        const refused = async () =>
          expectRefusedStart(await runToEnd(world.settings, world.folder, RESTORED));
        expect(await refused()).toMatch(IN_USE);
        expect((await http.get(`${bot.url}/readyz`)).status).toBe(200);
        await bot.kill();
        // A busy machine may have let it time out, and be sent again.
        const sent = platform.resumes.length;
        expect(await refused()).toMatch(IN_USE);

        // As a copy of it is that was restored later.
        const { records, clock, close } = await openStore(STORE_URL, quiet);
        await putRecord(records, USAGE_KEY, String(clock.now() - 6 * MINUTE));
        await close();
        platform.failures.clear();
        await bot.restart({}, RESTORED);
        const held = await sees(workspace, 'the reason', ofCard(card, WHY));
        expect(held.buttons).toEqual(['Retry', 'Close without a decision']);
        expect(platform.resumes).toHaveLength(sent);
        await clickOn(world, card.ts, 'retry');
        await sees(workspace, 'accepted', ofCard(card, 'CrewAI accepted it'));
        expect(platform.resumes).toHaveLength(sent + 1);
      });
    });
  }

  test('is the one option of npm start: another one is named, and nothing is started', async () => {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const folder = checkout();
    build(folder);
    const start = (...args: string[]) =>
      run(join(folder, 'src', 'start.mjs'), world.settings, { cwd: world.folder, args });
    for (const [args, unknown] of [
      [['--restore'], '--restore'],
      [['--restored', '--force'], '--force'],
      [['start', '--restoredd'], '--restoredd'],
      [['start', 'backup.db'], 'backup.db'],
    ] as const) {
      expect(await start(...args).ended).toMatchObject({
        code: 1,
        stdout: '',
        stderr: `Unknown option "${unknown}": the only option of npm start is --restored.\n`,
      });
    }
    expect(readdirSync(world.folder)).toEqual([]);
    for (const args of [['--restored'], ['start', '--restored']]) {
      const bot = start(...args);
      await bot.logs('a warning', ({ msg }) => msg === 'started on a restored store');
      await bot.logs('ready', ({ msg }) => msg === 'ready');
      bot.signal('SIGTERM');
      expect(await bot.ended).toMatchObject({ code: 0, stderr: '' });
      for (const name of readdirSync(world.folder)) rmSync(join(world.folder, name));
    }
    const copied = start('backup', 'copy.db');
    expect((await copied.ended).stderr).toContain('does not exist');
  });
});
