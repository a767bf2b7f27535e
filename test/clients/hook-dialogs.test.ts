import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { lexer, type Token } from 'marked';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type DialogKind, NotAsked, readDialog } from '../../src/clients/hook-dialogs.ts';
import { buildHookSettings } from '../../src/clients/hook-settings.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { scaleLimit } from '../support/limits.ts';
import { clickOn, seesModal } from '../support/process-steps.ts';
import { share } from '../support/shared.ts';
import { type Shown, sees, shown, startBot, startWorld } from '../support/world.ts';
import { startHook } from './hook-run.ts';

const ASK_SECRET = 'the-ask-secret-of-the-agents';
const NOWHERE = 'http://127.0.0.1:1';
const SECONDS = Math.ceil(scaleLimit(3_000) / 1_000);

const started = share(async () => {
  const world = await startWorld();
  return { world, bot: await startBot(world, { ASK_SECRET }) };
});

let calls = 0;

function payloadOf(event: string, more: object) {
  calls += 1;
  return {
    session_id: `dialog-${calls}`,
    cwd: '/home/ana/shop',
    permission_mode: 'default',
    hook_event_name: event,
    ...(event === 'PreToolUse' ? { tool_use_id: `toolu_${calls}` } : {}),
    ...more,
  };
}

const runHook = (payload: object | string, args: string[], url = started().bot.url) =>
  startHook(payload, { args, env: { BOT_URL: url, CREW_NAME: 'press', ASK_SECRET } });
const asks = (words: string) =>
  sees(started().world.workspace, words, ({ all }) => all.includes(words) && all.includes('can decide'));
const click = ({ ts }: Shown, actionId: string, user?: string) =>
  clickOn(started().world, ts, actionId, user);
const outputOf = async ({ ended }: ReturnType<typeof startHook>) => {
  const { code, stdout } = await ended;
  expect(code).toBe(0);
  return JSON.parse(stdout).hookSpecificOutput;
};

/** Fills in the form that a click opens, by the labels of its fields. */
async function fillIn(card: Shown, actionId: string, answers: Record<string, string | string[]>) {
  const { world } = started();
  await click(card, actionId);
  await seesModal(world, 'UANA');
  await world.workspace.submitForm({ user: 'UANA', answers });
}

const COLOUR = {
  question: 'Which colour does [the button](https://evil.example) get?',
  header: 'Colour',
  multiSelect: false,
  options: [
    { label: 'Blue, dark', description: 'as now' },
    { label: 'Red', description: 'as *the logo*' },
  ],
};
const TARGETS = {
  question: 'Where does it run?',
  header: 'Targets',
  multiSelect: true,
  options: [
    { label: 'Linux', description: '' },
    { label: 'macOS', description: '' },
  ],
};
const questionsOf = (questions: object[], event = 'PreToolUse') =>
  payloadOf(event, { tool_name: 'AskUserQuestion', tool_input: { questions } });

describe("the agent's own questions", () => {
  test.each(['PreToolUse', 'PermissionRequest'])(
    'are cards, and their answers are those of the call (%s)',
    async (event) => {
      const payload = questionsOf([COLOUR], event);
      const hook = runHook(payload, ['--questions']);
      const card = await asks('Colour');
      // The target of a link is shown, and nothing is formatted.
      expect(card.all).toContain('https://evil.example');
      expect(card.all).toContain('/home/ana/shop');
      await click(card, 'choose_1');
      const { decision, ...output } = await outputOf(hook);
      const { updatedInput } = decision ?? output;
      expect(decision?.behavior ?? output.permissionDecision).toBe('allow');
      expect(updatedInput).toEqual({
        questions: [COLOUR],
        answers: { [COLOUR.question]: 'Blue, dark' },
      });
      await sees(
        started().world.workspace,
        'received',
        ({ ts, all }) => ts === card.ts && all.includes(texts.state.received()),
      );
    },
  );

  test('are answered all, or none: another text names its writer, and one that is closed withdraws the others', async () => {
    const hook = runHook(
      questionsOf([
        { ...COLOUR, header: 'Shade' },
        { ...TARGETS, header: 'Systems' },
      ]),
      ['--questions'],
    );
    await fillIn(await asks('Shade'), 'write_3', { 'Your answer': 'Green' });
    await fillIn(await asks('Systems'), 'write_1', { Systems: ['Linux', 'macOS'] });
    expect((await outputOf(hook)).updatedInput.answers).toEqual({
      [COLOUR.question]: 'Green (written in Slack by UANA)',
      [TARGETS.question]: 'Linux, macOS',
    });

    const left = runHook(
      questionsOf([
        { ...COLOUR, header: 'Paint' },
        { ...TARGETS, header: 'Hosts' },
      ]),
      ['--questions'],
    );
    const closed = await asks('Hosts');
    const other = await asks('Paint');
    const { workspace } = started().world;
    const blocks = JSON.stringify(workspace.message('CAPPROVALS', closed.ts)?.blocks);
    const [selected = ''] = /give_up[^"]*/.exec(blocks) ?? [];
    await workspace.click({ user: 'UANA', channel: 'CAPPROVALS', ts: closed.ts, actionId: 'more', selected });
    await seesModal(started().world, 'UANA');
    await workspace.submit({ user: 'UANA', values: {} });
    expect(await left.ended).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('closed'),
    });
    await sees(
      started().world.workspace,
      'withdrawn',
      ({ ts, all }) => ts === other.ts && all.includes('withdrew this question'),
    );
  });
});

