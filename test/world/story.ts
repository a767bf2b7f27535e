import { type Answered, BOT_HOST, type Sent, SLACK_HOST } from './network.ts';
import type { Actor } from './stage.ts';
import type { World } from './world.ts';

/** What the bot reads about people and channels is no part of a story. */
const TOLD = new Set(['chat.postMessage', 'chat.update', 'chat.postEphemeral', 'views.open', 'views.update']);

/** Writes down what happens in a world from now on, one line for each request, as a person would tell it. */
export function tellStory(world: World): string[] {
  const lines: string[] = [];
  const tell = (line: string) =>
    lines.push(`${new Date(world.stage.now()).toISOString().slice(11, 19)} ${line}`);
  world.network.watchers.push((sent, answer, by) => {
    const line = describe(sent, answer, by);
    if (line !== undefined) tell(line);
  });
  const { onDeath } = world;
  world.onDeath = (process) => {
    onDeath(process);
    tell(`process ${process.actor.name} of the bot is killed`);
  };
  return lines;
}

function describe(
  { url, body = '' }: Sent,
  answer: Answered | undefined,
  { name }: Actor,
): string | undefined {
  const { host, pathname } = new URL(url);
  const outcome = answer === undefined ? 'no answer' : `${answer.status}`;
  if (host === BOT_HOST && pathname.startsWith('/webhooks/')) {
    const { status, round } = readJson(answer?.body);
    return `CrewAI sends a ${pathname.split('/').at(-1)} webhook: ${outcome} ${status ?? ''} ${round === undefined ? '' : `(round ${round})`}`.trimEnd();
  }
  if (host === BOT_HOST) return describeInteraction(body, outcome);
  if (host === SLACK_HOST) {
    const method = pathname.split('/').at(-1) ?? '';
    if (pathname.startsWith('/api/') && !TOLD.has(method)) return undefined;
    const what = pathname.startsWith('/api/') ? `calls ${method}` : 'answers by the response_url of a click';
    return `process ${name} ${what}: ${outcome}`;
  }
  if (pathname === '/resume') {
    const { humanFeedback, human_feedback: documented } = readJson(body);
    const [said] = String(humanFeedback ?? documented)
      .split('\n')
      .slice(-1);
    return `process ${name} sends POST /resume, "${said}": ${outcome}`;
  }
  return undefined;
}

function describeInteraction(body: string, outcome: string): string {
  const payload = readJson(new URLSearchParams(body).get('payload') ?? '');
  const { user, type, actions } = payload as {
    user?: { id?: string };
    type?: string;
    actions?: { action_id: string }[];
  };
  const what = actions
    ? `clicks ${actions[0]?.action_id}`
    : type === 'view_submission'
      ? 'sends the form'
      : type;
  return `${user?.id} ${what}: ${outcome === '200' ? 'acked' : outcome}`;
}

function readJson(text: string | undefined): Record<string, unknown> {
  try {
    return JSON.parse(text ?? '') as Record<string, unknown>;
  } catch {
    return {};
  }
}
