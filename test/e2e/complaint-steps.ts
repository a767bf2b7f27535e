import axios from 'axios';
import { onTestFinished, vi } from 'vitest';
import { isDeciding } from '../support/deciding.ts';
import { kickoff, ready } from '../support/process-steps.ts';
import { draft, ephemeralsTo, sees, startBot, startWorld, type World } from '../support/world.ts';
import { crewsFile } from './crew-settings.ts';

export const http = axios.create({ validateStatus: () => true, maxRedirects: 0 });

/** A second task, which waits once the draft was approved. */
export const summary = { ...draft, name: 'summary', agent: 'Editor', output: () => 'Linen, in 120 words.' };

type Parameter<F extends (...args: never[]) => unknown, N extends number> = NonNullable<Parameters<F>[N]>;

/** A bot whose first run waits at its card. `rules`: the crew comes from a crews file, with these lines. */
export async function startWaiting({
  tasks = [draft],
  rules,
  settings = {},
  slack = {},
  run = {},
  ...crewai
}: Parameter<typeof startWorld, 1> & {
  tasks?: Parameter<typeof startWorld, 0>;
  rules?: string[];
  settings?: Record<string, string>;
  slack?: Parameter<typeof startWorld, 2>;
  run?: Parameter<typeof kickoff, 2>;
} = {}) {
  const world = await startWorld(tasks, crewai, slack);
  const bot = await startBot(world, { ...(rules ? crewsFile(world, ...rules) : {}), ...settings });
  const execution = kickoff(world, bot, run);
  const card = await sees(world.workspace, 'the card', ready);
  return { ...world, world, bot, execution, card, ts: card.ts };
}

/** Waits for a card with these words that can be decided. */
export const waits = ({ workspace }: World, words: string) =>
  sees(workspace, `a card: ${words}`, (message) => message.all.includes(words) && ready(message));

/** Waits until a message says this. */
export const says = ({ workspace }: World, ts: string, words: string) =>
  sees(workspace, words, (message) => message.ts === ts && message.all.includes(words));

/** Waits until the thread of a message says this. */
export const threadSays = ({ workspace }: World, ts: string, words: string) =>
  sees(workspace, words, ({ thread_ts, all }) => thread_ts === ts && all.includes(words));

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

/** Waits until the open modal of a person says this; all of it as JSON. */
export async function modalSays({ workspace }: World, user: string, words: string): Promise<string> {
  const all = () => JSON.stringify(workspace.openView(user) ?? '');
  await workspace.changed(() => all().includes(words), { what: `a modal: ${words}` });
  return all();
}

/** Opens the Home tab of a person and waits until it says this; all of it as JSON. */
export async function homeSays({ workspace }: World, user: string, words: string): Promise<string> {
  const all = () => JSON.stringify(workspace.home(user)?.blocks ?? '');
  await workspace.openHome({ user });
  await workspace.changed(() => all().includes(words), { what: `the Home tab: ${words}` });
  return all();
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

/** Resumes a paused run by CrewAI's own API, past the bot; on the live dialect the text alone decides. */
export async function resumeElsewhere(
  { platform, settings, dialect }: World,
  bot: { webhook(kind: string): string },
  execution: string,
  approves: boolean,
): Promise<void> {
  const { pendingTask } = platform.execution(execution);
  const text = approves ? 'Approved' : 'Said in the console';
  const urls = { taskWebhookUrl: bot.webhook('task'), crewWebhookUrl: bot.webhook('crew') };
  const body =
    dialect === 'live'
      ? {
          executionId: execution,
          taskId: pendingTask?.taskId,
          humanFeedback: text,
          humanInputWebhookUrl: bot.webhook('human-input'),
        }
      : { execution_id: execution, task_id: pendingTask?.name, human_feedback: text, is_approve: approves };
  const headers = { authorization: `Bearer ${settings.CREWAI_BEARER_TOKEN}` };
  await axios.post(`${platform.baseUrl}/resume`, { ...body, ...urls }, { headers });
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
