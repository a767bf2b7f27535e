import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { describe, expect, onTestFinished, test } from 'vitest';
import { buildHookSettings } from '../../src/clients/hook-settings.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { BUILT } from '../support/build.ts';
import { freePort } from '../support/free-port.ts';
import { scaleLimit } from '../support/limits.ts';
import { clickOn, seesModal } from '../support/process-steps.ts';
import { share } from '../support/shared.ts';
import { type Bot, type Shown, sees, startBot, startWorld, type World } from '../support/world.ts';
import { type HookRun, startHook } from './hook-run.ts';

/** How long a hook waits whose question nobody decides: enough for asking on a busy machine. */
const SECONDS = Math.ceil(scaleLimit(3_000) / 1_000);
const SOON = ['--timeout', String(SECONDS)];

const ASK_SECRET = 'the-ask-secret-of-the-agents';
const ARGUMENTS = { command: 'rm -rf build', description: 'Remove the build' };

const started = share(async () => {
  const world = await startWorld();
  return { world, bot: await startBot(world, { ASK_SECRET }) };
});

let calls = 0;

/** What Claude Code gives the hook of an event. */
function payloadOf(event: 'PermissionRequest' | 'PreToolUse', more: object = {}) {
  calls += 1;
  return {
    session_id: `session-${calls}`,
    transcript_path: '/home/ana/.claude/projects/shop/1.jsonl',
    cwd: '/home/ana/shop',
    permission_mode: 'default',
    hook_event_name: event,
    tool_name: 'Bash',
    tool_input: ARGUMENTS,
    ...(event === 'PreToolUse' ? { tool_use_id: `toolu_${calls}` } : { permission_suggestions: [] }),
    ...more,
  };
}

const runHook = (payload: object | string | Buffer, run: Partial<HookRun> = {}) =>
  startHook(payload, { env: settingsOf(started().bot), ...run });

const settingsOf = ({ url }: Pick<Bot, 'url'>): Record<string, string> => ({
  BOT_URL: url,
  CREW_NAME: 'press',
  ASK_SECRET,
});

/** The card of a call, with its buttons. */
const asks = (words: string, { workspace }: World = started().world) =>
  sees(workspace, words, ({ all, buttons }) => all.includes(words) && buttons.includes('Block'));
const says = (card: Shown, words: string, { workspace }: World = started().world) =>
  sees(workspace, words, ({ ts, all }) => ts === card.ts && all.includes(words));
const allow = (card: Shown, world = started().world) => clickOn(world, card.ts, 'choose_1');
const block = (card: Shown, world = started().world) => clickOn(world, card.ts, 'choose_2');

/** Clicks on a button by what is written on it. */
async function press({ ts }: Shown, label: string): Promise<void> {
  const { world } = started();
  const blocks = world.workspace.message('CAPPROVALS', ts)?.blocks as unknown as {
    elements?: { action_id: string; text?: { text?: string } }[];
  }[];
  const button = blocks.flatMap(({ elements = [] }) => elements).find(({ text }) => text?.text === label);
  await clickOn(world, ts, button?.action_id ?? `no ${label}`);
}

