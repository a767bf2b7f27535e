import { createHash } from 'node:crypto';
import { join } from 'node:path';
import axios from 'axios';
import { expect } from 'vitest';
import type { EventsWebhook } from '../../src/sandbox/crewai/webhook-targets.ts';
import { mapApprovalsToRuns } from '../../src/sandbox/demo/run-of-card.ts';
import type { PlannedFailure } from '../../src/sandbox/failures.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { BUILT } from './build.ts';
import { type Ended, run } from './spawn-bot.ts';
import { SECRET, sees, shown, type World } from './world.ts';

export const always = { times: Number.POSITIVE_INFINITY };
export const noAnswerTo = (on: string): PlannedFailure => ({ on, failure: { noAnswer: true }, ...always });
export const ready = ({ buttons }: { buttons: string[] }) => buttons.includes('Approve');
export const roots = (world: World) =>
  shown(world.workspace).filter(({ thread_ts }) => thread_ts === undefined);
export const file = (world: World) => (world.settings.STORE_URL as string).replace('sqlite://', '');

export const clickOn = (world: World, ts: string, actionId: string, user = 'UANA') =>
  world.workspace.click({ user, channel: 'CAPPROVALS', ts, actionId });

/** Starts a run whose webhooks all go to this bot, as the README's recipe does in the dialect of the world. */
export function kickoff(
  { platform, dialect }: World,
  bot: { webhook(kind: string): string },
  { meta, events = false }: { meta?: Record<string, unknown>; events?: boolean } = {},
): string {
  const urls = { taskWebhookUrl: bot.webhook('task'), crewWebhookUrl: bot.webhook('crew') };
  const named = events ? { webhooks: subscription(bot) } : {};
  if (dialect === 'documented') return platform.kickoff({ ...urls, ...named, meta: { ...urls, ...meta } });
  const live = { humanInputWebhookUrl: bot.webhook('human-input'), ...urls, ...named };
  return platform.kickoff({ ...live, ...(meta ? { meta } : {}) });
}

/** Waits for the approval that the bot named when it answered a webhook of this run. */
export async function approvalOfRun({ platform }: Pick<World, 'platform'>, run: string): Promise<string> {
  const find = () => [...mapApprovalsToRuns(platform.webhooks)].find(([, of]) => of === run)?.[0];
  return platform.changed(find, { what: `the approval of ${run}` });
}

/** Builds the webhook that announces a paused run in the dialect of the world. The platform has no such run. */
export function pauseOf(
  { dialect }: Pick<World, 'dialect'>,
  { run, output, task = 'draft' }: { run: string; output: unknown; task?: string },
): { kind: 'task' | 'human-input'; body: Record<string, unknown> } {
  if (dialect === 'documented') return { kind: 'task', body: { name: task, output, kickoff_id: run } };
  const ids = { kickoff_id: run, execution_id: run, task_id: uuidOf(`${run} ${JSON.stringify(output)}`) };
  return { kind: 'human-input', body: { ...ids, task_output: output, meta: null } };
}

/**
 * Sends the webhook of a pause once. The same run and output again are the same pause. In the live dialect, the task
 * webhook comes first: only it names the task.
 */
export async function sendPause(
  world: Pick<World, 'dialect'>,
  bot: { webhook(kind: string): string },
  pause: Parameters<typeof pauseOf>[1],
) {
  const { kind, body } = pauseOf(world, pause);
  if (world.dialect === 'live') {
    const { run, output, task = 'draft' } = pause;
    await http.post(bot.webhook('task'), { name: task, output, kickoff_id: run });
  }
  return http.post<{ status: string; approval?: string; round?: number }>(bot.webhook(kind), body);
}

const http = axios.create({ validateStatus: () => true });

/** The text of a card once CrewAI has answered a decision, before any webhook of the run. */
export const answered = texts.state.notHeardOf('crew');

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

