import { isBlankText } from '../../../approval/model/output.ts';
import { CHOICE_NOTE_MISSING } from '../../views/text/sentences.ts';
import type { ListenerContext } from '../context.ts';
import { readEntered } from './read-entered.ts';
import { keepOpen, recordSubmission, type SubmissionArgs } from './record-submission.ts';

/** A person submitted the modal *Choose with a note*: the note stays in the thread. */
export async function submitChoice(context: ListenerContext, args: SubmissionArgs): Promise<void> {
  if (isBlankText(readEntered(args.view).feedback)) return keepOpen(context, args, CHOICE_NOTE_MISSING);
  await recordSubmission(context, args, (target, by, { feedback, option }) =>
    context.decisions.decide(target, by, { action: 'choose', option, note: feedback }),
  );
}
