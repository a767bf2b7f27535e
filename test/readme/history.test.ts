import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FACT_NAMES } from '../../src/approval/model/facts.ts';

test('docs/look-ups.md says what each word of the history means', () => {
  const [, section = ''] = readFileSync('docs/look-ups.md', 'utf8').split(
    '| `what` | meaning |\n|---|---|\n',
  );
  const rows = [...section.slice(0, section.indexOf('\n\n')).matchAll(/^\| `(\w+)` \| (.+) \|$/gm)];
  expect(rows.map(([, name, meaning]) => [name, meaning])).toEqual(Object.entries(FACT_NAMES));
});
