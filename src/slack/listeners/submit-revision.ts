import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { FEEDBACK } from '../ids.ts';
import { readTarget } from '../target.ts';
import { NOT_RECORDED, plainRefusal } from '../views/sentences.ts';
import { answerInTime, type ListenerContext } from './context.ts';

type SubmissionArgs = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;

/** Records the request for a revision. The modal closes only then; else it stays open with the text and one sentence. */
export function createSubmitRevision({ service, log }: ListenerContext) {
  return async ({ ack, body, view }: SubmissionArgs): Promise<void> => {
    const stayOpen = (sentence: string) =>
      ack({ response_action: 'errors', errors: { [FEEDBACK.block]: sentence } });
    const feedback = view.state.values[FEEDBACK.block]?.[FEEDBACK.action]?.value ?? '';
    if (feedback.trim() === '') return stayOpen('Please say what should change.');
    const target = readTarget(view.private_metadata);
    if (!target) return stayOpen(plainRefusal({ code: 'unknown' }));
    const answer = await answerInTime(log, () =>
      service.decide(target, body.user.id, 'request_revision', feedback),
    );
    if (!answer) return stayOpen(NOT_RECORDED);
    if (!answer.done) return stayOpen(plainRefusal(answer.refusal));
    await ack();
  };
}