describe('several people', () => {
  test('a text that one person wrote and another one agreed to names its writer', async () => {
    const world = await startWorld();
    const bot = await startBot(world, { ASK_SECRET, APPROVALS_REQUIRED: '2' });
    const hook = runHook(questionsOf([COLOUR]), ['--questions'], bot.url);
    const sees1 = (words: string) => sees(world.workspace, words, ({ all }) => all.includes(words));
    const card = await sees1('have to choose the same');
    await clickOn(world, card.ts, 'write_3');
    await seesModal(world, 'UANA');
    await world.workspace.submitForm({ user: 'UANA', answers: { 'Your answer': 'Ana wrote this' } });
    const agreed = await sees1('Ana wrote this');
    await clickOn(world, agreed.ts, 'choose_3', 'UBEN');
    expect((await outputOf(hook)).updatedInput.answers).toEqual({
      [COLOUR.question]: 'Ana wrote this (written in Slack by UANA)',
    });
  });

  test('an answer that a person closes before the last one is there is not given to the agent, and the others are withdrawn', async () => {
    const { world } = started();
    const hook = runHook(
      questionsOf([
        { ...COLOUR, header: 'Roof' },
        { ...TARGETS, header: 'Walls' },
      ]),
      ['--questions'],
    );
    const first = await asks('Roof');
    await click(first, 'choose_1');
    await sees(
      world.workspace,
      'chosen',
      ({ ts, all }) => ts === first.ts && all.includes("hasn't picked it up"),
    );
    await click(first, 'give_up', 'UBEN');
    await sees(
      world.workspace,
      'closed',
      ({ ts, all }) => ts === first.ts && all.includes('Closed without a decision'),
    );
    await fillIn(await asks('Walls'), 'write_1', { Walls: ['Linux'] });
    expect(await hook.ended).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('closed'),
    });
    await sees(world.workspace, 'withdrawn', ({ all }) => all.includes('Walls') && all.includes('withdrew'));
  });
});

test('a question is withdrawn if the agent no longer reads the answer', async () => {
  const { world } = started();
  const hook = runHook(questionsOf([{ ...COLOUR, header: 'Fence' }]), ['--questions']);
  const card = await asks('Fence');
  hook.child.stdout.destroy();
  await click(card, 'choose_1');
  expect((await hook.ended).code).toBe(0);
  await sees(
    world.workspace,
    'withdrawn',
    ({ ts, all }) => ts === card.ts && !all.includes("hasn't picked it up"),
  );
});

test('a question that is still on its way when another one is rejected is withdrawn once it is there', async () => {
  const { bot, world } = started();
  const slowly = createServer(async (request, response) => {
    const body = (await request.toArray()).join('');
    // The request goes on, also if its sender no longer waits.
    if (body.includes('Slow header')) await sleep(1_000);
    const { authorization = '', 'content-type': type = '' } = request.headers;
    const { method = '', url } = request;
    const headers = { authorization, 'content-type': type };
    const answer = await fetch(`${bot.url}${url}`, { method, headers, ...(body === '' ? {} : { body }) });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  });
  await once(slowly.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void slowly.close());
  const rejected = { ...COLOUR, question: 'Which one?', header: 'x'.repeat(400) };
  const hook = runHook(
    questionsOf([{ ...COLOUR, header: 'Slow header' }, rejected]),
    ['--questions'],
    `http://127.0.0.1:${(slowly.address() as AddressInfo).port}`,
  );
  expect(await hook.ended).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringContaining('rejected'),
  });
  await sees(world.workspace, 'withdrawn', ({ all }) => /Slow header[\s\S]*withdrew this question/.test(all));
});

