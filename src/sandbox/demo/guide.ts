import type { Guide, Persona, Scene, ShownCrew, ShownMessage, ShownTask } from '../page/scene.ts';
import { CREW } from './crew/crew.ts';
import { PAYMENTS } from './crew/payments.ts';

type GuidedScene = Omit<Scene, 'guide'>;

const CHANNEL = 'CAPPROVALS';

/** Things to try, for the terminal. */
export const TERMINAL_GUIDE = [
  'A crew asks in #approvals: approve its output, or request a revision.',
  'Then press “Start the Flow”: a Flow offers its own outcomes, Publish, Rework and Discard.',
  'Or write “/approvals run payments”: two people have to approve, with 10 s to undo, a reminder and a deadline.',
];

/** Finds the next thing to do, and where. */
export function buildGuide(scene: GuidedScene): Guide {
  return (
    guideToBot(scene) ?? chooseNewerGuide(guideToFlow(scene), guideToPayment(scene)) ?? guideToCrew(scene)
  );
}

/** Chooses the guide that points to the newer message. */
function chooseNewerGuide(flowGuide: Guide | undefined, paymentGuide: Guide | undefined): Guide | undefined {
  const at = (guide: Guide | undefined) => Number(guide?.to?.message ?? 0);
  return at(flowGuide) > at(paymentGuide) ? flowGuide : paymentGuide;
}

function guideToBot({
  bot,
  failing,
  crews,
  waiting,
  conversation,
  viewpoint,
}: GuidedScene): Guide | undefined {
  if (bot.state === 'down')
    return { text: 'The bot is down. Try a click: nothing that was recorded gets lost.' };
  if (bot.state === 'starting')
    return {
      text: crews.every(({ runs }) => runs.length === 0)
        ? 'The bot is starting; the first run begins on its own.'
        : 'The bot is restarting and will pick up where it left off.',
    };
  if (!failing.killAtDecision) return undefined;
  const newest = conversation.find(({ ts }) => ts === waiting.at(-1));
  return pointTo(
    'Decide on a card: the bot is killed after CrewAI accepted the decision.',
    newest,
    viewpoint,
  );
}

/** Guides to the card of the latest run of the Flow; undefined if no card in this conversation can be answered. */
function guideToFlow(scene: GuidedScene): Guide | undefined {
  const { flow, viewpoint } = scene;
  const [run] = flow.runs;
  const card = run && findNewest(scene, (said) => said.run === run.id);
  if (!card) return undefined;
  const point = (text: string) => pointTo(text, card, viewpoint);
  const person = findPerson(scene);
  const answer = run.drafts.at(-1)?.answer;
  // No guide after an answer from Slack: its card changes a moment later.
  if (answer)
    return answer.via === 'api'
      ? undefined
      : point('CrewAI already has an answer to the Flow. Choose on its card anyway, and the card says so.');
  if (person?.role === 'may not approve') return point(askToTry(person));
  return point('The Flow asks you: Publish sends it, Rework brings another draft, Discard drops it.');
}

/** Guides to the card of the latest payment; undefined if no card in this conversation can be approved or undone. */
function guideToPayment(scene: GuidedScene): Guide | undefined {
  const { conversation, viewpoint, personas } = scene;
  const [run] = findCrew(scene, PAYMENTS).runs;
  const card = run && conversation.findLast((said) => said.run === run.id);
  if (!card) return undefined;
  const point = (text: string) => pointTo(text, card, viewpoint);
  if (JSON.stringify(card.blocks ?? []).includes('"action_id":"undo"'))
    return point('Both have approved. For 10 seconds “Undo” takes it back; then it is sent to CrewAI.');
  if (!scene.waiting.includes(card.ts)) return undefined;
  const person = findPerson(scene);
  if (person?.role === 'may not approve') return point(askToTry(person));
  const voters = card.decided?.by ?? [];
  if (voters.length === 0)
    return point(
      'This payment needs two approvals: approve as Ana, then as Ben. Or wait: its thread gets a reminder after 1 minute, the deadline is after 3.',
    );
  if (!voters.includes(viewpoint.as))
    return point('One approval is missing: yours. Then there are 10 seconds to undo.');
  const missingApprover = personas.find(({ id, role }) => role === 'approver' && !voters.includes(id));
  const { text, to } = point(`One approval is missing: be ${missingApprover?.name} and approve too.`);
  return { text, ...(to && { to: { ...to, as: missingApprover?.id } }) };
}

function guideToCrew(scene: GuidedScene): Guide {
  const { flow, conversation, viewpoint } = scene;
  const person = findPerson(scene);
  const [run] = findCrew(scene, CREW).runs;
  const otherRuns = [...flow.runs, ...findCrew(scene, PAYMENTS).runs];
  const newest = findNewest(
    scene,
    (said) => said.run !== undefined && !otherRuns.some(({ id }) => id === said.run),
  );
  if (run?.status === 'completed')
    return {
      text: 'The run has finished. Its result is in the threads. Now write /approvals run payments: this crew needs two approvals. Or start the Flow.',
    };
  if (run?.status === 'pending human input' && viewpoint.at !== CHANNEL && viewpoint.at !== 'home')
    return { text: 'A crew waits for a decision in #approvals.', to: { at: CHANNEL } };
  if (
    run?.status === 'pending human input' &&
    !newest &&
    conversation.findLast((said) => said.run === run.id)?.decided?.isClosed
  )
    return {
      text: 'This was closed without a decision, so its run keeps waiting at CrewAI. Start another one.',
    };
  if (run?.status !== 'pending human input' || (!newest && viewpoint.at !== 'home'))
    return { text: 'The crew is at work. Its output appears in #approvals.' };
  if (person?.role === 'may not approve') return pointTo(askToTry(person), newest, viewpoint);
  return pointTo(
    `A crew waits for you: approve its output, or request a revision${suggest(run.tasks)}.`,
    newest,
    viewpoint,
  );
}

function findPerson({ personas, viewpoint }: GuidedScene): Persona | undefined {
  return personas.find(({ id }) => id === viewpoint.as);
}

/** Finds the latest message that waits for an answer and matches. */
function findNewest(
  { conversation, waiting }: GuidedScene,
  matches: (said: ShownMessage) => boolean,
): ShownMessage | undefined {
  return conversation.findLast((said) => waiting.includes(said.ts) && matches(said));
}

/** Points to a message: a reply in its thread, or in the channel if the channel shows it and its thread is not open. */
function pointTo(
  text: string,
  message: ShownMessage | undefined,
  viewpoint: GuidedScene['viewpoint'],
): Guide {
  if (!message) return { text };
  const { ts, thread_ts, broadcast } = message;
  const thread = broadcast && viewpoint.thread !== thread_ts ? undefined : thread_ts;
  return { text, to: { at: viewpoint.at, thread, message: ts } };
}

function findCrew({ crews }: GuidedScene, name: string): Pick<ShownCrew, 'runs'> {
  return crews.find((crew) => crew.name === name) ?? { runs: [] };
}

function askToTry({ name }: Persona): string {
  return `${name} may not approve: try it, then be Ana or Ben.`;
}

/** Suggests two wishes that the crew can follow, for a person who does not know what to ask. */
function suggest(tasks: readonly ShownTask[]): string {
  const feedbackExamples = tasks.find(({ state }) => state === 'waiting')?.feedbackExamples ?? [];
  const [first, second] = [...feedbackExamples.slice(0, 1), ...feedbackExamples.slice(2, 3)].map(
    (wish) => `“${wish}”`,
  );
  return first && second ? `, such as ${first} or ${second}` : '';
}
