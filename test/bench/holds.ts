import {
  type Card,
  clickApprove,
  connect,
  kickoff,
  nextCard,
  sendWebhook,
  webhookUrl,
} from './support/actions.ts';
import { type Measurement, rounds } from './support/measurement.ts';
import { pause, type Running } from './support/process.ts';
import { figure, type Row, row } from './support/report.ts';
import { type World, withBot } from './support/world.ts';

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

function repeat(length: number, line: (number: number) => string): string {
  let text = '';
  for (let number = 1; text.length < length; number += 1) text += line(number);
  return text;
}

const writeList = (number: number) =>
  repeat(
    ALMOST_A_MIB,
    (line) => `- **Item ${number}.${line}**: *recycled* linen, see [the notes](https://example.com)\n`,
  );
const writeDraft = (round: number) =>
  repeat(600_000, (line) => `Paragraph ${line} of round ${line % 3 === 0 ? round : 0}, as **agreed**.\n\n`);

type What = 'reading' | 'home' | 'changes';

const PARTS: readonly [name: string, what: string, does: readonly What[]][] = [
  ['rest', 'nobody reads', []],
  ['reading', `${READERS} people read a list of 1 MiB page by page`, ['reading']],
  ['home', `${READERS} people open Home tabs with ${LISTS} such lists`, ['home']],
  ['changes', `${READERS} people open What changed of two texts of 600 KB`, ['changes']],
  ['all', 'all of that at once', ['reading', 'home', 'changes']],
];

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
export const holds: Measurement = ({ built, quick, progress }) =>
  withBot(built, { channels: CLICKS, approvers: READERS, probe: 'hold' }, async (world, bot) => {
    connect(world, bot);
    progress(`${LISTS} lists of 1 MiB, two texts of 600 KB`);
    const stage = await prepare(world, bot);
    const rows: Row[] = [];
    for (const [name, what, does] of PARTS) {
      progress(name);
      rows.push(...rowsOf(what, await rounds(quick ? 1 : 3, () => clickBeside(world, bot, stage, does))));
    }
    return rows;
  });

interface Stage {
  /** Cards with a long list. */
  lists: Card[];
  /** The card of a second round. */
  changed: Card;
}

async function prepare(world: World, bot: Running): Promise<Stage> {
  const post = (index: number, run: string, output: string, actionId = 'read_in_full') => {
    const channel = world.channels[index] as string;
    const body = { name: 'long_text', kickoff_id: run, agent: 'Writer', output, meta: { channel } };
    return nextCard(world, channel, () => sendWebhook(webhookUrl(bot), body), { actionId });
  };
  const lists = await rounds(LISTS, (number) => post(number, `list-${number}`, writeList(number)));
  await post(LISTS, 'changed', writeDraft(1));
  return { lists, changed: await post(LISTS, 'changed', writeDraft(2), 'what_changed') };
}

/** Clicks on Approve while people do all of this over and over. */
async function clickBeside(world: World, bot: Running, stage: Stage, whats: readonly What[]): Promise<Held> {
  const { workspace, channels, approvers = [] } = world;
  const cards = await rounds(CLICKS, (index) => {
    const channel = channels[index] as string;
    return nextCard(world, channel, () => kickoff(world, bot, { meta: { channel } }));
  });
  await pause(1_000);
  await bot.hold();
  let over = false;
  let late = 0;

  /** Does this, and waits until what the person sees has changed. */
  const see = async (act: () => Promise<unknown>, read: () => unknown, timeoutMs = 30_000) => {
    const before = read();
    await act();
    await workspace.changed(() => read() !== before, { what: 'what a person sees', timeoutMs });
  };
  /** Whether the form opened: a trigger expires after 3 s. */
  const opens = (user: string, card: Card, actionId: string) => {
    const click = () => workspace.click({ user, ...card, actionId });
    return see(click, () => workspace.openView(user)?.id, 5_000).then(
      () => true,
      () => {
        late += 1;
        return false;
      },
    );
  };
  const does: Record<What, (user: string, list: Card) => Promise<unknown>> = {
    home: (user) =>
      see(
        () => workspace.openHome({ user }),
        () => workspace.home(user)?.hash,
      ),
    reading: async (user, list) => {
      if (!(await opens(user, list, 'read_in_full'))) return;
      for (let page = 1; page < PAGES && !over; page += 1) {
        await pause(LOOKED_AT);
        const turn = () => workspace.clickInView({ user, actionId: 'page_after' });
        await see(turn, () => workspace.openView(user)?.hash);
      }
    },
    changes: (user) => opens(user, stage.changed, 'what_changed'),
  };
  const busy = approvers.flatMap((user, index) => {
    // A person has one form open: of those who read and compare, each does one of both.
    const other = index % 2 === 0 ? 'changes' : 'reading';
    const mine = whats.length > 1 ? whats.filter((what) => what !== other) : whats;
    return mine.map(async (what) => {
      // Not all at the same moment.
      await pause((LOOKED_AT / READERS) * index);
      while (!over) {
        await does[what](user, stage.lists[index % LISTS] as Card);
        await pause(LOOKED_AT);
      }
    });
  });
  const clicks = await rounds(CLICKS, async (index) => {
    await pause(BETWEEN_CLICKS);
    return clickApprove(world, cards[index] as Card);
  });
  over = true;
  await Promise.all(busy);
  const missed = clicks.filter(({ acked }) => !acked).length;
  return { ...(await bot.hold()), click: Math.max(...clicks.map(({ ms }) => ms)), missed, late };
}

function rowsOf(what: string, runs: readonly Held[]): Row[] {
  const worst = runs.reduce((one, other) => (other.held > one.held ? other : one));
  const sum = (of: 'late' | 'missed') => runs.reduce((all, run) => all + run[of], 0);
  const [held, click] = [runs.map((run) => run.held), runs.map((run) => run.click)];
  return [
    row(`longest hold of the event loop, ${what}`, held, 'ms', {
      atMost: LONGEST_HOLD,
      reference: `and ${figure(worst.taken)} ms without a processor; ${sum('late')} forms not opened`,
    }),
    row(`latest click on Approve acked, ${what}`, click, 'ms', {
      reference: `${sum('missed')} clicks not acked within 3 s`,
    }),
  ];
}
