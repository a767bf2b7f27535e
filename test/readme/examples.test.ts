import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';

const read = (file: string) => readFileSync(file, 'utf8');
const list = (folder: string, ending: RegExp) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name) && !name.includes('node_modules'))
    .map((name) => join(folder, name));

const EXAMPLES = list('examples', /\.(?:py|mjs|sh)$/);
/** The programs of the documents, by the name that is printed before them. */
const PRINTED = list('docs', /\.md$/).flatMap((document) =>
  [...read(document).matchAll(/`([\w-]+\.(?:py|mjs|sh))`:\n\n```\w+\n([\s\S]*?)```/g)].map(
    ([, name = '', program = '']) => ({ document, name, program }),
  ),
);
/** Receivers of answers, which need settings that the demo does not have. */
const WITHOUT_DEMO = ['receive.mjs', 'receive.py'];

/** The packages of a Python program, for `uv run`. */
const HEADER = /^# \/\/\/ script\n[\s\S]*?\n# \/\/\/\n\n/;

test.each(EXAMPLES)('%s is the program that a document prints', (path) => {
  const printed = PRINTED.filter(({ name }) => name === basename(path));
  expect(printed).toHaveLength(1);
  expect(read(path).replace(HEADER, '')).toBe(printed[0]?.program);
});

test('each program of the documents that has a name is an example', () => {
  const names = EXAMPLES.map((path) => basename(path));
  expect(new Set(names).size).toBe(names.length);
  expect(
    PRINTED.map(({ name }) => name)
      .filter((name) => !WITHOUT_DEMO.includes(name))
      .sort(),
  ).toEqual(names.sort());
});

test('the program of the README is that of examples/deploy', () => {
  expect(read('README.md')).toContain(`\`\`\`js\n${read('examples/deploy/ask.mjs')}\`\`\``);
});

test('examples/README.md names each example with its command', () => {
  for (const path of EXAMPLES) {
    const [, folder = ''] = path.split('/');
    const row = read('examples/README.md')
      .split('\n')
      .find((line) => line.startsWith('|') && line.includes(`cd examples/${folder} `));
    expect(row, path).toBeDefined();
  }
});
