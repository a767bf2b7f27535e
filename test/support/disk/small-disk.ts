import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { describeIf } from '../describe-if.ts';

/** `describe` for tests that fill disks. Only root can mount them, and only on Linux. */
export const describeSmallDisk = describeIf(
  canMount(),
  'no disk can be mounted here: what the bot does on a full disk is skipped',
);

/** Mounts an empty disk of this size (`64m`) and returns its folder. The disk ends with the test. */
export function mountSmallDisk(size: string): string {
  const { folder, unmount } = mount(size);
  onTestFinished(unmount);
  return folder;
}

function canMount(): boolean {
  try {
    mount('1m').unmount();
    return true;
  } catch {
    return false;
  }
}

function mount(size: string): { folder: string; unmount: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-small-disk-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch (error) {
    remove();
    throw error;
  }
  const unmount = () => {
    execFileSync('umount', ['--lazy', folder]);
    remove();
  };
  return { folder, unmount };
}
