import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeIf } from '../support/describe-if.ts';
import { VENVS } from '../support/self-hosted.ts';

/** `.ci/run` installs this release. */
const ZIZMOR = '1.33.1';

const read = (file: string) => readFileSync(file, 'utf8');
const packageJson = JSON.parse(read('package.json'));

interface Job {
  container?: { image: string; options: string };
  strategy: { matrix: { node: number[] } };
  steps: { uses?: string; run?: string }[];
}

describe('the CI workflow', () => {
  const { on, jobs } = parse(read('.github/workflows/ci.yml')) as {
    on: Record<string, unknown>;
    jobs: { proofs: Job; image: Job; test: Job };
  };
  const commands = ({ steps }: Job) => steps.flatMap(({ run }) => run ?? []);

  test('runs at each push and pull request, by hand and before a release', () => {
    expect(Object.keys(on).toSorted()).toEqual([
      'pull_request',
      'push',
      'workflow_call',
      'workflow_dispatch',
    ]);
  });

  test('runs everything with the script that installs what the tests need, on Node 24', () => {
    expect(commands(jobs.proofs)).toEqual(['bash .ci/run']);
    expect(existsSync('.ci/run')).toBe(true);
    expect(jobs.proofs.container?.image).toMatch(/^node:24-/);
    // Without this right the tests of full disks fail there.
    expect(jobs.proofs.container?.options).toContain('--cap-add SYS_ADMIN');
  });

  test('builds the image with Docker, and starts its node', () => {
    expect(jobs.image.container).toBeUndefined();
    expect(commands(jobs.image)).toEqual(['npm ci', 'npx vitest run test/deploy/image.test.ts']);
    expect(existsSync('test/deploy/image.test.ts')).toBe(true);
  });

  test("runs the README's commands on the other supported versions of Node, from the oldest on", () => {
    expect(jobs.test.strategy.matrix.node).toEqual([20, 22, 26]);
    expect(packageJson.engines.node).toMatch(/^>=20\./);
    expect(commands(jobs.test)).toEqual(['npm ci', 'env -u CI npm test']);
    expect(read('README.md')).toContain('npm ci && npm test');
  });
});

test('each night everything runs in the container of CI, with all frameworks and more histories', () => {
  const nightly = parse(read('.github/workflows/nightly.yml')) as { jobs: { proofs: Job } };
  const ci = parse(read('.github/workflows/ci.yml')) as { jobs: { proofs: Job } };
  const commands = nightly.jobs.proofs.steps.flatMap(({ run }) => run ?? []);
  expect(commands).toEqual(['FC_RUNS=200 ALL_CLIENTS=newest bash .ci/run']);
  expect(nightly.jobs.proofs.container).toEqual(ci.jobs.proofs.container);
});

describe('the workflows', () => {
  const FOLDER = '.github/workflows';
  const files = readdirSync(FOLDER).map((name) => `${FOLDER}/${name}`);

  test.each(files)('%s uses actions by their hashes, and keeps no credentials in the checkout', (file) => {
    const text = read(file);
    const used = [...text.matchAll(/uses: (.*)$/gm)].map(([, action = '']) => action);
    for (const action of used.filter((name) => !name.startsWith('./')))
      expect(action).toMatch(/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    const { jobs } = parse(text) as { jobs: Record<string, { steps?: { uses?: string; with?: object }[] }> };
    const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);
    for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
      expect(step.with).toEqual({ 'persist-credentials': false });
  });

  const zizmor = join(VENVS, `zizmor-${ZIZMOR}`, 'bin', 'zizmor');
  const missing = `zizmor ${ZIZMOR} is not installed (${zizmor}): the workflows are not checked with it`;
  describeIf(existsSync(zizmor), missing)('zizmor', () => {
    test('finds nothing in the workflows and the action', () => {
      const args = ['--offline', '--min-severity', 'medium', FOLDER, 'src/clients/github-action'];
      const { status, stdout } = spawnSync(zizmor, args, { encoding: 'utf8' });
      expect(status, stdout).toBe(0);
    });
  });
});

test('the entry of the MCP registry has the name that the released npm package carries', () => {
  const { stdout } = spawnSync(process.execPath, ['.ci/server-json.mjs', 'Acme/approvals'], {
    encoding: 'utf8',
  });
  const { name, version, description, repository, packages } = JSON.parse(stdout);
  const released = read('.github/workflows/release.yml').replaceAll('$GITHUB_REPOSITORY_OWNER', 'Acme');
  expect(released).toContain(`"mcpName=${name}"`);
  expect(repository.url).toBe('https://github.com/Acme/approvals');
  expect(description.length).toBeLessThanOrEqual(100);
  expect([version, packages[0].version]).toEqual([packageJson.version, packageJson.version]);
  expect(packages[0].environmentVariables.map((variable: { name: string }) => variable.name)).toEqual([
    'BOT_URL',
    'CREW_NAME',
    'ASK_SECRET',
  ]);
  const wrong = spawnSync(process.execPath, ['.ci/server-json.mjs', 'Acme'], { encoding: 'utf8' });
  expect([wrong.status, wrong.stdout]).toEqual([1, '']);
});

describe('the templates', () => {
  const folder = '.github/ISSUE_TEMPLATE';

  test.each(readdirSync(folder))('%s is a form with a description and fields with unique names', (name) => {
    const { description, body } = parse(read(`${folder}/${name}`)) as {
      description: string;
      body: { id?: string; type: string; attributes: { label?: string; value?: string } }[];
    };
    expect(description).not.toBe('');
    const ids = body.flatMap(({ id }) => id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { type, attributes } of body)
      expect(type === 'markdown' ? attributes.value : attributes.label).toBeTruthy();
  });

  test('name files and npm scripts that exist', () => {
    const files = [
      ...readdirSync(folder).map((name) => `${folder}/${name}`),
      '.github/pull_request_template.md',
    ];
    const texts = files.map(read).join('\n');
    for (const [, name = ''] of texts.matchAll(/npm run (\w+)/g))
      expect(packageJson.scripts).toHaveProperty(name);
    for (const [file] of texts.matchAll(/[\w./]+\.(?:md|example)\b/g))
      expect(existsSync(file), file).toBe(true);
  });
});

test('renovate keeps the type definitions at the oldest supported version of Node', () => {
  const { packageRules } = JSON.parse(read('.github/renovate.json')) as {
    packageRules: { matchPackageNames?: string[]; allowedVersions?: string }[];
  };
  const rule = packageRules.find(({ matchPackageNames }) => matchPackageNames?.includes('@types/node'));
  expect(rule?.allowedVersions).toBe('<21');
});

test('the editor settings agree with the formatter', () => {
  const { indentWidth, indentStyle, lineWidth } = JSON.parse(read('biome.json')).formatter;
  const lines = read('.editorconfig').split('\n');
  const set = [
    `indent_size = ${indentWidth}`,
    `indent_style = ${indentStyle}`,
    `max_line_length = ${lineWidth}`,
  ];
  expect(lines).toEqual(expect.arrayContaining(set));
});
