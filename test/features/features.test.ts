import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FEATURES } from '../../src/features/index.ts';
import { ACTIONS, CALLBACKS, OPTION_BUTTONS, OPTION_FORM_BUTTONS } from '../../src/slack/app/ids.ts';
import { readCommand } from '../../src/slack/listeners/read-command.ts';
import { idsOfFeatures } from '../support/features.ts';

const CORE = {
  clicks: [...Object.values(ACTIONS), ...OPTION_BUTTONS, ...OPTION_FORM_BUTTONS],
  submissions: Object.values(CALLBACKS),
  messageShortcuts: ['approval_details'],
  globalShortcuts: [],
};

test.each(Object.keys(CORE) as (keyof typeof CORE)[])('no id of %s belongs to two', (table) => {
  const ids: string[] = [...CORE[table], ...idsOfFeatures(table)];
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
});

test('no word of a command belongs to two, and none to the core', () => {
  const words = FEATURES.flatMap(({ commands = [] }) => commands.flatMap((command) => command.words));
  expect(words.filter((word, at) => words.indexOf(word) !== at)).toEqual([]);
  for (const word of words) expect(readCommand(word, 0), word).toMatchObject({ kind: 'look', id: word });
});

const LEAVES = readdirSync('src/features').filter((name) => !name.endsWith('.ts'));
const WHOLE = ['src/features/index.ts', 'test/features/features.test.ts'];
/** Which folder of the core only a leaf may import besides the commands: a rule that outlives the leaf. */
const RULES = '.dependency-cruiser.cjs';

/** Where a file outside the leaf's two folders names one of the leaf's files. */
function findNamesOfLeaf(leaf: string, files: ReadonlyMap<string, string>): string[] {
  const path = new RegExp(`features/${leaf}\\b|['"]\\.\\./${leaf}/`);
  const own = new RegExp(`^(?:src|test)/features/${leaf}/`);
  return [...files].flatMap(([file, text]) => {
    const isNamed = file.includes('/features/') ? path : new RegExp(`features/${leaf}\\b`);
    return !own.test(file) && isNamed.test(text) ? [file] : [];
  });
}

const isCode = (name: string) => /\.(?:[cm]?[jt]s|json|yml)$/.test(name);
const code = new Map(
  [
    ...['src', 'test'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
    ),
    ...readdirSync('.').filter((name) => name !== RULES),
  ]
    .filter((file) => isCode(file) && !WHOLE.includes(file) && existsSync(file))
    .map((file) => [file, readFileSync(file, 'utf8')]),
);

test('a leaf can be deleted: only its two folders and its line in the list name its files', () => {
  expect(LEAVES).toHaveLength(FEATURES.length);
  expect(code.has('test/mutants/slack.ts') && code.has('knip.json')).toBe(true);
  for (const leaf of LEAVES) expect(findNamesOfLeaf(leaf, code), leaf).toEqual([]);
});

test.each([
  ['test/mutants/slack.ts', "'features/starts/start-form'", true],
  ['test/gallery/parts.ts', "from '../features/starts/gallery.ts'", true],
  ['test/features/stats/gallery.ts', "from '../starts/gallery.ts'", true],
  ['src/features/stats/index.ts', "from '../starts/ids.ts'", true],
  ['test/features/starts/gallery.ts', "from '../../../src/features/starts/ids.ts'", false],
  ['src/approval/app.ts', "from './starts/start-run.ts'", false],
  ['src/approval/queries/look-up.ts', "from '../starts/can-start.ts'", false],
])('%s with %s names a file of the leaf "starts": %j', (file, text, isNamed) => {
  expect(findNamesOfLeaf('starts', new Map([[file, text]]))).toEqual(isNamed ? [file] : []);
});
