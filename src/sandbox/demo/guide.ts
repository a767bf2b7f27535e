import type { Scene } from '../page/scene.ts';

/** What to do now, in one sentence. */
export function guideOf(scene: Omit<Scene, 'guide'>): string {
  const { bot, failing, runs, waiting, conversation, look, personas } = scene;
  const person = personas.find(({ id }) => id === look.as);
  const [run] = runs;
  if (bot.state === 'down') return 'The bot is down. Try a click: nothing that was recorded gets lost.';
  if (bot.state === 'starting' && !run) return 'The bot starts; the first run begins by itself.';
  if (bot.state === 'starting') return 'The bot comes back and goes on where it was.';
  if (failing.killAtDecision) return 'Decide on something: the bot will be killed while it tells CrewAI.';
  if (run?.status === 'completed')
    return 'The run has finished. Its result is in the threads; start another one.';
  if (run?.status === 'pending human input' && look.at !== 'CAPPROVALS' && look.at !== 'home')
    return 'A crew waits for a decision in #approvals.';
  if (run?.status !== 'pending human input' || (waiting.length === 0 && look.at !== 'home'))
    return 'The crew is at work. Its output appears in #approvals.';
  if (person?.role === 'may not approve')
    return `${person.name} may not approve: try it, then be Ana or Ben.`;
  const newest = conversation.find(({ ts }) => ts === waiting.at(-1));
  const isHidden = newest?.thread_ts !== undefined && look.thread !== newest.thread_ts;
  if (isHidden) return 'The crew has revised it: open the thread below its first card.';
  return 'A crew waits for you: approve its output, or request a revision and say what should change.';
}
