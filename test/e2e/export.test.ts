import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addFact, RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { openSqlite } from '../../src/store/backends/sqlite/sqlite.ts';
import { anApproval } from '../approval/builders.ts';
import { answersTo } from '../support/asking.ts';
import { BUILT } from '../support/build.ts';
import {
  clickOn,
  exportFacts,
  file,
  ready,
  requestRevision,
  runCommand,
  startRunWithCard,
} from '../support/process-steps.ts';
import { putRecord } from '../support/records.ts';
import { describeEachServer } from '../support/servers.ts';
import { sees, startBot, startWorld, type World } from '../support/world.ts';

/** Slow, or with many records. */
const inCi = test.runIf(process.env.CI);
const EXPORT = join(BUILT, 'cli', 'export.js');
const FORMULA = '=HYPERLINK("https://evil.example","x"),\nand "quotes"';
const log = { info: () => {}, warn: () => {}, error: () => {} };

const exported = (world: World, args: readonly string[] = [], settings: Record<string, string> = {}) =>
  runCommand(world, 'export', args, settings);

/** How long a process has run on a processor (proc_pid_stat(5): utime and stime, after the name in parentheses). */
function readProcessorTicks(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** What a bot in this process tells of a decision, a refused click and a formula as feedback, while it goes on to serve. */
async function expectStory(storeUrl?: string): Promise<World> {
  const world = await startWorld();
  if (storeUrl) Object.assign(world.settings, { STORE_URL: storeUrl });
  const bot = await startBot(world);
  const { card } = await startRunWithCard(world, bot);
  await clickOn(world, card.ts, 'approve', 'UCAT');
  await world.workspace.changed(() => answersTo(world, 'UCAT').length === 1, { what: 'the refusal' });
  await requestRevision(world, card.ts, FORMULA);
  await sees(world.workspace, 'round 2', (one) => one.all.includes('round 2') && ready(one));

  const lines = await exportFacts(world);
  const sent = ['attempt', 'attempt_ended', 'revision_requested', 'went_on'];
  for (const what of ['received', 'posted', 'refused_person', 'decided', ...sent])
    expect(lines.map((line) => line.what)).toContain(what);
  const find = (what: string) => lines.find((line) => line.what === what);
  const decided = { crew: 'press', task: 'draft_press_release', round: 1, by: 'UBEN', origin: 'modal' };
  expect(find('decided')).toMatchObject({ ...decided, text: FORMULA });
  const refused = { by: 'UCAT', origin: 'card', detail: 'not_approver' };
  expect(find('refused_person')).toMatchObject(refused);
  expect(find('received')).toMatchObject({ origin: 'webhook' });
  expect(find('posted')).toMatchObject({ origin: 'bot' });
  for (const { time } of lines) expect(new Date(String(time)).toISOString()).toBe(time);

  expect((await axios.get(`${bot.url}/readyz`)).status).toBe(200);
  return world;
}

describe('npm run export', () => {
  test('tells every fact with time, actor and origin, beside the running bot, of a crew and a period, also to a file', async () => {
    const world = await expectStory();
    const [fresh, older] = [join(world.folder, 'fresh.csv'), join(world.folder, 'older.csv')];
    writeFileSync(older, 'older');
    chmodSync(older, 0o644);
    for (const out of [fresh, older]) {
      const args = ['--out', out, '--crew', 'press'];
      expect(await exported(world, args)).toMatchObject({ code: 0, stdout: '', stderr: '' });
      const csv = readFileSync(out, 'utf8');
      expect(csv.split('\n')[0]).toBe(
        'time,approval,crew,execution,task,round,what,by,origin,detail,text,kickoff,outcome,status,output,texts,seq,previous,hash,remark,edited,asked,option,rule,votes,follows,record,values,seen',
      );
      expect(csv).toContain(`"'=HYPERLINK(""https://evil.example"",""x""),\nand ""quotes"""`);
      expect(statSync(out).mode & 0o777, 'for its owner only').toBe(0o600);
    }
    const tomorrow = new Date(Date.now() + 24 * 60 * 60_000).toISOString().slice(0, 10);
    for (const period of [
      ['--since', tomorrow],
      ['--until', '2020-01-01'],
    ])
      expect((await exported(world, [...period, '--format', 'jsonl'])).stdout).toBe('');
  });

  test('is what `verify` checks, as the store beside the bot: it says what was changed, and takes hashes to expect', async () => {
    const world = await expectStory();
    const verified = async (...args: string[]) => {
      const { code, stdout, stderr } = await runCommand(world, 'verify', args);
      return { code, lines: stdout.split('\n').filter(Boolean), stderr };
    };
    const newest = /^Newest entry: ([0-9a-f]{64})\. /;
    const store = await verified();
    expect([store.code, store.stderr]).toEqual([0, '']);
    expect(store.lines).toEqual([
      expect.stringMatching(newest),
      expect.stringMatching(/^\d+ entries of 1 histories: nothing was changed\.$/),
    ]);
    const audit = join(world.folder, 'audit.jsonl');
    expect(await exported(world, ['--format', 'jsonl', '--out', audit])).toMatchObject({ code: 0 });
    const [, hash = ''] = newest.exec(store.lines[0] ?? '') ?? [];
    const lines = readFileSync(audit, 'utf8').trim().split('\n');
    const own = (JSON.parse(lines.at(-1) ?? '') as { hash: string }).hash;
    expect(await verified(audit, '--expect', own)).toMatchObject({ code: 0, stderr: '' });
    expect(await verified('--expect', hash, '--expect', own)).toMatchObject({ code: 0, stderr: '' });
    const other = 'f'.repeat(64);
    expect(await verified('--expect', other)).toMatchObject({
      code: 1,
      lines: [
        expect.stringContaining(`The entry with the hash ${other} was not found`),
        ...[1, 2].map(() => expect.any(String)),
      ],
    });
    const forged = lines.map((line) => line.replace('=HYPERLINK', '=SUM'));
    writeFileSync(audit, forged.join('\n'));
    const found = await verified(audit);
    expect(found.code).toBe(1);
    expect(found.lines[0]).toMatch(/^The entry line \d+ of \w+ does not have the text that was recorded/);
    expect(await verified('--expect', own.slice(0, 7))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--expect takes a whole hash: 64 characters'),
    });
    expect(await verified('a', 'b')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('usage: npm run verify -- [FILE]'),
    });
    expect((await verified('--help')).lines[0]).toContain('--expect HASH');
  });

  describeEachServer('on', (newUrl) => {
    inCi('tells the same', async () => void (await expectStory(await newUrl())));
  });

  test('tells how it is used, and ends with 1 and the usage for a wrong option', async () => {
    const world = await startWorld();
    const help = await exported(world, ['--help']);
    expect([help.code, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain('[--since 2026-01-01]');
    expect(help.stdout).toContain('npx --no-install crew-approvals export');
    for (const [sentence, ...args] of [
      ['--format must be csv or jsonl', '--format', 'xml'],
      ['--until must be a date such as 2026-01-31', '--until', '2026-02-31T'],
      ['--crew must be one of press', '--crew', 'nocrew'],
    ] as const) {
      const { code, stdout, stderr } = await exported(world, args);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(sentence);
      expect(stderr).toContain('npm run --silent export -- [--since');
    }
  });

  test('of a database that is not there makes none, and says so; so does a file that cannot be written', async () => {
    const world = await startWorld();
    const STORE_URL = `sqlite://${join(world.folder, 'elsewhere', 'approvals.db')}`;
    const missing = await exported(world, [], { STORE_URL });
    expect([missing.code, missing.stdout]).toEqual([1, '']);
    expect(missing.stderr).toContain('does not exist');
    expect(existsSync(join(world.folder, 'elsewhere'))).toBe(false);
    await (await openSqlite(file(world))).disconnect();
    const unwritable = await exported(world, ['--out', join(world.folder, 'no', 'such', 'folder.csv')]);
    expect([unwritable.code, unwritable.stderr]).toEqual([1, expect.stringContaining('ENOENT')]);
  });
});

describe('an export of many facts', () => {
  async function withFacts(count: number): Promise<World> {
    const world = await startWorld();
    const records = await openSqlite(join(world.folder, 'approvals.db'));
    const store = createApprovalStore(records, log);
    const filler = 'x'.repeat(150);
    await putRecord(records, 'format', String(RECORD_VERSION));
    await Promise.all(
      Array.from({ length: count / 40 }, (_, n) => {
        let approval = anApproval(undefined, {
          id: `A${String(n).padStart(9, '0')}`,
          facts: [],
          factCount: 0,
        });
        for (let i = 0; i < 40; i += 1)
          approval = addFact(approval, {
            at: 1_700_000_000_000 + n * 1_000 + i,
            what: 'reminded',
            round: 1,
            detail: filler,
          });
        return store.save({ approvals: [{ previous: undefined, next: approval }] });
      }),
    );
    await records.disconnect();
    return world;
  }

  function spawned(world: World, ...args: string[]) {
    const child = spawn(process.execPath, ['--max-old-space-size=24', EXPORT, ...args], {
      cwd: world.folder,
      env: { PATH: process.env.PATH, ...world.settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    return { child, ended: once(child, 'close').then(([code]) => ({ code: code as number, stderr })) };
  }

  inCi('needs no more memory than one of few, however slowly it is read', async () => {
    const world = await withFacts(60_000);
    const { child, ended } = spawned(world, '--format', 'jsonl');
    let lines = 0;
    // A reader that stops until the export has nothing left to do: what is not read has to wait, not to pile up.
    await once(child.stdout, 'readable');
    let used = -1;
    const worked = () => {
      const before = used;
      used = readProcessorTicks(child.pid);
      return used - before;
    };
    await expect.poll(worked, { interval: 200 }).toBe(0);
    child.stdout.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 10) lines += 1;
    });
    expect(await ended).toEqual({ code: 0, stderr: '' });
    expect(lines).toBe(60_000);
  });

  inCi('ends quietly when its reader has seen enough', async () => {
    const world = await withFacts(4_000);
    for (const format of ['csv', 'jsonl']) {
      const { child, ended } = spawned(world, '--format', format);
      await once(child.stdout, 'data');
      child.stdout.destroy();
      expect(await ended).toEqual({ code: 0, stderr: '' });
    }
  });
});
