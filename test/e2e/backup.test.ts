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
import { describe, expect, test, vi } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { openStore } from '../../src/store/open-store.ts';
import { USAGE_KEY } from '../../src/store/usage.ts';
import { build, checkout } from '../support/checkout.ts';
import { scaleLimit } from '../support/limits.ts';
import { lookAtDue } from '../support/mortal/due.ts';
import {
  approves,
  clickOn,
  expectRefusedStart,
  file,
  noAnswerTo,
  roots,
  runCommand,
  seesAccepted,
  startRunWithCard,
} from '../support/process-steps.ts';
import { putRecord } from '../support/records.ts';
import { describeEachServer } from '../support/servers.ts';
import { run, runToEnd, spawnBot } from '../support/spawn-bot.ts';
import {
  GOES_ON,
  type Shown,
  sees,
  shown,
  startWorld,
  type World,
  withoutTickets,
} from '../support/world.ts';
import { aTask, http } from './store-outage-steps.ts';

const RESTORED = ['--restored'];
const MINUTE = 60_000;
const WHY = 'The bot was restored from a backup while this was being sent';
const IN_USE =
  /^A bot used this store \d+ s ago\. If it was restored from a backup, keep every bot stopped and start with --restored again in \d+ s: /;
const USAGE =
  'usage: npm run backup -- FILE   (as a package: npx --no-install crew-approvals backup FILE)\nRestore it as the file of STORE_URL and start once with: npm start -- --restored\n';
const quiet = { info() {}, warn() {}, error() {} };

const startDocumented = () => startWorld(undefined, { dialect: 'documented' });

const backup = (world: World, args: string[], changed: Record<string, string> = {}) =>
  runCommand(world, 'backup', args, changed);

let imports = 0;

/** The same in this process: its exit code, and what it said. */
async function backupHere(world: World, args: string[], changed: Record<string, string> = {}) {
  const { argv, exitCode } = process;
  const said = { stdout: [] as string[], stderr: [] as string[] };
  const log = vi.spyOn(console, 'log').mockImplementation((line) => void said.stdout.push(line));
  const error = vi.spyOn(console, 'error').mockImplementation((line) => void said.stderr.push(line));
  for (const [name, value] of Object.entries({ ...world.settings, ...changed })) vi.stubEnv(name, value);
  process.argv = ['node', 'backup', ...args];
  process.exitCode = 0;
  imports += 1;
  try {
    await import(/* @vite-ignore */ `../../src/cli/backup.ts?${imports}`);
    return { code: process.exitCode, stdout: said.stdout.join('\n'), stderr: said.stderr.join('\n') };
  } finally {
    Object.assign(process, { argv, exitCode });
    vi.unstubAllEnvs();
    for (const spy of [log, error]) spy.mockRestore();
  }
}

/** All that a database holds, except what says that it is in use. */
function recordsIn(path: string): Map<string, string> {
  const database = new DatabaseSync(path, { readOnly: true });
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  const rows = database.prepare('SELECT key, raw FROM records').all() as { key: string; raw: string }[];
  database.close();
  const kept = rows.filter(({ key }) => key !== USAGE_KEY && !key.startsWith('ready/'));
  return new Map(kept.map(({ key, raw }) => [key, raw]));
}

