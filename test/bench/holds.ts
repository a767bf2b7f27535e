import { randomUUID } from 'node:crypto';
import { get } from 'node:http';
import { connect as connectTo, type Socket } from 'node:net';
import { startAcceptingCrew } from './long-runs.ts';
import { type Card, connect, nextCard, timeUntil } from './support/actions.ts';
import {
  DEPTH,
  DIGITS,
  EXPONENTS,
  fill,
  jsonOf,
  KEYS,
  LINES,
  MARKS,
  PAIRS,
  type Source,
  type Sources,
  TABLES,
  UNSEEN,
  writeItems,
  writeKeys,
  writeLines,
  writeList,
} from './support/hostile.ts';
import { type Context, type Measurement, rounds } from './support/measurement.ts';
import { pause, type Running } from './support/process.ts';
import { figure, type Row, row } from './support/report.ts';
import { fillRun, fillStore } from './support/seed.ts';
import {
  ask,
  callAsProgram,
  cardOf,
  clickSteadily,
  closeAll,
  collectCards,
  finishRun,
  newNotes,
  openHome,
  openList,
  readPages,
  review,
  type Stage,
  sendAndLook,
  sendOutputs,
  sendResult,
  timeClick,
  warmUp,
  webhook,
} from './support/stage.ts';
import { percentile } from './support/statistics.ts';
import { databaseIn, inFolder, startBot, startWorld, type World } from './support/world.ts';

/** In milliseconds. */
const LONGEST_HOLD = 50;
const SLOWEST_CLICKS = 100;
/** Clicks go on for at least this many milliseconds, even if the input ends before. */
const AT_LEAST = 10_000;
const AT_LEAST_QUICK = 3_000;
/**
 * An input is cut after this many milliseconds in which the bot had a processor, or after twice as many on the clock.
 */
const AT_MOST = 60_000;
/** After the end, a bot that is held for longer than this many milliseconds is not waited for. */
const ANSWERS_WITHIN = 10_000;
/** Numbers of channels for ordinary cards and for cards of the inputs. */
const ORDINARY = 40;
const OTHERS = 120;
const READERS = 30;
const CLICKERS = 10;

/** An input that someone sends or does, as hostile as the limits allow. */
interface Input {
  name: string;
  /** Fills the store before the bot starts. */
  fill?(storeUrl: string): Promise<void>;
  /** Runs before the measurement. */
  prepare?(stage: Stage): Promise<unknown>;
  act(stage: Stage): Promise<unknown>;
}

const outputs = (name: string, sources: Sources, act = async (_: Stage) => {}): Input => ({
  name,
  async act(stage) {
    await sendOutputs(stage, sources);
    await act(stage);
  },
});

/** Measures the longest hold of the event loop, and clicks on ordinary cards, for one input after the other. */
export const holds: Measurement = async (context) => {
  const inputs = [NOTHING, ...INPUTS, EVERYTHING].filter(
    ({ name }) =>
      context.input.length === 0 ||
      context.input.some((part) => name.toLowerCase().includes(part.toLowerCase())),
  );
  if (inputs.length === 0)
    throw new Error(
      `No input has this name. There are:\n${[NOTHING, ...INPUTS, EVERYTHING].map(({ name }) => name).join('\n')}`,
    );
  const rows = await rounds(inputs.length, async (index) => {
    const input = inputs[index] as Input;
    context.progress(input.name);
    return measure(context, input);
  });
  return rows.flat();
};

const NOTHING: Input = { name: 'nobody sends anything', act: async () => {} };

/** Sends lists of numbers as input names. */
const sendNumbersAsInputs = (sources: Sources) => async (stage: Stage) => {
  for (const [name, write] of Object.entries(sources))
    await stage.step(`${name}, inputs`, () =>
      callAsProgram(stage, 'PUT', 'inputs', `{"inputs":${jsonOf(write())}}`),
    );
};

