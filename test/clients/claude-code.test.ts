import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { describeNpmFramework, modulesOf } from '../support/adapters.ts';
import { BUILT } from '../support/build.ts';
import { scaleLimit } from '../support/limits.ts';
import { clickOn } from '../support/process-steps.ts';
import { share } from '../support/shared.ts';
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

/** A model at an endpoint like that of Anthropic's Messages API: it calls the tools one after another. */
async function startMessages(calls: readonly ToolCall[]): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join('');
    const { tools = [], messages = [] } = body === '' ? {} : JSON.parse(body);
    const isAgent = tools.some(({ name }: { name: string }) => name === 'Bash');
    const parts = messages.flatMap(({ content }: { content: unknown }) =>
      Array.isArray(content) ? content : [],
    );
    const results = parts.filter(({ type }: { type: string }) => type === 'tool_result').length;
    const call = isAgent ? calls[results] : undefined;
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
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What `hook --print-config claude --no-prompt` prints, for the hook of this build. */
async function printSettings(config: string): Promise<string> {
  const args = [HOOK, '--print-config', 'claude', '--no-prompt', '--config', config];
  const printed = await text(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] }).stdout);
  return printed.replaceAll(/[^" ]*start\.mjs hook/g, HOOK);
}

/** Runs Claude Code without a terminal, in a home of its own. */
async function startClaude(mode: string, write: (project: string) => readonly ToolCall[]) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'crew-approvals-claude-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [home, project] = [join(folder, 'home'), join(folder, 'project')];
  mkdirSync(join(home, '.claude'), { recursive: true });
  mkdirSync(project);
  const config = join(folder, 'agents.env');
  const { url } = started().bot;
  writeFileSync(config, `BOT_URL=${url}\nCREW_NAME=press\nASK_SECRET=${ASK_SECRET}\n`, { mode: 0o600 });
  writeFileSync(join(home, '.claude', 'settings.json'), await printSettings(config));
  const binary = `claude-code-${process.platform}-${process.arch}`;
  const claude = join(modulesOf('claude-code'), '@anthropic-ai', binary, 'claude');
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    ANTHROPIC_BASE_URL: await startMessages(write(project)),
    ANTHROPIC_API_KEY: 'none',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    // Root may use bypassPermissions in a sandbox only.
    IS_SANDBOX: '1',
  };
  const child = spawn(claude, ['-p', '--permission-mode', mode, 'Do it.'], {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { project, said: text(child.stdout) };
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
