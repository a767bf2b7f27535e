// Writes the npm package crew-approvals-client: the clients that crew-approvals exports, without any dependency.
// Usage, after `npm run build`: node .ci/client-package.mjs FOLDER
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('Usage: node .ci/client-package.mjs FOLDER');
  process.exit(1);
}
const { version, license, author, engines, exports } = JSON.parse(readFileSync('package.json', 'utf8'));
// Here the client is the package itself.
const { './client': main, ...others } = exports;

/** A built file and all files that it imports. */
function follow(path, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  for (const [, imported] of readFileSync(path, 'utf8').matchAll(/(?:from|import) '(\.[^']+)'/g)) {
    // Declarations import the sources by name.
    const file = path.endsWith('.d.ts') ? imported.replace(/\.ts$/, '.d.ts') : imported;
    follow(join(dirname(path), file), found);
  }
  return found;
}

const entries = Object.values(exports).flatMap((entry) =>
  Object.values(entry).filter((path) => path.startsWith('./dist/')),
);
for (const path of new Set(entries.flatMap((entry) => [...follow(join(entry))]))) {
  mkdirSync(join(folder, dirname(path)), { recursive: true });
  copyFileSync(path, join(folder, path));
}
copyFileSync('LICENSE', join(folder, 'LICENSE'));
copyFileSync(join('src', 'clients', 'README.md'), join(folder, 'README.md'));
const packageJson = {
  name: 'crew-approvals-client',
  version,
  description: 'Ask people in Slack from JavaScript and TypeScript: the client of crew-approvals',
  license,
  author,
  keywords: ['human-in-the-loop', 'approvals', 'slack', 'agents', 'ai-sdk', 'openai-agents'],
  exports: { '.': main, ...others },
  type: 'module',
  engines,
  sideEffects: false,
};
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(packageJson, undefined, 2)}\n`);