/** Blocks a call by the menu of its card. */
async function blockWithReason({ ts }: Shown, reason: string): Promise<void> {
  const { world } = started();
  const blocks = JSON.stringify(world.workspace.message('CAPPROVALS', ts)?.blocks);
  const [selected = ''] = /block:[^"]+/.exec(blocks) ?? [];
  await world.workspace.click({ user: 'UBEN', channel: 'CAPPROVALS', ts, actionId: 'more', selected });
  await seesModal(world, 'UBEN');
  await world.workspace.submit({ user: 'UBEN', values: { feedback: { feedback: reason } } });
}

/** A way to the bot that records what is asked of it. */
async function recordRequests(bot: Bot): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join('');
    requests.push(`${request.method} ${request.url} ${body}`);
    const { authorization = '', 'content-type': type = '' } = request.headers;
    const { status, data } = await axios.request({
      method: request.method ?? '',
      url: `${bot.url}${request.url}`,
      headers: { authorization, 'content-type': type },
      responseType: 'text',
      transformResponse: (text: string) => text,
      validateStatus: () => true,
      ...(body === '' ? {} : { data: body }),
    });
    response.writeHead(status, { 'content-type': 'application/json' }).end(data);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${port}`, requests };
}

/** Arguments that only one card has. */
const named = (name: string) => ({ tool_input: { command: `make ${name}` } });

/** The decision of either event of Claude Code, and its exit code. */
async function decisionOf({ ended }: ReturnType<typeof runHook>) {
  const { code, stdout, stderr } = await ended;
  return { code, said: stdout === '' ? undefined : JSON.parse(stdout), stderr };
}
const permission = (decision: object) => ({
  hookSpecificOutput: { hookEventName: 'PermissionRequest', decision },
});
const preToolUse = (permissionDecision: string, permissionDecisionReason: unknown) => ({
  hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision, permissionDecisionReason },
});
/** One sentence for the person at the terminal. */
const sentence = (words: string) => ({ said: { systemMessage: words }, stderr: `${words}\n`, code: 0 });

describe('a permission request of Claude Code', () => {
  test('is a card with the tool, its arguments and the folder, and is allowed by a click', async () => {
    const hook = runHook(payloadOf('PermissionRequest'));
    const card = await asks('rm -rf build');
    expect(card.all).toContain('*Claude Code* asks to run *Bash*');
    expect(card.all).toMatch(/In `?\n?\/home\/ana\/shop/);
    await allow(card);
    expect(await decisionOf(hook)).toEqual({ code: 0, said: permission({ behavior: 'allow' }), stderr: '' });
    await says(card, texts.state.received());
  });

  test('is denied with the reason of the person who blocks it', async () => {
    const hook = runHook(payloadOf('PermissionRequest', named('deploy')));
    await blockWithReason(await asks('make deploy'), 'Not on a Friday');
    const message =
      'The tool was not run: a person blocked this call (Slack user UBEN). Reason: Not on a Friday';
    expect(await decisionOf(hook)).toEqual({
      code: 0,
      said: permission({ behavior: 'deny', message }),
      stderr: '',
    });
  });

  test('is withdrawn when its time is over, and Claude Code asks at the terminal', async () => {
    const hook = runHook(payloadOf('PermissionRequest', named('late')), { args: SOON });
    const card = await asks('make late');
    expect(await decisionOf(hook)).toEqual(sentence(`Nobody decided in Slack within ${SECONDS} s.`));
    await says(card, 'The program that asked withdrew this question');
  });

  test('is left to the terminal when its question is closed', async () => {
    const payload = payloadOf('PermissionRequest', named('closed'));
    const hook = runHook(payload);
    await asks('make closed');
    await runHook({ ...payload, hook_event_name: 'SessionEnd' }).ended;
    expect(await decisionOf(hook)).toEqual(sentence('The question in Slack was closed without a decision.'));
  });

  test.each([
    ['the session ends', { hook_event_name: 'SessionEnd', reason: 'prompt_input_exit' }],
    ['the session is resumed, without an end before', { hook_event_name: 'SessionStart', source: 'resume' }],
  ])('of the same session can be allowed for its rest, until %s', async (name, event) => {
    const session = { session_id: `session of many: ${name}` };
    const call = { ...session, ...named(`again until ${name}`) };
    const first = runHook(payloadOf('PermissionRequest', call));
    const card = await asks(call.tool_input.command);
    await press(card, texts.actions.allowCall);
    const { workspace } = started().world;
    const allowed = { code: 0, said: permission({ behavior: 'allow' }), stderr: '' };
    expect(await decisionOf(first)).toEqual(allowed);
    expect(await decisionOf(runHook(payloadOf('PermissionRequest', call)))).toEqual(allowed);
    expect(await runHook({ ...session, ...event }).ended).toEqual({ code: 0, stdout: '', stderr: '' });
    const later = runHook(payloadOf('PermissionRequest', call));
    const next = await sees(
      workspace,
      'the second card',
      ({ ts, all, buttons }) =>
        ts !== card.ts && all.includes(call.tool_input.command) && buttons.includes('Block'),
    );
    await block(next);
    expect((await decisionOf(later)).said).toMatchObject(
      permission({ behavior: 'deny', message: expect.anything() }),
    );
  });
});

