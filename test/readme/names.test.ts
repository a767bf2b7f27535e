import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const DECLARED = /^(export )?(?:abstract )?(?:async )?(function\*?|const|class|interface|type) (\w+)/gm;

test('an exported name, and the name of a function, stands in one file of the product', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('sandbox'),
  );
  expect(files.length).toBeGreaterThan(200);
  const declared = new Map<string, Set<string>>();
  const unique = new Set<string>();
  for (const file of files) {
    for (const [, isExported, kind, name = ''] of readFileSync(`src/${file}`, 'utf8').matchAll(DECLARED)) {
      declared.set(name, (declared.get(name) ?? new Set()).add(file));
      if (isExported || kind?.startsWith('function')) unique.add(name);
    }
  }
  const twice = [...declared].filter(([name, places]) => unique.has(name) && places.size > 1);
  expect(twice.map(([name, places]) => `${name}: ${[...places].join(', ')}`)).toEqual([]);
});