const LONG_WORDS = ['a', '-', '1', ' ', '\n', '\u2028', '`', '` ', '\\', 'www.', 'a:', '- ', '1.', '\t'];
test.each(LONG_WORDS)(
  'a text of %j only, 120,000 characters long, does not keep the hook busy',
  async (word) => {
    const long = `${word.repeat(120_000 / word.length)}.`;
    const option = { label: 'A', description: long };
    const question = { ...COLOUR, question: long, options: [option] };
    const form = { mcp_server_name: 'a', mode: 'form', message: long, requested_schema: { properties: {} } };
    const away = ['--timeout', '1'];
    const hooks = [
      runHook(questionsOf([{ ...question, multiSelect: true }]), ['--questions', ...away], NOWHERE),
      runHook(payloadOf('Elicitation', form), ['--forms', ...away], NOWHERE),
    ];
    for (const hook of hooks)
      expect(await hook.ended).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('could not be asked'),
      });
  },
);

test('URLs and indented text are shown as they are', async () => {
  const question = 'See https://a.example/x_y?a=1&b=2#z or *not*?';
  const payload = questionsOf([
    { ...COLOUR, question, header: 'Link' },
    { ...COLOUR, question: '    ls *.txt', header: 'Code' },
  ]);
  const hook = runHook(payload, ['--questions']);
  const [link, code] = [await asks('*Link*'), await asks('*Code*')];
  expect(link.all).toContain('`https://a.example/x_y?a=1&b=2#z` or \\*not\\*?');
  expect(code.all).toContain('    ls *.txt');
  await click(link, 'choose_1');
  await click(code, 'choose_2');
  expect((await outputOf(hook)).updatedInput.answers).toEqual({
    [question]: 'Blue, dark',
    '    ls *.txt': 'Red',
  });
});

describe('any text of a question', () => {
  const PIECES = [
    'a',
    ' ',
    '  ',
    '\n',
    '\n\n',
    '*',
    '_',
    '`',
    '~~',
    '[',
    ']',
    '(',
    ')',
    '<b>',
    '&amp;',
    '#',
    '> ',
    '- ',
  ].concat([
    '1. ',
    '+ ',
    '|',
    '\\',
    '---',
    '===',
    'https://x.y/z_a',
    'www.a.b',
    '!',
    '\t',
    '    ',
    '<!channel>',
    '=',
    ':',
    'http://',
  ]);
  /** What a reader of the Markdown sees, without blanks; anything but text, code and breaks by its name. */
  const read = (token: Token): string => {
    if ('tokens' in token && token.tokens)
      return ['paragraph', 'text'].includes(token.type) ? token.tokens.map(read).join('') : `<${token.type}>`;
    if (['space', 'br'].includes(token.type)) return '';
    return ['text', 'escape', 'codespan', 'code'].includes(token.type) && 'text' in token
      ? token.text
      : `<${token.type}>`;
  };
  test('is shown with each of its characters', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 7 }), (pieces) => {
        const question = pieces.join('');
        fc.pre(question.trim() !== '');
        const { questions } = readDialog('questions', questionsOf([{ ...COLOUR, question }]), 'Claude Code');
        const [shownText = ''] = (questions[0]?.text ?? '').split('\n\n- **Blue');
        const seen = lexer(shownText).map(read).join('');
        expect(seen.replace(/\s/g, '')).toBe(question.replace(/\s/g, ''));
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('a plan', () => {
  const plan = (text: string) =>
    payloadOf('PreToolUse', {
      tool_name: 'ExitPlanMode',
      tool_input: { plan: text, planFilePath: '/home/ana/plan.md' },
    });

  test('is allowed with the same input, without which Claude Code ignores it, and for this call only', async () => {
    const payload = plan('1. Delete *everything*');
    const hook = runHook(payload, ['--plans']);
    const card = await asks('1. Delete *everything*');
    expect(JSON.stringify(card)).not.toContain('in this run');
    await click(card, 'choose_1');
    expect(await outputOf(hook)).toMatchObject({
      ...{ hookEventName: 'PreToolUse', permissionDecision: 'allow' },
      updatedInput: (payload as unknown as { tool_input: object }).tool_input,
    });
  });

  test('is denied with the reason of the person who blocks it', async () => {
    const hook = runHook(plan('2. Sell the shop'), ['--plans']);
    await click(await asks('2. Sell the shop'), 'choose_2');
    expect(await outputOf(hook)).toMatchObject({
      permissionDecision: 'deny',
      permissionDecisionReason: expect.stringContaining('a person blocked this call'),
    });
  });

  test('that is not in the call, or too large, or that nobody decides on is left to the terminal', async () => {
    const without = payloadOf('PreToolUse', { tool_name: 'ExitPlanMode', tool_input: {} });
    expect(await runHook(without, ['--plans']).ended).toEqual({
      ...{ code: 0, stdout: '' },
      stderr: 'The plan is not in the call of ExitPlanMode.\n',
    });
    const large = await runHook(plan('x'.repeat(1_100_000)), ['--plans']).ended;
    expect(large).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('1 MiB') });
    const late = await runHook(plan('3. Nobody looks'), ['--plans', '--timeout', String(SECONDS)]).ended;
    expect(late).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('Nobody decided') });
    const away = await runHook(plan('4. No bot'), ['--plans', '--timeout', '1'], 'http://127.0.0.1:1').ended;
    expect(away).toMatchObject({ code: 0, stdout: '' });
  });
});

