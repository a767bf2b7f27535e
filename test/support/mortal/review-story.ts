import { expect } from 'vitest';
import { type FlowDeployment, startFlowDeployment } from '../../../src/sandbox/crewai/flow/deployment.ts';
import type { FlowReview } from '../../../src/sandbox/crewai/flow/flow-review.ts';
import { type Shown, shown, type World } from '../world.ts';
import type { MortalBot } from './mortal-bot.ts';
import {
  PATIENCE,
  type Person,
  persist,
  persistClick,
  type Scenario,
  seesTooLate,
  type Told,
  tellToTheEnd,
} from './scenario.ts';

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
    tell: (bot, person) => tellReview({ world, flow, bot, person }),
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

/** One review from its webhook to its answer, wherever its bot is killed. */
function tellReview({ world, flow, bot, person }: Parts): Promise<Told> {
  const sees = (what: string, predicate: () => boolean) =>
    world.workspace.changed(predicate, { what, timeoutMs: PATIENCE });
  const isAnsweredAll = () => listCards(world).every(isAnswered);
  let review: FlowReview;
  return tellToTheEnd(world, bot, {
    async begin(due) {
      review = await ask(flow, bot);
      await sees('a card of the review', () => listOpen(world).length > 0);
      if (person === 'patient') await due.nothing(PATIENCE);
      const list = () => listOpen(world);
      await persistClick(world, bot, { list, person, actionId: CHOSEN.action, user: 'UANA' });
      await flow.changed(() => review.answer() !== undefined, { what: 'the answer', timeoutMs: PATIENCE });
    },
    async end(due) {
      await sees('the review answered', () => listCards(world).some(isAnswered));
      const [left] = listOpen(world);
      if (left) {
        const list = () => listOpen(world);
        await persistClick(world, bot, { list, person: 'hasty', actionId: TOO_LATE, user: 'UBEN' });
        await seesTooLate(world);
      }
      await sees('every card settled', isAnsweredAll);
      await due.nothing(PATIENCE);
      return left ? 1 : 0;
    },
    check: () => ({ ...expectOneAnswer(flow, review), ...expectTrueMessages(world) }),
  });
}

/** CrewAI sends a review once. Of one that got no 202 the bot hears when it is escalated. */
async function ask(flow: FlowDeployment, bot: MortalBot): Promise<FlowReview> {
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

/** CrewAI has one answer; what was sent again is told so, and changes nothing. */
function expectOneAnswer(flow: FlowDeployment, review: FlowReview): Pick<Told, 'secondSends'> {
  expect(flow.reviews).toEqual([review]);
  expect(review.answer()).toMatchObject({ feedback: CHOSEN.option, source: 'slack', via: 'api' });
  const [first, ...again] = listAnswers(flow).map(({ body, status, answer }) => ({ body, status, answer }));
  const body = { feedback: CHOSEN.option, source: 'slack' };
  expect(first).toMatchObject({ body, status: 200, answer: { status: 'accepted' } });
  for (const sent of again)
    expect(sent).toMatchObject({ body, status: 409, answer: { error: 'already_responded' } });
  return { secondSends: again.length };
}

/** One card, or a second one where the answer of Slack was lost; nobody ever reads of a rejection. */
function expectTrueMessages(world: World): Pick<Told, 'twins'> {
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
