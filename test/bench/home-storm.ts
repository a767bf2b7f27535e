import { type Card, kickoffOn, postCards } from './support/cards.ts';
import type { Context, Measurement } from './support/measurement.ts';
import { pause } from './support/process.ts';
import { type Replicas, replicaCounts, replicasText, withReplicas } from './support/replicas.ts';
import { below, figure, type Row } from './support/report.ts';
import { type Tally, tallyOf } from './support/slack-calls.ts';
import { spread } from './support/statistics.ts';
import { APPROVER, startWorld, type World } from './support/world.ts';

const TABS = 20;
/** They open their tabs during the storm. */
const LATE = 5;
const CHANNELS = 40;
/** Enough for an approve per second, and for tabs that are full. */
const CARDS = 80;
const SECONDS = 60;
const SECONDS_QUICK = 20;
/** Whoever does not see their tab by then never got it. */
const GIVEN_UP = 30_000;
const QUIET = 2_000;

/** Calls that Slack refuses while many home tabs are open and approvals change, and how soon one more tab is shown. */
export const homeStorm: Measurement = async (context) => {
  const rows: Row[] = [];
  for (const count of await replicaCounts()) {
    context.progress(replicasText(count));
    rows.push(...rowsOf(count, await storm(context, count)));
  }
  return rows;
};

interface Storm {
  tally: Tally;
  seconds: number;
  /** How long each late person waited for their tab, in milliseconds. */
  waits: number[];
}

async function storm({ built, quick }: Context, count: number): Promise<Storm> {
  const world = await startWorld({
    channels: CHANNELS,
    approvers: TABS + LATE,
    enforceRates: true,
    dialect: 'live',
  });
  const { workspace, approvers = [] } = world;
  const seconds = quick ? SECONDS_QUICK : SECONDS;
  try {
    return await withReplicas(built, world, count, async (replicas) => {
      const { cards } = await postCards(world, replicas, CARDS);
      await pause(QUIET);
      const first = workspace.calls.length;
      const over = pause(seconds * 1_000);
      for (const user of approvers.slice(0, TABS)) {
        replicas.next();
        await workspace.openHome({ user });
      }
      const changing = changeApprovals(world, replicas, cards, seconds);
      const waits = openLate(world, replicas, approvers.slice(TABS), seconds);
      await over;
      const tally = tallyOf(workspace.calls.slice(first));
      await changing;
      return { tally, seconds, waits: await waits };
    });
  } finally {
    await world.close();
  }
}

/** A new card and an approve every second. */
async function changeApprovals(
  world: World,
  replicas: Replicas,
  cards: readonly Card[],
  seconds: number,
): Promise<void> {
  const { workspace, channels } = world;
  for (const [index, card] of cards.slice(0, seconds - 5).entries()) {
    kickoffOn(world, replicas, channels[index % CHANNELS] as string);
    replicas.next();
    await Promise.all([workspace.click({ user: APPROVER, ...card, actionId: 'approve' }), pause(1_000)]);
  }
}

/** Opens the tabs of these people one after the other; returns how long each person waited. */
async function openLate(
  { workspace }: World,
  replicas: Replicas,
  people: readonly string[],
  seconds: number,
): Promise<number[]> {
  const waits: Promise<number>[] = [];
  for (const user of people) {
    await pause((seconds * 1_000) / (people.length + 1));
    replicas.next();
    const begun = performance.now();
    const shown = workspace
      .changed(({ home }) => home(user) !== undefined, { timeoutMs: GIVEN_UP, what: 'the home tab' })
      .then(
        () => performance.now() - begun,
        () => GIVEN_UP,
      );
    await workspace.openHome({ user });
    waits.push(shown);
  }
  return Promise.all(waits);
}

function rowsOf(count: number, { tally, seconds, waits }: Storm): Row[] {
  const what = `${TABS} open home tabs for ${seconds} s, ${replicasText(count)}`;
  const share = spread([tally.share]);
  const missed = waits.filter((wait) => wait >= GIVEN_UP).length;
  return [
    {
      what: `${what}: Slack calls refused`,
      measured: share,
      unit: '%',
      budget: below(share, 2, '%'),
      reference: `of ${figure(tally.total)} calls: ${tally.text}`,
    },
    {
      what: `${what}: one more tab is shown`,
      measured: spread(waits),
      of: 'people',
      unit: 'ms',
      budget: { words: 'everyone gets it', met: missed === 0 },
      reference: `${missed} of ${waits.length} people did not get it within ${GIVEN_UP / 1_000} s`,
    },
  ];
}
