import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const text = readFileSync('docs/reliability.md', 'utf8');
const promises = [...text.matchAll(/^(\d)\. /gm)].map(([, number]) => number as string);
const proofs = [...text.matchAll(/`(test\/[\w./-]+\.test\.ts)`: \*([^*]+)\*/g)].map(([, file, name]) => ({
  file: file as string,
  name: name as string,
}));

test.each(proofs)('docs/reliability.md names a test of $file that exists: $name', ({ file, name }) => {
  expect(readFileSync(file, 'utf8')).toContain(name);
});

test('docs/reliability.md names tests for each of its eight promises', () => {
  expect(promises).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
  const proved = [...text.matchAll(/^\| (\d) \| (.*) \|$/gm)];
  expect(proved.map(([, number]) => number)).toEqual(promises);
  expect(proofs.length).toBeGreaterThanOrEqual(promises.length);
});