describe('a form of an MCP server', () => {
  const form = (schema: object, more: object = {}) =>
    payloadOf('Elicitation', {
      ...{ mcp_server_name: 'billing', message: 'Enter *your* data:\n[here](https://evil.example)' },
      ...{ mode: 'form', requested_schema: { type: 'object', ...schema }, ...more },
    });
  const SCHEMA = {
    properties: { iban: { type: 'string', title: 'IBAN' }, count: { type: 'integer', title: 'Count' } },
    required: ['iban'],
  };

  test('is a card that names the server and the agent, and its values come back typed', async () => {
    const hook = runHook(form(SCHEMA), ['--forms']);
    const card = await asks('billing');
    for (const words of ['Claude Code', 'https://evil.example', 'do not enter passwords'])
      expect(card.all).toContain(words);
    await fillIn(card, 'write_1', { IBAN: 'DE02', Count: '3' });
    expect(await outputOf(hook)).toEqual({
      hookEventName: 'Elicitation',
      action: 'accept',
      content: { iban: 'DE02', count: 3 },
    });
  });

  test('is declined only by a person, and a form without fields is a question', async () => {
    const hook = runHook(form({ properties: {} }, { mcp_server_name: 'crm' }), ['--forms']);
    await click(await asks('crm'), 'choose_2');
    expect(await outputOf(hook)).toEqual({ hookEventName: 'Elicitation', action: 'decline' });
    const late = runHook(form(SCHEMA, { mcp_server_name: 'late' }), [
      '--forms',
      '--timeout',
      String(SECONDS),
    ]);
    expect(await late.ended).toMatchObject({ code: 0, stdout: '' });
  });

  test.each<[string, object, string]>([
    ['a URL', form(SCHEMA, { mode: 'url' }), 'mode "url"'],
    [
      'more fields than a form has',
      form({
        properties: Object.fromEntries([...Array(30).keys()].map((at) => [`f${at}`, { type: 'string' }])),
      }),
      'rejected the question',
    ],
    [
      'a keyword that our fields do not have',
      form({ properties: { a: { type: 'string', pattern: '^a$' } } }),
      'rejected the question',
    ],
    [
      'a hidden value',
      form({ properties: { a: { type: 'string', writeOnly: true } } }),
      'rejected the question',
    ],
    ['required fields that it does not have', form({ properties: {}, required: ['a'] }), 'requires fields'],
    ['no schema', form(SCHEMA, { requested_schema: 'x' }), 'unknown form'],
  ])('with %s is left to the agent, and no card is posted', async (_, payload, words) => {
    const before = shown(started().world.workspace).length;
    const { code, stdout, stderr } = await runHook(payload, ['--forms']).ended;
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain(words);
    expect(shown(started().world.workspace)).toHaveLength(before);
  });
});

test.each<[string, object]>([
  ['equal texts', { questions: [COLOUR, COLOUR] }],
  ['labels that look the same', { questions: [{ ...COLOUR, options: [{ label: 'A' }, { label: 'A ' }] }] }],
  [
    'a comma in a label of several',
    { questions: [{ ...TARGETS, options: [{ label: 'A, B' }, { label: 'C' }] }] },
  ],
  [
    'an option that is called as ours',
    { questions: [{ ...COLOUR, options: [{ label: 'Something else' }] }] },
  ],
  ['an unseen character in a label', { questions: [{ ...COLOUR, options: [{ label: 'A\u200b' }] }] }],
  ['a line break in a label', { questions: [{ ...TARGETS, options: [{ label: 'A\nB' }] }] }],
  ['an option without a label', { questions: [{ ...COLOUR, options: [{ label: '' }] }] }],
  ['no questions', {}],
])('questions with %s are not asked', (_, input) => {
  const payload = { hook_event_name: 'PreToolUse', tool_input: input };
  expect(() => readDialog('questions', payload, 'Claude Code')).toThrow(NotAsked);
});