describe('npm run backup', { timeout: scaleLimit(60_000) }, () => {
  test('copies everything while the bot writes: each approval whole, with all that belongs to it', async () => {
    const world = await startDocumented();
    const bot = await spawnBot(world);
    const accepted: string[] = [];
    let writing = true;
    const writes = async (worker: number) => {
      for (let n = 0; writing; n += 1) {
        const run = `run-${worker}-${n}`;
        const body = { ...aTask(run), output: `${run} ${'x'.repeat(5_000)}` };
        expect((await http.post(bot.webhook('task'), body)).status).toBe(202);
        accepted.push(run);
      }
    };
    const writers = Promise.all([0, 1, 2].map(writes));
    await expect.poll(() => accepted.length, { timeout: scaleLimit(10_000) }).toBeGreaterThan(40);
    const before = [...accepted];
    const target = join(world.folder, 'copy.db');
    expect(await backup(world, ['copy.db'])).toMatchObject({
      code: 0,
      stdout: `The database was copied to ${target}.\n`,
      stderr: '',
    });
    writing = false;
    await writers;
    const copy = recordsIn(target);
    const keys = [...copy.keys()];
    for (const run of before) expect(copy.has(`execution/${run}/press`), run).toBe(true);
    // What one commit wrote is all there or not there at all.
    const approvals = keys.filter((key) => key.startsWith('approval/'));
    expect(approvals.length).toBeGreaterThanOrEqual(before.length);
    for (const key of approvals) {
      const { id, executionId, rounds, factCount } = JSON.parse(copy.get(key) as string).value;
      const { value: execution } = JSON.parse(copy.get(`execution/${executionId}/press`) as string);
      expect(execution.approvals).toEqual([id]);
      expect(copy.has(`output/${id}/${rounds[0].hashes[0]}`)).toBe(true);
      const facts = keys.filter((one) => one.startsWith('fact/') && one.includes(`/${id}/`));
      expect(facts).toHaveLength(factCount);
      expect(keys.filter((one) => one.startsWith('waiting/') && one.endsWith(`/${id}`))).toHaveLength(1);
    }
    expect(keys.filter((key) => key.startsWith('output/'))).toHaveLength(approvals.length);
    expect((await http.get(`${bot.url}/readyz`)).data).toEqual({ status: 'ready' });
    const parts = readdirSync(world.folder).filter((name) => /-(wal|shm|journal)$/.test(name));
    expect(parts).toEqual(['approvals.db-shm', 'approvals.db-wal']);
  });

  test('copies exactly what a bot holds, running or not, into a file of its owner that opens elsewhere', async () => {
    const world = await startDocumented();
    const bot = await spawnBot(world);
    await approves(world, (await startRunWithCard(world, bot)).card);
    await sees(world.workspace, 'went on', ({ all }) => all.includes(GOES_ON));
    const due = await lookAtDue(world.settings.STORE_URL as string);
    await due.nothing(10_000);
    await due.close();
    const beside = join(world.folder, 'beside.db');
    expect(await backup(world, [beside])).toMatchObject({ code: 0, stderr: '' });
    expect(statSync(beside).mode & 0o777).toBe(0o600);
    const held = recordsIn(file(world));
    expect(held.size).toBeGreaterThan(8);
    expect(recordsIn(beside)).toEqual(held);
    const { records, close } = await openStore(`sqlite://${beside}`, quiet);
    expect(await records.get([...held.keys()][0] as string)).toBeDefined();
    await close();

    // Under another name it would lack the last records.
    const name = join(mkdtempSync(join(world.folder, 'other-')), 'approvals.db');
    linkSync(file(world), name);
    const linked = await backup(world, ['linked.db'], { STORE_URL: `sqlite://${name}` });
    const sentence = `was last opened as ${file(world)}`;
    expect([linked.code, linked.stderr]).toEqual([1, expect.stringContaining(sentence)]);
    expect(existsSync(join(world.folder, 'linked.db'))).toBe(false);
    rmSync(name);

    bot.signal('SIGTERM');
    await bot.ended;
    const after = join(world.folder, 'after.db');
    expect((await backup(world, [after])).code).toBe(0);
    expect(recordsIn(after)).toEqual(held);
    // Nor is it in use.
    for (const [path, used] of [
      [after, 0],
      [file(world), 1],
    ] as const) {
      const database = new DatabaseSync(path, { readOnly: true });
      const row = database.prepare('SELECT count(*) AS count FROM records WHERE key = ?').get(USAGE_KEY);
      database.close();
      expect([path, row]).toEqual([path, { count: used }]);
    }
  });

  test('says in a sentence why it copies nothing, and leaves nothing behind', async () => {
    const world = await startDocumented();
    const refused = async (args: string[], changed = {}) => {
      const before = readdirSync(world.folder);
      const { code, stdout, stderr } = await backupHere(world, args, changed);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(readdirSync(world.folder)).toEqual(before);
      return stderr;
    };
    expect(await refused([])).toBe(USAGE.trim());
    expect(await refused(['one.db', 'two.db'])).toBe(USAGE.trim());
    expect(await backupHere(world, ['--help'])).toMatchObject({ code: 0, stdout: USAGE.trim(), stderr: '' });
    expect(await refused(['copy.db'], { PORT: 'http' })).toContain('Invalid configuration:\n  PORT ');
    for (const scheme of ['redis', 'rediss'])
      expect(await refused(['copy.db'], { STORE_URL: `${scheme}://127.0.0.1:9/0` })).toContain(
        'STORE_URL is Redis: back it up with `redis-cli -u "$STORE_URL" --rdb backup.rdb`',
      );
    const postgres = 'postgres://someone:a-password@127.0.0.1:9/approvals';
    const sentence = await refused(['copy.db'], { STORE_URL: postgres });
    expect(sentence).toContain(
      'STORE_URL is Postgres: back it up with `pg_dump --table=crew_approvals_records "$STORE_URL" > backup.sql`',
    );
    expect(sentence).not.toContain('a-password');

    expect(await refused(['copy.db'])).toBe(
      `The database ${file(world)} does not exist: check STORE_URL and the working directory.`,
    );
    writeFileSync(file(world), 'no database\n'.repeat(100));
    expect(await refused(['copy.db'])).toBe('The backup failed: SQLITE_NOTADB: file is not a database.');
    rmSync(file(world));
    await (await openStore(world.settings.STORE_URL as string, quiet)).close();
    expect(await refused([join(world.folder, 'not/there/copy.db')])).toMatch(
      /^The backup failed: ENOENT: .*\.$/,
    );
    const target = join(world.folder, 'precious.db');
    for (const precious of ['of great value', '']) {
      writeFileSync(target, precious);
      expect(await refused([target])).toBe(`${target} already exists: name a new file.`);
      expect(readFileSync(target, 'utf8')).toBe(precious);
    }
    expect(await refused([file(world)])).toBe(`${file(world)} already exists: name a new file.`);
  });
});