const CALLS = { run: 'run-of-calls', title: 'send_payment', kind: 'tool' };
const EVENTS = 'run-of-events';
const MANY = { id: 'run-of-many', settled: 990, waiting: 10 };
const FEW = { id: 'run-of-few', settled: 0, waiting: 10 };
const WAITS = 64;
const CALLS_AT_ONCE = 60;
const SCRAPES_PER_SECOND = 50;

const questionIds = Array.from({ length: 50 }, (_, number) => `waits-${number}`);

const INPUTS: readonly Input[] = [
  outputs('JSON of 1 MiB with 20,000 keys', KEYS),
  outputs('JSON of 1 MiB nested as deep as allowed', DEPTH),
  outputs('JSON of 1 MiB with long exponents', EXPONENTS, sendNumbersAsInputs(EXPONENTS)),
  outputs('JSON of 1 MiB with numbers of 100,000 digits', DIGITS, sendNumbersAsInputs(DIGITS)),
  outputs('one line of 1 MiB', LINES),
  outputs('Markdown marks, brackets and links, 1 MiB', MARKS),
  outputs('characters that nobody sees, 1 MiB', UNSEEN),
  {
    name: 'a tool call of 0.98 MB after 99 others of its run',
    prepare: (stage) =>
      rounds(99, (number) =>
        ask(stage, { ...CALLS, channel: stage.channel() }, { json: `{"amount":${number}}` }),
      ),
    async act(stage) {
      const channel = stage.channel();
      const source = { json: writeList(['1', '2', '3'], 980_000) };
      await sendAndLook(stage, 'the call', channel, () => ask(stage, { ...CALLS, channel }, source));
    },
  },
  {
    name: 'a run with 1,000 events',
    async prepare(stage) {
      const [, channel = ''] = stage.world.channels;
      await rounds(stage.quick ? 3 : 10, (number) => {
        const fields = { kickoff_id: EVENTS, name: `task_${number}`, output: 'Done', meta: { channel } };
        return nextCard(stage.world, channel, () => webhook(stage, 'task', fields));
      });
    },
    async act(stage) {
      const [, channel = ''] = stage.world.channels;
      const cards = collectCards(stage.world, [channel]).collect();
      await stage.step('20 webhooks of 50 events', () =>
        rounds(20, (batch) =>
          webhook(stage, 'events', { events: writeEvents(EVENTS, 50, `${batch}-${'e'.repeat(240)}`) }),
        ),
      );
      await stage.step('clicks on its cards', () =>
        rounds(cards.length, (index) => timeClick(stage, cards[index] as Card)),
      );
      const further = { kickoff_id: EVENTS, name: 'a_further_task', meta: { channel: stage.channel() } };
      await stage.step('a further task', () => webhook(stage, 'task', further, { text: 'Done' }));
      await stage.step('its end', () => webhook(stage, 'crew', { kickoff_id: EVENTS }, { text: 'Done' }));
    },
  },
  {
    name: 'webhooks to a run with 1,000 approvals',
    async fill(storeUrl) {
      for (const { id, ...size } of [FEW, MANY]) await fillRun(storeUrl, id, size);
    },
    async act(stage) {
      const longest: number[] = [];
      for (const { id, settled, waiting } of [FEW, MANY]) {
        const size = settled + waiting;
        const held = await rounds(5, (number) => {
          const meta = { channel: stage.channel() };
          const fields = { kickoff_id: id, name: `further_${number}`, meta };
          return stage.step(`a task of a run with ${size}`, () =>
            webhook(stage, 'task', fields, { text: 'Done' }),
          );
        });
        const atEnd = await stage.step(`the end of a run with ${size}`, () =>
          webhook(stage, 'crew', { kickoff_id: id }, { text: 'Done' }),
        );
        longest.push(Math.max(...held), atEnd);
      }
      const [few, fewEnd, many, manyEnd] = longest.map((ms) => `${figure(ms)} ms`);
      // There are no figures if everything is sent at once.
      if (Math.max(...longest) === 0) return;
      stage.notes.figures.push(
        `a task holds it for ${many}, of a run with 10 for ${few}; the end for ${manyEnd}, of a run with 10 for ${fewEnd}`,
      );
    },
  },
  outputs('tables of 200 columns, 1 MiB', TABLES),
  {
    name: 'webhooks of 8 MiB',
    async act(stage) {
      const bytes = 8_300_000;
      const sources: Sources = {
        text: () => ({ text: fill('word and *word* ', { bytes, characters: bytes }) }),
        lines: () => ({
          text: fill('- **Item**: [notes](https://example.com)\n', { bytes, characters: bytes }),
        }),
        '100,000 keys': () => ({ json: writeKeys(100_000, bytes) }),
      };
      for (const [name, write] of Object.entries(sources)) {
        const meta = { channel: stage.channel() };
        const fields = { kickoff_id: randomUUID(), name: 'write_book', meta };
        const source = write();
        await sendAndLook(stage, name, meta.channel, () => webhook(stage, 'task', fields, source));
      }
      const events = writeEvents(randomUUID(), 40_000, '');
      await stage.step('40,000 events', () => webhook(stage, 'events', { events }));
    },
  },
  {
    name: 'reviews of a Flow of 2 MiB',
    async act(stage) {
      const bytes = 2_000_000;
      const sources: Readonly<Record<string, [name: string, source: () => Source]>> = {
        'a long output': ['output', () => ({ text: fill('word and *word* ', { bytes, characters: bytes }) })],
        'an output of 20,000 keys': ['output', () => ({ json: writeKeys(20_000, bytes) })],
        'a state of 20,000 keys': ['state', () => ({ json: writeKeys(20_000, bytes) })],
        '1,000 long options': ['emit', () => ({ json: JSON.stringify(writeOptions(1_000)) })],
      };
      for (const [what, [name, write]] of Object.entries(sources)) {
        const meta = { output: 'All is well.', emit: ['publish', 'discard'] };
        const { [name as 'emit']: _, ...fields } = meta;
        const json = jsonOf(write());
        // The review's cards are all in one channel.
        const [channel = ''] = stage.world.channels;
        await sendAndLook(stage, what, channel, () => review(stage, fields, name, json));
      }
    },
  },
  {
    name: 'What changed between two outputs of 500 KB',
    async act(stage) {
      for (const [name, write] of Object.entries(PAIRS)) {
        const [before, after] = write();
        const meta = { channel: stage.channel() };
        const fields = { kickoff_id: randomUUID(), name: 'write_report', meta };
        let card: Card | undefined;
        await stage.step(`${name}: first card`, () =>
          cardOf(stage, meta.channel, () => webhook(stage, 'task', fields, before)),
        );
        await stage.step(`${name}: second card`, async () => {
          const send = () => webhook(stage, 'task', fields, after);
          card = await cardOf(stage, meta.channel, send, 'what_changed');
        });
        const changed = card;
        if (changed)
          await stage.step(`${name}: What changed`, () => readPages(stage, changed, 6, 'what_changed'));
      }
    },
  },
  {
    name: 'Read in full of 1 MiB, page by page',
    async act(stage) {
      const sources: Sources = {
        'a list': () => writeItems(0),
        'one line': LINES.words as () => Source,
        '20,000 keys': KEYS['an object'] as () => Source,
      };
      for (const [name, write] of Object.entries(sources)) {
        const channel = stage.channel();
        let card: Card | undefined;
        await stage.step(`${name}: card`, async () => {
          card = await cardOf(stage, channel, () => ask(stage, { channel }, write()));
        });
        const long = card;
        if (long) await stage.step(`${name}: pages`, () => readPages(stage, long, stage.quick ? 10 : 100));
      }
    },
  },
  {
    name: 'Home with 100 large outputs',
    prepare: (stage) =>
      rounds(stage.quick ? 20 : 100, (number) => {
        const channel = stage.channel();
        const source = number % 2 === 0 ? writeItems(number) : { json: writeKeys(20_000 - number) };
        return cardOf(stage, channel, () => ask(stage, { channel }, source));
      }),
    async act(stage) {
      const readers = (stage.world.approvers ?? []).slice(1, 11);
      await stage.step('Home', () => openHome(stage));
      await stage.step('Home of ten people', () =>
        Promise.all(readers.map((reader) => openHome(stage, reader))),
      );
      await stage.step('list', () => openList(stage, 'waiting programs'));
      await stage.step('Decide several', async () => {
        const { workspace } = stage.world;
        await workspace.clickInView({ user: stage.reader, actionId: 'decide_several' });
        await timeUntil(stage.world, () => workspace.viewDepth(stage.reader) > 0, 8_000);
        await closeAll(stage);
      });
    },
  },
  {
    name: 'look-ups of twelve people at once',
    fill: (storeUrl) => fillStore(storeUrl, 5_000),
    prepare: (stage) =>
      rounds(20, (number) => {
        const channel = stage.channel();
        const source = number % 2 === 0 ? writeItems(number) : { json: writeKeys(20_000 - number) };
        return cardOf(stage, channel, () => ask(stage, { channel }, source));
      }),
    async act(stage) {
      const readers = (stage.world.approvers ?? []).slice(1, 13);
      for (const text of ['history', 'waiting', 'waiting programs', 'find linen', 'stats 30d', 'history'])
        await stage.step(text, () =>
          Promise.all(readers.map((reader) => openList({ ...stage, reader }, text))),
        );
    },
  },
  {
    name: '64 waits for questions, 64 for starts, 60 calls of one run at once',
    async prepare(stage) {
      for (const id of questionIds) await ask(stage, { channel: stage.channel() }, { text: 'Now?' }, id);
      await callAsProgram(stage, 'PUT', 'inputs', '{"inputs":["topic"]}');
      // Each start is leased to a program.
      await rounds(stage.quick ? 5 : 30, async () => {
        await startFromSlack(stage, {});
        await callAsProgram(stage, 'GET', 'starts');
      });
    },
    async act(stage) {
      await stage.step('waits', async () => {
        const paths = [`questions?ids=${questionIds.join()}&wait=25`, 'starts?wait=25'];
        const waits = paths.flatMap((path) =>
          Array.from({ length: WAITS }, () => callAsProgram(stage, 'GET', path)),
        );
        // The calls would wait until someone decides.
        await Promise.race([Promise.all(waits), pause(stage.quick ? 3_000 : 10_000)]);
        for (const wait of waits) wait.catch(() => {});
      });
      const callOften = async (what: string, run: () => string) => {
        const begun = performance.now();
        const call = (number: number) =>
          ask(stage, { ...CALLS, run: run(), channel: stage.channel() }, { json: `{"amount":${number}}` });
        await stage.step(what, () => Promise.all(Array.from({ length: CALLS_AT_ONCE }, (_, at) => call(at))));
        return `${what} ${figure(performance.now() - begun)} ms`;
      };
      const run = randomUUID();
      const ofRuns = await callOften(`${CALLS_AT_ONCE} calls of as many runs`, randomUUID);
      stage.notes.figures.push(
        `${await callOften(`${CALLS_AT_ONCE} calls of one run`, () => run)}, ${ofRuns}`,
      );
    },
  },
  {
    name: '/metrics 50 times a second',
    act: (stage) =>
      stage.step('/metrics', async () => {
        const times = await askOften(stage, '/metrics', 1_000 / SCRAPES_PER_SECOND);
        stage.notes.figures.push(describeTimes('/metrics', times));
      }),
  },
  {
    name: '1,000 idle connections',
    act: (stage) =>
      stage.step('/healthz', async () => {
        const close = openIdle(stage.bot, stage.idle);
        await pause(1_000);
        const times = await askOften(stage, '/healthz', 100);
        close();
        const share = (times.filter(Number.isFinite).length / times.length) * 100;
        stage.notes.rows.push(
          row('· /healthz answered beside it', [share], '%', {
            atLeast: 100,
            reference: describeTimes('/healthz', times),
          }),
        );
      }),
  },
  {
    name: "inputs and result of a program's run at their limits",
    async act(stage) {
      const { step } = stage;
      const names = Array.from({ length: 1_000 }, (_, index) => `${index} `.padEnd(255, '\u200b*['));
      await step('1,000 inputs', () =>
        callAsProgram(stage, 'PUT', 'inputs', JSON.stringify({ inputs: names, required_inputs: names })),
      );
      await step('numbers as inputs', () =>
        callAsProgram(stage, 'PUT', 'inputs', `{"inputs":${jsonOf(EXPONENTS.many?.() as Source)}}`),
      );
      await step('a start', () =>
        startFromSlack(stage, Object.fromEntries(names.slice(0, 10).map((name) => [name, 'x'.repeat(30)]))),
      );
      const run = randomUUID();
      await step('the start fetched', async () => {
        const { text } = await callAsProgram(stage, 'GET', 'starts?wait=5');
        const { start } = JSON.parse(text) as { start?: { id: string } };
        if (!start) throw new Error('there was no start');
        await callAsProgram(stage, 'PUT', `starts/${start.id}`, JSON.stringify({ status: 'started', run }));
      });
      await step('its result', () => finishRun(stage, run, KEYS['an object']?.() as Source));
      await sendResult(stage, 'a list', writeItems(0));
    },
  },
];

