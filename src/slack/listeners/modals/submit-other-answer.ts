import { isBlankText } from '../../../approval/model/output.ts';
import { ANSWER_MISSING } from '../../views/text/sentences.ts';
import type { ListenerContext } from '../context.ts';
import { readEntered } from './read-entered.ts';
import { keepOpen, recordSubmission, type SubmissionArgs } from './record-submission.ts';

/** A person submitted the modal *Other answer*. */
export async function submitOtherAnswer(context: ListenerContext, args: SubmissionArgs): Promise<void> {
  if (isBlankText(readEntered(args.view).feedback)) return keepOpen(context, args, ANSWER_MISSING);
  await recordSubmission(context, args, (target, by, { feedback, note }) =>
    context.decisions.decide(target, by, { action: 'choose', feedback, note }),
  );
}
