import { type Card, endCrews, isWaiting, postCards } from './support/cards.ts';
import type { Context, Measurement } from './support/measurement.ts';
import { pause } from './support/process.ts';
import { withReplicas } from './support/replicas.ts';
import { atMost, type Row } from './support/report.ts';
import { type Tally, tallyOf } from './support/slack-calls.ts';
import { percentile, spread } from './support/statistics.ts';
import { APPROVER, startWorld, type World } from './support/world.ts';

const CHANNELS = 40;
const CLICKS = 30;
const CLICKS_QUICK = 10;
/** 20 clicks a minute: by themselves they stay below Slack's 50 updates a minute. */
const APART = 3_000;
const OTHERS = 500;
const OTHERS_QUICK = 100;
/** A card that did not change by then counts as if it had changed then. */
const GIVEN_UP = 60_000;
const QUIET = 2_000;
const BUDGET = 500;

/** Click to the card changed in Slack while CrewAI never answers: alone, and behind many other cards to update. */
export const clickVisible: Measurement = async (context) => {
  const others = context.quick ? OTHERS_QUICK : OTHERS;
  const rows: Row[] = [];
  for (const behind of [0, others]) {
    const where = behind === 0 ? 'alone' : `with ${behind} other cards to update`;
    context.progress(where);
    rows.push(...rowsOf(where, await measure(context, behind)));
  }
  return rows;
};

interface Measured {
  /** In milliseconds. */
  times: number[];
  tally: Tally;
}

async function measure({ built, quick }: Context, others: number): Promise<Measured> {
  const world = await startWorld({ channels: CHANNELS, enforceRates: true, dialect: 'live' });
  const { workspace, platform } = world;
  try {
    return await withReplicas(built, world, 1, async (replicas) => {
      const { executionIds } = await postCards(world, replicas, others);
      const { cards } = await postCards(world, replicas, quick ? CLICKS_QUICK : CLICKS);
      platform.failures.plan({ on: 'resume', times: Number.POSITIVE_INFINITY, failure: { noAnswer: true } });
      await pause(QUIET);
      const first = workspace.calls.length;
      await endCrews(replicas, executionIds);
      const times: Promise<number>[] = [];
      for (const card of cards) {
        times.push(clickUntilChanged(world, card));
        await pause(APART);
      }
      return { times: await Promise.all(times), tally: tallyOf(workspace.calls.slice(first)) };
    });
  } finally {
    await world.close();
  }
}

/** Clicks on Approve; how long until the card has no such button any more. */
async function clickUntilChanged(world: World, card: Card): Promise<number> {
  const { workspace } = world;
  const begun = performance.now();
  const changed = workspace
    .changed(() => !isWaiting(world, card), { timeoutMs: GIVEN_UP, what: 'the changed card' })
    .then(
      () => performance.now() - begun,
      () => GIVEN_UP,
    );
  await workspace.click({ user: APPROVER, ...card, actionId: 'approve' });
  return changed;
}

function rowsOf(where: string, { times, tally }: Measured): Row[] {
  const what = `click to the card changed, CrewAI not answering, ${where}`;
  const at = (share: number) => spread([percentile(times, share)]);
  const late = times.filter((time) => time >= GIVEN_UP).length;
  const given = `${late} of ${times.length} cards not changed within ${GIVEN_UP / 1_000} s`;
  return [
    { what: `${what}, p50`, measured: at(0.5), unit: 'ms', reference: tally.text },
    {
      what: `${what}, p95`,
      measured: at(0.95),
      unit: 'ms',
      budget: atMost(at(0.95), BUDGET, 'ms'),
      reference: given,
    },
  ];
}
