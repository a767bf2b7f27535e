import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const TSC = join(ROOT, 'node_modules', '@typescript', 'native', 'bin', 'tsc');

/** What the compiler says. */
function compile(folder: string, args: string[]): string {
  try {
    return execFileSync(process.execPath, [TSC, ...args], { cwd: folder, encoding: 'utf8' });
  } catch (error) {
    return String((error as { stdout?: string }).stdout);
  }
}

const PROGRAM = `
import { CrewApprovals, type PersonAnswer, type ProgramQuestion } from './client.js';

const approvals = new CrewApprovals({ url: 'http://localhost:3000', crew: 'deploys', secret: 'secret' });
const question: ProgramQuestion = { title: 'Ship?', text: 'Yes', options: [{ id: 'ship', label: 'Ship' }] };
const answer: PersonAnswer = await approvals.ask(question, { id: 'build-42' });
const option: string = answer.option;
const amount: string | number | boolean | string[] | undefined = answer.fields?.amount;
`;

test('a folder with nothing but the built client compiles under strict', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const build = ['-p', 'tsconfig.clients.json', '--noCheck', '--rootDir', 'src/clients', '--outDir', folder];
  expect(compile(ROOT, build)).toBe('');
  const options = {
    ...{ strict: true, noEmit: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
    ...{ module: 'nodenext', target: 'es2023', types: ['node'] },
    typeRoots: [join(ROOT, 'node_modules', '@types')],
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, files: ['program.ts'] }),
  );
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'program.ts'), PROGRAM);
  expect(compile(folder, ['-p', folder])).toBe('');
  writeFileSync(join(folder, 'program.ts'), PROGRAM.replace("title: 'Ship?'", 'title: 5'));
  expect(compile(folder, ['-p', folder])).toContain('TS2322');
});
