import {
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeSmallDisk, mountSmallDisk } from '../support/disk/small-disk.ts';
import { scaleLimit } from '../support/limits.ts';
import { lookAtDue } from '../support/mortal/due.ts';
import {
  clickOn,
  expectRefusedStart,
  exportFacts,
  kickoff,
  ready,
  runCommand,
} from '../support/process-steps.ts';
import { runToEnd, type SpawnedBot, spawnBot } from '../support/spawn-bot.ts';
import { besideBot } from '../support/sqlite-beside.ts';
import { sees, shown, startWorld, type World } from '../support/world.ts';
import { answerTo, aTask, command, expectUnharmed, http, WITH_OPS } from './store-outage-steps.ts';

const CHANGED = 'the database cannot be used any more; nothing is stored until a restart';

const unready = (fault: string) => ({
  status: 503,
  data: { status: 'not_ready', faults: { store: fault } },
});
const toldOfFiles = ({ workspace }: World) =>
  shown(workspace, 'COPS').filter(({ all }) => all.includes('Nothing is stored until you restart the bot'));
const faultsIn = (bot: SpawnedBot) => bot.logged.filter(({ msg }) => msg === CHANGED);

/** A bot whose database lies in a folder of its own, with one card, and nothing left to do. */
async function startOnFiles() {
  const world = await startWorld(undefined, { dialect: 'documented' }, WITH_OPS);
  const folder = join(world.folder, 'data');
  mkdirSync(folder);
  const file = join(folder, 'approvals.db');
  const settings = { STORE_URL: `sqlite://${file}`, OPS_CHANNEL: 'COPS' };
  const bot = await spawnBot(world, settings);
  const older = join(world.folder, 'older.db');
  copyFileSync(file, older);
  kickoff(world, bot);
  const card = await sees(world.workspace, 'the card', ready);
  const due = await lookAtDue(settings.STORE_URL);
  await due.nothing(10_000);
  await due.close();
  return { world, bot, card, folder, file, wal: `${file}-wal`, older, settings };
}

type Files = Awaited<ReturnType<typeof startOnFiles>>;

// Every other damage is in store/sqlite-files.test.ts.
const DAMAGES: [what: string, damage: (files: Files) => void, fault: RegExp][] = [
  ['the database is deleted', ({ file }) => rmSync(file), /^was deleted .*\(approvals\.db\)$/],
  [
    'the database is truncated',
    ({ file }) => truncateSync(file, 4_096),
    /^was truncated .*\(approvals\.db\)$/,
  ],
];

test.runIf(process.platform === 'linux')(
  'a database in a folder that nobody can create, as below /proc, is named at the start and by the doctor',
  { timeout: scaleLimit(60_000) },
  async () => {
    const world = await startWorld();
    for (const file of [
      '/proc/crew-approvals/data/approvals.db',
      '/proc/approvals.db',
      '/sys/data/approvals.db',
    ]) {
      const STORE_URL = `sqlite://${file}`;
      const sentence = `The database ${file} \\(STORE_URL\\) cannot be opened: .*\\.`;
      const refused = await runToEnd({ ...world.settings, STORE_URL }, world.folder);
      expect(expectRefusedStart(refused)).toMatch(new RegExp(`^${sentence}$`));
      const { code, stdout } = await runCommand(world, 'doctor/doctor', [], { STORE_URL });
      expect(code).toBe(1);
      expect(stdout).toMatch(new RegExp(`^FAILED {3}store ${STORE_URL}: ${sentence}$`, 'm'));
    }
  },
);

describe('the files of a running bot', { timeout: scaleLimit(60_000) }, () => {
  test.each(DAMAGES)(
    'when %s every webhook, click and look-up is refused with the reason, and operators get one alert',
    async (_, damage, fault) => {
      const files = await startOnFiles();
      const { world, bot, card } = files;
      damage(files);

      const refused = await http.post(bot.webhook('task'), aTask('run-2'));
      expect(refused).toMatchObject({ status: 503, data: { error: 'store_unavailable' } });
      const answer = await http.get(`${bot.url}/readyz`);
      expect(answer).toMatchObject(unready(expect.stringMatching(fault)));
      const said = await answerTo(world, 'UANA', async () =>
        expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true),
      );
      expect(said).toContain('nothing was saved');
      expect(await answerTo(world, 'UBEN', () => command(world, '', 'UBEN'))).toContain(
        "I couldn't look that up right now",
      );

      const reason = `Reason: ${files.file} was `;
      await sees(world.workspace, 'the alert', ({ all }) => all.includes(reason), 'COPS');
      expect((await http.get(`${bot.url}/healthz`)).status).toBe(200);
      expect(world.platform.resumes).toEqual([]);
      expect(faultsIn(bot)).toHaveLength(1);
      expect(toldOfFiles(world)).toHaveLength(1);
      expectUnharmed(bot);
    },
  );

  test('that are replaced are noticed when nothing comes, too', async () => {
    const { older, file, bot } = await startOnFiles();
    renameSync(older, file);
    await bot.logs('the fault', ({ msg }) => msg === CHANGED);
    expect((await http.post(bot.webhook('task'), aTask('run-2'))).status).toBe(503);
  });

  test('that were put back by a rename are served again after a restart, with all that was taken', async () => {
    const files = await startOnFiles();
    const { world, bot, card, folder } = files;
    renameSync(folder, `${folder}-away`);
    await bot.logs('the fault', ({ msg }) => msg === CHANGED);
    renameSync(`${folder}-away`, folder);
    expect((await http.post(bot.webhook('task'), aTask('run-2'))).status).toBe(503);
    await bot.kill();
    const again = await bot.restart();
    expect((await http.post(again.webhook('task'), aTask('run-2'))).status).toBe(202);
    expect((await clickOn(world, card.ts, 'approve')).acked).toBe(true);
    await sees(world.workspace, 'accepted', ({ all }) => all.includes('Decision sent. '));
    expect(faultsIn(again)).toEqual([]);
  });
});

