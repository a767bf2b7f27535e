import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
/** The store's contract, and a whole run through the bot. The CI workflow runs all tests on each version. */
const PROVED = ['test/store/sqlite.test.ts', 'test/e2e/flow-reviews.test.ts'];

/** Node of another version for this machine, from the registry. Throws where it cannot be had. */
function installNode(version: number): string {
  const folder = mkdtempSync(join(tmpdir(), `crew-approvals-node-${version}-`));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), '{}');
  const name = `node-${process.platform}-${process.arch}`;
  execFileSync('npm', ['install', '--no-audit', '--no-fund', `${name}@${version}`], { cwd: folder });
  return join(folder, 'node_modules', name, 'bin', 'node');
}

test.each([22, 24, 26])(
  'on Node %s the store keeps its contract and the main job is done',
  async (version) => {
    const node = installNode(version);
    expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(`v${version}.`);
    const { status, stdout, stderr } = spawnSync(node, [VITEST, 'run', '--project', 'tests', ...PROVED], {
      cwd: ROOT,
      // Processes that the tests start run on it too.
      env: { ...process.env, CI: '', PATH: [dirname(node), process.env.PATH].join(delimiter) },
      encoding: 'utf8',
    });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
  },
  180_000,
);
