import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { generateWithApprovals } from '../../src/clients/ai-sdk.ts';
import { CrewApprovals } from '../../src/clients/client.ts';
import { runWithApprovals } from '../../src/clients/openai-agents.ts';
import { clickOn } from '../support/process-steps.ts';
import { HOSTED } from '../support/self-hosted.ts';
import { share } from '../support/shared.ts';
import { startGate } from '../support/spawn-bot.ts';
import { sees, shown, startBot, startWorld } from '../support/world.ts';

const SECRET = 'the-ask-secret-of-each-crew';

/** A bot of two crews, and a second address of it. */
const started = share(async () => {
  const world = await startWorld();
  const file = join(world.folder, 'crews.yml');
  const crew = (name: string, channel: string) =>
    `  ${name}:\n    channel: "${channel}"\n    ask_secret: ${name}-${SECRET}\n    approvers: [UANA]\n`;
  writeFileSync(file, `crews:\n${crew('press', '#approvals')}${crew('deploys', '#press')}`);
  const { ASK_SECRET: _, ...settings } = HOSTED;
  const bot = await startBot(world, { ...settings, CREWS_FILE: file });
  const url = `http://127.0.0.1:${bot.port}`;
  const gate = await startGate(url);
  return { world, url, moved: gate.url.replace(/\/$/, '') };
});

const connect = (crew: string, url = started().url) =>
  new CrewApprovals({ url, crew, secret: `${crew}-${SECRET}`, onRetry: () => {} });

