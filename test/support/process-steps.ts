import { expect } from 'vitest';
import type { PlannedFailure } from '../../src/sandbox/failures.ts';
import type { Ended } from './spawn-bot.ts';
import { shown, type World } from './world.ts';

export const always = { times: Number.POSITIVE_INFINITY };
export const hanging = (on: string): PlannedFailure => ({ on, failure: { hang: true }, ...always });
export const ready = ({ buttons }: { buttons: string[] }) => buttons.includes('Approve');
export const roots = (world: World) =>
  shown(world.workspace).filter(({ thread_ts }) => thread_ts === undefined);
export const file = (world: World) => (world.settings.STORE_URL as string).replace('sqlite://', '');

export const clickOn = (world: World, ts: string, actionId: string, user = 'UANA') =>
  world.workspace.click({ user, channel: 'CAPPROVALS', ts, actionId });

/** Starts a run whose webhooks all come to this bot. */
export function kickoff({ platform }: World, bot: { webhook(kind: string): string }): string {
  const urls = { taskWebhookUrl: bot.webhook('task'), crewWebhookUrl: bot.webhook('crew') };
  return platform.kickoff({ ...urls, meta: urls });
}

export async function requestRevision(world: World, ts: string, feedback: string, user = 'UBEN') {
  await clickOn(world, ts, 'request_revision', user);
  await world.workspace.changed(() => world.workspace.openView(user) !== undefined, { what: 'the modal' });
  return world.workspace.submit({ user, values: { feedback: { feedback } } });
}

/** It ended at its start: code 1, and on stderr one sentence for people. */
export function expectRefusedStart({ code, signal, stderr }: Ended): string {
  expect({ code, signal }).toEqual({ code: 1, signal: null });
  // Some begin with the name of an option.
  expect(stderr).toMatch(/^(?:[A-Z]|--[a-z])[^\n]*\.\n$/);
  expect(stderr).not.toMatch(/\bat .+:\d+:\d+|node:internal|Error:/);
  return stderr.trim();
}
