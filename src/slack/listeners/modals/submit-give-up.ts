import type { ListenerContext } from '../context.ts';
import { recordSubmission, type SubmissionArgs } from './record-submission.ts';

/** A person submitted the modal *Close without a decision*. */
export async function submitGiveUp(context: ListenerContext, args: SubmissionArgs): Promise<void> {
  await recordSubmission(context, args, (target, by) => context.decisions.giveUp(target, by));
}