describe('a PreToolUse of Claude Code', () => {
  test('is allowed and denied in the words of its event', async () => {
    const [first, second] = [payloadOf('PreToolUse', named('one')), payloadOf('PreToolUse', named('two'))];
    const hooks = [runHook(first), runHook(second)] as const;
    await allow(await asks('make one'));
    await block(await asks('make two'));
    expect((await decisionOf(hooks[0])).said).toEqual(
      preToolUse('allow', 'A person allowed this call (Slack user UANA).'),
    );
    expect((await decisionOf(hooks[1])).said).toEqual(
      preToolUse('deny', 'The tool was not run: a person blocked this call (Slack user UANA).'),
    );
  });

  test.each(['default', 'auto', 'acceptEdits', 'plan', 'dontAsk', 'bypassPermissions'])(
    'is a card in the mode %s',
    async (permission_mode) => {
      const hook = runHook(payloadOf('PreToolUse', { permission_mode, ...named(`in ${permission_mode}`) }));
      await allow(await asks(`make in ${permission_mode}`));
      expect((await decisionOf(hook)).said.hookSpecificOutput.permissionDecision).toBe('allow');
    },
  );

  test('makes Claude Code ask where nobody decides, and denies in the modes in which it asks nobody', async () => {
    const words = 'The bot could not be asked: ECONNREFUSED.';
    const env = settingsOf({ url: `http://127.0.0.1:${await freePort()}` });
    const gone = { env, args: ['--timeout', '2'] };
    const modes = ['default', 'auto', 'acceptEdits', 'plan', 'bypassPermissions', 'dontAsk', undefined];
    const hooks = modes.map((permission_mode) =>
      decisionOf(runHook(payloadOf('PreToolUse', { permission_mode }), gone)),
    );
    const asked = preToolUse('ask', words);
    const denied = preToolUse('deny', `The tool was not run. ${words}`);
    expect((await Promise.all(hooks)).map(({ said }) => said)).toEqual([
      ...[asked, asked, asked, asked],
      ...[denied, denied, denied],
    ]);
  });

  test('is asked again if its id comes again: the earlier decision is not for this call', async () => {
    const payload = payloadOf('PreToolUse', named('twice'));
    const first = runHook(payload);
    const card = await asks('make twice');
    await allow(card);
    expect((await decisionOf(first)).said.hookSpecificOutput.permissionDecision).toBe('allow');
    const second = runHook(payload);
    const next = await sees(
      started().world.workspace,
      'the second card',
      ({ ts, all, buttons }) => ts !== card.ts && all.includes('make twice') && buttons.includes('Block'),
    );
    await block(next);
    expect((await decisionOf(second)).said.hookSpecificOutput.permissionDecision).toBe('deny');
  });
});

