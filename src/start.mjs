// Starts what `npm ci` built, the bot or the part that is named, and never builds: several bots may run from this
// folder. Plain JavaScript, since it has to run when there is no build.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = dirname(fileURLToPath(import.meta.url));
const stamp = join(src, '..', 'dist', 'built-from');
const [part = 'main'] = process.argv.slice(2);
const main = join(src, '..', 'dist', `${part}.js`);

function sourceHash() {
  const hash = createHash('sha256');
  for (const name of readdirSync(src, { recursive: true }).map(String).sort()) {
    if (name.endsWith('.ts')) hash.update(name).update(readFileSync(join(src, name)));
  }
  return hash.digest('hex');
}

function fault() {
  if (!existsSync(main) || !existsSync(stamp))
    return 'The bot is not built yet: run `npm ci` (or `npm run build`) first.';
  if (readFileSync(stamp, 'utf8') === sourceHash()) return undefined;
  return 'The build is older than the source: run `npm ci` (or `npm run build`) first.';
}

if (part === '--record-build') writeFileSync(stamp, sourceHash());
else {
  const wrong = fault();
  if (wrong) {
    console.error(wrong);
    process.exit(1);
  }
  // What is started sees its own arguments only.
  process.argv.splice(2, 1);
  await import(main);
}
