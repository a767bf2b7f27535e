import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeIf } from '../support/describe-if.ts';

/** The Pythons of this machine that the Python package supports, each version once. */
const PYTHONS = new Map(
  ['python3', 'python3.10', 'python3.11', 'python3.12', 'python3.13'].flatMap((command) => {
    const { stdout, status } = spawnSync(command, ['-c', 'import sys; print(sys.version_info[:2])'], {
      encoding: 'utf8',
    });
    const [, minor] = /\(3, (\d+)\)/.exec(stdout ?? '') ?? [];
    return status === 0 && Number(minor) >= 10 ? [[`3.${minor}`, command] as const] : [];
  }),
);

const missing = 'Python 3.10 or newer is not there: the tests of the Python package are skipped';

describeIf(PYTHONS.size > 0, missing)('src/python/crew_approvals', () => {
  test.concurrent.each([...PYTHONS])(
    'keeps its contract on Python %s',
    { timeout: 120_000 },
    async (_, command) => {
      const { stderr } = await promisify(execFile)(
        command,
        ['-m', 'unittest', 'discover', '-s', join('test', 'python')],
        {
          env: { ...process.env, PYTHONPATH: join('src', 'python'), PYTHONDONTWRITEBYTECODE: '1' },
          timeout: 110_000,
        },
      );
      expect(stderr).toMatch(/Ran \d+ tests in [\d.]+s\n\nOK/);
    },
  );
});