let runs = 0;
function createRun() {
  const folder = mkdtempSync(join(tmpdir(), 'crew-approvals-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  runs += 1;
  return { run: `run-${runs}`, path: join(folder, 'run.json'), to: `Person ${runs}` };
}
type Run = ReturnType<typeof createRun>;

const buildMessages = ({ to }: Run) => [
  { role: 'user', content: 'Pay.' },
  {
    role: 'assistant',
    content: [
      { type: 'tool-call', toolCallId: 'a', toolName: 'pay', input: { to } },
      { type: 'tool-approval-request', approvalId: 'of-a', toolCallId: 'a' },
    ],
  },
];

const buildState = ({ to }: Run) => ({
  getInterruptions: () => [
    {
      name: 'pay',
      agent: { name: 'Clerk' },
      rawItem: { type: 'function_call', callId: 'a', arguments: JSON.stringify({ to }) },
    },
  ],
  approve: () => {},
  reject: () => {},
  toString: () => JSON.stringify({ currentTurn: 1, modelResponses: [{ responseId: 'r1' }] }),
});

interface Options {
  move?: boolean;
  timeout?: number;
  signal?: AbortSignal;
}

/** Runs that stop before a call of `pay`, with each adapter, until they are allowed. */
const ADAPTERS = {
  'ai-sdk': {
    go: (approvals: CrewApprovals, run: Run, options: Options = {}) =>
      generateWithApprovals(
        approvals,
        async (messages: readonly unknown[]) => ({
          responseMessages:
            messages.length === 1 ? buildMessages(run).slice(1) : [{ role: 'assistant', content: 'paid' }],
        }),
        { run: run.run, path: run.path, messages: [{ role: 'user', content: 'Pay.' }], ...options },
      ),
    /** What the file held before it named a crew. */
    earlier: (run: Run): unknown => buildMessages(run),
  },
  'openai-agents': {
    go: (approvals: CrewApprovals, run: Run, options: Options = {}) =>
      runWithApprovals(
        approvals,
        {
          start: async () => ({ state: buildState(run) }),
          load: async () => buildState(run),
          go: async () => ({ state: { ...buildState(run), getInterruptions: () => [] } }),
        },
        { run: run.run, path: run.path, ...options },
      ),
    earlier: (run: Run): unknown => ({ state: String(buildState(run)), allowed: {} }),
  },
};

const seesCard = ({ to }: Run) =>
  sees(started().world.workspace, to, ({ all, buttons }) => all.includes(to) && buttons.length > 0);
const countCards = ({ to }: Run) =>
  shown(started().world.workspace).filter(({ all }) => all.includes(to)).length;
const readRunFile = ({ path }: Run) => JSON.parse(readFileSync(path, 'utf8'));

for (const [name, { go, earlier }] of Object.entries(ADAPTERS)) {
  /** The program asks, and ends before anybody has decided. */
  const ask = async (approvals: CrewApprovals, run: Run) => {
    const stop = new AbortController();
    const stopped = expect(go(approvals, run, { signal: stop.signal })).rejects.toThrow('stopped');
    const card = await seesCard(run);
    await expect.poll(() => readRunFile(run)).toMatchObject({ isAccepted: true });
    stop.abort(new Error('stopped'));
    await stopped;
    return card;
  };
  const writeEarlier = (run: Run) => writeFileSync(run.path, JSON.stringify(earlier(run)));

  test(`the file of a run (${name}) is refused to another crew, with its name`, async () => {
    const run = createRun();
    const card = await ask(connect('press'), run);
    const before = readRunFile(run);
    expect(before).toMatchObject({ bot: started().url, crew: 'press', isAccepted: true });
    for (const move of [false, true])
      await expect(go(connect('deploys'), run, { move })).rejects.toMatchObject({
        name: 'ToolNotRun',
        message: `No tool was run: ${run.path} belongs to the crew press. Give the crew deploys a path of its own.`,
      });
    expect(readRunFile(run)).toEqual(before);
    const again = go(connect('press'), run);
    await clickOn(started().world, card.ts, 'choose_1');
    await again;
    expect(countCards(run)).toBe(1);
  });

  test(`the file of a run (${name}) goes along to another address of the bot once the program says so`, async () => {
    const run = createRun();
    const card = await ask(connect('press'), run);
    const url = started().moved;
    await expect(go(connect('press', url), run)).rejects.toThrow(
      `belongs to the crew press of the bot at ${started().url}. If that bot is at ${url} now, pass move: true`,
    );
    const moved = go(connect('press', `${url}/`), run, { move: true });
    await expect.poll(() => readRunFile(run)).toMatchObject({ bot: url, crew: 'press' });
    await clickOn(started().world, card.ts, 'choose_1');
    await moved;
    expect(countCards(run)).toBe(1);
  });

  test(`a file of a run without a crew (${name}) belongs to the crew whose bot knows its calls`, async () => {
    const run = createRun();
    const card = await ask(connect('press'), run);
    writeEarlier(run);
    await expect(go(connect('deploys'), run)).rejects.toThrow(
      `${run.path} has 1 call without a decision that the crew deploys of the bot at ${started().url} does not know. If they are of this crew, pass move: true`,
    );
    expect(readRunFile(run)).toEqual(earlier(run));
    const again = go(connect('press'), run);
    await clickOn(started().world, card.ts, 'choose_1');
    await again;
    expect(countCards(run)).toBe(1);
  });

  test(`a file of a run without a crew (${name}) whose calls were never sent is asked about where the program says so`, async () => {
    const run = createRun();
    writeEarlier(run);
    await expect(go(connect('press'), run)).rejects.toThrow(/has 1 call without a decision/);
    expect(countCards(run)).toBe(0);
    const moved = go(connect('press'), run, { move: true });
    await clickOn(started().world, (await seesCard(run)).ts, 'choose_1');
    await moved;
  });

  test(`a file of a run without a crew (${name}) waits for its bot, and asks nobody before`, async () => {
    const run = createRun();
    writeEarlier(run);
    const requests: string[] = [];
    const away = createServer(({ method = '' }, response) => {
      requests.push(method);
      response.writeHead(503).end();
    });
    await new Promise<void>((resolve) => away.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void away.close());
    const { port } = away.address() as { port: number };
    const waits = go(connect('press', `http://127.0.0.1:${port}`), run, { timeout: 2.5 });
    await expect(waits).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(new Set(requests)).toEqual(new Set(['GET']));
    expect(requests.length).toBeGreaterThan(1);
    expect(readRunFile(run)).toEqual(earlier(run));
  });
}

test.each(['', '{', 'null', '5', '"x"', '{"crew":"press"}'])(
  'a file that is damaged (%j) is named, and no tool is run',
  async (text) => {
    const run = createRun();
    writeFileSync(run.path, text);
    const begin = () => Promise.reject(new Error('the model was called'));
    await expect(
      generateWithApprovals(connect('press', 'http://127.0.0.1:9'), begin, { ...run, messages: [] }),
    ).rejects.toThrow(`No tool was run: ${run.path} is damaged.`);
    expect(readFileSync(run.path, 'utf8')).toBe(text);
  },
);

test('a file whose bot never accepted a request belongs to nobody, and says so once it has', async () => {
  const { go } = ADAPTERS['ai-sdk'];
  const run = createRun();
  const wrong = new CrewApprovals({ url: started().url, crew: 'pres', secret: SECRET, onRetry: () => {} });
  await expect(go(wrong, run, { timeout: 0.5 })).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(readRunFile(run)).toMatchObject({ crew: 'pres', isAccepted: false });
  await expect(go(connect('press'), run)).rejects.toThrow(
    /has 1 call without a decision that the crew press/,
  );
  const moved = go(connect('press'), run, { move: true });
  const card = await seesCard(run);
  await expect.poll(() => readRunFile(run)).toMatchObject({ crew: 'press', isAccepted: true });
  await clickOn(started().world, card.ts, 'choose_1');
  await moved;
});
