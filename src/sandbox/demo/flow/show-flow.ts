import type { FlowReview } from '../../crewai/flow/flow-review.ts';
import type { ShownDraft, ShownFlow } from '../../page/scene.ts';
import { readOutcome, writeResult } from './drafts.ts';

/** Builds the page's view of a run of the Flow. `reviews`: reviews of the run, oldest first. */
export function showFlow(id: string, at: number, reviews: readonly FlowReview[]): ShownFlow {
  const drafts = reviews.map(showDraft);
  const latestDraft = drafts.at(-1);
  const result = latestDraft?.answer && writeResult(drafts.length, readOutcome(latestDraft.answer.text));
  const status =
    result !== undefined
      ? 'completed'
      : latestDraft && !latestDraft.answer
        ? 'pending human input'
        : 'running';
  return { id, at, status, drafts, result };
}

function showDraft(review: FlowReview): ShownDraft {
  const answer = review.answer();
  return { requestId: review.requestId, answer: answer && { text: answer.feedback, via: answer.via } };
}
