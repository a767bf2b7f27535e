import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { buildPluginHooks } from '../../src/clients/hook-settings.ts';
import { bundle } from '../support/bundle.ts';
import { clickOn } from '../support/process-steps.ts';
import { share } from '../support/shared.ts';
import { sees, startBot, startWorld } from '../support/world.ts';

const ROOT = join(import.meta.dirname, '../..');
const PLUGIN = join(ROOT, 'src/clients/claude-plugin');
const ASK_SECRET = 'the-ask-secret-of-the-agents';

const started = share(async () => {
  const world = await startWorld();
  return { world, bot: await startBot(world, { ASK_SECRET }) };
});

const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));

/** Runs a part of the plugin's hook, as Claude Code does. */
async function runPart(part: string, payload: string | Buffer, options: Record<string, string>, more = {}) {
  const env = Object.fromEntries(
    Object.entries(options).map(([name, value]) => [`CLAUDE_PLUGIN_OPTION_${name}`, value]),
  );
  const child = spawn(process.execPath, [join(PLUGIN, 'hook.mjs'), part], { env: { ...env, ...more } });
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  let inputError: Error | undefined;
  child.stdin.on('error', (error) => (inputError = error)).end(payload);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout: await stdout, stderr: await stderr, inputError };
}
const options = () => ({ BOT_URL: started().bot.url, CREW_NAME: 'press', ASK_SECRET });
const callOf = (command: string, session = 's1') =>
  JSON.stringify({
    session_id: session,
    hook_event_name: 'PreToolUse',
    permission_mode: 'default',
    tool_name: 'Bash',
    tool_input: { command },
  });
const PLAN = JSON.stringify({
  session_id: 's1',
  hook_event_name: 'PreToolUse',
  permission_mode: 'plan',
  tool_name: 'ExitPlanMode',
  tool_input: { plan: 'Paint the fence' },
});

test('its program and its hooks are those of this source', async () => {
  const program = await bundle(
    'src/clients/claude-plugin/plugin-hook.ts',
    'test/clients/claude-plugin.test.ts',
  );
  await expect(program).toMatchFileSnapshot(join(PLUGIN, 'hook.mjs'));
  await expect(`${JSON.stringify(buildPluginHooks(), undefined, 2)}\n`).toMatchFileSnapshot(
    join(PLUGIN, 'hooks/hooks.json'),
  );
});

test('it has the version of the package, its marketplace names its folder, and its hooks read its options', () => {
  const { name, version, license, userConfig } = readJson(PLUGIN, '.claude-plugin/plugin.json');
  expect({ name, version, license }).toEqual({
    name: 'crew-approvals',
    version: readJson(ROOT, 'package.json').version,
    license: readJson(ROOT, 'package.json').license,
  });
  const { plugins } = readJson(ROOT, '.claude-plugin/marketplace.json');
  expect(plugins).toHaveLength(1);
  expect(existsSync(join(ROOT, plugins[0].source, '.claude-plugin/plugin.json'))).toBe(true);
  const required = Object.keys(userConfig).filter((key) => userConfig[key].required);
  expect(required).toEqual(['bot_url', 'crew_name', 'ask_secret']);
  expect(userConfig.ask_secret.sensitive).toBe(true);
  const skill = readFileSync(join(PLUGIN, 'skills/approvals/SKILL.md'), 'utf8');
  expect(skill).toMatch(/^---\nname: approvals\ndescription: .{1,1024}\n---\n/);
});

const OF_PLUGIN = { name: 'plugin:crew-approvals:crew-approvals', source: 'plugin' };
const PLUGIN_TOOL = 'mcp__plugin_crew-approvals_crew-approvals__cancel';

