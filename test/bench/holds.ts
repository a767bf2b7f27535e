import type { Measurement } from './support/measurement.ts';
import { pause, type Running } from './support/process.ts';
import { atMost, figure, type Row } from './support/report.ts';
import { spread } from './support/statistics.ts';
import { APPROVER, inFolder, startBot, startWorld, type World, webhookUrl } from './support/world.ts';

/** As long as a webhook's body may be, with what stands around it. */
const ALMOST_A_MIB = 1_000_000;
const READERS = 10;
/** As many as a Home tab shows. */
const LISTS = 15;
const PAGES = 8;
const CLICKS = 40;
/** Longer than a click on Approve takes, so that each finds the readers at work. */
const BETWEEN_CLICKS = 100;
const LONGEST_HOLD = 50;
/** A person looks at a page or a tab before they turn to the next, in milliseconds. */
const LOOKED_AT = 1_000;

const list = (number: number) =>
  filled(
    ALMOST_A_MIB,
    (line) => `- **Item ${number}.${line}**: *recycled* linen, see [the notes](https://example.com)\n`,
  );
const draftOf = (round: number) =>
  filled(600_000, (line) => `Paragraph ${line} of round ${line % 3 === 0 ? round : 0}, as **agreed**.\n\n`);

function filled(length: number, line: (number: number) => string): string {
  let text = '';
  for (let number = 1; text.length < length; number += 1) text += line(number);
  return text;
}

const atMost30s = (what: string) => ({ what, timeoutMs: 30_000 });

type What = 'reading' | 'home' | 'changes';

interface Held {
  /** The longest hold of the bot's event loop, in milliseconds. */
  held: number;
  /** How long the bot waited for a processor meanwhile, which is not counted. */
  taken: number;
  /** The longest time from a click on Approve to its ack. */
  click: number;
  /** Clicks that were not acked within 3 s. */
  missed: number;
  /** Forms that were not opened. */
  late: number;
}

/** The longest hold of the event loop while people read long outputs, and the latest ack of a click on Approve beside them. */
export const holds: Measurement = (context) =>
  inFolder(async (folder) => {
    const world = await startWorld({ channels: CLICKS, approvers: READERS });
    const bot = await startBot(context.built, world, folder, { probe: 'hold' });
    world.workspace.connectBot(`${bot.url}/slack/events`);
    try {
      context.progress(`${LISTS} lists of 1 MiB, two texts of 600 KB`);
      const stage = await prepare(world, bot);
      const rows: Row[] = [];
      const parts = {
        rest: [],
        reading: ['reading'],
        home: ['home'],
        changes: ['changes'],
        all: ['reading', 'home', 'changes'],
      } as const;
      for (const [name, whats] of Object.entries(parts)) {
        context.progress(name);
        const held: Held[] = [];
        for (let run = 0; run < (context.quick ? 1 : 3); run += 1) {
          held.push(await beside(world, bot, stage, whats));
        }
        rows.push(...rowsOf(NAMES[name as keyof typeof NAMES], held));
      }
      return rows;
    } finally {
      await bot.stop();
      await world.close();
    }
  });

const NAMES = {
  rest: 'nobody reads',
  reading: `${READERS} people read a list of 1 MiB page by page`,
  home: `${READERS} people open Home tabs with ${LISTS} such lists`,
  changes: `${READERS} people open What changed of two texts of 600 KB`,
  all: 'all of that at once',
} as const;

interface Stage {
  /** Cards with a long list. */
  lists: Card[];
  /** The card of a second round. */
  changed: Card;
}

interface Card {
  channel: string;
  ts: string;
}

async function prepare(world: World, bot: Running): Promise<Stage> {
  const lists: Card[] = [];
  for (let number = 0; number < LISTS; number += 1) {
    lists.push(await cardOf(world, number, () => output(bot, world, number, `list-${number}`, list(number))));
  }
  const last = LISTS;
  await cardOf(world, last, () => output(bot, world, last, 'changed', draftOf(1)));
  const changed = await cardOf(
    world,
    last,
    () => output(bot, world, last, 'changed', draftOf(2)),
    'what_changed',
  );
  return { lists, changed };
}

async function output(
  bot: Running,
  { channels }: World,
  channel: number,
  run: string,
  text: string,
): Promise<void> {
  const body = {
    name: 'long_text',
    kickoff_id: run,
    agent: 'Writer',
    output: text,
    meta: { channel: channels[channel] },
  };
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(webhookUrl(bot), { method: 'POST', headers, body: JSON.stringify(body) });
  if (response.status !== 202) throw new Error(`a webhook was answered ${response.status}`);
  await response.text();
}