describe('nothing is allowed', () => {
  test.each([{}, { by: null }, { by: '' }])('by an answer of no person: %j', async (by) => {
    const answer = { option: 'allow', text: '', at: '2026-12-01T10:00:00Z', ...by };
    const bot = createServer((_, response) => {
      response.end(JSON.stringify({ id: 'q', status: 'answered', answer }));
    });
    const port = await freePort();
    await new Promise<void>((resolve) => bot.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => void bot.close());
    const env = settingsOf({ url: `http://127.0.0.1:${port}` });
    expect((await decisionOf(runHook(payloadOf('PreToolUse'), { env }))).said).toEqual(
      preToolUse('ask', 'The answer "allow" is unknown.'),
    );
  });

  test.each<[string, () => Record<string, string>, string]>([
    [
      'with a wrong secret',
      () => ({ ...settingsOf(started().bot), ASK_SECRET: 'another-secret-of-nobody' }),
      'The bot rejected the ask secret.',
    ],
    [
      'for a crew that is not there',
      () => ({ ...settingsOf(started().bot), CREW_NAME: 'nobody' }),
      'The bot could not be asked: 404 There is no crew with this name.',
    ],
  ])('%s', async (_, env, words) => {
    expect(await decisionOf(runHook(payloadOf('PermissionRequest'), { env: env() }))).toEqual(
      sentence(words),
    );
    const headless = runHook(payloadOf('PermissionRequest'), { env: env(), args: ['--no-prompt'] });
    expect((await decisionOf(headless)).said).toEqual(
      permission({ behavior: 'deny', message: `The tool was not run. ${words}` }),
    );
  });

  test('when the time is over and nobody is at a terminal', async () => {
    const hook = runHook(payloadOf('PermissionRequest', named('headless')), {
      args: [...SOON, '--no-prompt'],
    });
    const message = `The tool was not run. Nobody decided in Slack within ${SECONDS} s.`;
    expect((await decisionOf(hook)).said).toEqual(permission({ behavior: 'deny', message }));
  });

  test('where the bot rejects the question', async () => {
    const hook = runHook(payloadOf('PermissionRequest', { tool_input: { content: 'x'.repeat(1_100_000) } }));
    const { code, said, stderr } = await decisionOf(hook);
    expect([code, said]).toEqual([
      0,
      { systemMessage: expect.stringMatching(/^The bot rejected the question: /) },
    ]);
    expect(stderr).toBe(`${said.systemMessage}\n`);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'when the agent stops the hook by %s: the question is withdrawn',
    async (signal) => {
      const hook = runHook(payloadOf('PreToolUse', named(signal)));
      const card = await asks(`make ${signal}`);
      hook.child.kill(signal);
      expect((await decisionOf(hook)).said).toEqual(preToolUse('ask', `The hook was stopped (${signal}).`));
      await says(card, 'The program that asked withdrew this question');
    },
  );

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'when the agent stops only the shell of the hook, by %s: the question is withdrawn',
    async (signal) => {
      const hook = runHook(payloadOf('PreToolUse', named(`shell ${signal}`)), { inShell: true });
      const card = await asks(`make shell ${signal}`);
      hook.child.kill(signal);
      await says(card, 'The program that asked withdrew this question');
      expect((await hook.ended).stdout).toContain('"ask"');
    },
  );

  const GARBAGE: [string, object | string | Buffer, string][] = [
    ['nothing', '', 'It is not a JSON object.'],
    ['a text', 'allow', 'It is not a JSON object.'],
    ['a list', '[]', 'It is not a JSON object.'],
    ['bytes that are not UTF-8', Buffer.from('7b22ff227d', 'hex'), 'It is not a JSON object.'],
    ['more than 2 MiB', JSON.stringify({ text: 'x'.repeat(3_000_000) }), 'It is larger than 2 MiB.'],
    [
      'the end of a session without its id',
      { hook_event_name: 'SessionEnd', reason: 'other' },
      'It has no session_id.',
    ],
    [
      'an event that is not about a tool',
      { session_id: 's', hook_event_name: 'Stop' },
      '"Stop" is not an event that asks whether a tool may run.',
    ],
    [
      'an event that is not known',
      { session_id: 's', hook_event_name: 'ToolPermission', tool_name: 'Bash', tool_input: {} },
      '"ToolPermission" is not an event that asks whether a tool may run.',
    ],
  ];
  test.each(GARBAGE)('for %s on stdin', async (_, payload, words) => {
    const stderr = `Claude Code gave its hook something that cannot be read: ${words}\n`;
    expect(await runHook(payload).ended).toEqual({ code: 1, stdout: '', stderr });
    expect(await runHook(payload, { args: ['--no-prompt'] }).ended).toEqual({ code: 2, stdout: '', stderr });
  });

  test('while nothing can be written to the agent', async () => {
    const args = ['--timeout', '1'];
    const run = (event: 'PermissionRequest' | 'PreToolUse', name: string, more: string[] = []) => {
      const hook = runHook(payloadOf(event, named(name)), { args: [...args, ...more] });
      hook.child.stdout.destroy();
      return hook.ended;
    };
    expect(await run('PreToolUse', 'unwritten', ['--no-prompt'])).toMatchObject({ code: 2 });
    expect(await run('PermissionRequest', 'unwritten too')).toMatchObject({ code: 1 });
    const blocked = runHook(payloadOf('PreToolUse', named('blocked unwritten')));
    blocked.child.stdout.destroy();
    await block(await asks('make blocked unwritten'));
    expect(await blocked.ended).toMatchObject({ code: 2 });
  });

  test.each([
    ['session_id', 'It has no session_id.'],
    ['tool_name', 'It has no tool_name.'],
    ['tool_input', 'It has no tool_input.'],
  ])('for a payload of another version, without %s', async (field, words) => {
    const reason = `Claude Code gave its hook something that cannot be read: ${words}`;
    const payload = { ...payloadOf('PreToolUse'), [field]: undefined };
    expect(await decisionOf(runHook(payload))).toMatchObject({ code: 0, said: preToolUse('ask', reason) });
    const permissionPayload = { ...payloadOf('PermissionRequest'), [field]: undefined };
    expect(await decisionOf(runHook(permissionPayload))).toEqual(sentence(reason));
    const blocks = { code: 2, stdout: '', stderr: `${reason}\n` };
    expect(await runHook(payload, { args: ['--no-prompt'] }).ended).toEqual(blocks);
    const unsaid = { ...payload, permission_mode: 'bypassPermissions' };
    expect(await runHook(unsaid).ended).toEqual(blocks);
  });

  test('for arguments that have a key twice, of which a person would see another than the tool gets', async () => {
    const text = JSON.stringify(payloadOf('PreToolUse')).replace(
      JSON.stringify(ARGUMENTS),
      '{"command":"ls","nested":{"a":1,"\\u0061":2}}',
    );
    expect((await decisionOf(runHook(text))).said).toEqual(
      preToolUse(
        'ask',
        'Claude Code gave its hook something that cannot be read: The key "\\u0061" stands twice.',
      ),
    );
  });

  test('for an event that is named twice, the second time as the end of the session', async () => {
    const text = JSON.stringify(payloadOf('PreToolUse')).replace(/}$/, ',"hook_event_name":"SessionEnd"}');
    expect(await runHook(text, { args: ['--no-prompt'] }).ended).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'Claude Code gave its hook something that cannot be read: The key "hook_event_name" stands twice.\n',
    });
  });

  test('with an option that it does not have or that has a wrong value, also without the start script', async () => {
    for (const args of [
      ['--agent', 'nobody'],
      ['--timeout', '0'],
      ['--timeout'],
      ['--no-prompt=1'],
      ['--promt'],
      ['claude'],
    ])
      expect(await runHook(payloadOf('PreToolUse'), { args }).ended).toMatchObject({ code: 2, stdout: '' });
  });
});

