import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { bundle } from '../support/bundle.ts';
import { freePort } from '../support/free-port.ts';
import { clickOn } from '../support/process-steps.ts';
import { shown } from '../support/world.ts';
import { ASK_SECRET, seesCard, startAsking } from './mcp-client.ts';

const FOLDER = join('src', 'clients', 'github-action');
const action = parse(readFileSync(join(FOLDER, 'action.yml'), 'utf8'));

test('its program is that of this source', async () => {
  const program = await bundle('src/clients/github-action/ask.ts', 'test/clients/github-action.test.ts');
  await expect(program).toMatchFileSnapshot(join('..', '..', FOLDER, 'ask.mjs'));
});

/** What GitHub's runner sets. */
const GITHUB = {
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_RUN_ID: '4711',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_SHA: 'c0ffee',
  GITHUB_SERVER_URL: 'https://github.com',
};

/** Runs a step of the action as the runner does, with these inputs. */
function runStep(index: number, inputs: Record<string, string>, github: Record<string, string> = {}) {
  const { env, run } = action.runs.steps[index];
  const given = Object.fromEntries(
    Object.entries(action.inputs as Record<string, { default?: string }>).map(
      ([name, { default: value = '' }]) => [name, inputs[name] ?? value],
    ),
  );
  const read = (expression: string) =>
    expression.replace(/\$\{\{ inputs\.([\w-]+)(?: \|\| github\.job)? \}\}/, (_, name) =>
      expression.includes('github.job') ? given[name] || 'deploy' : (given[name] ?? ''),
    );
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-action-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const output = join(folder, 'output');
  writeFileSync(output, '');
  const child = spawn('bash', ['-eo', 'pipefail', '-c', run], {
    env: {
      ...{ PATH: process.env.PATH, GITHUB_ACTION_PATH: FOLDER, GITHUB_OUTPUT: output, ...GITHUB, ...github },
      ...Object.fromEntries(Object.entries<string>(env).map(([name, value]) => [name, read(value)])),
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  const ended = new Promise<{ code: number | null; stdout: string; outputs: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, outputs: readFileSync(output, 'utf8') })),
  );
  return { child, ended };
}

const inputsOf = (url: string, more: Record<string, string> = {}) => ({
  ...{ url, crew: 'press', secret: ASK_SECRET },
  ...{ title: 'Deploy to production?', text: 'All **checks** passed.', ...more },
});

test('the job continues with the named answer only, and its card names the run and the commit', async () => {
  const { world, url } = await startAsking();
  const step = runStep(0, inputsOf(url));
  const card = await seesCard(world, 'Deploy to production?');
  for (const words of [
    'acme/shop',
    'c0ffee',
    'https://github.com/acme/shop/actions/runs/4711',
    'GitHub Actions',
  ])
    expect(card.all).toContain(words);
  await clickOn(world, card.ts, 'choose_1');
  expect(await step.ended).toEqual({
    code: 0,
    stdout: expect.stringContaining('Slack user UANA chose "approve".'),
    outputs: 'option=approve\nby=UANA\n',
  });
  // Another attempt is another question: the old answer does not count.
  const again = runStep(0, inputsOf(url), { GITHUB_RUN_ATTEMPT: '2' });
  const { ts } = await seesCard(world, 'attempt 2');
  await clickOn(world, ts, 'choose_2');
  expect(await again.ended).toEqual({
    code: 1,
    stdout: expect.stringContaining('::error::Slack user UANA chose "reject".'),
    outputs: 'option=reject\nby=UANA\n',
  });
});

test('a job that is cancelled withdraws its question, whose step then fails', async () => {
  const { world, url } = await startAsking();
  const step = runStep(0, inputsOf(url));
  await seesCard(world, 'Deploy to production?');
  expect((await runStep(1, inputsOf(url)).ended).code).toBe(0);
  await seesCard(world, 'withdrew this question');
  expect(await step.ended).toMatchObject({ code: 1, outputs: '' });
});

