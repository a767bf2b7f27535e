import type { ListenerContext } from '../context.ts';
import { recordSubmission, type SubmissionArgs } from './record-submission.ts';

/** A person submitted the modal *Assign to…*. */
export async function submitAssignee(context: ListenerContext, args: SubmissionArgs): Promise<void> {
  await recordSubmission(context, args, (target, by, { assignee }) =>
    context.decisions.assign(target, by, assignee),
  );
}