describe('what others may do with the files of a running bot', { timeout: scaleLimit(60_000) }, () => {
  const LONG = 'x'.repeat(16_000);
  /** Large enough for several checkpoints of the bot: each comes after 1,000 pages. */
  const RUNS = 320;

  /** As CrewAI does: what is answered 503, while another process writes for long, is sent again. */
  async function writesAll(bot: SpawnedBot) {
    for (let n = 0; n < RUNS; n += 1) {
      const body = { ...aTask(`run-${n}`), output: `Output ${n} ${LONG}` };
      const post = async () => [(await http.post(bot.webhook('task'), body)).status, faultsIn(bot)];
      await expect.poll(post).toEqual([202, []]);
    }
  }

  test('is read, back up, export, examine, write, and clear the log: none of it is a fault, and the lock holds', {
    timeout: scaleLimit(120_000),
  }, async () => {
    const { world, bot, file, wal, settings } = await startOnFiles();
    const size = statSync(file).size;
    const written = writesAll(bot);
    const others = async () => {
      expect(await runCommand(world, 'backup', [join(world.folder, 'copy.db')], settings)).toMatchObject({
        code: 0,
      });
      expect((await runCommand(world, 'doctor/doctor', [], settings)).stdout).toMatch(
        /ok +store .*: reads, writes and compares/,
      );
      await exportFacts(world, settings);
      const insert = `const insert = db.prepare('INSERT OR REPLACE INTO records VALUES (?, ?)');`;
      const fill = (count: number, length: number) =>
        `for (let n = 0; n < ${count}; n += 1) insert.run('other/' + n, 'y'.repeat(${length}));`;
      // Many small commits; a large one with the checkpoint that follows it; one that is long under way.
      await besideBot(file, `${insert} ${fill(200, 100)}`);
      await besideBot(file, `${insert} db.exec('BEGIN IMMEDIATE'); ${fill(2_000, 4_000)} db.exec('COMMIT');`);
      await besideBot(
        file,
        `${insert} db.exec('PRAGMA cache_size = 10; BEGIN IMMEDIATE'); ${fill(200, 4_000)} pause(1_200); db.exec('COMMIT');`,
      );
      for (const mode of ['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'])
        await besideBot(file, `db.exec('PRAGMA wal_checkpoint(${mode})');`);
      await besideBot(file, `db.exec("DELETE FROM records WHERE key LIKE 'other/%'; VACUUM");`);
      await besideBot(file, `db.prepare('SELECT count(*) FROM records').get();`);
    };
    await Promise.all([written, others()]);
    expect(statSync(file).size).toBeGreaterThan(size + RUNS * LONG.length);

    // Another connection that was the last one would have taken the log with it.
    expect(existsSync(wal)).toBe(true);
    expect((await http.get(`${bot.url}/readyz`)).data).toEqual({ status: 'ready' });
    expect(faultsIn(bot)).toEqual([]);
    expect(toldOfFiles(world)).toEqual([]);
    // No descriptor of these files was closed in the bot: its locks are there.
    const sentence = expectRefusedStart(await runToEnd({ ...world.settings, ...settings }, world.folder));
    expect(sentence).toBe(`The database ${file} is in use by another process.`);
    expect((await http.post(bot.webhook('task'), aTask('run-last'))).status).toBe(202);

    await bot.kill();
    const again = await bot.restart();
    const received = (await exportFacts(world, settings)).filter(({ what }) => what === 'received');
    const runs = received.map(({ execution }) => execution).filter((name) => name.startsWith('run-'));
    expect(runs.sort()).toEqual([...Array.from({ length: RUNS }, (_, n) => `run-${n}`), 'run-last'].sort());
    expect(faultsIn(again)).toEqual([]);
  });
});

describeSmallDisk('a disk that is nearly full', { timeout: scaleLimit(60_000) }, () => {
  test('is reported by /readyz before a write fails, until there is room again', async () => {
    const disk = mountSmallDisk('64m');
    const world = await startWorld(undefined, { dialect: 'documented' });
    const bot = await spawnBot(world, { STORE_URL: `sqlite://${join(disk, 'approvals.db')}` });
    const readyz = async () => {
      const { status, data } = await http.get(`${bot.url}/readyz`);
      return [status, data.faults];
    };
    expect(await readyz()).toEqual([200, undefined]);
    const filler = join(disk, 'filler');
    writeFileSync(filler, Buffer.alloc(40 * 1024 ** 2));
    await expect.poll(readyz).toEqual([503, { store: 'the disk of the database is nearly full' }]);
    expect((await http.post(bot.webhook('task'), aTask('run-1'))).status).toBe(202);
    rmSync(filler);
    await expect.poll(readyz).toEqual([200, undefined]);
  });
});
