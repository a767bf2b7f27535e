import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** Documents whose tables have a claim in the first columns and its tests in the last one. */
describe.each(['docs/oversight.md', 'docs/home-made.md'])('%s', (document) => {
  const rows = readFileSync(document, 'utf8')
    .split('\n')
    .filter((line) => /^\| .*\|.*\|.*\|$/.test(line))
    .map((line) => line.split(/ ?\| ?/).slice(1, -1))
    .filter(([, , tests]) => tests !== 'test');

  test('has a test for each thing that it says the bot gives', () => {
    expect(rows.length).toBeGreaterThan(15);
    for (const [, gives, tests] of rows) expect(tests, gives).toMatch(/^`test\/[\w./-]+\.test\.ts`: \*/);
  });

  test.each(rows.map(([, gives = '', tests = '']) => ({ gives, tests })))(
    'names tests that exist: $gives',
    ({ tests }) => {
      const [, file = '', names = ''] = /^`(test\/[\w./-]+\.test\.ts)`: (.+)$/.exec(tests) ?? [];
      const source = readFileSync(file, 'utf8');
      for (const name of names.split(' · ')) expect(source).toContain(name.slice(1, -1));
    },
  );
});
