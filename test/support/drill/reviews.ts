import { onTestFinished } from 'vitest';
import { type FlowDeployment, startFlowDeployment } from '../../../src/sandbox/crewai/flow/deployment.ts';
import type { Board } from './board.ts';
import type { People, Way } from './people.ts';

const FLOW_SECRET = 'whsec_0f1e2d3c4b5a69788796a5b4c3d2e1f0';
/** Longer than it takes the balancer to find a replica that lives. */
const WEBHOOK_TIMEOUT = 60_000;
const AT_ONCE = 20;
const ENDED = /CrewAI accepted it|answered in CrewAI's dashboard/;

const OPTIONS = ['publish', 'rewrite', 'discard'] as const;
const [PUBLISH, REWRITE, DISCARD] = OPTIONS;
const choose = (option: (typeof OPTIONS)[number]): Way => ({
  label: PUBLISH,
  action: `choose_${OPTIONS.indexOf(option) + 1}`,
});
/** One for each option; all of them are on a card for as long as it waits. */
export const CHOOSE = [choose(PUBLISH), choose(REWRITE), choose(DISCARD)] as const;

/** The option that a click chooses. */
export const optionOf = (action: string): string | undefined =>
  OPTIONS[CHOOSE.findIndex((way) => way.action === action)];

/**
 * How a review is decided: by one, by twenty at once, with a second review of the same method after it, or by whoever is
 * faster, a person in Slack or one in CrewAI's dashboard.
 */
const KINDS = ['one', 'rush', 'again', 'race'] as const;

export interface PlannedReview {
  number: number;
  kind: (typeof KINDS)[number];
  channel: string;
  method: string;
  execution: string;
}

/** `first`: the number of the first one, so that its people are others than those of a run. */
export function planReviews(count: number, first: number, channels: number): PlannedReview[] {
  return Array.from({ length: count }, (_, index) => ({
    number: first + index,
    kind: KINDS[index % KINDS.length] as PlannedReview['kind'],
    channel: `CDRILL${index % channels}`,
    method: `review_${index}`,
    execution: `flow-run-${index}`,
  }));
}

const who = ({ number }: PlannedReview, letter: string) => `U${letter}${number}`;
const listRush = (review: PlannedReview) =>
  Array.from({ length: AT_ONCE }, (_, index) => who(review, `R${index}X`));

/** Who decides on a review, and sees it through. */
export function listReviewers(review: PlannedReview): string[] {
  const rush = review.kind === 'rush' ? listRush(review) : [];
  return [...['A', 'B', 'H'].map((letter) => who(review, letter)), ...rush];
}

type Until = (what: string, predicate: () => boolean) => Promise<void>;

/** A deployment that asks for the reviews; `settings`: what a crew needs to take them. */
export async function startReviews(planned: readonly PlannedReview[]) {
  const deployment = await startFlowDeployment({ secret: FLOW_SECRET, webhookTimeoutMs: WEBHOOK_TIMEOUT });
  onTestFinished(() => deployment.close());
  return {
    deployment,
    settings: {
      flow_webhook_secrets: [FLOW_SECRET],
      callback_hosts: [new URL(deployment.baseUrl).host],
      tasks: planned.map(({ method, channel }) => ({ match: method, channel })),
    },
    tell: (review: PlannedReview, people: People, until: Until, think: () => Promise<void>) =>
      tellReview({ deployment, review, people, until, think }),
    hasEnded: (review: PlannedReview, board: Board) => hasEnded(deployment, review, board),
  };
}

interface Parts {
  deployment: FlowDeployment;
  review: PlannedReview;
  people: People;
  until: Until;
  think: () => Promise<void>;
}

async function tellReview(parts: Parts): Promise<void> {
  const { deployment, review, people, until, think } = parts;
  const { execution, kind, method, number } = review;
  const output = (version: number) => `# Report ${number}, version ${version}\n\nAll is well.`;
  deployment.ask({
    ...{ method, message: `Is report ${number} ready?`, output: output(1), emit: OPTIONS },
    flowExecutionId: execution,
    onAnswer: (_, feedback) => (kind === 'again' && feedback === REWRITE ? { output: output(2) } : undefined),
  });
  await until(`a card of ${execution}`, () => people.live(execution, 1, PUBLISH).length > 0);
  await decideFirst(parts);
  await people.seeThrough(who(review, 'H'), execution, 1);
  if (kind !== 'again') return;
  await until(`round 2 of ${execution}`, () => people.live(execution, 2, PUBLISH).length > 0);
  await think();
  await Promise.all([
    people.decide(who(review, 'A'), execution, 2, { way: choose(PUBLISH) }),
    people.decide(who(review, 'B'), execution, 2, { way: choose(DISCARD) }),
  ]);
  await people.seeThrough(who(review, 'H'), execution, 2);
}

async function decideFirst({ deployment, review, people, think }: Parts): Promise<void> {
  const { execution, kind } = review;
  const decide = (person: string, option: (typeof OPTIONS)[number]) =>
    people.decide(person, execution, 1, { way: choose(option) });
  if (kind === 'race') {
    const inSlack = think().then(() => decide(who(review, 'A'), DISCARD));
    await Promise.all([inSlack, think().then(() => answerInDashboard(deployment, execution))]);
    return;
  }
  await think();
  if (kind === 'one') return decide(who(review, 'A'), PUBLISH);
  if (kind === 'again') return decide(who(review, 'A'), REWRITE);
  await Promise.all(
    listRush(review).map((person, index) => decide(person, index % 2 === 0 ? PUBLISH : DISCARD)),
  );
}

function answerInDashboard(deployment: FlowDeployment, execution: string): void {
  const open = listAsked(deployment, execution).find((asked) => asked.answer() === undefined);
  if (open) deployment.answerByDashboard(open.requestId, PUBLISH);
}

/** The reviews that a run of a Flow has asked for: its rounds. */
export const listAsked = ({ reviews }: Pick<FlowDeployment, 'reviews'>, execution: string) =>
  reviews.filter(({ flowExecutionId }) => flowExecutionId === execution);

function hasEnded(deployment: FlowDeployment, { execution }: PlannedReview, board: Board): boolean {
  return listAsked(deployment, execution).every((_, index) => {
    const cards = board.cards(execution, index + 1);
    return cards.length > 0 && cards.every(({ buttons, all }) => buttons.length === 0 && ENDED.test(all));
  });
}
