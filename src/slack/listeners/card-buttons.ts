import type {
  AllMiddlewareArgs,
  BlockAction,
  BlockElementAction,
  ButtonAction,
  SlackActionMiddlewareArgs,
} from '@slack/bolt';
import type { Answer, Target } from '../../approval/decisions.ts';
import type { Place } from '../api/reply.ts';
import { readTarget } from '../app/button-values.ts';
import { describeRefusal, RECORDED, UNKNOWN_BUTTON } from '../views/text/sentences.ts';
import { answerInTime, currentCardLink, type ListenerContext } from './context.ts';
import { answerForLateCard } from './late-card.ts';

export type ButtonArgs = SlackActionMiddlewareArgs<BlockAction<ButtonAction>> & AllMiddlewareArgs;

/** Which round a click is about, who clicked, and where they can be told. */
export function readClick(
  body: BlockAction<BlockElementAction>,
  value: string | undefined,
): { target: Target | undefined; place: Place; by: string } {
  const { user, channel, message, response_url: responseUrl, trigger_id: triggerId } = body;
  const threadTs =
    message?.thread_ts !== message?.ts ? (message?.thread_ts as string | undefined) : undefined;
  const target = readTarget(value);
  // An answer to one person is not a card: it proves access to nothing.
  const ephemeral = message === undefined || body.container?.is_ephemeral === true;
  if (target && channel && message && !ephemeral) target.card = { channel: channel.id, ts: message.ts };
  const unchanging = ephemeral && channel !== undefined;
  if (target) target.via = channel === undefined ? 'home' : unchanging ? 'list' : 'card';
  return {
    target,
    by: user.id,
    place: { user: user.id, channel: channel?.id, threadTs, responseUrl, triggerId, unchanging },
  };
}

/** A listener for a button that does something at once: it is recorded, then acked, and a refusal is told. */
export function createDecidingButton(
  context: ListenerContext,
  decide: (target: Target, by: string) => Promise<Answer>,
) {
  return async ({ ack, body, action }: ButtonArgs): Promise<void> => {
    const { target, by, place } = readClick(body, action.value);
    await carryOut(context, { ack, target, by, place }, decide);
  };
}

/** Records what a click asks for, then acks it and tells what did not happen. */
export async function carryOut(
  context: ListenerContext,
  {
    ack,
    target,
    by,
    place,
  }: { ack: () => Promise<void>; target: Target | undefined; by: string; place: Place },
  decide: (target: Target, by: string) => Promise<Answer>,
): Promise<void> {
  const result = target
    ? await answerInTime(context.log, () => decide(target, by))
    : { answer: { done: false as const, refusal: { code: 'unknown' as const } } };
  await ack();
  if ('failed' in result) return context.tell(place, result.failed);
  const { answer } = result;
  if (!answer.done)
    return context.tell(place, describeRefusal(answer.refusal, currentCardLink(answer, context.links)));
  if (place.unchanging) await context.tell(place, RECORDED);
  else if (target?.via === 'card') answerForLateCard(context, place, answer, target.round);
}

/** A listener for a button that this version does not know. */
export function createUnknownButton({ tell }: ListenerContext) {
  return async ({ ack, body, action }: ButtonArgs): Promise<void> => {
    await ack();
    await tell(readClick(body, action.value).place, UNKNOWN_BUTTON);
  };
}