test.each([
  [true, PLUGIN_TOOL, OF_PLUGIN],
  [true, 'mcp__crew-approvals__ask_human', { name: 'crew-approvals', source: 'user' }],
  // A repository names its server as ours.
  [false, PLUGIN_TOOL, { name: 'plugin_crew-approvals_crew-approvals', source: 'project' }],
  [false, PLUGIN_TOOL, { name: 'plugin:crew-approvals:crew-approvals', source: 'project' }],
  [false, 'mcp__crew-approvals__ask_human', { name: 'crew-approvals', source: 'project' }],
  [
    false,
    'mcp__plugin_crew-approvals_other__cancel',
    { name: 'plugin:crew-approvals:other', source: 'plugin' },
  ],
  [false, 'mcp__plugin_crew-approvals_crew-approvals__run', OF_PLUGIN],
  [false, 'Bash', OF_PLUGIN],
  [false, PLUGIN_TOOL, undefined],
])('gets no card: %j: %s of %j', async (isOwn, tool, server) => {
  const payload = { ...JSON.parse(callOf('x')), tool_name: tool, mcp_server: server };
  const { code, stdout } = await runPart('tools', JSON.stringify(payload), {
    ...options(),
    ASK_SECRET: 'a-wrong-secret-of-the-agents',
  });
  expect([code, stdout === '']).toEqual([0, isOwn]);
  const { matcher } = readJson(PLUGIN, 'hooks/hooks.json').hooks.PreToolUse[0];
  expect(tool).toMatch(new RegExp(matcher));
});

test.each(['BOT_URL', 'CREW_NAME', 'ASK_SECRET'])('without %s it allows no tool', async (name) => {
  // The environment of a repository names another bot.
  const env = {
    BOT_URL: 'http://127.0.0.1:9',
    CREW_NAME: 'other',
    ASK_SECRET: 'another-secret-of-the-agents',
  };
  const ended = await runPart('tools', 'x'.repeat(3_000_000), { ...options(), [name]: ' ' }, env);
  expect(ended).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining(`does not know ${name.toLowerCase()},`),
    // All of the input was read.
    inputError: undefined,
  });
});

test("a tool's call waits for people, of the bot that the options name", async () => {
  const { workspace } = started().world;
  const env = {
    BOT_URL: 'http://127.0.0.1:9',
    CREW_NAME: 'other',
    ASK_SECRET: 'another-secret-of-the-agents',
  };
  const ended = runPart('tools', callOf('make deploy'), options(), env);
  const card = await sees(
    workspace,
    'deploy',
    ({ all, buttons }) => all.includes('make deploy') && buttons.includes('Block'),
  );
  await clickOn(started().world, card.ts, 'choose_1');
  const { code, stdout } = await ended;
  expect([code, JSON.parse(stdout).hookSpecificOutput.permissionDecision]).toEqual([0, 'allow']);
});

test('a bot that rejects the secret or is away allows nothing: a person at the terminal is asked, or with no_prompt nobody', async () => {
  for (const wrong of [{ ASK_SECRET: 'a-wrong-secret-of-the-agents' }, { BOT_URL: 'http://127.0.0.1:9' }]) {
    const ask = await runPart('tools', callOf('make away'), { ...options(), ...wrong });
    expect(JSON.parse(ask.stdout).hookSpecificOutput.permissionDecision).toBe('ask');
    const deny = await runPart('tools', callOf('make away'), { ...options(), ...wrong, NO_PROMPT: 'true' });
    expect(JSON.parse(deny.stdout).hookSpecificOutput.permissionDecision).toBe('deny');
  }
});

test("the agent's dialogs go on unless their option is on", async () => {
  for (const part of ['questions', 'plans', 'forms', 'end'])
    expect(await runPart(part, PLAN, {})).toMatchObject({ code: 0, stdout: '' });
  expect(await runPart('plans', PLAN, { ...options(), QUESTIONS: 'true' })).toMatchObject({
    code: 0,
    stdout: '',
  });
  // On, but without a bot.
  expect(await runPart('plans', PLAN, { PLANS: 'true' })).toMatchObject({ code: 0, stdout: '' });
  const ended = runPart('plans', PLAN, { ...options(), PLANS: 'true' });
  const card = await sees(started().world.workspace, 'plan', ({ all }) => all.includes('Paint the fence'));
  await clickOn(started().world, card.ts, 'choose_1');
  expect(JSON.parse((await ended).stdout).hookSpecificOutput).toMatchObject({ permissionDecision: 'allow' });
});