/** Each input has its own people. */
const EVERYTHING: Input = {
  name: 'everything at once',
  async fill(storeUrl) {
    for (const input of INPUTS) await input.fill?.(storeUrl);
  },
  async prepare(stage) {
    for (const input of INPUTS) await input.prepare?.(stage);
  },
  act: (stage) =>
    Promise.all(
      INPUTS.map((input, index) => {
        const reader = stage.world.approvers?.[index] ?? stage.reader;
        const step = async (what: string, act: () => Promise<unknown>) => {
          if (stage.over.aborted) return 0;
          await act().catch((error) => stage.notes.failed.push(`${input.name}, ${what}: ${error.message}`));
          return 0;
        };
        // Few enough connections to leave room for the other inputs.
        return input.act({ ...stage, reader, step, idle: 700 });
      }),
    ),
};

interface Step {
  what: string;
  held: number;
  taken: number;
}

function measure(context: Context, input: Input): Promise<Row[]> {
  return inFolder(async (folder) => {
    const crew = await startAcceptingCrew();
    const size = { channels: ORDINARY + OTHERS, approvers: READERS + CLICKERS };
    const world: World = { ...(await startWorld(size)), crewaiUrl: crew.url, asks: true };
    try {
      await input.fill?.(`sqlite://${databaseIn(folder)}`);
      const bot = await startBot(context.built, world, folder, { probe: 'hold' });
      try {
        return await sendTo(world, bot, { ...context, input });
      } finally {
        await bot.stop();
      }
    } finally {
      await world.close();
      await crew.close();
    }
  });
}