test('people see the arguments as the agent wrote them', async () => {
  const text = JSON.stringify(payloadOf('PreToolUse')).replace(
    JSON.stringify(ARGUMENTS),
    '{ "id": 12345678901234567890, "sum": 1.10, "exact": 1e2, "text": "a\\u202eb \\u0041 \\n", "list": [{"a": {}}, []] }',
  );
  const hook = runHook(text);
  const card = await asks('12345678901234567890');
  for (const words of ['sum\n1.10', 'exact\n1e2', 'text\n"a\\u202eb A \\n"', '"a": {}'])
    expect(card.all).toContain(words);
  await block(card);
  expect((await decisionOf(hook)).said.hookSpecificOutput.permissionDecision).toBe('deny');
});

test('the settings are not read from the folder that the agent works in', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-hook-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const lines = Object.entries(settingsOf(started().bot)).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(folder, '.env'), lines.join(''));
  const lost = runHook(payloadOf('PermissionRequest', named('lost')), { cwd: folder, env: {} });
  expect((await decisionOf(lost)).said).toEqual({ systemMessage: expect.stringContaining('BOT_URL') });
  const file = join(folder, 'agent settings');
  writeFileSync(file, lines.join(''));
  const hook = runHook(payloadOf('PermissionRequest', named('found')), {
    cwd: folder,
    env: {},
    args: ['--config', file],
  });
  await allow(await asks('make found'));
  expect((await decisionOf(hook)).said).toEqual(permission({ behavior: 'allow' }));
});

describe('other agents', () => {
  test('Codex: a permission request is allowed or denied, and left to its prompt', async () => {
    const payload = { ...payloadOf('PermissionRequest', named('codex')), turn_id: 't1', model: 'gpt-5' };
    const args = ['--agent', 'codex'];
    const hook = runHook(payload, { args });
    const card = await asks('make codex');
    expect(card.all).toContain('*Codex* asks to run *Bash*');
    await allow(card);
    expect((await decisionOf(hook)).said).toEqual(permission({ behavior: 'allow' }));
    const late = runHook(payload, { args: [...args, ...SOON] });
    expect((await decisionOf(late)).said).toEqual({
      systemMessage: `Nobody decided in Slack within ${SECONDS} s.`,
    });
    // Codex runs the tool whatever a hook of this event says, except for a block.
    expect(await runHook(payloadOf('PreToolUse'), { args: [...args, '--no-prompt'] }).ended).toMatchObject({
      code: 2,
      stdout: '',
    });
  });

  test('Gemini CLI: a tool runs where a person allows it, and is denied in all other cases', async () => {
    const args = ['--agent', 'gemini'];
    const payload = {
      session_id: 'gemini-1',
      transcript_path: '',
      cwd: '/home/ana/shop',
      hook_event_name: 'BeforeTool',
      timestamp: '2026-12-01T10:00:00Z',
      tool_name: 'run_shell_command',
      tool_input: { command: 'make gemini' },
    };
    const hook = runHook(payload, { args });
    const card = await asks('make gemini');
    await allow(card);
    expect((await decisionOf(hook)).said).toEqual({ decision: 'allow' });
    const late = runHook(payload, { args: [...args, ...SOON] });
    expect((await decisionOf(late)).said).toEqual({
      decision: 'deny',
      reason: `The tool was not run. Nobody decided in Slack within ${SECONDS} s.`,
    });
    for (const unread of [
      'garbage',
      { ...payload, hook_event_name: 'BeforeTools' },
      { ...payload, tool_name: 7 },
    ])
      expect(await runHook(unread, { args }).ended).toMatchObject({ code: 2, stdout: '' });
  });
});

