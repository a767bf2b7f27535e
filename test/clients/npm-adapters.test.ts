import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { answerApprovals, generateWithApprovals } from '../../src/clients/ai-sdk.ts';
import { CrewApprovals } from '../../src/clients/client.ts';
import { decideInterruptions, runWithApprovals } from '../../src/clients/openai-agents.ts';
import { clickOn } from '../support/process-steps.ts';
import { HOSTED } from '../support/self-hosted.ts';
import { share } from '../support/shared.ts';
import { type Shown, sees, startBot, startWorld } from '../support/world.ts';

const started = share(async () => {
  const world = await startWorld();
  const bot = await startBot(world, HOSTED);
  const url = `http://127.0.0.1:${bot.port}`;
  return { world, approvals: new CrewApprovals({ url, crew: 'press', secret: HOSTED.ASK_SECRET ?? '' }) };
});

let runs = 0;
const nextRun = () => {
  runs += 1;
  return `run-${runs}`;
};
/** The card that waits and says all of this: a card that another test has answered may not have been drawn anew. */
const asks = (...words: string[]) =>
  sees(
    started().world.workspace,
    words.join(),
    ({ all, buttons }) => words.every((one) => all.includes(one)) && buttons.length > 0,
  );
const choose = ({ ts }: Shown, place: 1 | 2) => clickOn(started().world, ts, `choose_${place}`);

function createPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'run.json');
}

interface SdkCall {
  id: string;
  input: unknown;
  call?: object;
  request?: object;
}

/** Messages of the AI SDK that end with calls of `pay` that wait. */
const waitingFor = (...calls: SdkCall[]) => [
  { role: 'user', content: 'Pay.' },
  {
    role: 'assistant',
    content: calls.flatMap(({ id, input, call, request }) => [
      { type: 'tool-call', toolCallId: id, toolName: 'pay', input, ...call },
      { type: 'tool-approval-request', approvalId: `of-${id}`, toolCallId: id, ...request },
    ]),
  },
];
const blocked = /^The tool was not run: a person blocked this call \(Slack user UANA\)\.$/;

/** A state of the OpenAI Agents SDK with these calls, and what was decided in it. */
function stateWith(calls: readonly { callId: string; arguments: string; type?: string }[]) {
  const decided: Record<string, unknown> = {};
  return {
    decided,
    getInterruptions: () =>
      calls.map((call) => ({
        name: 'pay',
        agent: { name: 'Clerk' },
        rawItem: { type: 'function_call', ...call },
      })),
    approve: ({ rawItem }: { rawItem: object }) => {
      decided[(rawItem as { callId: string }).callId] = true;
    },
    reject: ({ rawItem }: { rawItem: object }, { message }: { message: string }) => {
      decided[(rawItem as { callId: string }).callId] = message;
    },
    toString: () => JSON.stringify({ currentTurn: 1, modelResponses: [{ responseId: 'r1' }], calls }),
  };
}

test('calls of a response are asked about at once, each has its own answer, and a block stays one', async () => {
  const run = nextRun();
  const messages = waitingFor({ id: 'a', input: { to: 'Alma' } }, { id: 'b', input: { to: 'Bram' } });
  const { approvals } = started();
  const answered = answerApprovals(approvals, messages, { run, agent: 'Clerk', message: 'From the giro.' });
  const [alma, bram] = [await asks('Alma'), await asks('Bram')];
  expect(alma.all).toContain('*Clerk* asks to run *pay*');
  expect(alma.all).toContain('From the giro.');
  await choose(bram, 2);
  await choose(alma, 1);
  const answer = await answered;
  expect(answer).toEqual({
    role: 'tool',
    content: [
      { type: 'tool-approval-response', approvalId: 'of-a', approved: true },
      {
        type: 'tool-approval-response',
        approvalId: 'of-b',
        approved: false,
        reason: expect.stringMatching(blocked),
      },
    ],
  });
  // As after a restart: what was allowed may have run, what was blocked has not.
  const again = answerApprovals(approvals, [...messages, ...(answer ? [answer] : [])], { run });
  await choose(await asks('Alma', 'it may have run already'), 2);
  const second = await again;
  expect(second?.content).toMatchObject([
    { approved: false, reason: expect.stringMatching(blocked) },
    answer?.content[1] ?? {},
  ]);
});

