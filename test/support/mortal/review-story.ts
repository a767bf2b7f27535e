import { expect } from 'vitest';
import { type FlowDeployment, startFlowDeployment } from '../../../src/sandbox/crewai/flow/deployment.ts';
import type { FlowReview } from '../../../src/sandbox/crewai/flow/flow-review.ts';
import { clickOn } from '../process-steps.ts';
import { type Shown, shown, type World } from '../world.ts';
import { type Due, lookAtDue } from './due.ts';
import type { MortalBot } from './mortal-bot.ts';
import { PATIENCE, type Person, persist, type Scenario, type Told } from './scenario.ts';

const FLOW_SECRET = 'whsec_0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const QUESTION = {
  method: 'review_report',
  message: 'Is this report ready to be published?',
  output: '# Quarterly report\n\nAll is well.',
  emit: ['publish', 'rewrite', 'discard'],
};
/** What UANA chooses, and what somebody else clicks on a duplicate of the card. */
const CHOSEN = { option: 'rewrite', action: 'choose_2' };
const TOO_LATE = 'choose_1';

/** A review of a Flow, whose crew has nothing else. */
export async function prepareReview(world: World): Promise<Scenario> {
  const flow = await startFlowDeployment({ secret: FLOW_SECRET });
  const { CREWAI_BASE_URL: _, CREWAI_BEARER_TOKEN: __, ...settings } = world.settings;
  world.settings = {
    ...settings,
    FLOW_WEBHOOK_SECRETS: FLOW_SECRET,
    CALLBACK_HOSTS: new URL(flow.baseUrl).host,
    // Nobody is asked which one it is.
    RESUME_FORMAT: 'documented',
  };
  return {
    tell: (bot, person) => tellStory({ world, flow, bot, person }),
    scene: () => ({
      'POST to the callback': listAnswers(flow).map(({ body, status, fate }) => ({ body, status, fate })),
      webhooks: flow.webhooks.map(({ status, error }) => ({ status, error })),
    }),
    close: () => flow.close(),
  };
}

interface Parts {
  world: World;
  flow: FlowDeployment;
  bot: MortalBot;
  person: Person;
}

const listAnswers = ({ requests }: FlowDeployment) => requests.filter(({ method }) => method === 'POST');
const listCards = ({ workspace }: World) => shown(workspace).filter(({ approval }) => approval !== undefined);
const listOpen = (world: World) => listCards(world).filter(({ buttons }) => buttons.includes(CHOSEN.option));

/** The card of the review that CrewAI has UANA's answer to. */
function isAnswered({ all, buttons }: Shown): boolean {
  const chosen = all.includes(`*${CHOSEN.option}* chosen by <@UANA>`);
  return buttons.length === 0 && chosen && all.includes('CrewAI accepted it.');
}

const sees = ({ workspace }: World, what: string, predicate: () => boolean) =>
  workspace.changed(predicate, { what, timeoutMs: PATIENCE });

/** One review from its webhook to its answer, wherever its bot is killed. */
async function tellStory(parts: Parts): Promise<Told> {
  const { world, flow, bot } = parts;
  const due = await lookAtDue(world.settings.STORE_URL as string);
  try {
    const review = await ask(parts);
    await choose(parts, due);
    await flow.changed(() => review.answer() !== undefined, { what: 'the answer', timeoutMs: PATIENCE });
    let clickedLate = 0;
    let errors: unknown[];
    // The bot may be killed at its very end, and has to come to the same end then.
    do {
      clickedLate += await end(parts, due);
      errors = bot.logged().filter(({ level }) => level >= 50);
    } while (!(await bot.stop()));
    const told = { ...expectOneAnswer(parts, review), ...expectTrueMessages(parts), clickedLate };
    expect(errors).toEqual([]);
    // It is killed once.
    expect(told.twins).toBeLessThanOrEqual(1);
    expect(told.secondSends).toBeLessThanOrEqual(1);
    return told;
  } finally {
    await due.close();
  }
}

/** CrewAI sends a review once. Of one that got no 202 the bot hears when it is escalated. */
async function ask({ flow, bot }: Parts): Promise<FlowReview> {
  flow.sendTo(bot.webhook('flow').replace(/\?.*/, ''));
  const review = flow.ask(QUESTION);
  let sent = review.webhookStatus;
  const send = async () => {
    const acked = (await sent()) === 202;
    sent = () => flow.escalate(review.requestId);
    return { acked };
  };
  await persist(bot, 'the review', () => true, send);
  return review;
}

async function choose({ world, bot, person }: Parts, due: Due): Promise<void> {
  await sees(world, 'a card of the review', () => listOpen(world).length > 0);
  if (person === 'patient') await due.nothing(PATIENCE);
  const card = () => listOpen(world).at(person === 'hasty' ? 0 : -1)?.ts as string;
  await persist(
    bot,
    'the click on an option',
    () => listOpen(world).length > 0,
    () => clickOn(world, card(), CHOSEN.action),
  );
}

/** Until every card says how the review was answered; returns how many of them needed a click for that. */
async function end({ world, bot }: Parts, due: Due): Promise<number> {
  await sees(world, 'the review answered', () => listCards(world).some(isAnswered));
  const [left] = listOpen(world);
  if (left) {
    await persist(
      bot,
      'the late click',
      () => listOpen(world).length > 0,
      () => clickOn(world, left.ts, TOO_LATE, 'UBEN'),
    );
    const heard = () =>
      world.workspace.ephemerals('UBEN').some(({ text }) => /nothing .*was recorded/.test(text));
    await sees(world, 'whose decision it was', heard);
  }
  await sees(world, 'every card settled', () => listCards(world).every(isAnswered));
  await due.nothing(PATIENCE);
  return left ? 1 : 0;
}

/** CrewAI has one answer; what was sent again is told so, and changes nothing. */
function expectOneAnswer({ flow }: Parts, review: FlowReview): Pick<Told, 'secondSends'> {
  expect(flow.reviews).toEqual([review]);
  expect(review.answer()).toMatchObject({ feedback: CHOSEN.option, source: 'slack', via: 'api' });
  const sent = listAnswers(flow);
  for (const { body } of sent) expect(body).toEqual({ feedback: CHOSEN.option, source: 'slack' });
  const again = sent.slice(1).map(({ status, answer }) => ({ status, answer }));
  expect(sent[0]).toMatchObject({ status: 200, answer: { status: 'accepted' } });
  for (const { status, answer } of again)
    expect({ status, answer }).toMatchObject({ status: 409, answer: { error: 'already_responded' } });
  return { secondSends: again.length };
}

/** One card, or a second one where the answer of Slack was lost; nobody ever reads of a rejection. */
function expectTrueMessages({ world }: Parts): Pick<Told, 'twins'> {
  const cards = listCards(world);
  expect(cards.filter((card) => !isAnswered(card))).toEqual([]);
  const { workspace } = world;
  const others = shown(workspace).filter(({ approval }) => approval === undefined);
  for (const { all, thread_ts } of others) {
    expect(all).toContain('waiting for a decision');
    expect(cards.map(({ ts }) => ts)).toContain(thread_ts);
  }
  const said = JSON.stringify(workspace.calls.map(({ args }) => args));
  expect(said).not.toMatch(/"retry"|didn't accept|no longer waiting/);
  return { twins: cards.length - 1 + Math.max(0, others.length - 1) };
}
