import type { Guide, Persona, Said, Scene, ShownTask } from '../page/scene.ts';

type GuidedScene = Omit<Scene, 'guide'>;

const CHANNEL = 'CAPPROVALS';

/** What there is to try, for the terminal. */
export const TERMINAL_GUIDE = [
  'A crew asks in #approvals: approve its output, or request a revision.',
  'Then press “Start the Flow”: a Flow asks with outcomes of its own, Publish, Rework and Discard.',
];

/** What to do now, and where. */
export function guideOf(scene: GuidedScene): Guide {
  return guideToBot(scene) ?? guideToFlow(scene) ?? guideToCrew(scene);
}

function guideToBot({ bot, failing, runs, waiting, conversation, look }: GuidedScene): Guide | undefined {
  if (bot.state === 'down')
    return { text: 'The bot is down. Try a click: nothing that was recorded gets lost.' };
  if (bot.state === 'starting')
    return {
      text:
        runs.length === 0
          ? 'The bot starts; the first run begins by itself.'
          : 'The bot comes back and goes on where it was.',
    };
  if (!failing.killAtDecision) return undefined;
  const newest = conversation.find(({ ts }) => ts === waiting.at(-1));
  return pointTo('Decide on a card: the bot is killed after CrewAI accepted the decision.', newest, look);
}

/** Undefined unless the latest run of the Flow has a card here that can be answered. */
function guideToFlow(scene: GuidedScene): Guide | undefined {
  const { flow, look } = scene;
  const [run] = flow.runs;
  const card = run && findNewest(scene, (said) => said.run === run.id);
  if (!card) return undefined;
  const point = (text: string) => pointTo(text, card, look);
  const person = findPerson(scene);
  if (isHidden(card, look)) return point('The Flow asks again: open the thread below its first card.');
  const answer = run.drafts.at(-1)?.answer;
  // An answer from Slack shows on the card a moment later.
  if (answer)
    return answer.via === 'api'
      ? undefined
      : point(
          'CrewAI has an answer to the Flow already. Choose on its card all the same, and the card says so.',
        );
  if (person?.role === 'may not approve') return point(askToTry(person));
  return point('The Flow asks you: Publish ends it, Rework brings another draft, Discard drops it.');
}

function guideToCrew(scene: GuidedScene): Guide {
  const { flow, runs, conversation, look } = scene;
  const person = findPerson(scene);
  const [run] = runs;
  const newest = findNewest(scene, (said) => !flow.runs.some(({ id }) => id === said.run));
  if (run?.status === 'completed')
    return {
      text: 'The run has finished. Its result is in the threads. Now write /approvals run press: the form starts a run that stays in one thread. Or start the Flow.',
    };
  if (run?.status === 'pending human input' && look.at !== CHANNEL && look.at !== 'home')
    return { text: 'A crew waits for a decision in #approvals.', to: { at: CHANNEL } };
  if (
    run?.status === 'pending human input' &&
    !newest &&
    isGivenUp(conversation.findLast((said) => said.run === run.id))
  )
    return {
      text: 'This was closed without a decision, so its run keeps waiting at CrewAI. Start another one.',
    };
  if (run?.status !== 'pending human input' || (!newest && look.at !== 'home'))
    return { text: 'The crew is at work. Its output appears in #approvals.' };
  if (person?.role === 'may not approve') return pointTo(askToTry(person), newest, look);
  if (newest && isHidden(newest, look))
    return pointTo('The crew waits in a thread: open it below its first message.', newest, look);
  return pointTo(
    `A crew waits for you: approve its output, or request a revision${suggest(run.tasks)}.`,
    newest,
    look,
  );
}

function findPerson({ personas, look }: GuidedScene): Persona | undefined {
  return personas.find(({ id }) => id === look.as);
}

/** The latest message that waits for an answer and matches. */
function findNewest(
  { conversation, waiting }: GuidedScene,
  matches: (said: Said) => boolean,
): Said | undefined {
  return conversation.findLast((said) => waiting.includes(said.ts) && matches(said));
}

function pointTo(text: string, message: Said | undefined, look: GuidedScene['look']): Guide {
  return { text, to: message && { at: look.at, thread: message.thread_ts, message: message.ts } };
}

/** Whether a message is in a thread that is not open. */
function isHidden({ thread_ts }: Said, look: GuidedScene['look']): boolean {
  return thread_ts !== undefined && look.thread !== thread_ts;
}

function askToTry({ name }: Persona): string {
  return `${name} may not approve: try it, then be Ana or Ben.`;
}

/** Two wishes that the crew can follow, for a person who does not know what to ask. */
function suggest(tasks: readonly ShownTask[]): string {
  const follows = tasks.find(({ state }) => state === 'waiting')?.follows ?? [];
  const [first, second] = [...follows.slice(0, 1), ...follows.slice(2, 3)].map((wish) => `“${wish}”`);
  return first && second ? `, such as ${first} or ${second}` : '';
}

function isGivenUp(newest: Said | undefined): boolean {
  return JSON.stringify(newest?.blocks ?? []).includes('Closed without a decision');
}
