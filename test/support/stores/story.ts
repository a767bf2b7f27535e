import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from '@photostructure/sqlite';
import axios from 'axios';
import { expect } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { clickOn, file, ready, requestRevision } from '../process-steps.ts';
import { spawnBot } from '../spawn-bot.ts';
import { SECRET, type Shown, sees, startWorld, type World } from '../world.ts';

/** A record as a store holds it. */
export interface Line {
  key: string;
  raw: string;
}

export function readLines(path: string): Line[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

export function writeLines(path: string, lines: readonly Line[]): void {
  writeFileSync(path, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
}

/** The same store as version 1 of the record wrote it: without the rules of a task. */
export function asVersion1(lines: readonly Line[]): Line[] {
  return lines.map(({ key, raw }) => {
    if (!key.startsWith('approval/')) return { key, raw };
    const { value, ...rest } = JSON.parse(raw) as { value: Record<string, unknown> };
    const { policy, ...record } = value;
    expect(policy).toEqual(DEFAULT_POLICY);
    return { key, raw: JSON.stringify({ ...rest, value: { ...record, v: 1 } }) };
  });
}

const TAKEN = { status: 200, headers: { 'content-type': 'application/json' } };
const PRELOAD = new URL('../shifted-clock.mjs', import.meta.url).href;
const HOUR = 60 * 60_000;

/** CrewAI knows none of these runs: what it answers is planned. */
export function crewaiAnswers({ platform }: World, body: object): void {
  platform.failures.plan({ on: 'resume', failure: { ...TAKEN, body: JSON.stringify(body) } });
}

/** Runs the bot through all that can become of an approval, and gives what its store holds then. */
export async function liveThrough(): Promise<Line[]> {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace, platform } = world;
  // The hour of tries is over when it is started again.
  const bot = await spawnBot(world, {
    NODE_OPTIONS: `--import ${PRELOAD}`,
    SHIFT_CLOCK_BY: String(-1.1 * HOUR),
  });
  const approvals = new Map<unknown, string>();
  const post = async (kind: string, body: Record<string, unknown>) => {
    const { status, data } = await axios.post(bot.webhook(kind), body);
    expect(status).toBe(202);
    if (data.approval !== undefined) approvals.set(body.kickoff_id ?? body.execution_id, data.approval);
  };
  const output = (run: string, text: unknown, more: object = {}) =>
    post('task', { kickoff_id: run, name: 'draft', agent: 'Copywriter', output: text, ...more });
  const card = (run: string, is: (message: Shown) => boolean = ready) =>
    sees(
      workspace,
      `the card of ${run}`,
      (message) => message.approval === (approvals.get(run) ?? '') && is(message),
    );
  const says = (run: string, text: string) => card(run, ({ all }) => all.includes(text));

  await axios.put(
    `${bot.url}/crews/press/executions/run-waiting`,
    { taskWebhookUrl: 'https://hooks.example.com/task', approvers: ['UANA', 'UBEN', 'UNOBODY'] },
    { headers: { authorization: `Bearer ${SECRET}` } },
  );
  await output('run-waiting', '# Spring collection\n\nMade from *recycled linen*.', {
    description: 'Write the press release',
    expected_output: 'A press release',
    meta: { crewWebhookUrl: 'https://hooks.example.com/crew', requested_by: 'UCAT', channel: 'CNOWHERE' },
  });
  await card('run-waiting');

  await output('run-approved', { total_eur: 18_500 });
  crewaiAnswers(world, { status: 'resumed', kickoff_id: 'run-approved-later' });
  await clickOn(world, (await card('run-approved')).ts, 'approve');
  await says('run-approved', 'CrewAI accepted it');
  await post('task', { kickoff_id: 'run-approved-later', name: 'layout', output: 'Two columns' });
  await post('crew', { kickoff_id: 'run-approved-later', result: 'The whole campaign' });
  await says('run-approved', 'the run continued');

  const pause = { execution_id: 'run-revised', task_id: 'task-1', task_name: 'draft' };
  await post('human-input', { ...pause, task_output: 'A long draft' });
  crewaiAnswers(world, { status: 'retrying' });
  await requestRevision(world, (await card('run-revised')).ts, 'Shorter, please');
  await says('run-revised', 'CrewAI accepted it');
  await post('human-input', { ...pause, task_id: 'task-2', task_output: 'A draft' });
  await card('run-revised', (message) => message.all.includes('round 2') && ready(message));

  const refused = async (run: string) => {
    await output(run, 'A draft');
    platform.failures.plan({ on: 'resume', failure: { status: 404, body: '{"detail":"Not found"}' } });
    await clickOn(world, (await card(run)).ts, 'approve');
    return card(run, ({ buttons }) => buttons.includes('Retry'));
  };
  await refused('run-refused');
  const { ts } = await refused('run-given-up');
  await clickOn(world, ts, 'give_up');
  await says('run-given-up', 'Closed without a decision by');

  await output('run-superseded', 'A draft');
  await card('run-superseded');
  await output('run-superseded', 'Another draft');
  await card('run-superseded', (message) => message.all.includes('round 2') && ready(message));

  await output('run-elsewhere', 'A draft');
  platform.failures.plan({
    on: 'resume',
    failure: { status: 400, body: '{"detail":"Execution is not in pending human input state"}' },
  });
  await clickOn(world, (await card('run-elsewhere')).ts, 'approve');
  await card('run-elsewhere', ({ buttons }) => buttons.length === 0);

  await output('run-ended', 'A draft');
  await card('run-ended');
  await post('crew', { kickoff_id: 'run-ended', result: { done: true } });
  await card('run-ended', ({ buttons }) => buttons.length === 0);

  await output('run-undelivered', 'A draft');
  platform.failures.plan({ on: 'resume', times: Number.POSITIVE_INFINITY, failure: { status: 503 } });
  await clickOn(world, (await card('run-undelivered')).ts, 'approve');
  await platform.changed(
    () => platform.resumes.some(({ body }) => JSON.stringify(body).includes('run-undelivered')),
    {
      what: 'a try',
    },
  );
  const unposted = 'A draft that Slack does not take';
  workspace.failures.plan({
    on: 'chat.postMessage',
    times: Number.POSITIVE_INFINITY,
    failure: { status: 503 },
    when: (body) => JSON.stringify(body).includes(unposted),
  });
  await output('run-unposted', unposted);
  bot.signal('SIGTERM');
  await bot.ended;
  const later = await bot.restart({ NODE_OPTIONS: '' });
  await card('run-undelivered', ({ buttons }) => buttons.includes('Retry'));
  platform.failures.clear();
  // What is due of the cards and threads is done.
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  later.signal('SIGTERM');
  await later.ended;
  const database = new DatabaseSync(file(world), { readOnly: true });
  const lines = database
    .prepare("SELECT key, raw FROM records WHERE key NOT LIKE 'ready/%' ORDER BY key")
    .all() as Line[];
  database.close();
  return lines;
}