test.each<[string, Record<string, string>, string]>([
  ['an empty secret', { secret: '' }, 'secret is empty'],
  ['a secret with a line break', { secret: `${ASK_SECRET}\n` }, 'secret must be printable ASCII'],
  ['a wrong secret', { secret: 'another-secret-of-16' }, '401'],
  ['http to another machine', { url: 'http://approvals.example.com' }, 'url must begin with https'],
  ['an answer that the question does not have', { 'continue-with': 'ship' }, 'continue-with is "ship"'],
  ['options that are no list', { options: 'approve' }, 'options must be a JSON list'],
  ['an empty title', { title: '' }, 'title must not be blank'],
  [
    'a command in its title',
    { title: '"; touch pwned; "\n::set-output name=option::approve', text: '', options: '[]' },
    'continue-with',
  ],
])('%s fails the step, and nothing is asked', async (_, more, words) => {
  const { world, url } = await startAsking();
  const { code, stdout, outputs } = await runStep(0, inputsOf(url, more)).ended;
  expect([code, outputs]).toEqual([1, '']);
  expect(stdout).toMatch(/^::error::.*\n$/);
  expect(stdout).toContain(words);
  expect(stdout).not.toContain(ASK_SECRET);
  expect(shown(world.workspace)).toEqual([]);
});

/** A server in place of the bot: answers the requests to read the question and to confirm its answer. */
async function startFakeBot(read: () => [number, unknown], confirm: () => unknown = read): Promise<string> {
  const server = createServer((request, response) => {
    const [status, body] =
      request.method === 'GET' ? read() : [200, request.url?.endsWith('/received') ? confirm() : WAITING];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${port}`;
}

const WAITING = { status: 'waiting' };
const answered = (more: object = {}) => ({
  status: 'answered',
  answer: { option: 'approve', by: 'UANA', text: '', ...more },
});

test('a question that a person closes before the answer is confirmed fails the step', async () => {
  const url = await startFakeBot(
    () => [200, answered()],
    () => ({ status: 'closed', reason: 'Ana closed it.' }),
  );
  const { code, stdout, outputs } = await runStep(0, inputsOf(url)).ended;
  expect([code, outputs]).toEqual([1, '']);
  expect(stdout).toMatch(/::error::.* was closed without an answer. Ana closed it\.\n$/);
});

test.each([null, '', undefined])('an answer of %j instead of a person fails the step', async (by) => {
  const url = await startFakeBot(() => [200, answered({ by })]);
  const { code, stdout, outputs } = await runStep(0, inputsOf(url)).ended;
  expect([code, outputs]).toEqual([1, 'option=approve\nby=\n']);
  expect(stdout).toContain('::error::The rule for the deadline chose "approve".');
});

test('a text of a person or a proxy gives the runner no command', async () => {
  const text = 'no\n::add-mask::x\r::warning::y\n##[set-output name=option]approve 100%0A';
  const states: [number, unknown][] = [
    [503, { message: text }],
    [200, answered({ option: 'reject', text })],
  ];
  const url = await startFakeBot(
    () => states.shift() ?? [200, WAITING],
    () => answered(),
  );
  const { code, stdout } = await runStep(0, inputsOf(url)).ended;
  expect(code).toBe(1);
  expect(stdout.split('\n').filter((line) => line.startsWith('::'))).toEqual([
    expect.stringMatching(/^::error::Slack user UANA chose "reject"\. no ::add-mask::x .* 100%250A$/),
  ]);
  expect(stdout).toContain('The bot cannot be reached (503 no ::add-mask::x');
  expect(stdout).not.toMatch(/\r|##\[/);
});

test('no input stands in the line of a shell, and each has a description', () => {
  for (const { run, env } of action.runs.steps) {
    expect(run).not.toContain('${{');
    expect(env.ASK_SECRET).toContain('inputs.secret');
  }
  for (const { description } of Object.values<{ description: string }>(action.inputs))
    expect(description).toMatch(/\.$/);
});
