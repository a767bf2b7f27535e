import { approve, type Card, connect, hasButton, kickoff, nextCard } from './support/actions.ts';
import { type Measurement, rounds } from './support/measurement.ts';
import { pause, type Ran, type Running } from './support/process.ts';
import { figure, type Row, row } from './support/report.ts';
import { type World, withBot } from './support/world.ts';

/** In milliseconds. It includes what the bot records after the card was posted or changed. */
const WINDOW = 1_000;
const WARM_UP = 5;
const ROUNDS = 7;
const ROUNDS_QUICK = 3;

const WALKS = {
  webhook: { what: 'webhook to its card', functions: 240, files: 66 },
  click: { what: 'click on Approve to /resume and the changed card', functions: 210, files: 66 },
} as const;

/**
 * Measures the functions of the bot that one webhook runs until its card is posted, and one click on Approve until
 * /resume has answered and the card has changed: what a person must read to follow them. A function counts once, on any
 * thread (including the one that writes SQLite), if it ran in every round and not in every idle window of the bot.
 */
export const walk: Measurement = ({ built, quick, list }) =>
  withBot(built, { probe: 'walk' }, async (world, bot) => {
    connect(world, bot);
    const count = quick ? ROUNDS_QUICK : ROUNDS;
    // The bot's calls to Slack at its start are not part of the idle time.
    await pause(WINDOW);
    const idle = await rounds(count, () => runDuring(bot, async () => {}));
    await rounds(WARM_UP, () => approveOne(world, bot));
    const approved = await rounds(count, () => approveOne(world, bot));
    return (['webhook', 'click'] as const).flatMap((name) => {
      const walked = approved.map((ran) => ran[name]);
      return rowsOf(name, walked, { idle, list });
    });
  });

/**
 * Plays one approval: a run pauses, its card is posted and someone approves. The run continues after that was counted.
 */
async function approveOne(world: World, bot: Running) {
  const { workspace, platform, channels } = world;
  platform.hold();
  kickoff(world, bot);
  let card = {} as Card;
  const webhook = await runDuring(bot, async () => {
    card = await nextCard(world, channels[0] as string, () => platform.release());
  });
  platform.hold();
  const click = await runDuring(bot, async () => {
    const resumeCount = platform.resumes.length;
    await approve(world, card);
    await platform.changed(() => platform.resumes.length > resumeCount, { what: '/resume' });
    const isChanged = () => !hasButton(workspace.message(card.channel, card.ts));
    await workspace.changed(isChanged, { what: 'the changed card' });
  });
  // The run ends before the next round begins.
  platform.release();
  await pause(WINDOW);
  return { webhook, click };
}

/** Lists the functions that the bot ran in a window that begins with `act`. */
async function runDuring(bot: Running, act: () => Promise<void>): Promise<Ran[]> {
  await bot.ran();
  const window = pause(WINDOW);
  await act();
  await window;
  return bot.ran();
}

function rowsOf(
  name: keyof typeof WALKS,
  walked: readonly Ran[][],
  { idle, list }: { idle: readonly Ran[][]; list: boolean },
): Row[] {
  const { what, ...limits } = WALKS[name];
  const all = without(findInEach(walked), findInEach(idle));
  const named = all.filter(isNamed);
  const onMain = without(findInEach(walked, isMain), findInEach(idle, isMain)).filter(isNamed);
  const lines = [...byFile(named)].map(([file, names]) => `${file}: ${names.join(', ')}`);
  return [
    row(`${what}: named functions`, [named.length], '', {
      atMost: limits.functions,
      reference: `on the main thread ${figure(onMain.length)}; with functions without a name ${figure(all.length)}`,
    }),
    row(`${what}: files with such functions`, [byFile(named).size], '', {
      atMost: limits.files,
      reference: `on the main thread ${figure(byFile(onMain).size)}`,
      list: list ? lines : undefined,
    }),
  ];
}

const idOf = ({ file, at }: Ran) => `${file}:${at}`;
const isNamed = ({ name }: Ran) => name !== '';
const isMain = ({ main }: Ran) => main;

/** Finds the functions that ran in every one of these windows, each once. */
function findInEach(windows: readonly Ran[][], which: (ran: Ran) => boolean = () => true): Ran[] {
  const [first = new Map<string, Ran>(), ...others] = windows.map(
    (window) => new Map(window.filter(which).map((ran) => [idOf(ran), ran])),
  );
  return [...first].filter(([id]) => others.every((other) => other.has(id))).map(([, ran]) => ran);
}

function without(walked: readonly Ran[], idle: readonly Ran[]): Ran[] {
  const ids = new Set(idle.map(idOf));
  return walked.filter((ran) => !ids.has(idOf(ran)));
}

function byFile(ran: readonly Ran[]): Map<string, string[]> {
  const files = new Map<string, string[]>();
  const sorted = [...ran].sort((a, b) => a.file.localeCompare(b.file) || a.at - b.at);
  for (const { file, name } of sorted) files.set(file, [...(files.get(file) ?? []), name]);
  return files;
}
