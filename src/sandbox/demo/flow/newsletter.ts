import { randomUUID } from 'node:crypto';
import type { FlowDeployment } from '../../crewai/flow/deployment.ts';
import type { FlowReview } from '../../crewai/flow/flow-review.ts';
import type { NextQuestion, Question } from '../../crewai/flow/question.ts';
import { createPace, type Pace } from '../../crewai/pace.ts';
import type { ShownFlow } from '../../page/scene.ts';
import { OUTCOMES, readOutcome, writeDraft } from './drafts.ts';
import { showFlow } from './show-flow.ts';

/** The crew of the bot that takes the reviews of the Flow. */
export const FLOW = 'newsletter';

/** What it does, for the visitor. */
export const ABOUT =
  'It writes a newsletter and asks in #approvals: Publish sends it, Rework brings another draft, Discard drops it.';

/** How long the Flow waits for an answer. */
const DEADLINE_MINUTES = 60;

type Deployment = Pick<FlowDeployment, 'ask' | 'answerBy' | 'reviews'>;

export interface Newsletter {
  start(): void;
  /** Somebody publishes it in CrewAI's dashboard; throws if the review has an answer. */
  publishInDashboard(requestId: string): void;
  /** Every run of the Flow, the latest first. */
  shown(): ShownFlow[];
  hold(): void;
  release(): void;
  stop(): void;
}

/** A Flow that writes a newsletter and asks at each draft what becomes of it. `stepMs`: how long a draft takes. */
export function createNewsletter(
  deployment: Deployment,
  { stepMs, onChange }: { stepMs: number; onChange: () => void },
): Newsletter {
  const pace = createPace(stepMs);
  const started: { id: string; at: number }[] = [];
  return {
    start() {
      const id = randomUUID();
      started.push({ id, at: Date.now() });
      pace.next(() => void deployment.ask({ ...buildFirstQuestion(pace), flowExecutionId: id }));
      onChange();
    },
    publishInDashboard: (requestId) => deployment.answerBy('dashboard', requestId, 'Publish'),
    shown: () => started.map(({ id, at }) => showFlow(id, at, reviewsOf(deployment, id))).reverse(),
    hold: pace.hold,
    release: pace.release,
    stop: pace.stop,
  };
}

function reviewsOf({ reviews }: Deployment, id: string): FlowReview[] {
  return reviews.filter(({ flowExecutionId }) => flowExecutionId === id);
}

function buildFirstQuestion(pace: Pace): Question {
  return {
    method: 'review_newsletter',
    message: 'Shall this newsletter go out to our 12,480 subscribers?',
    emit: OUTCOMES,
    defaultOutcome: 'Discard',
    slaTargetMinutes: DEADLINE_MINUTES,
    timeOutAfterMs: DEADLINE_MINUTES * 60_000,
    flowClass: 'NewsletterFlow',
    ...buildDraft(pace, 1),
  };
}

/** What differs from draft to draft. */
function buildDraft(pace: Pace, number: number, answer?: string) {
  return {
    output: writeDraft(number, answer),
    state: { audience: 'subscribers', draft: number },
    onAnswer: (_: FlowReview, given: string) =>
      readOutcome(given) === 'Rework' ? writeNext(pace, number + 1, given) : undefined,
  };
}

/** Writes the next draft in a turn of its own: while the bot is down, its webhook would be lost. */
function writeNext(pace: Pace, number: number, answer: string): Promise<NextQuestion> {
  return new Promise((resolve) => pace.next(() => resolve(buildDraft(pace, number, answer))));
}
