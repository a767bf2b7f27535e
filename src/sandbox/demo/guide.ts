import type { Guide, Said, Scene } from '../page/scene.ts';

const CHANNEL = 'CAPPROVALS';

/** What to do now, and where. */
export function guideOf(scene: Omit<Scene, 'guide'>): Guide {
  const { bot, failing, runs, waiting, conversation, look, personas } = scene;
  const person = personas.find(({ id }) => id === look.as);
  const [run] = runs;
  const newest = conversation.find(({ ts }) => ts === waiting.at(-1));
  const to = newest && { at: look.at, thread: newest.thread_ts, message: newest.ts };
  const pointTo = (text: string): Guide => ({ text, to });
  if (bot.state === 'down')
    return { text: 'The bot is down. Try a click: nothing that was recorded gets lost.' };
  if (bot.state === 'starting' && !run) return { text: 'The bot starts; the first run begins by itself.' };
  if (bot.state === 'starting') return { text: 'The bot comes back and goes on where it was.' };
  if (failing.killAtDecision)
    return pointTo('Decide on something: the bot will be killed while it tells CrewAI.');
  if (run?.status === 'completed')
    return { text: 'The run has finished. Its result is in the threads; start another one.' };
  if (run?.status === 'pending human input' && look.at !== CHANNEL && look.at !== 'home')
    return { text: 'A crew waits for a decision in #approvals.', to: { at: CHANNEL } };
  if (run?.status === 'pending human input' && !newest && isGivenUp(conversation.at(-1)))
    return {
      text: 'This was closed without a decision, so its run keeps waiting at CrewAI. Start another one.',
    };
  if (run?.status !== 'pending human input' || (!newest && look.at !== 'home'))
    return { text: 'The crew is at work. Its output appears in #approvals.' };
  if (person?.role === 'may not approve')
    return pointTo(`${person.name} may not approve: try it, then be Ana or Ben.`);
  const isHidden = newest?.thread_ts !== undefined && look.thread !== newest.thread_ts;
  if (isHidden) return pointTo('The crew has revised it: open the thread below its first card.');
  return pointTo(
    'A crew waits for you: approve its output, or request a revision and say what should change.',
  );
}

function isGivenUp(newest: Said | undefined): boolean {
  return JSON.stringify(newest?.blocks ?? []).includes('Closed without a decision');
}
