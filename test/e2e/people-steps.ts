import axios from 'axios';
import { onTestFinished, vi } from 'vitest';
import { isDeciding } from '../support/deciding.ts';
import { ready } from '../support/process-steps.ts';
import { ephemeralsTo, sees, type World } from '../support/world.ts';

export const http = axios.create({ validateStatus: () => true, maxRedirects: 0 });

/** Waits for a card with these words that can be decided. */
export const waits = ({ workspace }: World, words: string) =>
  sees(workspace, `a card: ${words}`, (message) => message.all.includes(words) && ready(message));

/** Waits until a message contains these words. */
export const says = ({ workspace }: World, ts: string, words: string) =>
  sees(workspace, words, (message) => message.ts === ts && message.all.includes(words));

/** Lists the values that the deciding buttons of a message send to the bot. */
export function wireValues({ workspace }: World, ts: string): unknown[] {
  const blocks = workspace.message('CAPPROVALS', ts)?.blocks ?? [];
  const elements = blocks.flatMap((block) => (block.type === 'actions' ? (block.elements as object[]) : []));
  return elements
    .filter(isDeciding)
    .map((element) => ({ action_id: undefined, value: undefined, ...element }));
}

/** Waits until the open modal of a person contains these words. Returns the modal as JSON. */
export async function modalSays({ workspace }: World, user: string, words: string): Promise<string> {
  const all = () => JSON.stringify(workspace.openView(user) ?? '');
  await workspace.changed(() => all().includes(words), { what: `a modal: ${words}` });
  return all();
}

/** Opens a person's Home tab and waits until it contains these words. Returns the blocks as JSON. */
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

/** Waits until this person has got at least this many ephemerals, and returns their texts. */
export async function told({ workspace }: World, user: string, sentences = 1): Promise<string[]> {
  const texts = () => ephemeralsTo(workspace, user).map(({ text }) => text);
  await workspace.changed(() => texts().length >= sentences, { what: `${sentences} answers for ${user}` });
  return texts();
}

/** Gives this process a calendar that a test can advance. Each call advances it by this many milliseconds. */
export function ownCalendar(): (milliseconds: number) => void {
  const now = Date.now.bind(Date);
  let offset = 0;
  const spy = vi.spyOn(Date, 'now').mockImplementation(() => now() + offset);
  onTestFinished(() => spy.mockRestore());
  return (milliseconds) => {
    offset += milliseconds;
  };
}
