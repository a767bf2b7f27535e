import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'crew-approvals-demo-';
/** In each folder: whose it is. */
const OWNER = 'demo.pid';

/** A temporary folder of this demo. Those of demos that were killed before they could remove theirs are removed. */
export function createOwnFolder(): string {
  removeOrphans();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  writeFileSync(join(folder, OWNER), owner(process.pid));
  return folder;
}

/** The host is named since containers that share a folder do not share process ids. */
function owner(pid: number): string {
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
      // Somebody else's, still without its owner, or removed meanwhile by another demo.
    }
  }
}

function isOrphan(text: string): boolean {
  const pid = Number.parseInt(text, 10);
  return pid > 0 && text === owner(pid) && !lives(pid);
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