test('nothing waits in messages whose calls have results, were decided by the SDK, or are followed by others', async () => {
  const messages = waitingFor({ id: 'a', input: {} });
  const result = { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'a', toolName: 'pay' }] };
  const automatic = waitingFor({ id: 'a', input: {}, request: { isAutomatic: true } });
  for (const none of [
    [],
    [...messages, result],
    automatic,
    [...messages, { role: 'user', content: 'Stop.' }],
  ])
    expect(await answerApprovals(started().approvals, none, { run: nextRun() })).toBeUndefined();
});

test.each([
  ['a value that JSON does not have', { at: new Date(0) }],
  ['no value', undefined],
])('a call with %s does not run, and nobody is asked', async (_, input) => {
  const messages = waitingFor({ id: 'a', input });
  const answer = await answerApprovals(started().approvals, messages, { run: nextRun() });
  expect(answer?.content).toMatchObject([
    {
      approved: false,
      reason: expect.stringMatching(
        /^The tool pay was not run, because its arguments cannot be shown exactly: /,
      ),
    },
  ]);
});

test('none of the calls runs where nobody can be asked about one of them', async () => {
  const { approvals } = started();
  const rejects = (messages: ReturnType<typeof waitingFor>, more: object = {}) =>
    expect(answerApprovals(approvals, messages, { run: nextRun(), ...more })).rejects;
  const one = { id: 'a', input: { to: 'Nora' } };
  await rejects(waitingFor(one), { message: 'x'.repeat(10_001) }).toThrow(
    /^The tool pay was not run, because nobody could be asked: .*message/,
  );
  await rejects(waitingFor(one, { id: 'b', input: {}, call: { providerExecuted: true } })).toThrow(
    'The tool pay was not run: what runs at a provider cannot be asked about',
  );
  await rejects(waitingFor(one, one)).toThrow('No tool was run, because a is not one call');
  await rejects(waitingFor(one), { timeout: 0.5 }).toMatchObject({ name: 'TimeoutError' });
});

test('messages that change while people decide answer nothing, and neither do other arguments under the same call', async () => {
  const run = nextRun();
  const { approvals } = started();
  const input = { to: 'Olga' };
  const messages = waitingFor({ id: 'a', input });
  const answered = answerApprovals(approvals, messages, { run });
  const refused = expect(answered).rejects.toThrow('the messages were changed after the question');
  const card = await asks('Olga');
  input.to = 'Pavel';
  await choose(card, 1);
  await refused;
  await expect(answerApprovals(approvals, messages, { run })).rejects.toMatchObject({
    name: 'ToolNotRun',
    message: expect.stringMatching(/^The tool pay was not run, because its arguments were changed/),
  });
});

test('a question that is closed is no permission', async () => {
  const run = nextRun();
  const { approvals } = started();
  const answered = answerApprovals(approvals, waitingFor({ id: 'a', input: { to: 'Rita' } }), { run });
  await asks('Rita');
  await approvals.endRun(run, { state: 'failed' });
  expect((await answered)?.content).toMatchObject([
    {
      approved: false,
      reason: 'The tool was not run: the question about this call was closed without a decision.',
    },
  ]);
});

