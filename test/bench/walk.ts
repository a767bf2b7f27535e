import { type Measurement, rounds } from './support/measurement.ts';
import { pause, type Ran, type Running } from './support/process.ts';
import { atMost, figure, type Row } from './support/report.ts';
import { spread } from './support/statistics.ts';
import { APPROVER, inFolder, startBot, startWorld, type World, webhookUrl } from './support/world.ts';

/** In milliseconds: what the bot records after the card was posted or changed is part of it. */
const WINDOW = 1_000;
const WARM_UP = 5;
const ROUNDS = 7;
const ROUNDS_QUICK = 3;

const WALKS = {
  webhook: { what: 'webhook to its card', functions: 240, files: 66 },
  click: { what: 'click on Approve to /resume and the changed card', functions: 210, files: 66 },
} as const;

/**
 * The functions of the bot that one webhook runs until its card is posted, and one click on Approve until /resume has
 * answered and the card has changed: what someone reads to follow either. A function counts once, on whatever thread it
 * ran (also the one that writes SQLite), if it ran in every round and not in every window in which the bot was idle.
 */
export const walk: Measurement = ({ built, quick, list }) =>
  inFolder(async (folder) => {
    const count = quick ? ROUNDS_QUICK : ROUNDS;
    const world = await startWorld();
    const bot = await startBot(built, world, folder, { probe: 'walk' });
    world.workspace.connectBot(`${bot.url}/slack/events`);
    try {
      // What a start asks Slack is not idle.
      await pause(WINDOW);
      const idle = await rounds(count, () => runDuring(bot, async () => {}));
      await rounds(WARM_UP, () => approveOne(world, bot));
      const approved = await rounds(count, () => approveOne(world, bot));
      return (['webhook', 'click'] as const).flatMap((name) =>
        rowsOf(
          name,
          approved.map((ran) => ran[name]),
          { idle, list },
        ),
      );
    } finally {
      await bot.stop();
      await world.close();
    }
  });

/** A run comes to its pause and its card is posted; someone approves, and the run goes on after that was counted. */
async function approveOne({ workspace, platform, channels }: World, bot: Running) {
  const channel = channels[0] as string;
  const before = workspace.messages(channel).length;
  platform.hold();
  platform.kickoff({ taskWebhookUrl: webhookUrl(bot), crewWebhookUrl: webhookUrl(bot, 'crew') });
  const webhook = await runDuring(bot, async () => {
    platform.release();
    await workspace.changed(() => workspace.messages(channel).length > before, { what: 'the card' });
  });
  platform.hold();
  const { ts = '' } = workspace.messages(channel)[before] ?? {};
  const click = await runDuring(bot, async () => {
    const asked = platform.resumes.length;
    const { acked } = await workspace.click({ user: APPROVER, channel, ts, actionId: 'approve' });
    if (!acked) throw new Error('the click was not acked');
    await platform.changed(() => platform.resumes.length > asked, { what: '/resume' });
    await workspace.changed(() => !hasApprove(workspace.message(channel, ts)), { what: 'the changed card' });
  });
  // The run ends before the next round begins.
  platform.release();
  await pause(WINDOW);
  return { webhook, click };
}

function hasApprove(message: { blocks?: unknown } | undefined): boolean {
  return JSON.stringify(message?.blocks ?? []).includes('"approve"');
}

/** What the bot ran in a window that begins with `act`. */
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
  const { what, ...most } = WALKS[name];
  const all = without(findInEach(walked), findInEach(idle));
  const named = all.filter(isNamed);
  const onMain = without(findInEach(walked, isMain), findInEach(idle, isMain)).filter(isNamed);
  const functions = spread([named.length]);
  const files = spread([byFile(named).size]);
  return [
    {
      what: `${what}: named functions`,
      measured: functions,
      unit: '',
      budget: atMost(functions, most.functions, ''),
      reference: `on the main thread ${figure(onMain.length)}; with functions without a name ${figure(all.length)}`,
    },
    {
      what: `${what}: files with such functions`,
      measured: files,
      unit: '',
      budget: atMost(files, most.files, ''),
      reference: `on the main thread ${figure(byFile(onMain).size)}`,
      ...(list ? { list: [...byFile(named)].map(([file, names]) => `${file}: ${names.join(', ')}`) } : {}),
    },
  ];
}

const idOf = ({ file, at }: Ran) => `${file}:${at}`;
const isNamed = ({ name }: Ran) => name !== '';
const isMain = ({ main }: Ran) => main;

/** The functions that ran in every one of these windows, each once. */
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
