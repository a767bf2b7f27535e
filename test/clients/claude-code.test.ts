import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { describeNpmFramework, modulesOf } from '../support/adapters.ts';
import { BUILT } from '../support/build.ts';
import { scaleLimit } from '../support/limits.ts';
import { clickOn, seesModal } from '../support/process-steps.ts';
import { share } from '../support/shared.ts';
import { until } from '../support/until.ts';
import { sees, startBot, startWorld } from '../support/world.ts';

const ASK_SECRET = 'the-ask-secret-of-the-agents';
const HOOK = join(BUILT, 'clients', 'hook.js');

const started = share(async () => {
  const world = await startWorld();
  return { world, bot: await startBot(world, { ASK_SECRET }) };
});

interface ToolCall {
  name: string;
  input: object;
}

type PlayedCall = ToolCall | ((request: string) => ToolCall);

/** A model at an endpoint like that of Anthropic's Messages API: it calls the tools one after another. */
async function startMessages(calls: readonly PlayedCall[]) {
  const given: string[] = [];
  /** The messages of each request of the agent. */
  const heard: string[] = [];
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join('');
    const { tools = [], messages = [] } = body === '' ? {} : JSON.parse(body);
    const isAgent = tools.some(({ name }: { name: string }) => name === 'Bash');
    const parts = messages.flatMap(({ content }: { content: unknown }) =>
      Array.isArray(content) ? content : [],
    );
    const toolResults = parts.filter(({ type }: { type: string }) => type === 'tool_result');
    const results = toolResults.length;
    if (isAgent) given.splice(0, Infinity, ...toolResults.map((result: unknown) => JSON.stringify(result)));
    if (isAgent) heard.push(JSON.stringify(messages));
    const played = isAgent ? calls[results] : undefined;
    const call = typeof played === 'function' ? played(body) : played;
    // Other requests are those of the classifier and of a title.
    const said = isAgent ? 'I am done.' : '<block>no</block>';
    const block = call
      ? { type: 'tool_use', id: `toolu_${results}`, name: call.name, input: {} }
      : { type: 'text', text: '' };
    const delta = call
      ? { type: 'input_json_delta', partial_json: JSON.stringify(call.input) }
      : { type: 'text_delta', text: said };
    const usage = { input_tokens: 1, output_tokens: 1 };
    const message = {
      id: 'm1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [],
      stop_reason: null,
      usage,
    };
    const ending = { stop_reason: call ? 'tool_use' : 'end_turn', stop_sequence: null };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of [
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: block },
      { type: 'content_block_delta', index: 0, delta },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: ending, usage },
      { type: 'message_stop' },
    ])
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, results: given, heard };
}

