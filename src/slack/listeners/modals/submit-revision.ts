import { isBlankText } from '../../../approval/model/output.ts';
import { FEEDBACK_MISSING } from '../../views/text/sentences.ts';
import type { ListenerContext } from '../context.ts';
import { readEntered } from './read-entered.ts';
import { keepOpen, recordSubmission, type SubmissionArgs } from './record-submission.ts';

/** A person submitted the modal *Request revision*. */
export async function submitRevision(context: ListenerContext, args: SubmissionArgs): Promise<void> {
  if (isBlankText(readEntered(args.view).feedback)) return keepOpen(context, args, FEEDBACK_MISSING);
  await recordSubmission(context, args, (target, by, { feedback, note }) =>
    context.decisions.decide(target, by, { action: 'request_revision', feedback, note }),
  );
}