/** The message with this button that comes into the channel after something was done. */
async function cardOf(
  { workspace, channels }: World,
  index: number,
  act: () => Promise<unknown>,
  actionId = 'read_in_full',
): Promise<Card> {
  const channel = channels[index % channels.length] as string;
  const before = workspace.messages(channel).length;
  const find = () =>
    workspace
      .messages(channel)
      .slice(before)
      .find(({ blocks }) => JSON.stringify(blocks ?? []).includes(`"${actionId}"`));
  await act();
  await workspace.changed(() => find() !== undefined, atMost30s(`a card with ${actionId}`));
  return { channel, ts: find()?.ts as string };
}

/** Clicks on Approve while people do all of this over and over. */
async function beside(world: World, bot: Running, stage: Stage, whats: readonly What[]): Promise<Held> {
  const { workspace, platform, channels } = world;
  const cards: Card[] = [];
  for (let index = 0; index < CLICKS; index += 1) {
    const kickoff = async () =>
      platform.kickoff({
        taskWebhookUrl: webhookUrl(bot),
        crewWebhookUrl: webhookUrl(bot, 'crew'),
        meta: { channel: channels[index] },
      });
    cards.push(await cardOf(world, index, kickoff, 'approve'));
  }
  await pause(1_000);
  await bot.hold();
  let over = false;
  let late = 0;
  const people = (world.approvers ?? []).map((user, index) => ({
    user,
    card: stage.lists[index % LISTS] as Card,
  }));
  const does: Record<What, (one: (typeof people)[number]) => Promise<void>> = {
    home: async ({ user }) => {
      const before = workspace.home(user)?.hash;
      await workspace.openHome({ user });
      await workspace.changed(() => workspace.home(user)?.hash !== before, atMost30s('the Home tab'));
    },
    reading: async ({ user, card }) => {
      if (!(await opens(world, user, card, 'read_in_full'))) late += 1;
      else
        for (let page = 1; page < PAGES && !over; page += 1) {
          await pause(LOOKED_AT);
          await turns(world, user);
        }
    },
    changes: async ({ user }) => {
      if (!(await opens(world, user, stage.changed, 'what_changed'))) late += 1;
    },
  };
  const busy = people.flatMap((one, index) => {
    // A person has one form open: of those who read and compare, each does one of both.
    const mine =
      whats.includes('reading') && whats.includes('changes')
        ? whats.filter((what) => what === 'home' || what === (index % 2 === 0 ? 'reading' : 'changes'))
        : whats;
    return mine.map(async (what) => {
      // Not all at the same moment.
      await pause((LOOKED_AT / READERS) * index);
      while (!over) {
        await does[what](one);
        await pause(LOOKED_AT);
      }
    });
  });
  const acks: number[] = [];
  let missed = 0;
  for (const { channel, ts } of cards) {
    await pause(BETWEEN_CLICKS);
    const { acked, ms } = await workspace.click({ user: APPROVER, channel, ts, actionId: 'approve' });
    if (!acked) missed += 1;
    acks.push(ms);
  }
  over = true;
  await Promise.all(busy);
  return { ...(await bot.hold()), click: Math.max(...acks), missed, late };
}

/** Whether the form opened: a trigger expires after 3 s. */
async function opens({ workspace }: World, user: string, card: Card, actionId: string): Promise<boolean> {
  const before = workspace.openView(user)?.id;
  await workspace.click({ user, ...card, actionId });
  return workspace
    .changed(() => workspace.openView(user)?.id !== before, { what: 'the form', timeoutMs: 5_000 })
    .then(
      () => true,
      () => false,
    );
}

async function turns({ workspace }: World, user: string): Promise<void> {
  const before = workspace.openView(user)?.hash;
  await workspace.clickInView({ user, actionId: 'page_after' });
  await workspace.changed(() => workspace.openView(user)?.hash !== before, {
    what: 'the next page',
    timeoutMs: 30_000,
  });
}

function rowsOf(what: string, runs: readonly Held[]): Row[] {
  const held = spread(runs.map((run) => run.held));
  const worst = runs.reduce((one, other) => (other.held > one.held ? other : one));
  const sum = (of: 'late' | 'missed') => runs.reduce((all, run) => all + run[of], 0);
  return [
    {
      what: `longest hold of the event loop, ${what}`,
      measured: held,
      unit: 'ms',
      budget: atMost(held, LONGEST_HOLD, 'ms'),
      reference: `and ${figure(worst.taken)} ms without a processor; ${sum('late')} forms not opened`,
    },
    {
      what: `latest click on Approve acked, ${what}`,
      measured: spread(runs.map(({ click }) => click)),
      unit: 'ms',
      reference: `${sum('missed')} clicks not acked within 3 s`,
    },
  ];
}