test('an agent that fails after an allow asks again when it goes on, from a file that only its owner reads', async () => {
  const path = createPath();
  const options = { run: nextRun(), path, messages: [{ role: 'user', content: 'Pay.' }] };
  const given: number[] = [];
  let fails = true;
  const generate = async (messages: readonly unknown[]) => {
    given.push(messages.length);
    if (messages.length === 1)
      return { responseMessages: waitingFor({ id: 'a', input: { to: 'Sven' } }).slice(1) };
    if (fails) throw new Error('the shop is closed');
    return { responseMessages: [{ role: 'assistant', content: 'done' }] };
  };
  const start = () => generateWithApprovals(started().approvals, generate, options);
  const first = expect(start()).rejects.toThrow('the shop is closed');
  const card = await asks('Sven');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await choose(card, 1);
  await first;
  fails = false;
  const again = start();
  await choose(await asks('Sven', 'it may have run already'), 1);
  await again;
  expect(given).toEqual([1, 3, 4]);
  expect(() => statSync(path)).toThrow();
});

test('a state of the OpenAI Agents SDK has each call approved or rejected, and the allowed ones are counted', async () => {
  const state = stateWith([
    { callId: 'a', arguments: '{"to":"Theo"}' },
    { callId: 'b', arguments: '{"to":"Uma"}' },
    { callId: 'c', arguments: '{"to":"Vera","to":"Wim"}' },
  ]);
  const decided = decideInterruptions(started().approvals, state, { run: nextRun() });
  await choose(await asks('Theo'), 1);
  await choose(await asks('Uma'), 2);
  expect(await decided).toEqual({ 'a 1 r1': 1 });
  expect(state.decided).toEqual({
    a: true,
    b: expect.stringMatching(blocked),
    c: 'The tool pay was not run, because its arguments cannot be shown exactly: The key "to" stands twice.',
  });
});

test.each([
  ['tool', 'Zoe', { name: 'refund' }],
  ['agent', 'Zeno', { agent: { name: 'Cashier' } }],
])(
  'a state whose call has another name of its %s after the question runs nothing',
  async (_, to, renamed) => {
    const state = stateWith([{ callId: 'a', arguments: JSON.stringify({ to }) }]);
    const decided = decideInterruptions(started().approvals, state, { run: nextRun() });
    const refused = expect(decided).rejects.toThrow('the state of the run was changed after the question');
    const card = await asks(to);
    const { getInterruptions } = state;
    state.getInterruptions = () => getInterruptions().map((item) => ({ ...item, ...renamed }));
    await choose(card, 1);
    await refused;
    expect(state.decided).toEqual({});
  },
);

test('what is no call of a function is not asked about, and none of the calls runs', async () => {
  const state = stateWith([
    { callId: 'a', arguments: '{"to":"Xena"}' },
    { callId: 'b', arguments: 'ls', type: 'shell_call' },
  ]);
  await expect(decideInterruptions(started().approvals, state, { run: nextRun() })).rejects.toThrow(
    'The tool pay was not run: a shell_call cannot be asked about, only a function_call',
  );
  expect(state.decided).toEqual({});
});

test('a run goes on from its state before the decisions, and knows what it was allowed', async () => {
  const path = createPath();
  const waits = stateWith([{ callId: 'a', arguments: '{"to":"Yara"}' }]);
  const ended = stateWith([]);
  let fails = true;
  const steps = {
    start: async () => ({ state: waits }),
    load: async (stored: string) => stateWith((JSON.parse(stored) as { calls: [] }).calls),
    go: async () => {
      if (fails) throw new Error('killed');
      return { state: ended };
    },
  };
  const options = { run: nextRun(), path };
  const first = expect(runWithApprovals(started().approvals, steps, options)).rejects.toThrow('killed');
  await choose(await asks('Yara'), 1);
  await first;
  expect(JSON.parse(readFileSync(path, 'utf8')).content).toEqual({
    state: String(waits),
    allowed: { 'a 1 r1': 1 },
  });
  fails = false;
  const again = runWithApprovals(started().approvals, steps, options);
  await choose(await asks('Yara', 'it may have run already'), 1);
  expect((await again).state).toBe(ended);
  writeFileSync(path, '{');
  await expect(runWithApprovals(started().approvals, steps, options)).rejects.toThrow(path);
});