/**
 * Builds the feedback of a revision as the bot sends it. In the live dialect, a line that nobody can take for a yes
 * comes first.
 */
export function revisionOf({ dialect }: Pick<World, 'dialect'>, feedback: string): string {
  const line =
    'This output is not accepted. Revise it according to the following feedback, and ask for review again:';
  return dialect === 'live' ? `${line}\n\n${feedback}` : feedback;
}

/** Builds a subscription to the events of a run that name its current task and its end. */
function subscription(bot: { webhook(kind: string): string }): EventsWebhook {
  return {
    events: [
      'crew_kickoff_started',
      'crew_kickoff_completed',
      'crew_kickoff_failed',
      'task_started',
      'task_completed',
      'task_failed',
    ],
    url: bot.webhook('events').replace(/\?.*/, ''),
    realtime: true,
    authentication: { strategy: 'bearer', token: SECRET },
  };
}

export async function requestRevision(world: World, ts: string, feedback: string, user = 'UBEN') {
  await clickOn(world, ts, 'request_revision', user);
  await seesModal(world, user);
  return world.workspace.submit({ user, values: { feedback: { feedback } } });
}

/**
 * Checks that the program ended at its start, with code 1 and one sentence for people on stderr. Returns the sentence.
 */
export function expectRefusedStart({ code, signal, stderr }: Ended): string {
  expect({ code, signal }).toEqual({ code: 1, signal: null });
  // Some sentences begin with the name of an option.
  expect(stderr).toMatch(/^(?:[A-Z]|--[a-z])[^\n]*\.\n$/);
  expect(stderr).not.toMatch(/\bat .+:\d+:\d+|node:internal|Error:/);
  return stderr.trim();
}

/** Starts a run and waits for its card. */
export async function startRunWithCard(world: World, bot: { webhook(kind: string): string }) {
  const before = new Set(roots(world).map(({ ts }) => ts));
  const execution = kickoff(world, bot);
  const card = await sees(world.workspace, 'the card', (one) => !before.has(one.ts) && ready(one));
  return { execution, card };
}

/** Waits for the modal that Slack shows this person. */
export async function seesModal({ workspace }: World, user: string) {
  await workspace.changed(() => workspace.openView(user) !== undefined, { what: `a modal for ${user}` });
  return workspace.openView(user);
}

/** Waits until CrewAI has answered the decision of this card. In the live dialect the answer alone confirms nothing. */
export const seesAccepted = ({ workspace }: World, card?: { ts: string }) =>
  sees(
    workspace,
    'accepted',
    ({ ts, all }) => (card === undefined || card.ts === ts) && all.includes('Decision sent. '),
  );

/** Clicks Approve and waits for CrewAI's answer. */
export async function approves(world: World, card: { ts: string }, user = 'UANA') {
  expect((await clickOn(world, card.ts, 'approve', user)).acked).toBe(true);
  return seesAccepted(world, card);
}

/** Runs a command of the bot beside it, in the folder of its world. */
export const runCommand = (
  { settings, folder }: Pick<World, 'settings' | 'folder'>,
  name: 'backup' | 'doctor/doctor' | 'export' | 'receipt-keys' | 'report' | 'verify',
  args: readonly string[] = [],
  changed: Record<string, string> = {},
) =>
  run(join(BUILT, 'cli', `${name}.js`), { ...settings, ...changed }, { cwd: folder, args: [...args] }).ended;

/** Exports the facts of a world, one per line. */
export async function exportFacts(world: Pick<World, 'settings' | 'folder'>, changed = {}) {
  const args = ['--format', 'jsonl', '--since', '2020-01-01'];
  const { code, stdout, stderr } = await runCommand(world, 'export', args, changed);
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout.split('\n').filter(Boolean);
  return lines.map(
    (line) => JSON.parse(line) as Record<'what' | 'execution' | 'time', string> & Record<string, unknown>,
  );
}