/** Clicks on Approve, with CrewAI not answering. */
async function approvesUnanswered(world: World, { ts }: { ts: string }): Promise<void> {
  world.platform.failures.plan(noAnswerTo('resume'));
  expect((await clickOn(world, ts, 'approve')).acked).toBe(true);
  await world.platform.changed(() => world.platform.resumes.length === 1, { what: '/resume' });
}

/** A decision that CrewAI has not answered, and another run that waits; then a backup is restored after a kill. */
async function startRestored() {
  const world = await startDocumented();
  const bot = await spawnBot(world);
  const { card: sentCard } = await startRunWithCard(world, bot);
  const { card: waitingCard } = await startRunWithCard(world, bot);
  world.platform.hold();
  await approvesUnanswered(world, sentCard);
  const copy = join(world.folder, 'copy.db');
  expect((await backup(world, [copy])).code).toBe(0);
  await bot.kill();
  world.platform.failures.clear();
  // As the README says.
  for (const end of ['-wal', '-shm']) rmSync(`${file(world)}${end}`, { force: true });
  renameSync(copy, file(world));
  return { world, ...world, bot, sentCard, waitingCard };
}

const ofCard = (card: { ts: string }, words: string) => (message: { ts: string; all: string }) =>
  message.ts === card.ts && message.all.includes(words);
const refuseRestored = async ({ settings, folder }: World) =>
  expectRefusedStart(await runToEnd(settings, folder, RESTORED));

