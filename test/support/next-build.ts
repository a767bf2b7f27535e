import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RECORD_VERSION } from '../../src/approval/model/approval.ts';
import { CARD_DESIGN_VERSION } from '../../src/slack/views/card/card.ts';
import { BUILT } from './build.ts';
import { atEnd } from './shared.ts';

const root = join(import.meta.dirname, '..', '..');
const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');

export const NEXT_FORMAT = RECORD_VERSION + 1;
/** A field of an approval that has another name in the next format. */
export const FIELD = { now: 'tasksNoted', next: 'notedTasks' } as const;

const STEP = `import type { FormatStep } from './step.ts';

export const toNextFormat: FormatStep = {
  convertRecord(kind, { ${FIELD.now}, ...kept }) {
    return kind === 'approval' ? { ...kept, ${FIELD.next}: ${FIELD.now} } : { ...kept, ${FIELD.now} };
  },
};
`;

/** Makes a build with the next format, as if a developer had renamed a field. Returns its folder. */
export function makeNextBuild(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-next-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const src = join(folder, 'src');
  cpSync(join(root, 'src'), src, { recursive: true });
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
  for (const name of readdirSync(src, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.ts') && !name.includes('formats/'))
      replaceIn(join(src, name), new RegExp(`\\b${FIELD.now}\\b`, 'g'), FIELD.next);
  const version = `export const RECORD_VERSION = ${RECORD_VERSION};`;
  replaceOnce(
    join(src, 'approval', 'model', 'approval.ts'),
    version,
    version.replace(/\d+/, `${NEXT_FORMAT}`),
  );
  writeFileSync(join(src, 'store', 'formats', `format-${NEXT_FORMAT}.ts`), STEP);
  const formats = join(src, 'store', 'formats', 'formats.ts');
  replaceOnce(formats, /(new Map\(\[[^;]*)\]\);/, `$1[${NEXT_FORMAT}, toNextFormat]]);`);
  replaceOnce(formats, /^/, `import { toNextFormat } from './format-${NEXT_FORMAT}.ts';\n`);
  const built = `${BUILT}-next`;
  atEnd(() => rmSync(built, { recursive: true, force: true }));
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: { noEmit: false, outDir: built, rootDir: src, types: [] },
    include: [src],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  execFileSync(process.execPath, [tsc, '-p', folder, '--noCheck'], { stdio: 'inherit' });
  return built;
}

/** The words on a waiting card for the people who can decide: in this build, and in the build with another drawing. */
export const WORDS = { now: ' can decide.', next: ' are able to decide.' } as const;

/** Makes a build with the same format and a higher drawing number, whose cards have other words. Returns its folder. */
export function makeOtherDrawing(): string {
  const built = `${BUILT}-drawing`;
  atEnd(() => rmSync(built, { recursive: true, force: true }));
  cpSync(BUILT, built, { recursive: true });
  const version = `export const CARD_DESIGN_VERSION = ${CARD_DESIGN_VERSION};`;
  replaceOnce(
    join(built, 'slack', 'views', 'card', 'card.js'),
    version,
    version.replace(/\d+/, `${CARD_DESIGN_VERSION + 1}`),
  );
  replaceOnce(join(built, 'slack', 'texts', 'card.js'), new RegExp(`${WORDS.now}(?=\`)`, 'g'), WORDS.next);
  return built;
}

function replaceIn(file: string, what: RegExp, by: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(what, by));
}

function replaceOnce(file: string, what: string | RegExp, by: string): void {
  const text = readFileSync(file, 'utf8');
  const replaced = text.replace(what, by);
  if (replaced === text) throw new Error(`${file} has nothing like ${what}`);
  writeFileSync(file, replaced);
}
