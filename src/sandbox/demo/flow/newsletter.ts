import { randomUUID } from 'node:crypto';
import type { FlowDeployment } from '../../crewai/flow/deployment.ts';
import type { FlowReview } from '../../crewai/flow/flow-review.ts';
import type { NextQuestion, Question } from '../../crewai/flow/question.ts';
import { createPace, type Pace } from '../../crewai/pace.ts';
import type { ShownFlow } from '../../page/scene.ts';
import { OUTCOMES, readOutcome, writeDraft } from './drafts.ts';
import { showFlow } from './show-flow.ts';

/** Name of the configured crew that receives the reviews of the Flow. */
export const FLOW = 'newsletter';

/** Description of the Flow for the visitor. */
export const ABOUT =
  'It writes a newsletter and asks in #approvals: Publish sends it, Rework brings another draft, Discard drops it.';

/** Time that the Flow waits for the answer to a draft. */
const DEADLINE_MINUTES = 60;

type Deployment = Pick<FlowDeployment, 'ask' | 'answerBy' | 'reviews'>;

export interface Newsletter {
  start(): void;
  /** Answers the review with Publish, in CrewAI's dashboard; throws if it is unknown or has an answer. */
  publishInDashboard(requestId: string): void;
  /** Returns all runs of the Flow, newest first. */
  shown(): ShownFlow[];
  hold(): void;
  release(): void;
  stop(): void;
}

/** Creates a Flow that writes a newsletter and asks people about each draft. `stepMs`: time to write a draft. */
export function createNewsletter(
  deployment: Deployment,
  { stepMs, onChange }: { stepMs: number; onChange: () => void },
): Newsletter {
  const pace = createPace(stepMs);
  const startedRuns: { id: string; at: number }[] = [];
  return {
    start() {
      const id = randomUUID();
      startedRuns.push({ id, at: Date.now() });
      pace.next(() => void deployment.ask({ ...buildFirstQuestion(pace), flowExecutionId: id }));
      onChange();
    },
    publishInDashboard: (requestId) => deployment.answerBy('dashboard', requestId, 'Publish'),
    shown: () =>
      startedRuns.map(({ id, at }) => showFlow(id, at, listReviewsOfRun(deployment, id))).reverse(),
    hold: pace.hold,
    release: pace.release,
    stop: pace.stop,
  };
}

function listReviewsOfRun({ reviews }: Deployment, id: string): FlowReview[] {
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

/** Builds the fields that differ between drafts. */
function buildDraft(pace: Pace, number: number, answer?: string) {
  return {
    output: writeDraft(number, answer),
    state: { audience: 'subscribers', draft: number },
    onAnswer: (_: FlowReview, feedback: string) =>
      readOutcome(feedback) === 'Rework' ? writeNextDraft(pace, number + 1, feedback) : undefined,
  };
}

/** Writes the next draft when the pace allows: while the bot is down, the webhook of the draft would be lost. */
function writeNextDraft(pace: Pace, number: number, answer: string): Promise<NextQuestion> {
  return new Promise((resolve) => pace.next(() => resolve(buildDraft(pace, number, answer))));
}
