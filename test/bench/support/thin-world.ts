import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { BOT, TEAM } from '../../../src/sandbox/slack/state.ts';
import type { Card } from './actions.ts';
import { channelIds, type Surroundings } from './world.ts';

export interface WaitingCard extends Card {
  /** The value of its Approve button. */
  value: string;
}

export interface ThinWorld extends Surroundings {
  /** Called with each message that has an Approve button. */
  onCard: (card: WaitingCard) => void;
  /** Called with the execution id of each decision that reached CrewAI. */
  onResume: (executionId: string) => void;
  close(): void;
}

/**
 * Starts a Slack and a CrewAI that accept everything and keep nothing. In very long runs, the sandbox would be measured
 * instead, because it checks and remembers everything.
 */
export async function startThinWorld(channelCount: number): Promise<ThinWorld> {
  let last = 0;
  const newTs = () => {
    last = Math.max(last + 1, Date.now() * 1_000);
    return `${Math.floor(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, '0')}`;
  };
  const server = createServer(async (request, response) => {
    const body = await text(request);
    let answer: Record<string, unknown> = { ok: true };
    let afterwards = () => {};
    if (request.url === '/resume') {
      const { execution_id: id } = JSON.parse(body) as { execution_id: string };
      answer = { status: 'resumed', message: 'Execution resumed successfully' };
      afterwards = () => world.onResume(id);
    } else if (request.url === '/api/auth.test') {
      const { userId: user_id, id: bot_id } = BOT;
      answer = { ok: true, url: `https://${TEAM.domain}.slack.com/`, team_id: TEAM.id, user_id, bot_id };
    } else if (request.url === '/api/chat.postMessage') {
      const fields = new URLSearchParams(body);
      const channel = fields.get('channel') ?? '';
      const ts = newTs();
      answer = { ok: true, channel, ts };
      const value = approveValue(fields.get('blocks') ?? '[]');
      if (value !== undefined) afterwards = () => world.onCard({ channel, ts, value });
    }
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer), afterwards);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const world: ThinWorld = {
    slackUrl: `${url}/api/`,
    crewaiUrl: url,
    channels: channelIds(channelCount),
    onCard() {},
    onResume() {},
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return world;
}

/** Finds the value of the Approve button, if there is one. */
function approveValue(json: string): string | undefined {
  const blocks = JSON.parse(json) as { elements?: { action_id?: string; value?: string }[] }[];
  const elements = blocks.flatMap((block) => block.elements ?? []);
  return elements.find(({ action_id }) => action_id === 'approve')?.value;
}
