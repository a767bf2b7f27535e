import { sees, type World } from '../support/world.ts';

export const run = ({ workspace }: World, user = 'UANA', text = 'run press') =>
  workspace.command({ user, channel: 'CAPPROVALS', command: '/approvals', text });

/** Waits for the form to start a run and returns it. */
export async function form({ workspace }: World, user = 'UANA') {
  await workspace.changed(() => workspace.openView(user)?.callback_id === 'start_run', { what: 'the form' });
  return workspace.openView(user) as NonNullable<ReturnType<typeof workspace.openView>>;
}

export const topic = (text: string) => ({ 'input:topic': { input: text } });

export const root = ({ workspace }: World, words: string) =>
  sees(workspace, words, ({ all, thread_ts }) => thread_ts === undefined && all.includes(words));

export const inThread = ({ workspace }: World, ts: string, words: string) =>
  sees(workspace, words, ({ all, thread_ts }) => thread_ts === ts && all.includes(words));
