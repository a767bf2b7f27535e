import type {
  AllMiddlewareArgs,
  BlockAction,
  SlackActionMiddlewareArgs,
  StaticSelectAction,
} from '@slack/bolt';
import { readChoice, writeTarget } from '../../app/button-values.ts';
import type { ListenerContext } from '../context.ts';
import { type ButtonArgs, readClick } from './read-click.ts';
import { recordClick } from './record-click.ts';

export type ListArgs = SlackActionMiddlewareArgs<BlockAction<StaticSelectAction>> & AllMiddlewareArgs;

/** A person clicked one of a Flow's options. */
export async function choose(context: ListenerContext, { ack, body, action }: ButtonArgs): Promise<void> {
  await recordChoice(context, { ack, body, value: action.value });
}

/** A person chose one of a Flow's options from a list. */
export async function chooseFromList(
  context: ListenerContext,
  { ack, body, action }: ListArgs,
): Promise<void> {
  await recordChoice(context, { ack, body, value: action.selected_option?.value });
}

async function recordChoice(
  context: ListenerContext,
  { ack, body, value }: { ack: () => Promise<void>; body: BlockAction; value: string | undefined },
): Promise<void> {
  const choice = readChoice(value);
  const click = readClick(body, choice && writeTarget(choice.target));
  const option = Number(choice?.what);
  await recordClick(context, ack, click, (target, by) =>
    context.decisions.decide(target, by, { action: 'choose', option }),
  );
}