const isRoot = process.geteuid?.() === 0;

/** `sudo` is given by the test, and the folder is not in /etc. */
function writePrintedSettings(folder: string): string {
  const [block = ''] =
    readFileSync('docs/clients/claude-code.md', 'utf8').match(/sudo install -d [\s\S]*?\nCONF\n/) ?? [];
  execFileSync('sh', ['-c', `sudo() { "$@"; }\n${block.replaceAll('/etc', folder)}`]);
  return join(folder, 'crew-approvals', 'agents.env');
}

test.skipIf(!isRoot)('the printed settings file can be read by the agent, and not be changed by it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-etc-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  const module = join(folder, 'client-settings.mjs');
  copyFileSync(join(BUILT, 'clients', 'client-settings.js'), module);
  const program = `import { canReplaceFile, readClientSettings } from ${JSON.stringify(module)};
    const [file, of] = process.argv.slice(1);
    console.log(of ? canReplaceFile(file) : Object.keys(readClientSettings(file, {})).join());`;
  // A user that is not root, in the group of the one who ran the commands.
  const runAs = (uid: number, ...args: string[]) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', program, ...args], {
      encoding: 'utf8',
      uid,
      gid: 0,
    }).trim();
  const file = writePrintedSettings(folder);
  expect(runAs(65_534, file)).toBe('BOT_URL,CREW_NAME,ASK_SECRET');
  expect(runAs(65_534, file, 'changes')).toBe('false');
  // The owner, and whoever can write in one of the folders.
  chownSync(file, 65_534, 0);
  expect(runAs(65_534, file, 'changes')).toBe('true');
  chownSync(file, 0, 0);
  chownSync(folder, 65_534, 0);
  expect(runAs(65_534, file, 'changes')).toBe('true');
  expect(runAs(65_533, file, 'changes')).toBe('false');
  chmodSync(join(folder, 'crew-approvals'), 0o775);
  expect(runAs(65_533, file, 'changes')).toBe('true');
  chmodSync(join(folder, 'crew-approvals'), 0o1775);
  expect(runAs(65_533, file, 'changes')).toBe('false');
  // Whoever can let a link lead elsewhere, also one of several, or one to the folder.
  const own = join(folder, 'own');
  mkdirSync(own);
  symlinkSync(file, join(own, 'agents.env'));
  symlinkSync(join(own, 'agents.env'), join(folder, 'link.env'));
  symlinkSync(join(own, '..', 'crew-approvals'), join(folder, 'linked'));
  for (const link of ['own/agents.env', 'link.env', 'linked/agents.env'])
    expect(runAs(65_533, join(folder, link), 'changes')).toBe('false');
  chownSync(own, 65_533, 0);
  for (const link of ['own/agents.env', 'link.env'])
    expect(runAs(65_533, join(folder, link), 'changes')).toBe('true');
  lchownSync(join(folder, 'linked'), 65_533, 0);
  expect(runAs(65_533, join(folder, 'linked/agents.env'), 'changes')).toBe('true');
});

test('a settings file that the program can change is named in a warning, and one that others can change is not read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-hook-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'agents.env');
  writeFileSync(file, 'BOT_URL=http://127.0.0.1:9\nCREW_NAME=press\nASK_SECRET=x\n', { mode: 0o600 });
  const warning = `Warning: the user of this process can change ${file}.`;
  const printing = await runHook('', { args: ['--print-config', 'claude', '--config', file] }).ended;
  expect(printing).toMatchObject({ code: 0, stderr: expect.stringContaining(warning) });
  const args = ['--timeout', '1', '--config', file];
  const hook = await decisionOf(runHook(payloadOf('PreToolUse'), { env: {}, args }));
  expect(hook).toMatchObject({ code: 0, stderr: expect.stringContaining(warning) });
  chmodSync(file, 0o660);
  const { said } = await decisionOf(runHook(payloadOf('PreToolUse'), { env: {}, args }));
  expect(said).toEqual(preToolUse('ask', `${file} can be written by others: run chmod go-w on it.`));
});

