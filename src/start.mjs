#!/usr/bin/env node
// Starts what was built, the bot or the part that is named, and never builds: several may run from this folder. Plain
// JavaScript, since it has to run when there is no build.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PARTS = {
  start: 'main',
  demo: 'sandbox/demo',
  doctor: 'cli/doctor/doctor',
  export: 'cli/export',
  backup: 'cli/backup',
};

const src = dirname(fileURLToPath(import.meta.url));
const dist = join(src, '..', 'dist');
const stamp = join(dist, 'built-from');
const [first = 'start'] = process.argv.slice(2);
/** Options without a part are those of the bot. */
const own = ['--help', '--record-build', '--check-build'];
const part = first.startsWith('--') && !own.includes(first) ? 'start' : first;

function sourceHash() {
  const hash = createHash('sha256');
  for (const name of readdirSync(src, { recursive: true }).map(String).sort()) {
    if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(src, name)));
  }
  return hash.digest('hex');
}

/** The compiler leaves what it built of files that are gone. */
function removeStaleFiles() {
  for (const name of readdirSync(dist, { recursive: true }).map(String)) {
    const source = join(src, name.replace(/\.js(\.map)?$/, '.ts'));
    if (/\.js(\.map)?$/.test(name) && !existsSync(source)) rmSync(join(dist, name));
  }
}

function fault(part) {
  if (!(part in PARTS)) return `There is no "${part}": it is one of ${Object.keys(PARTS).join(', ')}.`;
  if (!existsSync(stamp) || !existsSync(join(dist, `${PARTS[part]}.js`)))
    return 'The bot is not built yet: run `npm ci` (or `npm run build`) first.';
  // An installed package has no source beside its build.
  const packaged = !existsSync(join(src, 'main.ts'));
  if (packaged || readFileSync(stamp, 'utf8') === sourceHash()) return undefined;
  return 'The build is older than the source: run `npm ci` (or `npm run build`) first.';
}

if (part === '--record-build') {
  removeStaleFiles();
  writeFileSync(stamp, sourceHash());
} else {
  if (part === '--help') {
    console.log(`usage: crew-approvals [${Object.keys(PARTS).join(' | ')}] [options of that part]`);
    process.exit(0);
  }
  const onlyCheck = part === '--check-build';
  const wrong = fault(onlyCheck ? 'start' : part);
  if (wrong) console.error(wrong);
  if (wrong || onlyCheck) process.exit(wrong ? 1 : 0);
  // What is started sees its own arguments only.
  if (part === first) process.argv.splice(2, 1);
  await import(join(dist, `${PARTS[part]}.js`));
}
