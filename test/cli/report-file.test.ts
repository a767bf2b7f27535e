import { closeSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ReportFile } from '../../src/cli/report-file.ts';
import { describeSmallDisk, mountSmallDisk } from '../support/disk/small-disk.ts';

describeSmallDisk('on a full disk', () => {
  test('a report of short pieces fails with the reason, and leaves no part of a file', async () => {
    const folder = mountSmallDisk('64k');
    const file = new ReportFile(join(folder, 'report.html'));
    const fill = async () => {
      for (let count = 0; count < 100; count += 1) {
        file.write('x'.repeat(1_000));
        await sleep(2);
      }
    };
    await expect(fill()).rejects.toThrow(/^ENOSPC/);
    file.discard();
    expect(readdirSync(folder)).toEqual([]);
    const again = new ReportFile(join(folder, 'report.html'));
    again.write('whole');
    again.finish();
    expect(readdirSync(folder)).toEqual(['report.html']);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe('whole');
  });
});

test.runIf(process.platform === 'linux').each(['finish', 'discard'])(
  'a file that cannot be closed fails once, and no part of it is left: %s',
  (first) => {
    const folder = mkdtempSync(join(tmpdir(), 'report-file-'));
    const file = new ReportFile(join(folder, 'report.html'));
    file.write('some');
    closeSync(findOpen(folder));
    if (first === 'finish') expect(() => file.finish()).toThrow(/^EBADF/);
    file.discard();
    expect(readdirSync(folder)).toEqual([]);
  },
);

/** The number of the file of a folder that this process has open. */
function findOpen(folder: string): number {
  const isOf = (one: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${one}`).startsWith(folder);
    } catch {
      return false;
    }
  };
  return Number(readdirSync('/proc/self/fd').find(isOf));
}
