import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import type { Answer, Target } from '../../../approval/read-round.ts';
import { readModalTarget } from '../../app/button-values.ts';
import { ASSIGNEE, FEEDBACK } from '../../app/ids.ts';
import { buildNotDoneModal } from '../../views/modals/decision-modals.ts';
import { ASSIGNEE_MAY_NOT, describeRefusal, UNKNOWN_APPROVAL } from '../../views/text/sentences.ts';
import { answerInTime } from '../answer-in-time.ts';
import { currentCardLink, type ListenerContext } from '../context.ts';
import { findPlaceBesideCard, replyIfCardIsLate } from '../late-card.ts';
import { type Entered, readEntered } from './read-entered.ts';

export type SubmissionArgs = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;

/** Refusals shown in a modal of their own, since a field's error cannot have a link or a mention. */
const SHOWN_IN_MODAL = new Set([
  'already_decided',
  'superseded',
  'closed',
  'other_output',
  'not_member',
  'open_card',
]);

/**
 * Records what a modal was submitted for. The modal closes only if that is recorded; else it stays open with the text and
 * one sentence, or shows both.
 */
export async function recordSubmission(
  context: ListenerContext,
  args: SubmissionArgs,
  record: (target: Target, by: string, entered: Entered) => Promise<Answer>,
): Promise<void> {
  const { ack, body, view } = args;
  const entered = readEntered(view);
  const target = readModalTarget(view.private_metadata);
  if (!target) return keepOpen(context, args, UNKNOWN_APPROVAL);
  target.via = 'modal';
  const result = await answerInTime(context.log, () => record(target, body.user.id, entered));
  if ('failed' in result) return keepOpen(context, args, result.failed);
  const { answer } = result;
  if (!answer.done) return showRefusal(context, args, answer, entered);
  await ack();
  const { round } = target;
  const place = findPlaceBesideCard(body.user.id, answer.approval, round);
  replyIfCardIsLate(context, place, answer, round);
}

/** Shows a sentence at the feedback field, so that the typed text stays; without that field in a modal of its own. */
export async function keepOpen(
  context: ListenerContext,
  args: SubmissionArgs,
  sentence: string,
): Promise<void> {
  if (FEEDBACK.block in args.view.state.values)
    return showFieldError(context, args, FEEDBACK.block, sentence);
  await showInModal(context, args, sentence);
}

async function showRefusal(
  context: ListenerContext,
  args: SubmissionArgs,
  answer: Answer & { done: false },
  entered: Entered,
): Promise<void> {
  const { code } = answer.refusal;
  // A field's error cannot have a mention, so the sentence names nobody.
  if (code === 'assignee_may_not') return showFieldError(context, args, ASSIGNEE.block, ASSIGNEE_MAY_NOT);
  const sentence = describeRefusal(answer.refusal, currentCardLink(answer, context.links));
  if (!SHOWN_IN_MODAL.has(code)) return keepOpen(context, args, sentence);
  await showInModal(context, args, sentence, entered);
}

async function showFieldError(
  context: ListenerContext,
  args: SubmissionArgs,
  block: string,
  sentence: string,
): Promise<void> {
  await ackOrReply(context, args, { response_action: 'errors', errors: { [block]: sentence } }, sentence);
}

async function showInModal(
  context: ListenerContext,
  args: SubmissionArgs,
  sentence: string,
  entered?: Entered,
): Promise<void> {
  const view = buildNotDoneModal(args.view.title.text, sentence, entered);
  await ackOrReply(context, args, { response_action: 'update', view }, sentence);
}

/** Acks with an answer; if Slack no longer accepts the ack, replies with the sentence. */
async function ackOrReply(
  { reply }: ListenerContext,
  { ack, body }: SubmissionArgs,
  answer: Parameters<SubmissionArgs['ack']>[0],
  sentence: string,
): Promise<void> {
  await ack(answer).catch(() => reply({ user: body.user.id }, sentence));
}
