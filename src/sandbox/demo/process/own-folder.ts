import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'crew-approvals-demo-';
/** File in each folder that names its owner. */
const OWNER = 'demo.pid';

/** Creates a temporary folder for this demo. Removes the folders of demos that were killed before they could do so. */
export function createOwnFolder(): string {
  removeOrphans();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  writeFileSync(join(folder, OWNER), describeOwner(process.pid));
  return folder;
}

/** Names a process and its host: containers that share the temporary folder do not share process ids. */
function describeOwner(pid: number): string {
  return `${pid} ${hostname()}`;
}

function removeOrphans(): void {
  const folders = readdirSync(tmpdir(), { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name.startsWith(PREFIX),
  );
  for (const { name } of folders) {
    const folder = join(tmpdir(), name);
    try {
      if (isOrphan(readFileSync(join(folder, OWNER), 'utf8'))) rmSync(folder, { recursive: true });
    } catch {
      // The folder belongs to another user, does not name its owner yet, or was removed by another demo.
    }
  }
}

function isOrphan(text: string): boolean {
  const pid = Number.parseInt(text, 10);
  return pid > 0 && text === describeOwner(pid) && !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
