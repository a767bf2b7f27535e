import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answersTo } from '../support/asking.ts';
import {
  clickOn,
  file,
  ready,
  requestRevision,
  runCommand,
  startRunWithCard,
} from '../support/process-steps.ts';
import { besideBot } from '../support/sqlite-beside.ts';
import { sees, startBot, startWorld, type World } from '../support/world.ts';

const reported = (world: World, args: readonly string[] = []) => runCommand(world, 'report', args);

test('npm run report writes one page beside a running bot, for its owner only, and says where the history was changed', async () => {
  const world = await startWorld();
  const bot = await startBot(world);
  const { card } = await startRunWithCard(world, bot);
  await clickOn(world, card.ts, 'approve', 'UCAT');
  await world.workspace.changed(() => answersTo(world, 'UCAT').length === 1, { what: 'the refusal' });
  await requestRevision(world, card.ts, 'Shorter, <please>.');
  await sees(world.workspace, 'round 2', (one) => one.all.includes('round 2') && ready(one));

  const out = join(world.folder, 'page.html');
  const made = await reported(world, ['--out', out, '--crew', 'press']);
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toContain(`${out}: approvals and starts of runs: 1.`);
  expect(made.stdout).toContain('nothing was changed.');
  expect(statSync(out).mode & 0o777).toBe(0o600);
  const page = readFileSync(out, 'utf8');
  for (const said of ['Shorter, &lt;please&gt;.', 'not_approver', 'UBEN', 'nothing was changed.'])
    expect(page).toContain(said);
  for (const secret of Object.entries(world.settings).filter(([name]) => /TOKEN|SECRET/.test(name)))
    expect(page).not.toContain(secret[1]);
  expect(page).not.toMatch(/<script|https?:\/\//);

  const verified = await runCommand(world, 'verify', []);
  expect(made.stdout).toContain(verified.stdout.split('\n')[0]);

  await besideBot(
    file(world),
    `db.exec("UPDATE records SET raw = replace(raw, 'refused_person', 'reminded') WHERE key LIKE 'fact/%'");`,
  );
  const forged = await reported(world, ['--out', out]);
  expect([forged.code, forged.stderr]).toEqual([1, '']);
  const [sentence = ''] = (await runCommand(world, 'verify', [])).stdout.split('\n');
  expect(sentence).toContain('was changed');
  const red = readFileSync(out, 'utf8');
  expect(red).toContain(`<p class="fault">${sentence}</p>`);
});

test('npm run report tells how it is used, and ends with 1 and a sentence for a wrong option, without a file', async () => {
  const world = await startWorld();
  const help = await reported(world, ['--help']);
  expect([help.code, help.stderr]).toEqual([0, '']);
  expect(help.stdout).toContain('usage: npm run report');
  const before = readdirSync(world.folder);
  for (const [sentence, ...args] of [
    ['--since must be a date such as 2026-01-31', '--since', '2026-02-31'],
    ['--until must be a date such as 2026-01-31', '--until', 'yesterday'],
    ['--since must be before --until', '--since', '2026-02-01', '--until', '2026-01-01'],
    ['--crew must be one of press', '--crew', 'constructor'],
    ['--out must be the name of a file', '--out', ''],
  ] as const) {
    const { code, stdout, stderr } = await reported(world, args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(sentence);
    expect(stderr).toContain('usage: npm run report');
  }
  const removed = await reported(world, ['--pseudonyms']);
  expect([removed.code, removed.stdout]).toEqual([1, '']);
  expect(removed.stderr).toMatch(/^--pseudonyms was removed: .*\n$/);
  const unwritable = await reported(world, ['--out', join(world.folder, 'no', 'such', 'page.html')]);
  expect([unwritable.code, unwritable.stdout]).toEqual([1, '']);
  expect(existsSync(join(world.folder, 'no'))).toBe(false);
  expect(readdirSync(world.folder)).toEqual(before);
});

test('npm run report takes the place of a file, and never that of a folder, a link or a device', async () => {
  const world = await startWorld();
  await startBot(world);
  const out = join(world.folder, 'page.html');
  for (let times = 0; times < 2; times += 1)
    expect(await reported(world, ['--out', out])).toMatchObject({ code: 0 });
  const [folder, link] = ['folder', 'link'].map((name) => join(world.folder, name)) as [string, string];
  mkdirSync(folder);
  symlinkSync('/dev/null', link);
  for (const path of [folder, link, '/dev/stdout']) {
    const { code, stderr } = await reported(world, ['--out', path]);
    expect([code, stderr.trim()]).toEqual([1, `${path} is not a file: name another one.`]);
  }
  const unwritable = await reported(world, ['--out', join(folder, 'no', 'page.html')]);
  expect(unwritable.stderr.trim()).toBe(`The folder ${join(folder, 'no')} does not exist.`);
  const long = await reported(world, ['--out', join(world.folder, 'x'.repeat(250))]);
  expect([long.code, long.stderr], 'it ends').toEqual([1, expect.stringMatching(/^ENAMETOOLONG: .*, open /)]);
  expect([lstatSync(link).isSymbolicLink(), lstatSync('/dev/null').isFile()]).toEqual([true, false]);
  expect(readdirSync(world.folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});