/** What `hook --print-config claude --no-prompt` prints, for the hook of this build. */
async function printSettings(config: string): Promise<string> {
  const args = [HOOK, '--print-config', 'claude', '--no-prompt', '--config', config];
  const printed = await text(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] }).stdout);
  return printed.replaceAll(/[^" ]*start\.mjs hook/g, HOOK);
}

/** Prepares a home of its own for Claude Code, and a project. `run`: runs it; `env` is its environment beside the played model. */
function prepareClaude() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'crew-approvals-claude-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [home, project] = [join(folder, 'home'), join(folder, 'project')];
  mkdirSync(join(home, '.claude'), { recursive: true });
  mkdirSync(project);
  const binary = `claude-code-${process.platform}-${process.arch}`;
  const claude = join(modulesOf('claude-code'), '@anthropic-ai', binary, 'claude');
  const environment = (env: Record<string, string>) => ({
    PATH: process.env.PATH,
    HOME: home,
    // Without an address, each command would try to reach the real one.
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
    ANTHROPIC_API_KEY: 'none',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    // Root may use bypassPermissions in a sandbox only.
    IS_SANDBOX: '1',
    ...env,
  });
  const run = (args: readonly string[], env: Record<string, string> = {}) => {
    const child = spawn(claude, args, {
      cwd: project,
      env: environment(env),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    return text(child.stdout);
  };
  const ask = async (
    mode: string,
    calls: readonly PlayedCall[],
    { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
  ) => {
    const model = await startMessages(calls);
    return {
      said: run(['-p', '--permission-mode', mode, ...args, '--', 'Do it.'], {
        ANTHROPIC_BASE_URL: model.url,
        ...env,
      }),
      results: model.results,
    };
  };
  /** Runs it at a terminal of its own, and returns its model. */
  const atTerminal = async (mode: string, calls: readonly PlayedCall[]) => {
    const model = await startMessages(calls);
    const state = {
      hasCompletedOnboarding: true,
      theme: 'dark',
      customApiKeyResponses: { approved: ['none'], rejected: [] },
      projects: { [project]: { hasTrustDialogAccepted: true } },
    };
    writeFileSync(join(home, '.claude.json'), JSON.stringify(state));
    const command = `stty cols 200 rows 50; exec '${claude}' --permission-mode ${mode} 'Do it.'`;
    const child = spawn('script', ['-qfec', command, '/dev/null'], {
      cwd: project,
      env: environment({ ANTHROPIC_BASE_URL: model.url, TERM: 'xterm-256color' }),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdout.resume();
    const closed = new Promise((resolve) => child.once('close', resolve));
    onTestFinished(async () => {
      child.kill();
      await closed;
    });
    return model;
  };
  return { folder, home, project, run, ask, atTerminal };
}

/** Runs Claude Code without a terminal and with the printed settings. */
async function startClaude(mode: string, write: (project: string) => readonly ToolCall[]) {
  const { folder, home, project, ask } = prepareClaude();
  const config = join(folder, 'agents.env');
  const { url } = started().bot;
  writeFileSync(config, `BOT_URL=${url}\nCREW_NAME=press\nASK_SECRET=${ASK_SECRET}\n`, { mode: 0o600 });
  writeFileSync(join(home, '.claude', 'settings.json'), await printSettings(config));
  return { project, said: (await ask(mode, write(project))).said };
}

describeNpmFramework('claude-code')('Claude Code with the printed settings', () => {
  test.each([
    ['manual', true],
    ['auto', true],
    ['acceptEdits', true],
    // Claude Code asks its classifier about an allowed command, and this model has none.
    ['plan', false],
    ['bypassPermissions', true],
  ])(
    'runs no command and writes no file without a card in the mode %s; what is allowed runs: %j',
    { timeout: scaleLimit(60_000) },
    async (mode, runsAllowed) => {
      const [made, written] = [`made-in-${mode}`, `written-in-${mode}`];
      const { project, said } = await startClaude(mode, (folder) => [
        { name: 'Bash', input: { command: `touch ${join(folder, made)}`, description: 'Make a file' } },
        { name: 'Write', input: { file_path: join(folder, written), content: 'x' } },
      ]);
      const { workspace } = started().world;
      const asks = (words: string) =>
        sees(workspace, words, ({ all, buttons }) => all.includes(words) && buttons.includes('Block'));
      const command = await asks(made);
      expect(existsSync(join(project, made))).toBe(false);
      await clickOn(started().world, command.ts, 'choose_1');
      const write = await asks(written);
      expect(existsSync(join(project, made))).toBe(runsAllowed);
      await clickOn(started().world, write.ts, 'choose_2');
      expect(await said).toContain('I am done.');
      expect(existsSync(join(project, written))).toBe(false);
    },
  );
});

describeNpmFramework('claude-code')('Claude Code with the plugin', () => {
  const ROOT = join(import.meta.dirname, '../..');
  const PLUGIN = 'src/clients/claude-plugin';
  const asks = (words: string) =>
    sees(started().world.workspace, words, ({ all, buttons }) => all.includes(words) && buttons.length > 0);
  const touch = (file: string) => ({
    name: 'Bash',
    input: { command: `touch ${file}`, description: 'Make it' },
  });

  /** Installs the plugin as from a repository, with the two folders that it needs of it. */
  async function installPlugin(options: Record<string, string>) {
    const claude = prepareClaude();
    const repository = join(claude.folder, 'repository');
    for (const part of ['.claude-plugin', PLUGIN])
      cpSync(join(ROOT, part), join(repository, part), { recursive: true });
    await claude.run(['plugin', 'marketplace', 'add', repository]);
    const config = Object.entries(options).flatMap(([name, value]) => ['--config', `${name}=${value}`]);
    expect(await claude.run(['plugin', 'install', 'crew-approvals@crew-approvals', ...config])).toContain(
      'Successfully installed',
    );
    return claude;
  }
  const options = () => ({ bot_url: started().bot.url, crew_name: 'press', ask_secret: ASK_SECRET });

  test('accepts the plugin and its marketplace', { timeout: scaleLimit(60_000) }, async () => {
    const { run } = prepareClaude();
    const checked = await run(['plugin', 'validate', join(ROOT, PLUGIN)]);
    expect(checked).toContain('Validation passed');
    expect(checked).not.toContain('refuses a submission');
    expect(await run(['plugin', 'validate', ROOT])).toMatch(/Validation passed$/m);
  });

  test('gives each call a card, but not its own tools', { timeout: scaleLimit(120_000) }, async () => {
    const { project, ask } = await installPlugin(options());
    const [made, blocked] = [join(project, 'made-by-plugin'), join(project, 'blocked-by-plugin')];
    const question = {
      title: 'Which colour?',
      text: 'Of the plugin',
      options: [{ id: 'red', label: 'Red' }],
    };
    const { said, results } = await ask('bypassPermissions', [
      touch(made),
      { name: 'mcp__plugin_crew-approvals_crew-approvals__ask_human', input: question },
      touch(blocked),
    ]);
    await clickOn(started().world, (await asks('made-by-plugin')).ts, 'choose_1');
    await clickOn(started().world, (await asks('Of the plugin')).ts, 'choose_1');
    await clickOn(started().world, (await asks('blocked-by-plugin')).ts, 'choose_2');
    expect(await said).toContain('I am done.');
    expect([existsSync(made), existsSync(blocked)]).toEqual([true, false]);
    expect(results[1]).toContain('answered');
  });

  test.each([
    ['no option is set', () => ({}), 'does not know bot_url, crew_name, ask_secret'],
    ['the secret is wrong', () => ({ ...options(), ask_secret: 'a-wrong-secret-of-agents' }), 'ask secret'],
    ['the bot is away', () => ({ ...options(), bot_url: 'http://127.0.0.1:1' }), 'could not be'],
  ])('runs no command if %s', { timeout: scaleLimit(120_000) }, async (_, given, reason) => {
    const { project, ask } = await installPlugin(given());
    const file = join(project, 'made');
    const { said, results } = await ask('bypassPermissions', [touch(file)]);
    expect(await said).toContain('I am done.');
    expect(existsSync(file)).toBe(false);
    expect(results[0]).toContain(reason);
  });

  test('runs no command without Node', { timeout: scaleLimit(120_000) }, async () => {
    const { project, ask } = await installPlugin(options());
    const file = join(project, 'made');
    const bin = join(project, 'bin');
    mkdirSync(bin);
    for (const name of ['sh', 'bash', 'touch', 'env']) symlinkSync(`/bin/${name}`, join(bin, name));
    const { said, results } = await ask('bypassPermissions', [touch(file)], { env: { PATH: bin } });
    expect(await said).toContain('I am done.');
    expect(existsSync(file)).toBe(false);
    expect(results[0]).toContain('not found');
  });

  test('has people in Slack fill in the form of an MCP server', { timeout: scaleLimit(60_000) }, async () => {
    const { project, ask } = await installPlugin({ ...options(), forms: 'true' });
    const server = { command: process.execPath, args: [join(ROOT, 'test/support/eliciting-server.mjs')] };
    const config = JSON.stringify({ mcpServers: { till: server } });
    writeFileSync(join(project, 'mcp.json'), config);
    const { said, results } = await ask('bypassPermissions', [{ name: 'mcp__till__pay', input: {} }], {
      args: ['--mcp-config', join(project, 'mcp.json')],
    });
    const { world } = started();
    await clickOn(world, (await asks('mcp__till__pay')).ts, 'choose_1');
    await clickOn(world, (await asks('How much do we pay?')).ts, 'write_1');
    await seesModal(world, 'UANA');
    await world.workspace.submitForm({ user: 'UANA', answers: { Amount: '12.50' } });
    expect(await said).toContain('I am done.');
    expect(results[0]).toContain(String.raw`{\"action\":\"accept\",\"content\":{\"amount\":12.5}}`);
  });

  test('has people in Slack answer a question and decide on a plan', {
    timeout: scaleLimit(120_000),
  }, async () => {
    const { atTerminal } = await installPlugin({ ...options(), questions: 'true', plans: 'true' });
    const colours = ['Red', 'Blue'].map((label) => ({ label, description: `In ${label}` }));
    const { results } = await atTerminal('plan', [
      {
        name: 'AskUserQuestion',
        input: {
          questions: [{ question: 'Which colour?', header: 'Fence', multiSelect: false, options: colours }],
        },
      },
      (request) => ({
        name: 'Write',
        input: { file_path: /[^\s"`]*\/plans\/[\w-]+\.md/.exec(request)?.[0], content: 'Paint the *fence*' },
      }),
      { name: 'ExitPlanMode', input: {} },
    ]);
    const { world } = started();
    await clickOn(world, (await asks('Which colour?')).ts, 'choose_2');
    await clickOn(world, (await asks('.claude/plans')).ts, 'choose_1');
    await clickOn(world, (await asks('ExitPlanMode')).ts, 'choose_1');
    await until(() => expect(results).toHaveLength(3));
    expect(results[0]).toContain('Blue');
    expect(results[2]).toContain('approved');
  });

  test('waits for an answer as a task, without a call of the model', {
    timeout: scaleLimit(120_000),
  }, async () => {
    const { home, atTerminal } = await installPlugin(options());
    const settings = join(home, '.claude', 'settings.json');
    const permissions = { allow: ['mcp__plugin_crew-approvals_crew-approvals'] };
    writeFileSync(settings, JSON.stringify({ ...JSON.parse(readFileSync(settings, 'utf8')), permissions }));
    const question = { title: 'Which colour?', text: 'Of a task', options: [{ id: 'red', label: 'Red' }] };
    const { heard, results } = await atTerminal('default', [
      { name: 'mcp__plugin_crew-approvals_crew-approvals__ask_human', input: question },
    ]);
    const card = await asks('Of a task');
    await until(() => expect(heard).toHaveLength(2));
    expect(results[0]).toContain('moved to the background');
    await clickOn(started().world, card.ts, 'choose_1');
    // The answer wakes it up: in between the model was not asked.
    await until(() => expect(heard).toHaveLength(3));
    expect(heard[2]).toContain(String.raw`\"answer\":{\"option\":\"red\"`);
  });
});