describe('npm start -- --restored', { timeout: scaleLimit(90_000) }, () => {
  test('sends no decision again that was being sent: its card says why and asks a person, and Retry sends it', async () => {
    const { world, workspace, platform, bot, sentCard, waitingCard } = await startRestored();
    // It would send the crew an empty decision.
    const elsewhere = { CREWAI_BASE_URL: 'http://127.0.0.1:9' };
    const findBackup = async () =>
      /^FAILED {3}store .*: (is a backup .*)$/m.exec(
        (await runCommand(world, 'doctor/doctor', [], elsewhere)).stdout,
      )?.[1];
    expect(await findBackup()).toBe(
      'is a backup that no bot has used yet. Start the bot once with --restored: without it, decisions that were being sent can be sent twice.',
    );
    const again = await bot.restart({}, RESTORED);
    expect(await findBackup()).toBeUndefined();
    const warning = await again.logs('a warning', ({ msg }) => msg === 'started on a restored store');
    expect(warning).toMatchObject({ level: 40, held: 1 });
    const held = await sees(workspace, 'the reason', ofCard(sentCard, WHY));
    expect(held.all).toContain(`Approved by <@UANA>`);
    expect(held.all).toContain(`${texts.state.mayHaveArrived} ${WHY}`);
    expect(held.buttons).toEqual(['Retry', 'Close without a decision']);
    const isNote = ({ thread_ts, all }: Shown) => thread_ts === sentCard.ts && all.includes(WHY);
    await sees(workspace, 'its thread', isNote);

    // The other one goes on as ever, and CrewAI has got nothing but it.
    await approves(world, waitingCard);
    expect(platform.resumes.map(({ fate }) => fate)).toEqual(['no answer', 'answered']);
    expect(shown(workspace).find(ofCard(sentCard, WHY))).toBeDefined();

    expect((await clickOn(world, sentCard.ts, 'retry', 'UBEN')).acked).toBe(true);
    await seesAccepted(world, sentCard);
    expect(platform.resumes).toHaveLength(3);
    expect(withoutTickets(platform.resumes[2]?.body)).toEqual(withoutTickets(platform.resumes[0]?.body));
    expect(roots(world)).toHaveLength(2);
  });

  test('is refused while the database is in use and just after: without it, the decision is sent again', async () => {
    const world = await startDocumented();
    const bot = await spawnBot(world);
    expect(await refuseRestored(world)).toBe(`The database ${file(world)} is in use by another process.`);
    const { card } = await startRunWithCard(world, bot);
    await approvesUnanswered(world, card);
    await bot.kill();
    const sent = world.platform.resumes.length;
    expect(await refuseRestored(world)).toMatch(IN_USE);
    world.platform.failures.clear();
    await bot.restart();
    await seesAccepted(world, card);
    expect(world.platform.resumes).toHaveLength(sent + 1);
  });

  describeEachServer('on', (newUrl) => {
    test('is refused just after the store was in use, and holds what was being sent later', async () => {
      const world = await startDocumented();
      const { workspace, platform } = world;
      const STORE_URL = await newUrl();
      Object.assign(world.settings, { STORE_URL });
      const bot = await spawnBot(world);
      const { card } = await startRunWithCard(world, bot);
      await approvesUnanswered(world, card);
      await bot.kill();
      // A busy machine may have let it time out, and be sent again.
      const sent = platform.resumes.length;
      expect(await refuseRestored(world)).toMatch(IN_USE);

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
      await seesAccepted(world, card);
      expect(platform.resumes).toHaveLength(sent + 1);
    });
  });

  test('is refused where there is nothing that was restored, and makes no database', async () => {
    const world = await startDocumented();
    const folder = checkout();
    build(folder);
    const start = (...args: string[]) =>
      run(join(folder, 'src', 'start.mjs'), world.settings, { cwd: world.folder, args });
    const missing = `The database ${file(world)} does not exist: check STORE_URL and the working directory.`;
    for (const args of [['start', ...RESTORED], RESTORED, ['backup', 'copy.db']])
      expect(expectRefusedStart(await start(...args).ended)).toBe(missing);
    expect(readdirSync(world.folder)).toEqual([]);
    // With a STORE_URL of before the first webhook.
    const bot = await spawnBot(world);
    bot.signal('SIGTERM');
    await bot.ended;
    expect(await refuseRestored(world)).toBe(
      'The store of STORE_URL is empty, so nothing was restored: check STORE_URL, or start without --restored.',
    );
  });
});
