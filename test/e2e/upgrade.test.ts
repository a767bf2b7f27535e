import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import axios from 'axios';
import { describe, expect, test } from 'vitest';
import { type Approval, currentRound } from '../../src/approval/model/approval.ts';
import { buildApprovalId, legacyApprovalId } from '../../src/approval/model/ids.ts';
import { readApproval } from '../../src/approval/model/migrations.ts';
import { outputFingerprint } from '../../src/approval/model/round.ts';
import { createApprovalStore } from '../../src/store/approval-store.ts';
import { openStore } from '../../src/store/open-store.ts';
import { collectingLog } from '../slack/stage.ts';
import { ask } from '../support/asking.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';
import {
  asVersion1,
  crewaiAnswers,
  type Line,
  liveThrough,
  readLines,
  writeLines,
} from '../support/stores/story.ts';
import { sees, startBot, startWorld } from '../support/world.ts';

const STORES = join(import.meta.dirname, '..', 'fixtures', 'stores');
/** Every store of an earlier version; README.md there says how one is made. */
const KEPT = readdirSync(STORES).filter((name) => name.endsWith('.jsonl'));

test.runIf(process.env.MAKE_STORE)('a store of this version is made', { timeout: 120_000 }, async () => {
  const lines = await liveThrough();
  writeLines(join(STORES, `${process.env.MAKE_STORE}.jsonl`), lines);
  writeLines(join(STORES, 'record-version-1.jsonl'), asVersion1(lines));
});

const { log, lines: logged } = collectingLog();

async function load(url: string, lines: readonly Line[]): Promise<void> {
  const { records, close } = await openStore(url, log);
  const key = lines[0]?.key ?? '';
  expect(await records.commit({ key, previousRaw: undefined, puts: lines, deletes: [] })).toBe(true);
  await close();
}

/** Reads what is left in the store as the bot does. */
async function readBack(url: string, ids: readonly string[]) {
  const { records, close } = await openStore(url, log);
  const store = createApprovalStore(records, log);
  const approvals = await Promise.all(ids.map(async (id) => (await store.approval(id))?.record));
  const unreadable = await records.range('unreadable', { limit: 10 });
  await close();
  return { approvals, unreadable };
}

async function goesOn(lines: readonly Line[], storeUrl: (folder: string) => string | Promise<string>) {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const url = await storeUrl(world.folder);
  await load(url, lines);
  const found = new Map(
    lines
      .filter(({ key }) => key.startsWith('approval/'))
      .map(({ raw }) => readApproval((JSON.parse(raw) as { value: unknown }).value))
      .map((approval) => [`${approval.executionId} ${approval.task}`, approval]),
  );
  const of = (run: string, task = 'draft') => found.get(`${run} ${task}`) as Approval;
  const bot = await startBot(world, { STORE_URL: url });

  // Reads: each one, with what it came to.
  for (const approval of found.values()) {
    const { all } = await ask(world, approval.id);
    expect(all).toContain(approval.executionId);
  }
  expect((await ask(world, of('run-revised').id)).all).toContain('A draft');
  // Lists.
  const waiting = await ask(world, '');
  for (const run of ['run-waiting', 'run-revised', 'run-superseded', 'run-refused', 'run-undelivered'])
    expect(waiting.all).toContain(of(run).id);
  expect(waiting.all).not.toContain(of('run-approved').id);
  const history = await ask(world, 'history');
  for (const run of ['run-approved', 'run-refused', 'run-elsewhere', 'run-given-up'])
    expect(history.all).toContain(of(run).id);
  expect((await ask(world, 'find approved')).all).toContain(of('run-approved').id);

  // Decides, with the webhook URLs that were registered before; and sends again what was refused.
  crewaiAnswers(world, { status: 'resumed' });
  await ask(world, `approve ${of('run-waiting').id}.1`);
  const accepted = (id: string) => async () => (await ask(world, id)).all;
  await expect.poll(accepted(of('run-waiting').id)).toContain('accepted by CrewAI');
  expect(world.platform.resumes.at(-1)?.body).toMatchObject({
    execution_id: 'run-waiting',
    taskWebhookUrl: 'https://hooks.example.com/task',
    crewWebhookUrl: 'https://hooks.example.com/crew',
  });
  crewaiAnswers(world, { status: 'resumed' });
  const refused = of('run-refused');
  const retry = { block_id: 'decide', type: 'button', value: `${refused.id}.1` };
  const ts = currentRound(refused).card?.ts ?? '';
  await world.workspace.click({
    user: 'UANA',
    channel: 'CAPPROVALS',
    ts,
    actionId: 'retry',
    stale: true,
    action: retry,
  });
  await expect.poll(accepted(refused.id)).toContain('accepted by CrewAI');

  // Posts what Slack had not taken.
  await sees(world.workspace, 'the card', ({ approval }) => approval === of('run-unposted').id);

  // Finishes: a later webhook of a run, under its new name too, belongs to it.
  const finish = (run: string) => axios.post(bot.webhook('crew'), { kickoff_id: run, result: 'Done' });
  expect((await finish('run-waiting')).status).toBe(202);
  await expect.poll(accepted(of('run-waiting').id)).toContain('the run has finished');
  expect(
    (
      await axios.post(bot.webhook('task'), {
        kickoff_id: 'run-approved-later',
        name: 'draft',
        output: { total_eur: 18_500 },
      })
    ).data,
  ).toMatchObject({ status: 'duplicate', approval: of('run-approved').id });
  // A new run beside them.
  const added = { kickoff_id: 'run-new', name: 'draft', output: 'New' };
  const { data: taken } = await axios.post(bot.webhook('task'), added);
  await sees(
    world.workspace,
    'its card',
    ({ approval, buttons }) => approval === taken.approval && buttons.includes('Approve'),
  );
  await bot.stop();
  const { approvals, unreadable } = await readBack(
    url,
    [...found.values()].map(({ id }) => id),
  );
  expect(unreadable).toEqual([]);
  expect(approvals.map((approval) => approval?.id)).toEqual([...found.values()].map(({ id }) => id));
  expect(logged.filter(({ level }) => level === 'error')).toEqual([]);
  expect(bot.logged.filter((line) => line.includes('cannot be read'))).toEqual([]);
}