test('a question has the run of its session, and a lease that ends it where the hook is killed', async () => {
  const { bot } = started();
  const { url, requests } = await recordRequests(bot);
  const payload = payloadOf('PreToolUse', { ...named('recorded'), cwd: '/home/ana/shop\n`x\u202e \ud800 é' });
  const hook = runHook(payload, { env: settingsOf({ url }) });
  const card = await asks('make recorded');
  await allow(card);
  await hook.ended;
  const [put = ''] = requests;
  const [, path] = /^PUT (\/crews\/press\/questions\/hook-[\da-f-]{36}) {/.exec(put) ?? [];
  expect(JSON.parse(put.slice(put.indexOf('{')))).toEqual({
    kind: 'tool',
    title: 'Bash',
    agent: 'Claude Code',
    run: payload.session_id,
    message: 'In `/home/ana/shop\\u000a\\u0060x\\u202e \\ud800 é`',
    lease: true,
    output: { command: 'make recorded' },
  });
  expect(requests.at(-1)).toBe(`PUT ${path}/received `);
});

test.each<[string, string[], object]>([
  [
    'claude',
    [],
    {
      PreToolUse: [{ matcher: expect.stringContaining('Read'), hooks: [{ type: 'command', timeout: 90 }] }],
      SessionStart: [{ matcher: 'resume', hooks: [{ type: 'command', timeout: 10 }] }],
      SessionEnd: [{ hooks: [{ type: 'command', timeout: 10 }] }],
    },
  ],
  [
    'claude',
    ['--no-prompt'],
    {
      PreToolUse: [{ matcher: expect.stringContaining('Read'), hooks: [{ type: 'command', timeout: 90 }] }],
      SessionStart: [{ matcher: 'resume', hooks: [{ type: 'command', timeout: 10 }] }],
      SessionEnd: [{ hooks: [{ type: 'command', timeout: 10 }] }],
    },
  ],
  [
    'codex',
    [],
    {
      PermissionRequest: [{ hooks: [{ type: 'command', timeout: 90 }] }],
      SessionStart: [{ matcher: 'resume', hooks: [{ type: 'command', timeout: 10 }] }],
      SessionEnd: [{ hooks: [{ type: 'command', timeout: 10 }] }],
    },
  ],
  [
    'gemini',
    [],
    {
      BeforeTool: [{ matcher: expect.stringContaining('read_file'), hooks: [{ timeout: 90_000 }] }],
      SessionStart: [{ matcher: 'resume', hooks: [{ name: 'crew-approvals', timeout: 10_000 }] }],
      SessionEnd: [{ hooks: [{ name: 'crew-approvals', timeout: 10_000 }] }],
    },
  ],
])('the settings for %s %j run the installed command with its options', async (agent, more, expected) => {
  const folder = mkdtempSync(join(tmpdir(), "crew-approvals ana's "));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const args = ['--print-config', agent, '--config', 'settings', '--timeout', '60', ...more];
  const { code, stdout, stderr } = await runHook('', { args, cwd: folder }).ended;
  expect([code, stderr]).toEqual([0, '']);
  const { hooks } = JSON.parse(stdout) as { hooks: Record<string, { hooks: { command: string }[] }[]> };
  expect(hooks).toMatchObject(expected);
  for (const { command } of Object.values(hooks).flatMap((groups) =>
    groups.flatMap((group) => group.hooks),
  )) {
    expect(command.endsWith(' || exit 2')).toBe(agent !== 'codex');
    // A shell that prints its words instead of running them.
    const words = execFileSync('sh', ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' });
    const own = agent === 'claude' ? [] : ['--agent', agent];
    const given = ['--config', join(realpathSync(folder), 'settings'), '--timeout', '60', ...more];
    const start = expect.stringMatching(/src\/start\.mjs$/);
    expect(words.trimEnd().split('\n')).toEqual([
      ...['/usr/bin/env', '-u', 'NODE_OPTIONS', process.execPath, start, 'hook'],
      ...own,
      ...given,
    ]);
  }
});

test.each([
  ['claude', [], true],
  ['claude', ['--no-prompt'], true],
  ['gemini', [], true],
  ['codex', ['--no-prompt'], true],
  ['codex', [], false],
])(
  'where the hook of %s %j is killed, its printed command blocks the tool: %j',
  async (agent, more, blocks) => {
    const { stdout } = await runHook('', { args: ['--print-config', agent, ...more] }).ended;
    const [, command = ''] = /"command": "(.*)"/.exec(stdout) ?? [];
    const killed = command.replace(process.execPath, () => `sh -c 'kill -9 $$'`);
    expect(spawnSync('sh', ['-c', killed]).status === 2).toBe(blocks);
  },
);

/**
 * The events that Claude Code 2.1.332 sends before it runs `touch` or a write in the folder of the project, by its mode. The table in
 * docs/clients/claude-code.md says more.
 */
test.each([
  ['default', ['PreToolUse', 'PermissionRequest']],
  ['auto', ['PreToolUse']],
  ['acceptEdits', ['PreToolUse']],
  ['plan', ['PreToolUse']],
  ['dontAsk', ['PreToolUse']],
  ['bypassPermissions', ['PreToolUse']],
])('the printed settings of Claude Code ask before each write and command in the mode %s', (_, sent) => {
  const { hooks, permissions } = buildHookSettings('claude', { command: 'hook', timeout: 60 }) as {
    hooks: Record<string, { matcher?: string }[]>;
    permissions: object;
  };
  for (const tool of [
    'Bash',
    'Write',
    'Edit',
    'NotebookEdit',
    'PowerShell',
    'Monitor',
    'WebFetch',
    'mcp__a__b',
  ])
    expect(
      sent.some((event) => hooks[event]?.some(({ matcher = '' }) => new RegExp(matcher).test(tool))),
    ).toBe(true);
  // If a hook times out in auto mode, the tool runs. In this mode, Claude Code asks at the terminal.
  expect(permissions).toEqual({ defaultMode: 'default' });
});

test.each([
  ['claude', 'PreToolUse', 'Bash', true],
  ['claude', 'PreToolUse', 'mcp__github__create_issue', true],
  ['claude', 'PreToolUse', 'WebSearch', true],
  ['claude', 'PreToolUse', 'Agent', true],
  ['claude', 'PreToolUse', 'CronCreate', true],
  ['claude', 'PreToolUse', 'ReadAnything', true],
  ['claude', 'PreToolUse', 'ToolOfNextYear', true],
  ['claude', 'PreToolUse', 'Read', false],
  ['claude', 'PreToolUse', 'Grep', false],
  ['claude', 'PreToolUse', 'AskUserQuestion', false],
  ['claude', 'PreToolUse', 'ListAgents', false],
  ['claude', 'PreToolUse', 'CronList', false],
  ['claude', 'PreToolUse', 'ListMcpResourcesTool', false],
  ['claude', 'PreToolUse', 'ReadMcpResourceTool', false],
  ['claude', 'PreToolUse', 'ReadMcpResourceDirTool', false],
  ['claude', 'PreToolUse', 'ReadNotifications', false],
  ['claude', 'PreToolUse', 'ReportFindings', false],
  // A skill runs the commands of its file without a hook.
  ['claude', 'PreToolUse', 'Skill', true],
  ['claude', 'PreToolUse', 'ScheduleWakeup', true],
  // The hook itself leaves out our own tools: a repository could name its server as ours.
  ['claude', 'PreToolUse', 'mcp__crew-approvals__ask_human', true],
  ['gemini', 'BeforeTool', 'run_shell_command', true],
  ['gemini', 'BeforeTool', 'save_memory', true],
  ['gemini', 'BeforeTool', 'google_web_search', true],
  ['gemini', 'BeforeTool', 'read_file', false],
  ['gemini', 'BeforeTool', 'update_topic', false],
  ['gemini', 'BeforeTool', 'read_background_output', false],
] as const)('of the tools of %s, those of %s, %s has a card: %j', (agent, event, tool, has) => {
  const { hooks } = buildHookSettings(agent, { command: 'hook', timeout: 60 }) as {
    hooks: Record<string, { matcher: string }[]>;
  };
  expect(new RegExp(hooks[event]?.[0]?.matcher ?? '').test(tool)).toBe(has);
});
