import type { Call } from '../../src/sandbox/slack/web-api/web-api.ts';
import type { Measurement } from './support/measurement.ts';
import { pause, type Running } from './support/process.ts';
import { atMost, type Row } from './support/report.ts';
import { spread } from './support/statistics.ts';
import { APPROVER, inFolder, startBot, startWorld, type World, webhookUrl } from './support/world.ts';

/** Longer than the card waits for a quick answer of CrewAI. */
const SETTLED = 700;

/** Web API calls for an approve and for a revision, while CrewAI answers at once. */
export const apiCalls: Measurement = ({ built, quick }) =>
  inFolder(async (folder) => {
    const world = await startWorld({ channels: 1 });
    const bot = await startBot(built, world, folder);
    world.workspace.connectBot(`${bot.url}/slack/events`);
    const approves: Record<string, number>[] = [];
    const revisions: Record<string, number>[] = [];
    try {
      // What a start asks Slack is no part of it.
      await pause(SETTLED);
      for (let round = 0; round < (quick ? 1 : 3); round += 1) {
        approves.push(await counted(world, bot, approve));
        revisions.push(await counted(world, bot, requestRevision));
      }
    } finally {
      await bot.stop();
      await world.close();
    }
    return [
      row('Web API calls of an approve: the card, accepted, went on', approves, 3),
      row('Web API calls of a revision: the card, the modal, accepted, went on; the new card', revisions, 5),
    ];
  });

async function counted(
  world: World,
  bot: Running,
  decide: (world: World, ts: string) => Promise<void>,
): Promise<Record<string, number>> {
  const { workspace, platform } = world;
  const channel = world.channels[0] as string;
  const before = workspace.messages(channel).length;
  const first = workspace.calls.length;
  platform.hold();
  platform.kickoff({ taskWebhookUrl: webhookUrl(bot), crewWebhookUrl: webhookUrl(bot, 'crew') });
  platform.release();
  await workspace.changed(() => workspace.messages(channel).length > before, { what: 'the card' });
  await pause(SETTLED);
  // The run stands still after the decision, so that "accepted" is shown before "went on".
  platform.hold();
  await decide(world, workspace.messages(channel)[before]?.ts ?? '');
  await pause(SETTLED);
  platform.release();
  await pause(2 * SETTLED);
  return byKind(workspace.calls.slice(first));
}

async function approve({ workspace, channels }: World, ts: string): Promise<void> {
  await workspace.click({ user: APPROVER, channel: channels[0] as string, ts, actionId: 'approve' });
}

async function requestRevision({ workspace, channels }: World, ts: string): Promise<void> {
  const channel = channels[0] as string;
  await workspace.click({ user: APPROVER, channel, ts, actionId: 'request_revision' });
  await workspace.changed(() => workspace.openView(APPROVER) !== undefined, { what: 'the modal' });
  await workspace.submit({ user: APPROVER, values: { feedback: { feedback: 'Shorter, please' } } });
}

/** A message in a thread without buttons is no card: thread posts are counted apart. */
function byKind(calls: readonly Call[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { method, args } of calls) {
    const note = method === 'chat.postMessage' && !JSON.stringify(args.blocks ?? '').includes('"actions"');
    const kind = note ? THREAD_POSTS : method;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

const THREAD_POSTS = 'posts in the thread';

function row(what: string, runs: readonly Record<string, number>[], budget: number): Row {
  const counts = runs.map(({ [THREAD_POSTS]: _, ...calls }) =>
    Object.values(calls).reduce((sum, count) => sum + count, 0),
  );
  const measured = spread(counts);
  const last = Object.entries(runs.at(-1) ?? {}).map(([kind, count]) => `${count} ${kind}`);
  return {
    what,
    measured,
    unit: 'calls',
    budget: atMost(measured, budget, 'calls'),
    reference: last.join(', '),
  };
}
