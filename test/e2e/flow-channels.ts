import { FLOW_SECRET } from '../support/flow-world.ts';
import { startWorld, type World } from '../support/world.ts';
import { crewsFile } from './crew-settings.ts';

/** Slack takes one message per second in each: many cards at once need many channels. */
export const CHANNELS = Array.from({ length: 20 }, (_, number) => `C${String(number).padStart(4, '0')}`);

/** A world in which the cards of a Flow's method `review_<number>` go to channel `<number>`, and its settings. */
export async function startChannels(
  ...lines: string[]
): Promise<{ world: World; settings: Record<string, string> }> {
  const people = ['UANA', 'UBEN'];
  const channels = ['CAPPROVALS', ...CHANNELS].map((id) => ({
    id,
    name: id.toLowerCase(),
    members: people,
    botIsMember: true,
  }));
  const world = await startWorld(undefined, {}, { channels });
  const tasks = CHANNELS.map((channel, number) => `{ match: review_${number}, channel: ${channel} }`);
  const own = [`flow_webhook_secrets: [${FLOW_SECRET}]`, `tasks: [${tasks.join(', ')}]`];
  return { world, settings: crewsFile(world, ...own, ...lines) };
}