async function sendTo(
  world: World,
  bot: Running,
  { quick, progress, input }: Pick<Context, 'quick' | 'progress'> & { input: Input },
): Promise<Row[]> {
  connect(world, bot);
  const notes = newNotes();
  const over = new AbortController();
  const steps: Step[] = [];
  let current = input.name;
  let [begun, waited] = [0, 0];
  let others = 0;
  let pending: Promise<number> | undefined;
  // An input that is cut may ask for the hold at the same time as its step.
  const note = (what: string) => {
    pending ??= askForHold(what).finally(() => {
      pending = undefined;
    });
    return pending;
  };
  const askForHold = async (what: string) => {
    const step = { what, ...(await bot.hold()) };
    const seconds = (performance.now() - begun) / 1_000;
    progress(`  ${what}: held for ${figure(step.held)} ms within ${figure(seconds)} s`);
    [begun, waited] = [performance.now(), bot.waited()];
    steps.push(step);
    return step.held;
  };
  const stage: Stage = {
    world,
    bot,
    quick,
    notes,
    reader: world.approvers?.[0] ?? '',
    over: over.signal,
    idle: 1_000,
    channel: () => world.channels[ORDINARY + (others++ % OTHERS)] as string,
    async step(what, act) {
      if (over.signal.aborted) return 0;
      current = what;
      await act().catch((error) => over.signal.aborted || notes.failed.push(`${what}: ${error.message}`));
      return over.signal.aborted ? 0 : note(what);
    },
  };

  // The first channel is for inputs that cannot choose one, the second for the run with events.
  const ordinary = world.channels.slice(2, ORDINARY);
  const cards = await warmUp(world, bot, ordinary, quick ? 60 : 120);
  await input.prepare?.(stage);
  await pause(1_000);
  notes.statuses.clear();
  await bot.hold();
  [begun, waited] = [performance.now(), bot.waited()];

  const first = performance.now();
  const endClicks = clickSteadily(stage, cards, ordinary);
  const ended = await Promise.race([input.act(stage).then(() => true), untilCut(bot)]);
  if (ended) {
    current = 'after it';
    const remainingMs = (quick ? AT_LEAST_QUICK : AT_LEAST) - (performance.now() - first);
    await pause(Math.max(1_000, remainingMs));
  }
  over.abort();
  const { own } = await endClicks();
  const isHeld = await Promise.race([
    note(current).then(() => false),
    pause(ANSWERS_WITHIN, true, { ref: false }),
  ]);
  if (isHeld) {
    const taken = bot.waited() - waited;
    const held = performance.now() - begun - taken;
    steps.push({ what: `${current}, not over yet`, held, taken });
  }
  return rowsOf(input.name, { steps, notes, own, isCut: !ended });
}

