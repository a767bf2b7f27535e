import { approve, clickApprove, timeUntil } from './support/actions.ts';
import {
  endCrews,
  inLanes,
  isWaiting,
  kickoffOn,
  postCards,
  type Replicas,
  replicaCounts,
  replicasText,
  type Waiting,
  withReplicas,
} from './support/cards.ts';
import type { Context, Measurement } from './support/measurement.ts';
import { pause } from './support/process.ts';
import { figure, type Row, row } from './support/report.ts';
import { tallyOf } from './support/slack-calls.ts';
import { percentile } from './support/statistics.ts';

/** This many channels accept 300 cards within ten seconds, at one per second and channel. */
const CHANNELS = 40;
/** Time after the posting of the cards in which the bot finishes all other work, in milliseconds. */
const QUIET = 2_000;

/** Measures the calls that Slack refuses while many cards are settled at once, with one replica and with two. */
export const settleStorm: Measurement = async (context) => {
  const rows: Row[] = [];
  for (const [way, settle] of Object.entries(WAYS)) {
    for (const count of await replicaCounts()) {
      context.progress(`${way}, ${replicasText(count)}`);
      rows.push(await settleAtOnce(context, count, way, settle));
    }
  }
  return rows;
};

const CLICKERS = 20;
const WAYS = {
  'their crews ended': (replicas: Replicas, { executionIds }: Waiting) => endCrews(replicas, executionIds),
  // Each person clicks on one card after the other.
  [`${CLICKERS} people approved them`]: (replicas: Replicas, { cards }: Waiting) =>
    inLanes(CLICKERS, cards, async (card, lane) => {
      replicas.next();
      await approve(replicas, card, replicas.approvers?.[lane]);
    }),
} as const;

function settleAtOnce(
  context: Context,
  count: number,
  way: string,
  settle: (typeof WAYS)[keyof typeof WAYS],
): Promise<Row> {
  // Slack accepts 50 updates per minute. The first minutes show how the bot paces itself.
  const [size, watched] = context.quick ? [100, 60_000] : [300, 120_000];
  return withReplicas(context, count, { channels: CHANNELS, approvers: CLICKERS }, async (replicas) => {
    const { workspace } = replicas;
    const waiting = await postCards(replicas, size);
    await pause(QUIET);
    const first = workspace.calls.length;
    const begun = performance.now();
    await settle(replicas, waiting);
    await pause(watched - (performance.now() - begun));
    const { share, text } = tallyOf(workspace.calls.slice(first));
    // The other cards still show their buttons.
    const changed = waiting.cards.filter((card) => !isWaiting(replicas, card)).length;
    const what = `${size} cards settled at once, ${way}, ${replicasText(count)}: Slack calls refused`;
    const reference = `${figure(changed)} cards changed within ${watched / 1_000} s; ${text}`;
    return row(what, [share], '%', { below: 2, reference });
  });
}

const TABS = 20;
/** Enough for an approval per second and for full tabs. */
const TAB_CARDS = 80;

/** Measures the calls that Slack refuses while many Home tabs are open and approvals change. */
export const homeStorm: Measurement = async (context) => {
  const rows: Row[] = [];
  for (const count of await replicaCounts()) {
    context.progress(replicasText(count));
    rows.push(await openTabs(context, count));
  }
  return rows;
};

function openTabs(context: Context, count: number): Promise<Row> {
  const seconds = context.quick ? 20 : 60;
  const size = { channels: CHANNELS, approvers: TABS };
  return withReplicas(context, count, size, async (replicas) => {
    const { workspace, approvers = [] } = replicas;
    const { cards } = await postCards(replicas, TAB_CARDS);
    await pause(QUIET);
    const first = workspace.calls.length;
    const over = pause(seconds * 1_000);
    for (const user of approvers) {
      replicas.next();
      await workspace.openHome({ user });
    }

    /** Adds a card and approves one every second. */
    const changeApprovals = async () => {
      for (const [index, card] of cards.slice(0, seconds - 5).entries()) {
        kickoffOn(replicas, replicas.channels[index % CHANNELS] as string);
        replicas.next();
        await Promise.all([clickApprove(replicas, card), pause(1_000)]);
      }
    };
    const changing = changeApprovals();
    await over;
    const { share, total, text } = tallyOf(workspace.calls.slice(first));
    await changing;
    const what = `${TABS} open home tabs for ${seconds} s, ${replicasText(count)}: Slack calls refused`;
    return row(what, [share], '%', { below: 2, reference: `of ${figure(total)} calls: ${text}` });
  });
}

/** Time between clicks, in milliseconds. 20 clicks per minute alone stay below Slack's 50 updates per minute. */
const APART = 3_000;
/** A card that has not changed after this many milliseconds counts as changed at that time. */
const NOT_CHANGED_AFTER = 60_000;

/**
 * Measures click to the changed card in Slack while CrewAI never answers: alone, and behind many other cards to update.
 */
export const clickVisible: Measurement = async (context) => {
  const rows: Row[] = [];
  for (const others of [0, context.quick ? 100 : 500]) {
    const where = others === 0 ? 'alone' : `with ${others} other cards to update`;
    context.progress(where);
    rows.push(...(await clickBehind(context, others, where)));
  }
  return rows;
};

function clickBehind(context: Context, others: number, where: string): Promise<Row[]> {
  return withReplicas(context, 1, { channels: CHANNELS }, async (replicas) => {
    const { workspace, platform } = replicas;
    const { executionIds } = await postCards(replicas, others);
    const { cards } = await postCards(replicas, context.quick ? 10 : 30);
    platform.failures.plan({ on: 'resume', times: Number.POSITIVE_INFINITY, failure: { noAnswer: true } });
    await pause(QUIET);
    const first = workspace.calls.length;
    await endCrews(replicas, executionIds);
    const changes: Promise<number>[] = [];
    for (const card of cards) {
      changes.push(timeUntil(replicas, () => !isWaiting(replicas, card), NOT_CHANGED_AFTER));
      await Promise.all([clickApprove(replicas, card), pause(APART)]);
    }
    const times = await Promise.all(changes);
    const { text } = tallyOf(workspace.calls.slice(first));
    const what = `click to the card changed, CrewAI not answering, ${where}`;
    const late = times.filter((time) => time >= NOT_CHANGED_AFTER).length;
    const reference = `${late} of ${times.length} cards not changed within ${NOT_CHANGED_AFTER / 1_000} s`;
    return [
      row(`${what}, p50`, [percentile(times, 0.5)], 'ms', { reference: text }),
      row(`${what}, p95`, [percentile(times, 0.95)], 'ms', { atMost: 500, reference }),
    ];
  });
}
