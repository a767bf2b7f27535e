import { closeSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ReportFiles } from '../../src/cli/report-files.ts';
import { describeSmallDisk, mountSmallDisk } from '../support/disk/small-disk.ts';

describeSmallDisk('on a full disk', () => {
  test('a report of short pieces fails with the reason, and leaves no part of a file', async () => {
    const folder = mountSmallDisk('64k');
    const files = new ReportFiles(join(folder, 'report.html'));
    const fill = async () => {
      for (let count = 0; count < 100; count += 1) {
        await files.write(undefined, 'x'.repeat(1_000));
        await sleep(2);
      }
    };
    await expect(fill()).rejects.toThrow(/^ENOSPC/);
    files.discard();
    expect(readdirSync(folder)).toEqual([]);
    const again = new ReportFiles(join(folder, 'report.html'));
    await again.write(undefined, 'whole');
    expect(await again.finish()).toEqual([join(folder, 'report.html')]);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toBe('whole');
  });
});

test.runIf(process.platform === 'linux').each(['write', 'discard'])(
  'a file that cannot be closed fails once, and no part of it is left: %s',
  (first) => {
    const folder = mkdtempSync(join(tmpdir(), 'report-files-'));
    const files = new ReportFiles(join(folder, 'report.html'));
    files.write(undefined, 'some');
    closeSync(findOpen(folder));
    if (first === 'write') expect(() => files.write('other.html', 'more')).toThrow(/^EBADF/);
    files.discard();
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
