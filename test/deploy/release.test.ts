import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

const SCRIPT = resolve('.ci/release-notes.mjs');
const OLDER = '## [1.1.0] - 2026-11-01\n\n- Old.\n';
const RELEASED = `## [1.2.0] - 2026-12-01\n\n### Added\n\n- A new thing.\n\n${OLDER}`;
const FORGOTTEN = `## [Unreleased]\n\n- Forgotten.\n\n${RELEASED}`;

/** Runs the script in a folder with both packages in these versions and this changelog. */
function printNotes(tag: string, changelog: string, version = '1.2.0', python = version) {
  const cwd = mkdtempSync(join(tmpdir(), 'crew-approvals-release-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ version }));
  mkdirSync(join(cwd, 'src', 'python'), { recursive: true });
  writeFileSync(join(cwd, 'src', 'python', 'pyproject.toml'), `[project]\nversion = "${python}"\n`);
  writeFileSync(join(cwd, 'CHANGELOG.md'), `# Changelog\n\n${changelog}`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, tag], { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('the notes of a release', () => {
  test.each(['', '## [Unreleased]\n\n'])('are the entries of its version (%j before them)', (before) => {
    const stdout = '### Added\n\n- A new thing.\n';
    expect(printNotes('v1.2.0', before + RELEASED)).toEqual({ status: 0, stdout, stderr: '' });
  });

  test.each([
    ['v1.2', RELEASED, 'The tag "v1.2" is not of the form v1.2.3.'],
    ['v1.3.0', RELEASED, 'The tag is v1.3.0, and package.json has version 1.2.0.'],
    [
      'v1.2.0',
      OLDER,
      'The newest version of CHANGELOG.md is "[1.1.0] - 2026-11-01", not "[1.2.0] - <date>".',
    ],
    ['v1.2.0', '', 'The newest version of CHANGELOG.md is "", not "[1.2.0] - <date>".'],
    ['v1.2.0', FORGOTTEN, 'CHANGELOG.md has entries under [Unreleased]: move them to [1.2.0].'],
  ])('%s with %j fails', (tag, changelog, sentence) => {
    expect(printNotes(tag, changelog)).toEqual({ status: 1, stdout: '', stderr: `${sentence}\n` });
  });

  test('a Python package of another version fails', () => {
    const stderr = 'The tag is v1.2.0, and src/python/pyproject.toml has version 1.1.0.\n';
    expect(printNotes('v1.2.0', RELEASED, '1.2.0', '1.1.0')).toEqual({ status: 1, stdout: '', stderr });
  });

  test('the changelog of this version can be read once its entries have a version', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    const changelog = readFileSync('CHANGELOG.md', 'utf8').replace(/^## \[Unreleased\][\s\S]*?(?=^## )/m, '');
    const stdout = expect.stringMatching(
      /^The records have format \d+\.[^#]*### (?:Added|What an operator does)\n\n(?:- |1\. )/,
    );
    expect(printNotes(`v${version}`, changelog, version)).toMatchObject({ status: 0, stdout });
  });
});

interface Job {
  if?: string;
  needs?: string | string[];
  uses?: string;
  permissions?: Record<string, string>;
  steps?: { uses?: string; run?: string; with?: Record<string, string>; 'working-directory'?: string }[];
}

describe('the release workflow', () => {
  const read = (name: string) => readFileSync(`.github/workflows/${name}`, 'utf8');
  const { on, permissions, jobs } = parse(read('release.yml')) as Record<'on' | 'permissions', unknown> & {
    jobs: Record<string, Job>;
  };
  const commands = (name: string) => (jobs[name]?.steps ?? []).flatMap(({ run }) => run ?? []);
  const needsOf = (name: string) => [jobs[name]?.needs ?? []].flat();

  test('starts at a version tag, and does nothing until RELEASES is "on"', () => {
    expect(on).toEqual({ push: { tags: ['v*'] } });
    expect(jobs.notes?.if).toBe("vars.RELEASES == 'on'");
    // A condition such as always() would run a job although the first one was skipped.
    expect(Object.keys(jobs).filter((name) => jobs[name]?.if !== undefined)).toEqual(['notes']);
  });

  // One after the other: a second run makes up for the step that failed.
  test('checks the versions, runs the tests, publishes the packages and the image, then the release', () => {
    const needs = Object.keys(jobs).map((name) => [name, needsOf(name)]);
    expect(Object.fromEntries(needs)).toEqual({
      notes: [],
      tests: ['notes'],
      package: ['tests'],
      python: ['package'],
      image: ['python'],
      release: ['package', 'python', 'image'],
    });
    expect(commands('notes')).toEqual(['node .ci/release-notes.mjs "$GITHUB_REF_NAME" > notes.md']);
    expect(jobs.tests?.uses).toBe('./.github/workflows/ci.yml');
    expect(parse(read('ci.yml')).on).toHaveProperty('workflow_call');
    expect(commands('package').filter((command) => command.includes('npm publish'))).toEqual([
      expect.stringMatching(/^npm view "crew-approvals@.+" version \|\| npm publish --access public$/),
      expect.stringMatching(
        /^npm view "crew-approvals-client@.+" version \|\| npm publish .\/client --access public$/,
      ),
    ]);
    expect(commands('python').at(-1)).toBe('python -m build --outdir packages src/python');
    expect(jobs.python?.steps?.at(-1)).toEqual({
      uses: expect.stringMatching(/^pypa\/gh-action-pypi-publish@/),
      with: { 'packages-dir': 'packages', 'skip-existing': true },
    });
    const build = jobs.image?.steps?.find(({ uses }) => uses?.startsWith('docker/build-push-action'));
    expect(build?.with).toMatchObject({ platforms: 'linux/amd64,linux/arm64', push: true });
    expect(commands('release')).toEqual([
      'gh release view "$GITHUB_REF_NAME" || gh release create "$GITHUB_REF_NAME" --verify-tag --title "$GITHUB_REF_NAME" --notes-file notes.md',
    ]);
  });

  test('gives both packages the addresses of the repository that it runs in, which the files themselves do not name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, 'src', 'python'), { recursive: true });
    for (const name of ['package.json', join('src', 'python', 'pyproject.toml')]) {
      expect(readFileSync(name, 'utf8')).not.toMatch(/https?:\/\//);
      copyFileSync(name, join(folder, name));
    }
    const env = { ...process.env, GITHUB_REPOSITORY: 'ana/approvals' };
    for (const command of [...commands('package'), ...commands('python')])
      if (/pkg set|project\.urls/.test(command)) execFileSync('sh', ['-c', command], { cwd: folder, env });
    const [main, client] = (jobs.package?.steps ?? []).filter(({ run }) => run?.startsWith('npm pkg set'));
    expect([main?.['working-directory'], client?.['working-directory']]).toEqual([undefined, 'client']);
    const url = 'https://github.com/ana/approvals';
    expect(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).toMatchObject({
      repository: { url: `git+${url}.git` },
      homepage: `${url}#readme`,
      bugs: { url: `${url}/issues` },
    });
    const pyproject = readFileSync(join(folder, 'src', 'python', 'pyproject.toml'), 'utf8');
    expect(pyproject.split('\n[project.urls]\n')[1]).toBe(
      `Homepage = "${url}#readme"\nRepository = "${url}"\nIssues = "${url}/issues"\n`,
    );
  });

  test('gives each job only the permission that it needs', () => {
    expect(permissions).toEqual({ contents: 'read' });
    expect(Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, job.permissions]))).toEqual({
      notes: undefined,
      tests: undefined,
      package: { contents: 'read', 'id-token': 'write' },
      python: { contents: 'read', 'id-token': 'write' },
      image: { contents: 'read', packages: 'write', 'id-token': 'write', attestations: 'write' },
      release: { contents: 'write' },
    });
  });

  test('uses the same version of an action as the CI workflow', () => {
    const listActions = (name: string) =>
      [...read(name).matchAll(/uses: ([\w-]+\/[\w-]+)@(\S+)/g)].map(([, ...parts]) => parts);
    const inCi = new Map(listActions('ci.yml') as [string, string][]);
    for (const [action = '', hash] of listActions('release.yml'))
      expect(inCi.get(action) ?? hash, action).toBe(hash);
  });

  test('publishes without tokens, as CONTRIBUTING.md describes', () => {
    const guide = readFileSync('.github/CONTRIBUTING.md', 'utf8');
    expect(guide).toContain('`RELEASES`');
    expect(guide).toContain('npm trust');
    expect(read('release.yml')).not.toContain('secrets.');
    // With it, setup-node would write an .npmrc that expects a token.
    expect(read('release.yml')).not.toContain('registry-url');
  });
});