function rowsOf(
  name: string,
  { steps, notes, own, isCut }: { steps: Step[]; notes: Stage['notes']; own: number; isCut: boolean },
): Row[] {
  const [longest, ...others] = steps.toSorted((one, other) => other.held - one.held);
  const { clicks, missed, statuses, failed, figures, rows } = notes;
  const answered = [...statuses].map(([status, count]) => `${status} × ${count}`).join(', ');
  const otherHolds = others
    .slice(0, 3)
    .filter(({ held }) => held > LONGEST_HOLD)
    .map(({ what, held }) => `${what} ${figure(held)} ms`);
  const details = [
    `${longest?.what} (and ${figure(longest?.taken ?? 0)} ms without a processor)`,
    ...otherHolds,
    ...(isCut ? [`ended after ${AT_MOST / 1_000} s`] : []),
    ...(answered ? [`answered ${answered}`] : []),
    ...figures,
    ...(failed.length > 0 ? [`${failed.length} not done, the first ${failed[0]}`] : []),
  ];
  const times = clicks.map(({ ms, waited }) => ms - waited);
  const all = clicks.map(({ ms }) => ms);
  const clicked = [
    `slowest of ${clicks.length} ${figure(Math.max(...times))} ms`,
    `with the waits for a processor p99 ${figure(percentileOf(all))} ms, slowest ${figure(Math.max(...all))} ms`,
    `${missed} not acked within 3 s`,
    `those who click were held for ${figure(own)} ms`,
  ];
  return [
    row(`longest hold of the event loop: ${name}`, [longest?.held ?? 0], 'ms', {
      atMost: LONGEST_HOLD,
      reference: details.join('; '),
    }),
    row('· click to ack beside it, p99', [percentileOf(times)], 'ms', {
      atMost: SLOWEST_CLICKS,
      reference: clicked.join('; '),
    }),
    ...rows,
  ];
}

