import type {
  AllMiddlewareArgs,
  BlockAction,
  BlockElementAction,
  ButtonAction,
  SlackActionMiddlewareArgs,
} from '@slack/bolt';
import type { Target } from '../../../approval/read-round.ts';
import type { ReplyPlace } from '../../api/reply.ts';
import { readTarget } from '../../app/button-values.ts';

export type ButtonArgs = SlackActionMiddlewareArgs<BlockAction<ButtonAction>> & AllMiddlewareArgs;

/** The round that a click is about, who clicked, and where to reply. */
export interface Click {
  target: Target | undefined;
  by: string;
  place: ReplyPlace;
}

/** `value`: of the button or menu option, as `writeTarget` wrote it. */
export function readClick(body: BlockAction<BlockElementAction>, value: string | undefined): Click {
  const { user, channel, message, response_url: responseUrl, trigger_id: triggerId } = body;
  const threadTs =
    message?.thread_ts !== message?.ts ? (message?.thread_ts as string | undefined) : undefined;
  const target = readTarget(value);
  // An ephemeral message is not a card: a click on it does not prove access to a channel.
  const ephemeral = message === undefined || body.container?.is_ephemeral === true;
  if (target && channel && message && !ephemeral)
    target.card = { channel: channel.id, ts: message.ts, ...markOwn(message, body.api_app_id) };
  const isEphemeral = ephemeral && channel !== undefined;
  if (target) target.via = channel === undefined ? 'home' : isEphemeral ? 'list' : 'card';
  return {
    target,
    by: user.id,
    place: { user: user.id, channel: channel?.id, threadTs, responseUrl, triggerId, isEphemeral },
  };
}

function markOwn(message: Record<string, unknown>, app: string): { own?: true } {
  const { app_id, bot_profile } = message;
  const postedBy = app_id ?? (bot_profile as { app_id?: unknown } | undefined)?.app_id;
  return postedBy !== undefined && postedBy === app ? { own: true } : {};
}
