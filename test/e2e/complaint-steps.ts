import { type AddressInfo, connect, createServer } from 'node:net';
import axios from 'axios';
import { onTestFinished, vi } from 'vitest';
import { withBrackets } from '../slack/hostile.ts';
import { isDeciding } from '../support/deciding.ts';
import { ephemeralsTo, sees, type World } from '../support/world.ts';

export const http = axios.create({ validateStatus: () => true, maxRedirects: 0 });

/** What the deciding buttons of a message carry back to the bot. */
export function wireValues({ workspace }: World, ts: string): unknown[] {
  const blocks = workspace.message('CAPPROVALS', ts)?.blocks ?? [];
  const elements = blocks.flatMap((block) => (block.type === 'actions' ? (block.elements as object[]) : []));
  return elements
    .filter(isDeciding)
    .map((element) => ({ action_id: undefined, value: undefined, ...element }));
}

/** A click on a button that the message showed earlier, as the client had it on the screen. */
export function clickOld(
  { workspace }: World,
  { user = 'UANA', ...click }: { user?: string; ts: string; actionId: string; value: string },
) {
  const { ts, actionId, value } = click;
  const action = { type: 'button', block_id: 'from-an-earlier-build', value };
  return workspace.click({ user, channel: 'CAPPROVALS', ts, actionId, stale: true, action });
}

/** Opens the revision modal of a card. */
export async function openModal({ workspace }: World, ts: string, user = 'UBEN') {
  await workspace.click({ user, channel: 'CAPPROVALS', ts, actionId: 'request_revision' });
  await workspace.changed(() => workspace.openView(user) !== undefined, { what: `the modal of ${user}` });
}

export const submit = ({ workspace }: World, feedback: string, user = 'UBEN') =>
  workspace.submit({ user, values: { feedback: { feedback } } });

/** All that only this person was told, once it is so many sentences. */
export async function told({ workspace }: World, user: string, sentences = 1): Promise<string[]> {
  const texts = () => ephemeralsTo(workspace, user).map(({ text }) => text);
  await workspace.changed(() => texts().length >= sentences, { what: `${sentences} answers for ${user}` });
  return texts();
}

/** Waits until a message says this. */
export const says = ({ workspace }: World, ts: string, words: string) =>
  sees(workspace, words, (message) => message.ts === ts && message.all.includes(words));

const ELSEWHERE = { true: 'Approved', false: 'Said in the console' } as const;

/** What `resumeElsewhere` says: on the live dialect the text decides. */
export const saidElsewhere = ({ dialect }: World, approves: boolean) =>
  dialect === 'live' ? ELSEWHERE[`${approves}`] : ELSEWHERE.false;

/** Resumes a paused run by CrewAI's own API, past the bot. */
export async function resumeElsewhere(
  world: World,
  bot: { webhook(kind: string): string },
  execution: string,
  approves: boolean,
): Promise<void> {
  const { platform, settings, dialect } = world;
  const { pendingTask } = platform.execution(execution);
  const urls = { taskWebhookUrl: bot.webhook('task'), crewWebhookUrl: bot.webhook('crew') };
  const text = saidElsewhere(world, approves);
  const body =
    dialect === 'live'
      ? {
          executionId: execution,
          taskId: pendingTask?.taskId,
          humanFeedback: text,
          ...urls,
          humanInputWebhookUrl: bot.webhook('human-input'),
        }
      : {
          execution_id: execution,
          task_id: pendingTask?.name,
          human_feedback: text,
          is_approve: approves,
          ...urls,
        };
  const headers = { authorization: `Bearer ${settings.CREWAI_BEARER_TOKEN}` };
  await axios.post(`${platform.baseUrl}/resume`, body, { headers });
}

/** Waits until a run has come to its end. */
export const completed = ({ platform }: World, execution: string) =>
  platform.changed(() => platform.execution(execution).status === 'completed', {
    what: 'the end of the run',
  });

/** From now on this process and all that runs in it are so many milliseconds later, each time that it is called. */
export function ownCalendar(): (milliseconds: number) => void {
  const now = Date.now.bind(Date);
  let later = 0;
  const spy = vi.spyOn(Date, 'now').mockImplementation(() => now() + later);
  onTestFinished(() => spy.mockRestore());
  return (milliseconds) => {
    later += milliseconds;
  };
}

/** What Slack would bring to life in a message or a view: mentions of people, groups and channels. */
export function liveMentions(content: unknown): string[] {
  const found: string[] = [];
  const look = (text: string) => {
    const rest = text.replace(/<!date\^[^>]*>/g, '');
    found.push(...(rest.match(/<[!@#][^>]*>?|@(?:here|channel|everyone)/gi) ?? []));
  };
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return;
    const { type, text } = value as { type?: unknown; text?: unknown };
    if (typeof text === 'string' && type === 'markdown') look(withBrackets(text));
    else if (typeof text === 'string' && type !== 'plain_text') look(text);
    for (const part of Object.values(value)) walk(part);
  };
  walk(content);
  return found;
}

/** A connection to Redis whose answers wait from the first commit on, once `hold` was called. */
export async function startCommitGate(target: string) {
  const { port: redis } = new URL(target);
  let [armed, held] = [false, false];
  let kept: (() => void)[] = [];
  const server = createServer((client) => {
    const upstream = connect(Number(redis), '127.0.0.1');
    for (const socket of [client, upstream]) socket.on('error', () => {});
    client.on('data', (chunk) => {
      if (armed && chunk.includes('EVALSHA')) held = true;
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      const pass = () => void client.write(chunk);
      if (held) kept.push(pass);
      else pass();
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    hold: () => {
      armed = true;
    },
    release: () => {
      [armed, held] = [false, false];
      for (const pass of kept) pass();
      kept = [];
    },
  };
}