/** Resolves with false when an input has taken too long. */
async function untilCut(bot: Running): Promise<false> {
  const [first, waited] = [performance.now(), bot.waited()];
  const hadProcessor = () => performance.now() - first - (bot.waited() - waited);
  while (hadProcessor() < AT_MOST && performance.now() - first < 2 * AT_MOST)
    await pause(200, undefined, { ref: false });
  return false;
}

const percentileOf = (times: readonly number[]) =>
  times.length === 0 ? Number.NaN : percentile(times, 0.99);

function writeEvents(run: string, count: number, batch: string): object[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${batch}-${index}`,
    execution_id: run,
    timestamp: new Date().toISOString(),
    type: index % 2 === 0 ? 'task_started' : 'task_completed',
    data: { emission_sequence: index, task_name: `task_${index % 10}`, agent_role: 'Writer' },
  }));
}

const writeOptions = (count: number) =>
  Array.from({ length: count }, (_, index) => writeLines(1_000, (word) => `option ${index}.${word} `));

/** Starts a run of the programs' crew as a person does. */
async function startFromSlack(stage: Stage, inputs: object): Promise<void> {
  const { world, reader: user } = stage;
  const { workspace } = world;
  const [channel = ''] = world.channels;
  await workspace.command({ user, channel, command: '/approvals', text: 'run programs' });
  const form = () => {
    const view = workspace.openView(user);
    return view?.callback_id === 'start_run' ? view : undefined;
  };
  await workspace.changed(() => form() !== undefined, { what: 'the form of a start', timeoutMs: 8_000 });
  const isJson = form()?.blocks.some(({ block_id }) => block_id === 'inputs_json');
  const values = isJson
    ? { inputs_json: { inputs_json: JSON.stringify(inputs) } }
    : { 'input:topic': { input: 'Linen' } };
  const { closed, errors } = await workspace.submit({ user, values });
  await closeAll(stage);
  if (!closed) throw new Error(`the form was not taken: ${JSON.stringify(errors)}`);
}

/**
 * Requests a path for ten seconds, each time on a new connection. Returns the duration of each request, in
 * milliseconds.
 */
async function askOften({ bot, quick, over }: Stage, path: string, every: number): Promise<number[]> {
  const times: number[] = [];
  const requests: Promise<void>[] = [];
  const until = performance.now() + (quick ? AT_LEAST_QUICK : AT_LEAST);
  while (performance.now() < until && !over.aborted) {
    const begun = performance.now();
    const answered = new Promise<boolean>((resolve) => {
      get(`${bot.url}${path}`, { agent: false, timeout: 3_000 }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode === 200));
      })
        .once('error', () => resolve(false))
        .once('timeout', () => resolve(false));
    });
    requests.push(
      answered.then((isOk) => void times.push(isOk ? performance.now() - begun : Number.POSITIVE_INFINITY)),
    );
    await pause(every);
  }
  await Promise.all(requests);
  return times;
}

function describeTimes(path: string, times: readonly number[]): string {
  const answered = times.filter(Number.isFinite);
  const slowest = answered.length === 0 ? '' : `, slowest ${figure(Math.max(...answered))} ms`;
  return `${path} answered ${answered.length} of ${times.length}${slowest}`;
}

/** Opens connections that send nothing, and reopens closed ones. Returns a function that ends them. */
function openIdle(bot: Running, count: number): () => void {
  const { hostname, port } = new URL(bot.url);
  const sockets = new Set<Socket>();
  let isOver = false;
  const open = () => {
    const socket = connectTo(Number(port), hostname);
    sockets.add(socket);
    socket
      .on('error', () => {})
      .on('close', () => {
        sockets.delete(socket);
        if (!isOver) setTimeout(open, 500).unref();
      });
  };
  for (let index = 0; index < count; index += 1) open();
  return () => {
    isOver = true;
    for (const socket of sockets) socket.destroy();
  };
}
