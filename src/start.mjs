#!/usr/bin/env node
// Starts the built bot or the named part. Never builds, since several processes may run from this folder. Plain
// JavaScript, since it must run without a build.
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
/** Other options without a part are options of the bot. */
const OWN_OPTIONS = ['--help', '--record-build', '--check-build'];
const part = first.startsWith('--') && !OWN_OPTIONS.includes(first) ? 'start' : first;

function sourceHash() {
  const hash = createHash('sha256');
  for (const name of readdirSync(src, { recursive: true }).map(String).sort()) {
    if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(src, name)));
  }
  return hash.digest('hex');
}

/** The compiler does not remove the output of deleted files. */
function removeStaleFiles() {
  for (const name of readdirSync(dist, { recursive: true }).map(String)) {
    const source = join(src, name.replace(/\.js(\.map)?$/, '.ts'));
    if (/\.js(\.map)?$/.test(name) && !existsSync(source)) rmSync(join(dist, name));
  }
}

function findFault(part) {
  if (!(part in PARTS)) return `Unknown command "${part}": use one of ${Object.keys(PARTS).join(', ')}.`;
  if (!existsSync(stamp) || !existsSync(join(dist, `${PARTS[part]}.js`)))
    return 'The bot is not built: run `npm ci` (or `npm run build`) first.';
  // An installed package has no source files.
  const packaged = !existsSync(join(src, 'main.ts'));
  if (packaged || readFileSync(stamp, 'utf8') === sourceHash()) return undefined;
  return 'The build is older than the source: run `npm ci` (or `npm run build`) first.';
}

if (part === '--record-build') {
  removeStaleFiles();
  writeFileSync(stamp, sourceHash());
} else {
  if (part === '--help') {
    console.log(`usage: crew-approvals [${Object.keys(PARTS).join(' | ')}] [options]`);
    process.exit(0);
  }
  const onlyCheck = part === '--check-build';
  const wrong = findFault(onlyCheck ? 'start' : part);
  if (wrong) console.error(wrong);
  if (wrong || onlyCheck) process.exit(wrong ? 1 : 0);
  // The started part sees only its own arguments.
  if (part === first) process.argv.splice(2, 1);
  await import(join(dist, `${PARTS[part]}.js`));
}
