import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import type { Answer, Target } from '../../approval/decisions.ts';
import { isBlankText } from '../../approval/model/output.ts';
import { readTarget } from '../app/button-values.ts';
import { ASSIGNEE, FEEDBACK, PEOPLE_NOTE } from '../app/ids.ts';
import { buildNotDoneModal, type Typed } from '../views/modals/decision-modals.ts';
import { ASSIGNEE_MAY_NOT, describeRefusal, UNKNOWN_APPROVAL } from '../views/text/sentences.ts';
import { answerInTime, currentCardLink, type ListenerContext } from './context.ts';
import { answerForLateCard, besideCard } from './late-card.ts';

type SubmissionArgs = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;

/** Told in a modal of its own, since no field's error can show a link or a mention. */
const TOLD_IN_FULL = new Set([
  'already_decided',
  'superseded',
  'closed',
  'other_output',
  'not_member',
  'open_card',
]);

/** What a person typed and chose. */
interface Entered extends Typed {
  assignee: string;
  /** The modal has said that its text stays in the thread. */
  forPeople: boolean;
}

/**
 * The modals' submissions. A modal closes only when what it is for is recorded; else it stays open with its text and
 * one sentence, or shows both.
 */
export function createSubmissions(context: ListenerContext) {
  const { service, tell, links, log } = context;

  function submission(
    does: (target: Target, by: string, entered: Entered) => Promise<Answer>,
    check: (entered: Entered) => string | undefined = () => undefined,
  ) {
    return async ({ ack, body, view }: SubmissionArgs): Promise<void> => {
      const entered = enteredIn(view);
      const answerWith = (answer: Parameters<typeof ack>[0], sentence: string) =>
        ack(answer).catch(() => tell({ user: body.user.id }, sentence));
      const hasFeedback = FEEDBACK.block in view.state.values;
      /** Beside the field, so that the text stays where it is; without a field in a modal of its own. */
      const stayOpen = (sentence: string) =>
        hasFeedback
          ? answerWith({ response_action: 'errors', errors: { [FEEDBACK.block]: sentence } }, sentence)
          : answerWith(
              { response_action: 'update', view: buildNotDoneModal(view.title.text, sentence) },
              sentence,
            );
      const wrong = check(entered);
      if (wrong !== undefined) return stayOpen(wrong);
      const target = readTarget(view.private_metadata);
      if (!target) return stayOpen(UNKNOWN_APPROVAL);
      target.via = 'modal';
      const result = await answerInTime(log, () => does(target, body.user.id, entered));
      if ('failed' in result) return stayOpen(result.failed);
      const { answer } = result;
      if (answer.done) {
        await ack();
        const { round } = target;
        answerForLateCard(context, besideCard(body.user.id, answer.approval, round), answer, round);
        return;
      }
      if (answer.refusal.code === 'assignee_may_not')
        // No mention can stand in a field's error.
        return answerWith(
          { response_action: 'errors', errors: { [ASSIGNEE.block]: ASSIGNEE_MAY_NOT } },
          ASSIGNEE_MAY_NOT,
        );
      const sentence = describeRefusal(answer.refusal, currentCardLink(answer, links));
      if (!TOLD_IN_FULL.has(answer.refusal.code)) return stayOpen(sentence);
      await answerWith(
        { response_action: 'update', view: buildNotDoneModal(view.title.text, sentence, entered) },
        sentence,
      );
    };
  }

  return {
    requestRevision: submission(
      (target, by, { feedback, note }) =>
        service.decide(target, by, { action: 'request_revision', feedback, note }),
      ({ feedback }) => (isBlankText(feedback) ? 'Please say what should change.' : undefined),
    ),

    approveWithNote: submission(
      (target, by, { feedback, note, forPeople }) =>
        service.decide(target, by, {
          action: 'approve',
          ...(forPeople ? { note: feedback } : { feedback, note }),
        }),
      ({ feedback }) =>
        isBlankText(feedback) ? 'Please write a note, or click Approve instead.' : undefined,
    ),

    assign: submission((target, by, { assignee }) => service.assign(target, by, assignee)),

    giveUp: submission((target, by) => service.giveUp(target, by)),
  };
}

export function enteredIn(view: SubmissionArgs['view']): Entered {
  const field = ({ block, action }: { block: string; action: string }) => view.state.values[block]?.[action];
  return {
    feedback: field(FEEDBACK)?.value ?? '',
    note: field(PEOPLE_NOTE)?.value?.trim() ?? '',
    assignee: field(ASSIGNEE)?.selected_user ?? '',
    forPeople: !(PEOPLE_NOTE.block in view.state.values),
  };
}