test('an answer without a person, or that is none of the question, is printed as nothing', () => {
  const read = (kind: DialogKind, payload: object) => readDialog(kind, { ...payload }, 'Claude Code');
  const answer = { option: 'allow', text: '', by: 'UANA', at: '' };
  const plan = read('plans', { hook_event_name: 'PreToolUse', tool_input: { plan: 'x' } });
  expect(plan.write([answer])).toContain('allow');
  expect(plan.write([{ ...answer, option: 'block', by: '' }])).toBeUndefined();
  const questions = read('questions', {
    hook_event_name: 'PreToolUse',
    tool_input: { questions: [COLOUR, TARGETS] },
  });
  const colour = { ...answer, option: '1' };
  const targets = { ...answer, option: 'choose', fields: { choices: ['Linux'] } };
  expect(questions.write([colour, targets])).toContain('"Red"');
  expect(questions.write([colour, { ...targets, text: 'Plan 9' }])).toContain(
    'Linux, Plan 9 (written in Slack by UANA)',
  );
  for (const wrong of [
    { ...colour, option: '7' },
    { ...colour, option: 'other' },
    { ...colour, by: '' },
  ])
    expect(questions.write([wrong, targets])).toBeUndefined();
  expect(questions.write([colour])).toBeUndefined();
  const form = read('forms', {
    hook_event_name: 'Elicitation',
    mcp_server_name: 'a',
    message: 'b',
    requested_schema: { properties: {} },
  });
  expect(form.write([{ ...answer, option: 'decline', by: '' }])).toBeUndefined();
  expect(form.write([{ ...answer, option: 'accept' }])).toContain('"content":{}');
});

test('without its switch a dialog is what it was, and the printed settings name only what is switched on', async () => {
  const settings = (dialogs: Partial<Record<DialogKind, string>>) =>
    JSON.parse(
      JSON.stringify(buildHookSettings('claude', { command: 'hook || exit 2', timeout: 570, dialogs })),
    ).hooks;
  expect(Object.keys(settings({}))).toEqual(['PreToolUse', 'SessionStart', 'SessionEnd']);
  expect(settings({}).PreToolUse).toHaveLength(1);
  const all = settings({ questions: 'ask', plans: 'plan', forms: 'fill in' });
  expect(all.Elicitation[0].hooks[0].command).toBe('fill in');
  expect(all.PreToolUse.slice(1)).toMatchObject([
    { matcher: '^AskUserQuestion$', hooks: [{ command: 'ask' }] },
    { matcher: '^ExitPlanMode$', hooks: [{ command: 'plan' }] },
  ]);
  expect('AskUserQuestion').not.toMatch(new RegExp(all.PreToolUse[0].matcher));
  const { code, stderr } = await runHook(questionsOf([COLOUR]), ['--agent', 'codex', '--questions']).ended;
  expect([code, stderr]).toEqual([2, expect.stringContaining('--questions is possible for claude only')]);
  const off = await runHook(payloadOf('Elicitation', { mcp_server_name: 'a', mode: 'form' }), []).ended;
  expect(off.stdout).toBe('');
});

test("the printed command of the dialogs never blocks the agent's own dialog", async () => {
  const printing = await runHook('', ['--print-config', 'claude', '--no-prompt', '--questions', '--forms'])
    .ended;
  const { PreToolUse, Elicitation } = JSON.parse(printing.stdout).hooks;
  const [tools, questions] = PreToolUse.map(
    (entry: { hooks: { command: string }[] }) => entry.hooks[0]?.command,
  );
  expect(tools).toMatch(/ --no-prompt \|\| exit 2$/);
  expect(questions).toMatch(/ hook --questions$/);
  expect(Elicitation[0].hooks[0].command).toMatch(/ hook --forms$/);
  // 1 is the code of a hook that failed; 2 would block.
  for (const unreadable of ['no JSON', 'x'.repeat(2 * 1_048_576 + 1), Buffer.from([0xff, 0xfe])])
    expect(await runHook(unreadable, ['--questions']).ended).toMatchObject({ code: 1, stdout: '' });
});
