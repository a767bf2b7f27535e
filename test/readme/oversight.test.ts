import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const text = readFileSync('docs/oversight.md', 'utf8');
const rows = [...text.matchAll(/^\|(.*)\| (.+) \| (`test\/.+) \|$/gm)].map(([, point, gives, tests]) => ({
  gives: `${point} ${gives}`,
  tests: tests as string,
}));

test.each(rows)('docs/oversight.md names tests that exist: $gives', ({ tests }) => {
  const [, file = '', names = ''] = /^`(test\/[\w./-]+\.test\.ts)`: (.+)$/.exec(tests) ?? [];
  const source = readFileSync(file, 'utf8');
  for (const name of names.split(' · ')) expect(source).toContain(name.slice(1, -1));
});

test('docs/oversight.md has a test for each thing that it says the bot gives', () => {
  const [, table = ''] = text.split('|---|---|---|\n');
  const given = table.slice(0, table.indexOf('\n\n')).split('\n');
  expect(given.length).toBeGreaterThan(15);
  expect(rows).toHaveLength(given.length);
});
