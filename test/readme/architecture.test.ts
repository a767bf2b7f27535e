import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const text = readFileSync('src/README.md', 'utf8');
const walks = [...text.matchAll(/^\| `([\w/.-]+\.ts)` \| `([^|]+)` \|/gm)].map(([, file, names]) => ({
  file: `src/${file}`,
  names: (names ?? '').split(/`, `/).map((name) => name.replace('`', '').split('.').at(-1) as string),
}));

describe('src/README.md', () => {
  test.each(walks)('$file has the functions that a walk passes', ({ file, names }) => {
    const source = readFileSync(file, 'utf8');
    for (const name of names) expect(source).toMatch(new RegExp(`\\b${name}\\b`));
  });

  test('a walk passes at most 26 files for a webhook and 20 for a click', () => {
    const [webhook, click] = text.split(/^## /m).filter((part) => part.startsWith('A ')) as [string, string];
    const countFiles = (part: string) => new Set(part.match(/[\w/-]+\.ts/g)).size;
    expect(countFiles(webhook)).toBeLessThanOrEqual(26);
    expect(countFiles(click)).toBeLessThanOrEqual(20);
  });

  test('has one row for each folder', () => {
    const rows = [...text.matchAll(/^\| `([\w/.-]+)` (?:`[\w/.-]+` )?\| [^`]/gm)].map(([, name]) => name);
    expect(rows).toContain('events');
    expect(rows.filter((name, index) => rows.indexOf(name) !== index)).toEqual([]);
  });

  test('every path that it names exists', () => {
    const paths = [...text.matchAll(/`((?:[\w-]+\/)+[\w.-]+)`/g)].map(([, path]) => path as string);
    expect(paths.length).toBeGreaterThan(20);
    const missing = paths.filter((path) => !existsSync(`src/${path}`) && !existsSync(path));
    expect(missing.filter((path) => !/^(dialects|notify|lifecycle)\//.test(path))).toEqual([]);
  });
});
