import type { Call } from '../../src/sandbox/slack/web-api/web-api.ts';
import { approve, type Card, connect, hasButton, kickoff, nextCard } from './support/actions.ts';
import { type Measurement, rounds } from './support/measurement.ts';
import { pause, type Running } from './support/process.ts';
import { type Row, row } from './support/report.ts';
import { APPROVER, type World, withBot } from './support/world.ts';

/** Longer than the card waits for a quick answer of CrewAI. */
const SETTLED = 700;
const THREAD_POSTS = 'posts in the thread';

/** Web API calls for an approve and for a revision, while CrewAI answers at once. */
export const apiCalls: Measurement = ({ built, quick }) =>
  withBot(built, {}, async (world, bot) => {
    connect(world, bot);
    // What a start asks Slack is no part of it.
    await pause(SETTLED);
    const counts = await rounds(quick ? 1 : 3, async () => [
      await countCalls(world, bot, async (card) => void (await approve(world, card))),
      await countCalls(world, bot, (card) => requestRevision(world, card)),
    ]);
    const calls = (which: number) => counts.map((round) => round[which] ?? {});
    return [
      rowOf('Web API calls of an approve: the card, accepted, went on', calls(0), 3),
      rowOf('Web API calls of a revision: the card, the modal, accepted, went on; the new card', calls(1), 5),
    ];
  });

type Counts = Record<string, number>;

async function countCalls(
  world: World,
  bot: Running,
  decide: (card: Card) => Promise<void>,
): Promise<Counts> {
  const { workspace, platform, channels } = world;
  const first = workspace.calls.length;
  const card = await nextCard(world, channels[0] as string, () => {
    platform.hold();
    kickoff(world, bot);
    platform.release();
  });
  await pause(SETTLED);
  // The run stands still after the decision, so that "accepted" is shown before "went on".
  platform.hold();
  await decide(card);
  await pause(SETTLED);
  platform.release();
  await pause(2 * SETTLED);
  return countByKind(workspace.calls.slice(first));
}

async function requestRevision({ workspace }: World, card: Card): Promise<void> {
  await workspace.click({ user: APPROVER, ...card, actionId: 'request_revision' });
  await workspace.changed(() => workspace.openView(APPROVER) !== undefined, { what: 'the modal' });
  await workspace.submit({ user: APPROVER, values: { feedback: { feedback: 'Shorter, please' } } });
}

/** A message in a thread without buttons is no card: thread posts are counted apart. */
function countByKind(calls: readonly Call[]): Counts {
  const counts: Counts = {};
  for (const { method, args } of calls) {
    const isNote = method === 'chat.postMessage' && !hasButton(args, 'actions');
    const kind = isNote ? THREAD_POSTS : method;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

function rowOf(what: string, runs: readonly Counts[], atMost: number): Row {
  const counts = runs.map(({ [THREAD_POSTS]: _, ...calls }) =>
    Object.values(calls).reduce((sum, count) => sum + count, 0),
  );
  const last = Object.entries(runs.at(-1) ?? {}).map(([kind, count]) => `${count} ${kind}`);
  return row(what, counts, 'calls', { atMost, reference: last.join(', ') });
}