describe.each(KEPT)('the store %s goes on with this version', (name) => {
  const lines = () => readLines(join(STORES, name));

  test('has records of every kind', () => {
    const kinds = new Set(lines().map(({ key }) => key.split('/')[0]));
    expect([...kinds].sort()).toEqual([
      'alias',
      'approval',
      'created',
      'decided',
      'decider',
      'execution',
      'fact',
      'open',
      'output',
      'result',
      'settled',
      'waiting',
    ]);
  });

  test('in SQLite', { timeout: 60_000 }, () =>
    goesOn(lines(), (folder) => `sqlite://${join(folder, 'kept.db')}`),
  );
  describeRedis('and', () => {
    test('in Redis', { timeout: 60_000 }, () => goesOn(lines(), newRedisUrl));
  });
  describePostgres('and', () => {
    test('in Postgres', { timeout: 60_000 }, () => goesOn(lines(), newPostgresUrl));
  });
});

describe('an approval that version 0.1.0 opened, whose id has ten characters', () => {
  const lines = readLines(join(STORES, '0.1.0.jsonl'));
  const approvals = lines
    .filter(({ key }) => key.startsWith('approval/'))
    .map(({ raw }) => readApproval((JSON.parse(raw) as { value: unknown }).value));
  const of = (run: string) => approvals.find(({ executionId }) => executionId === run) as Approval;

  async function upgraded(url?: string) {
    const world = await startWorld(undefined, { dialect: 'documented' });
    const storeUrl = url ?? `sqlite://${join(world.folder, 'kept.db')}`;
    await load(storeUrl, lines);
    const bot = await startBot(world, { STORE_URL: storeUrl });
    const post = async (kind: string, body: object) => (await axios.post(bot.webhook(kind), body)).data;
    /** Clicks on the card that version 0.1.0 posted, as it stands in Slack. */
    const click = (approval: Approval, actionId: string) => {
      const round = currentRound(approval);
      const value = `${approval.id}.${round.number}.${outputFingerprint(round)}`;
      const action = { block_id: 'decide', type: 'button', value };
      const ts = round.card?.ts ?? '';
      const card = { user: 'UANA', channel: 'CAPPROVALS', ts, actionId, stale: true, action };
      return world.workspace.click(card);
    };
    return { world, bot, post, click, storeUrl };
  }

  async function goesOnUnderItsId(url?: string) {
    const { world, post, click } = await upgraded(url);
    const { id } = of('run-waiting');
    expect(id).toMatch(/^\w{10}$/);
    const output = { kickoff_id: 'run-waiting', name: 'draft', output: 'Autumn collection' };
    expect(await post('task', output)).toEqual({ status: 'created', approval: id, round: 2 });
    expect(await post('task', output)).toEqual({ status: 'duplicate', approval: id, round: 2 });
    const card = await sees(
      world.workspace,
      'its card',
      ({ all, buttons }) => all.includes('Autumn collection') && buttons.includes('Approve'),
    );
    expect(card.all).toContain('round 2');

    // By its whole id and by its first six characters.
    for (const text of [id, id.toLowerCase(), id.slice(0, 6)]) {
      const { all } = await ask(world, text);
      expect(all).toContain('Autumn collection');
      expect(all).toContain('run-waiting');
    }
    crewaiAnswers(world, { status: 'resumed' });
    expect((await ask(world, `approve ${id}.2`)).all).toContain('You approved');
    await expect.poll(async () => (await ask(world, id.slice(0, 6))).all).toContain('accepted by CrewAI');

    // The old buttons of another one decide it.
    crewaiAnswers(world, { status: 'resumed' });
    expect((await click(of('run-superseded'), 'approve')).acked).toBe(true);
    const accepted = async () => (await ask(world, of('run-superseded').id)).all;
    await expect.poll(accepted).toContain('accepted by CrewAI');
    expect(world.platform.resumes.map(({ body }) => body)).toMatchObject([
      { execution_id: 'run-waiting', is_approve: true },
      { execution_id: 'run-superseded', is_approve: true },
    ]);
  }

  test('goes on under its id in SQLite', { timeout: 60_000 }, () => goesOnUnderItsId());
  describeRedis('and', () => {
    test('goes on under its id in Redis', { timeout: 60_000 }, () => goesOnUnderItsId(newRedisUrl()));
  });
  describePostgres('and', () => {
    test('goes on under its id in Postgres', { timeout: 60_000 }, async () =>
      goesOnUnderItsId(await newPostgresUrl()),
    );
  });

  test('gets the next output that a human-input webhook brings, with its task named', async () => {
    const { world, post } = await upgraded();
    const { id } = of('run-revised');
    const pause = { execution_id: 'run-revised', task_id: 'task-3', task_name: 'draft' };
    expect(await post('human-input', { ...pause, task_output: 'A third draft' })).toEqual({
      status: 'created',
      approval: id,
      round: 3,
    });
    await sees(
      world.workspace,
      'its card',
      ({ all, buttons }) => all.includes('round 3') && buttons.includes('Approve'),
    );
  });

  test('stands beside new ones, whose ids have sixteen characters and are found by the first six', async () => {
    const { world, post, bot } = await upgraded();
    const layout = { kickoff_id: 'run-waiting', name: 'layout', output: 'Two columns' };
    const { approval, round } = await post('task', layout);
    expect({ approval, round }).toEqual({ approval: expect.stringMatching(/^\w{16}$/), round: 1 });
    const card = await sees(
      world.workspace,
      'its card',
      ({ all, buttons }) => all.includes('Two columns') && buttons.includes('Approve'),
    );
    for (const text of [approval, approval.slice(0, 10), approval.slice(0, 6)]) {
      const { all } = await ask(world, text);
      expect(all).toContain('Two columns');
    }
    crewaiAnswers(world, { status: 'resumed' });
    expect((await ask(world, `approve ${approval.slice(0, 6)}`)).all).toContain('You approved');
    await sees(world.workspace, 'accepted', ({ ts, all }) => ts === card.ts && all.includes('accepted it'));
    // Both are of the one run.
    expect((await ask(world, 'run-waiting')).all).toContain(of('run-waiting').id);
    expect(bot.logged.filter((line) => line.includes('cannot be read'))).toEqual([]);
  });

  test('of somebody else is never touched, though a new one begins with its id', async () => {
    const { world, post, storeUrl } = await upgraded();
    const body = { kickoff_id: 'run-new', name: 'draft', output: 'A new release' };
    // Nobody can make two such ids: a store is given one of another run, under the id that 0.1.0 would have given.
    const id = buildApprovalId('press', 'run-new', 'draft');
    const other = { ...of('run-waiting'), id: legacyApprovalId(id), executionId: 'run-of-another' };
    const raw = JSON.stringify({ value: other });
    const file = new DatabaseSync(storeUrl.replace('sqlite://', ''), { timeout: 10_000 });
    file.prepare('INSERT INTO records (key, raw) VALUES (?, ?)').run(`approval/${other.id}`, raw);
    await post('step', { kickoff_id: 'run-new' });
    expect(await post('task', body)).toEqual({ status: 'created', approval: id, round: 1 });
    expect(await post('task', { ...body, output: 'Another' })).toMatchObject({ approval: id, round: 2 });
    await sees(
      world.workspace,
      'its card',
      ({ approval, all, buttons }) =>
        approval === id && all.includes('round 2') && buttons.includes('Approve'),
    );
    const kept = file.prepare('SELECT raw FROM records WHERE key = ?').get(`approval/${other.id}`);
    expect(kept).toEqual({ raw });
    file.close();
  });
});
