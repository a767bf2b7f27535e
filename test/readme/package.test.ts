import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { describe, expect, test } from 'vitest';

const read = (file: string) => readFileSync(file, 'utf8');
const PYTHON = 'src/python';

describe('the npm package', () => {
  const packageJson = JSON.parse(read('package.json'));
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path);

  test('names its author and carries its license', () => {
    expect(packageJson).toMatchObject({ author: 'crew-approvals contributors', license: 'MIT' });
    expect(paths).toContain('LICENSE');
  });

  test.each(paths.filter((path) => path.endsWith('.md')))('%s links to files of the package', (file) => {
    const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => link);
    for (const link of links) {
      const target = posix.normalize(posix.join(dirname(file), link));
      expect(
        paths.some((path) => path === target || path.startsWith(`${target}/`)),
        link,
      ).toBe(true);
    }
  });
});

describe('the Python package', () => {
  const project = read(`${PYTHON}/pyproject.toml`);

  test('names its author, its license and what it is for, and carries the license', () => {
    expect(project).toMatch(/^authors = \[\{ name = "crew-approvals contributors" \}\]$/m);
    expect(project).toMatch(/^license = "MIT"\nlicense-files = \["LICENSE"\]$/m);
    expect(project).toMatch(/^classifiers = \[\n(?: {2}"\w[^"]* :: [^"]+",\n)+\]$/m);
    expect(read(`${PYTHON}/LICENSE`)).toBe(read('LICENSE'));
  });
});

/** Files that people read, or that print texts. */
const TOLD = [
  ...['README.md', 'SECURITY.md', 'CHANGELOG.md', '.github/CONTRIBUTING.md', 'compose.yml', 'Dockerfile'],
  ...['docs', 'src'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:md|ts|mjs|py|toml|yml|service)$/.test(name))
      .map((name) => `${folder}/${name}`),
  ),
];

test('no document and no text installs or runs a package by a name that anybody could register', () => {
  expect(TOLD).toContain('src/cli/init/init.ts');
  const byName =
    /\b(?:npx|npm exec|npm (?:i|install|add)|pip install|pipx install|uv (?:add|pip install))\s(?:-\S+\s+)*["']?crew[-_]approvals\b/g;
  for (const file of TOLD) {
    const told = (read(file).match(byName) ?? []).filter((one) => !one.startsWith('npx --no-install '));
    expect(told, file).toEqual([]);
  }
});
