import { endCrews, inLanes, isWaiting, postCards, type Waiting } from './support/cards.ts';
import type { Context, Measurement } from './support/measurement.ts';
import { pause } from './support/process.ts';
import { type Replicas, replicaCounts, replicasText, withReplicas } from './support/replicas.ts';
import { below, figure, type Row } from './support/report.ts';
import { type Tally, tallyOf } from './support/slack-calls.ts';
import { spread } from './support/statistics.ts';
import { startWorld, type World } from './support/world.ts';

const CARDS = 300;
const CARDS_QUICK = 100;
/** So many take the cards of the storm within ten seconds: one per second and channel. */
const CHANNELS = 40;
const CLICKERS = 20;
/** Slack takes 50 updates a minute: the first minutes show how the bot paces itself. */
const WATCHED = 120_000;
const WATCHED_QUICK = 60_000;
/** After the cards were posted, the bot has nothing left to do. */
const QUIET = 2_000;

const WAYS = {
  'their crews ended': (_: World, replicas: Replicas, { executionIds }: Waiting) =>
    endCrews(replicas, executionIds),
  [`${CLICKERS} people approved them`]: approveAll,
} as const;

/** Calls that Slack refuses while many cards are settled at once, with one replica and with two. */
export const settleStorm: Measurement = async (context) => {
  const rows: Row[] = [];
  for (const [way, settle] of Object.entries(WAYS)) {
    for (const count of await replicaCounts()) {
      context.progress(`${way}, ${replicasText(count)}`);
      rows.push(rowOf(way, count, await storm(context, count, settle)));
    }
  }
  return rows;
};

interface Storm {
  tally: Tally;
  cards: number;
  /** Cards that still showed their buttons at the end. */
  stale: number;
  seconds: number;
}

async function storm(
  { built, quick }: Context,
  count: number,
  settle: (typeof WAYS)[keyof typeof WAYS],
): Promise<Storm> {
  const world = await startWorld({
    channels: CHANNELS,
    approvers: CLICKERS,
    enforceRates: true,
    dialect: 'live',
  });
  const { workspace } = world;
  const size = quick ? CARDS_QUICK : CARDS;
  const watched = quick ? WATCHED_QUICK : WATCHED;
  try {
    return await withReplicas(built, world, count, async (replicas) => {
      const waiting = await postCards(world, replicas, size);
      await pause(QUIET);
      const first = workspace.calls.length;
      const begun = performance.now();
      await settle(world, replicas, waiting);
      await pause(watched - (performance.now() - begun));
      const tally = tallyOf(workspace.calls.slice(first));
      const stale = waiting.cards.filter((card) => isWaiting(world, card)).length;
      return { tally, cards: size, stale, seconds: watched / 1_000 };
    });
  } finally {
    await world.close();
  }
}

/** Each person clicks on one card after the other. */
async function approveAll(world: World, replicas: Replicas, { cards }: Waiting): Promise<void> {
  const { workspace, approvers = [] } = world;
  await inLanes(approvers.length, cards, async (card, lane) => {
    replicas.next();
    const user = approvers[lane] as string;
    const { acked } = await workspace.click({ user, ...card, actionId: 'approve' });
    if (!acked) throw new Error('a click was not acked');
  });
}

function rowOf(way: string, count: number, { tally, cards, stale, seconds }: Storm): Row {
  const measured = spread([tally.share]);
  return {
    what: `${cards} cards settled at once, ${way}, ${replicasText(count)}: Slack calls refused`,
    measured,
    unit: '%',
    budget: below(measured, 2, '%'),
    reference: `${figure(cards - stale)} cards changed within ${seconds} s; ${tally.text}`,
  };
}
