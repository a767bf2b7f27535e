// Applies each mutant, one at a time, in a temporary copy of the checkout and runs its tests there: they must fail.
// Usage: npm run mutants [-- --only LIST|FILE… --parallel N]
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { ONLY_IN_CI } from '../support/only-in-ci.ts';
import { findFault, loadRows, nameRow, type Row } from './lists.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const NOT_COPIED = ['.git', 'node_modules', 'dist', 'coverage', 'data'].map((name) => join(ROOT, name));
/** A mutant that keeps its tests running for this long is killed: a loop without end, for example. */
const TOO_LONG = 10 * 60_000;

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, parallel: { type: 'string', default: '2' } },
});
const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-mutants-'));
const processes = new Set<number>();
process.on('exit', () => {
  for (const group of processes) process.kill(-group, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
process.exit(await main());

async function main(): Promise<number> {
  const { only } = values;
  const rows = (await loadRows()).filter(
    ({ list, file }) => only?.some((one) => list === one || file.startsWith(one)) ?? true,
  );
  const stale = rows.filter((row) => findFault(row));
  for (const row of stale) console.error(`stale row: ${nameRow(row)}: ${findFault(row)}`);
  if (stale.length > 0 || rows.length === 0) return 1;

  const first = copyCheckout();
  const unchanged = await runTests(first, [...new Set(rows.flatMap(({ tests }) => tests))]);
  if (unchanged.failed) {
    console.error(`${unchanged.output}\nThe tests fail without a mutant.`);
    return 1;
  }
  const parallel = Math.min(rows.length, Number(values.parallel));
  const others = Array.from({ length: parallel - 1 }, (_, index) => {
    const copy = join(folder, `copy-${index + 2}`);
    cpSync(first, copy, { recursive: true });
    return copy;
  });
  const waiting = [...rows];
  const survivors: Row[] = [];
  const work = async (copy: string) => {
    for (let row = waiting.shift(); row; row = waiting.shift()) {
      const since = performance.now();
      const killed = await tryMutant(copy, row);
      if (!killed) survivors.push(row);
      const seconds = ((performance.now() - since) / 1000).toFixed(1);
      console.log(`${killed ? 'killed  ' : 'SURVIVED'} ${seconds} s ${nameRow(row)}`);
    }
  };
  await Promise.all([first, ...others].map(work));
  console.log(`${rows.length - survivors.length} killed, ${survivors.length} survived`);
  for (const row of survivors) console.log(`- ${nameRow(row)}`);
  return survivors.length === 0 ? 0 : 1;
}

/** With a build in `dist`, which the tests use. */
function copyCheckout(): string {
  const copy = join(folder, 'copy-1');
  cpSync(ROOT, copy, { recursive: true, filter: (path) => !NOT_COPIED.includes(path) });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: copy, stdio: 'inherit' });
  return copy;
}

async function tryMutant(copy: string, { file, from, to, tests }: Row): Promise<boolean> {
  const text = readFileSync(join(copy, file), 'utf8');
  write(copy, file, text.split(from).join(to));
  try {
    return (await runTests(copy, tests)).failed;
  } finally {
    write(copy, file, text);
  }
}

/** Writes a source file and builds it. */
function write(copy: string, file: string, text: string): void {
  writeFileSync(join(copy, file), text);
  if (!/^src\/.*\.ts$/.test(file)) return;
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(copy, 'tsconfig.build.json'), ts.sys.readFile).config,
    ts.sys,
    copy,
  );
  const compilerOptions = { ...options, module: ts.ModuleKind.ESNext, sourceMap: false };
  const { outputText } = ts.transpileModule(text, { compilerOptions, fileName: file });
  writeFileSync(join(copy, file.replace(/^src/, 'dist').replace(/\.ts$/, '.js')), outputText);
  execFileSync(process.execPath, ['src/start.mjs', '--record-build'], { cwd: copy });
}

/** Tests, or more runs of a property, that `CI=true` adds. */
function hasPartsOnlyInCI(copy: string, test: string): boolean {
  return readFileSync(join(copy, test), 'utf8').includes('process.env.CI');
}

function runTests(copy: string, tests: readonly string[]): Promise<{ failed: boolean; output: string }> {
  const { CI: _, ...env } = process.env;
  const inCI = tests.some((test) => ONLY_IN_CI.includes(test) || hasPartsOnlyInCI(copy, test));
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', ...tests, '--maxWorkers=1', '--bail=1'], {
    cwd: copy,
    detached: true,
    env: { ...env, ...(inCI ? { CI: 'true' } : {}), CREW_APPROVALS_BUILT: join(copy, 'dist') },
  });
  const group = child.pid as number;
  processes.add(group);
  const timer = setTimeout(() => process.kill(-group, 'SIGKILL'), TOO_LONG);
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  child.stderr.on('data', (data) => (output += data));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      processes.delete(group);
      resolve({ failed: code !== 0, output });
    });
  });
}
