import { describe, expect, test } from 'vitest';
import type { Approval } from '../../../src/approval/model/approval.ts';
import { buildApprovalId, legacyApprovalId } from '../../../src/approval/model/ids.ts';
import { readOutput } from '../../../src/approval/model/output.ts';
import { StoreError } from '../../../src/lib/errors.ts';
import { buildApprovalKey } from '../../../src/store/keys.ts';
import { anApproval, aRound } from '../builders.ts';
import { createWorld, crew } from '../worker/worker-world.ts';

const OWN = buildApprovalId('press', 'e1', 'draft');
const FORMER = legacyApprovalId(OWN);
const ELSEWHERE = 'https://hooks.example/step';

type World = ReturnType<typeof createWorld>;

/** A record of version 0.1.0 under the id that version gave to e1's draft; `run`: e1 is known already. */
async function stored(world: World, over: Partial<Approval>, run: boolean): Promise<string> {
  const hash = 'text:of-0.1.0';
  const approval = anApproval([aRound({ taskId: 'draft', hashes: [hash] })], { id: FORMER, ...over });
  const outputs = [{ hash, output: readOutput('What version 0.1.0 showed') }];
  expect(await world.store.saveApproval(undefined, approval, { outputs })).toBe(true);
  if (run) await hears(world, approval.crew === 'press' && approval.executionId === 'e1' ? [FORMER] : []);
  return rawOf(world);
}

const rawOf = async ({ memory }: World) => (await memory.records.get(buildApprovalKey(FORMER))) as string;

/** The run e1 has been heard of, with these approvals; `lost`: its record was damaged. */
async function hears(world: World, approvals: string[], lost = false): Promise<void> {
  const meta = { urls: { step: ELSEWHERE } };
  await world.receiver.receive(crew, { kind: 'step', executionId: 'e1', meta, warnings: [] });
  const run = await world.store.execution('press', 'e1');
  if (!run) throw new Error('e1 was not recorded');
  await world.store.saveExecution(run, { ...run.record, approvals, ...(lost ? { lost } : {}) });
}

describe('an approval that version 0.1.0 opened', () => {
  const own = { crew: 'press', executionId: 'e1', task: 'draft' };

  test('gets the next output of its task as its round 2, under its id', async () => {
    const world = createWorld();
    await stored(world, own, true);
    expect(await world.output('Another release')).toBe(FORMER);
    expect(await world.round(FORMER)).toMatchObject({ number: 2, status: 'waiting' });
    expect((await world.approval(FORMER)).rounds[0]).toMatchObject({ status: 'superseded' });
    expect(await world.store.approval(OWN)).toBeUndefined();
    expect((await world.store.execution('press', 'e1'))?.record.approvals).toEqual([FORMER]);

    expect(await world.output('Another release')).toBe(FORMER);
    expect((await world.approval(FORMER)).rounds).toHaveLength(2);
    expect(await world.output('A third release')).toBe(FORMER);
    expect((await world.approval(FORMER)).rounds).toHaveLength(3);
  });

  test('is joined to its run again when the record of the run was damaged', async () => {
    const world = createWorld();
    await stored(world, own, true);
    await hears(world, [], true);
    expect(await world.output('Another release')).toBe(FORMER);
    expect((await world.store.execution('press', 'e1'))?.record.approvals).toEqual([FORMER]);
  });

  test('hears what other tasks of its run report, which get ids of this version', async () => {
    const world = createWorld();
    await stored(world, own, true);
    const other = await world.output('A layout', { task: 'layout' });
    expect(other).toBe(buildApprovalId('press', 'e1', 'layout'));
    expect((await world.round(FORMER)).mayHaveContinued).toBe(true);
  });
});

describe('an approval of somebody else under the id that version 0.1.0 would have given', () => {
  test.each([
    ['another crew', { crew: 'budget', executionId: 'e1', task: 'draft' }],
    ['another run', { crew: 'press', executionId: 'e2', task: 'draft' }],
    ['another crew, run and task', { crew: 'budget', executionId: 'e2', task: 'plan' }],
  ])('of %s is never touched: the task opens one of its own', async (_, over) => {
    for (const run of [true, false]) {
      const world = createWorld();
      const raw = await stored(world, over, run);
      expect(await world.output('A release')).toBe(OWN);
      expect(await world.output('Another release')).toBe(OWN);
      expect(await world.round(OWN)).toMatchObject({ number: 2 });
      await world.receiver.receive(crew, {
        kind: 'crew',
        executionId: 'e1',
        meta: { urls: {} },
        warnings: [],
        result: readOutput('The end'),
      });
      expect((await world.round(OWN)).status).toBe('run_ended');
      expect(await rawOf(world)).toBe(raw);
    }
  });

  test('of another task of the same run hears of the run and keeps its own output', async () => {
    const world = createWorld();
    await stored(world, { crew: 'press', executionId: 'e1', task: 'plan' }, true);
    expect(await world.output('A release')).toBe(OWN);
    const other = await world.approval(FORMER);
    expect(other).toMatchObject({ task: 'plan', rounds: [{ status: 'waiting', mayHaveContinued: true }] });
    expect(await world.store.output(FORMER, 'text:of-0.1.0')).toEqual(
      readOutput('What version 0.1.0 showed'),
    );
    expect((await world.store.execution('press', 'e1'))?.record.approvals).toEqual([FORMER, OWN]);
  });

  test('is never touched under a whole id either: the webhook is refused and comes again', async () => {
    const world = createWorld();
    const other = anApproval([aRound()], { id: OWN, crew: 'budget', executionId: 'e1' });
    await world.store.saveApproval(undefined, other);
    const raw = await world.memory.records.get(buildApprovalKey(OWN));
    await expect(world.output('A release')).rejects.toThrow(StoreError);
    await expect(world.output('A release')).rejects.toThrow('belongs to another run');
    expect(await world.memory.records.get(buildApprovalKey(OWN))).toBe(raw);
    expect(await world.store.execution('press', 'e1')).toBeUndefined();
  });
});
