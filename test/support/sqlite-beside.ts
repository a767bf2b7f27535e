import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

const PACKAGE = JSON.stringify(createRequire(import.meta.url).resolve('@photostructure/sqlite'));

/**
 * Runs this script in a separate process, where `db` is a connection to the file. Like an operator's tool, it shares no
 * locks with the bot or the test. Resolves when the process has closed the file and ended. Rejects if it failed.
 */
export function besideBot(file: string, script: string): Promise<void> {
  const source = `
    const { DatabaseSync } = require(${PACKAGE});
    const db = new DatabaseSync(${JSON.stringify(file)}, { timeout: 10_000 });
    const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    ${script}
    db.close();
  `;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--eval', source], { stdio: ['ignore', 'ignore', 'pipe'] });
    let failed = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      failed += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(failed))));
  });
}
