import { expect } from 'vitest';
import { type Answered, answersTo } from '../support/asking.ts';
import { SECOND, type World } from './world.ts';

export type { Answered };

interface Person {
  user?: string;
  channel?: string;
}

/** Types a command and returns the answer. */
export async function ask(
  world: World,
  text: string,
  { user = 'UANA', channel = 'CAPPROVALS' }: Person = {},
): Promise<Answered> {
  const answerCount = answersTo(world, user).length;
  const result = await world.settle(world.workspace.command({ user, channel, command: '/approvals', text }));
  expect([result.acked, result.refused], text).toEqual([true, undefined]);
  await world.pass(2 * SECOND);
  const answer = answersTo(world, user)[answerCount];
  if (!answer) throw new Error(`no answer to ${text}`);
  return answer;
}

/** Clicks a button of an answer and returns the answer as it is afterwards. */
export async function press(
  world: World,
  { ts, buttons }: Answered,
  label: string,
  { user = 'UANA', channel = 'CAPPROVALS' }: Person = {},
): Promise<Answered> {
  const button = buttons.find((one) => one.label === label);
  if (!button) throw new Error(`no ${label} in ${JSON.stringify(buttons)}`);
  const { actionId, blockId } = button;
  await world.settle(world.workspace.click({ user, channel, ts, actionId, blockId }));
  await world.pass(2 * SECOND);
  return answersTo(world, user).find((one) => one.ts === ts) as Answered;
}
