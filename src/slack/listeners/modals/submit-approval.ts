import { isBlankText } from '../../../approval/model/output.ts';
import { NOTE_MISSING } from '../../views/text/sentences.ts';
import type { ListenerContext } from '../context.ts';
import { readEntered } from './read-entered.ts';
import { keepOpen, recordSubmission, type SubmissionArgs } from './record-submission.ts';

/** A person submitted the modal *Approve with a note*. */
export async function submitApproval(context: ListenerContext, args: SubmissionArgs): Promise<void> {
  if (isBlankText(readEntered(args.view).feedback)) return keepOpen(context, args, NOTE_MISSING);
  await recordSubmission(context, args, (target, by, { feedback, note, forPeople }) =>
    context.decisions.decide(target, by, {
      action: 'approve',
      ...(forPeople ? { note: feedback } : { feedback, note }),
    }),
  );
}
