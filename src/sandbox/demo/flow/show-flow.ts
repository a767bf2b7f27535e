import type { FlowReview } from '../../crewai/flow/flow-review.ts';
import type { ShownDraft, ShownFlow } from '../../page/scene.ts';
import { readOutcome, writeResult } from './drafts.ts';

/** What the page shows of a run of the Flow: its reviews so far, the oldest first. */
export function showFlow(id: string, at: number, reviews: readonly FlowReview[]): ShownFlow {
  const drafts = reviews.map(showDraft);
  const last = drafts.at(-1);
  const result = last?.answer && writeResult(drafts.length, readOutcome(last.answer.text));
  const status =
    result !== undefined ? 'completed' : last && !last.answer ? 'pending human input' : 'running';
  return { id, at, status, drafts, result };
}

function showDraft(review: FlowReview): ShownDraft {
  const answer = review.answer();
  return { requestId: review.requestId, answer: answer && { text: answer.feedback, via: answer.via } };
}
