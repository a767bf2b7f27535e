import type { AllMiddlewareArgs, BlockAction, ButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { Answer, Target } from '../../approval/service.ts';
import { readTarget } from '../target.ts';
import type { Place } from '../tell.ts';
import { NOT_RECORDED, RECORDED, refusalSentence, UNKNOWN_BUTTON } from '../views/sentences.ts';
import { answerInTime, currentCardLink, type ListenerContext } from './context.ts';

export type ButtonArgs = SlackActionMiddlewareArgs<BlockAction<ButtonAction>> & AllMiddlewareArgs;

/** Which round a click decides, who clicked, and where they can be told. */
export function readClick(
  body: BlockAction,
  action: ButtonAction,
): { target: Target | undefined; place: Place; by: string } {
  const { user, channel, message, response_url: responseUrl } = body;
  const threadTs =
    message?.thread_ts !== message?.ts ? (message?.thread_ts as string | undefined) : undefined;
  const target = readTarget(action.value);
  if (target && channel && message) target.card = { channel: channel.id, ts: message.ts };
  const unchanging = message === undefined;
  return {
    target,
    by: user.id,
    place: { user: user.id, channel: channel?.id, threadTs, responseUrl, unchanging },
  };
}

/** A listener for a button that decides at once: it is recorded, then acked, and a refusal is told. */
export function createDecidingButton(
  context: ListenerContext,
  decide: (target: Target, by: string) => Promise<Answer>,
) {
  return async ({ ack, body, action }: ButtonArgs): Promise<void> => {
    const { target, by, place } = readClick(body, action);
    const answer: Answer | undefined = target
      ? await answerInTime(context.log, () => decide(target, by))
      : { done: false, refusal: { code: 'unknown' } };
    await ack();
    if (!answer) return context.tell(place, NOT_RECORDED);
    if (!answer.done)
      return context.tell(place, refusalSentence(answer.refusal, currentCardLink(answer, context.links)));
    if (place.unchanging) await context.tell(place, RECORDED);
  };
}

/** A listener for a button that this version does not know. */
export function createUnknownButton({ tell }: ListenerContext) {
  return async ({ ack, body, action }: ButtonArgs): Promise<void> => {
    await ack();
    await tell(readClick(body, action).place, UNKNOWN_BUTTON);
  };
}
