import type { Answer, Target } from '../../../approval/read-round.ts';
import { describeRefusal, RECORDED, UNKNOWN_APPROVAL } from '../../views/text/sentences.ts';
import { answerInTime } from '../answer-in-time.ts';
import { currentCardLink, type ListenerContext } from '../context.ts';
import { replyIfCardIsLate } from '../late-card.ts';
import { type ButtonArgs, type Click, readClick } from './read-click.ts';

type Record = (target: Target, by: string) => Promise<Answer>;

/** Records what a button does, acks the click, and replies if nothing was recorded. */
export async function recordButtonClick(
  context: ListenerContext,
  { ack, body, action }: ButtonArgs,
  record: Record,
): Promise<void> {
  await recordClick(context, ack, readClick(body, action.value), record);
}

/** Records what a click asks for, acks it, and replies if nothing was recorded. */
export async function recordClick(
  context: ListenerContext,
  ack: () => Promise<void>,
  { target, by, place }: Click,
  record: Record,
): Promise<void> {
  if (!target) {
    await ack();
    return context.reply(place, UNKNOWN_APPROVAL);
  }
  const result = await answerInTime(context.log, () => record(target, by));
  await ack();
  if ('failed' in result) return context.reply(place, result.failed);
  const { answer } = result;
  if (!answer.done)
    return context.reply(place, describeRefusal(answer.refusal, currentCardLink(answer, context.links)));
  const isElsewhere = target.via === 'card' && !context.decisions.isOnCard(answer.approval, target, by);
  if (place.isEphemeral || isElsewhere) await context.reply(place, RECORDED);
  else if (target.via === 'card') replyIfCardIsLate(context, place, answer, target.round);
}
