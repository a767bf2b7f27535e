import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';

const EXPORTED = /^export (?:abstract )?(?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm;

/** Where an exported name stands once: its folder of texts, its feature, or else the product. */
function findScope(file: string): string {
  const folder = dirname(file);
  if (/(?:^|\/)texts(?:\/|$)/.test(folder)) return folder;
  return /^features\/[^/]+(?=\/)/.exec(file)?.[0] ?? PRODUCT;
}

const PRODUCT = '';

/** The exported names that stand in two files of one scope, or both in a feature or texts and in the rest of the product. */
function findTwice(files: ReadonlyMap<string, string>): string[] {
  const placesOf = new Map<string, string[]>();
  for (const [file, text] of files) {
    for (const name of new Set([...text.matchAll(EXPORTED)].map(([, name = '']) => name)))
      placesOf.set(name, [...(placesOf.get(name) ?? []), file]);
  }
  const twice = [...placesOf].filter(([, places]) => {
    const scopes = new Set(places.map(findScope));
    return scopes.size < places.length || (scopes.size > 1 && scopes.has(PRODUCT));
  });
  return twice.map(([name, places]) => `${name}: ${places.join(', ')}`);
}

test('an exported name stands in one file of the product, of each feature and of each folder of texts', () => {
  const names = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('sandbox'),
  );
  expect(names.length).toBeGreaterThan(200);
  expect(findTwice(new Map(names.map((file) => [file, readFileSync(`src/${file}`, 'utf8')])))).toEqual([]);
});

test.each<[string[], boolean]>([
  [['approval/a.ts', 'slack/b.ts'], true],
  [['approval/a.ts', 'features/away/b.ts'], true],
  [['features/away/a.ts', 'features/away/views/b.ts'], true],
  [['features/away/texts/en.ts', 'features/away/texts/es.ts'], true],
  [['features/away/a.ts', 'features/runs/b.ts'], false],
  [['features/away/texts/en.ts', 'features/runs/texts/en.ts'], false],
  [['slack/texts/en/card.ts', 'slack/texts/es/card.ts'], false],
])('the same name in %j is a fault: %j', (files, isFault) => {
  const found = findTwice(
    new Map(files.map((file) => [file, 'export const same = 1;\nfunction own() {}\n'])),
  );
  expect(found).toEqual(isFault ? [`same: ${files.join(', ')}`] : []);
});

/** Names of other packages that comments refer to. */
const FOREIGN_NAMES = ['generateText', 'needsApproval', 'RunState'];
const COMMENT = /\/\*\*.*?\*\/|(?<=^\s*)\/\/[^\n]*/gms;

test('a name in backticks in a comment is a name in the code', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const texts = files.map((file) => [file, readFileSync(`src/${file}`, 'utf8')] as const);
  const words = new Set(texts.flatMap(([, text]) => text.replaceAll(COMMENT, '').match(/\w+/g) ?? []));
  const named = texts.flatMap(([file, text]) =>
    (text.match(COMMENT) ?? [])
      .flatMap((comment) => [...comment.matchAll(/`([A-Za-z_]\w*)`/g)])
      .map(([, name = '']) => ({ file, name })),
  );
  expect(named.length).toBeGreaterThan(200);
  expect(named.filter(({ name }) => !words.has(name) && !FOREIGN_NAMES.includes(name))).toEqual([]);
});
