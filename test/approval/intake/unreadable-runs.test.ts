import { describe, expect, test } from 'vitest';
import { RecordError } from '../../../src/lib/errors.ts';
import { buildKey } from '../../../src/store/keys.ts';
import { deleteRecord, putRecord } from '../../support/records.ts';
import { aStep, aTask, createRun, type Run } from '../run-world.ts';

const KEY = buildKey('execution', 'e1', 'press');
const CANNOT_CHECK = { done: false, refusal: { code: 'cannot_check' } };
const registered = { urls: { task: 'https://hooks.example/registered' }, approvers: ['UANA'] };
const waits = async (rules = {}) => {
  const run = createRun({ dialect: 'documented', rules });
  run.startWorker('w1');
  await run.receiver.register(run.crew, 'e1', registered);
  return { run, id: await run.opens(aTask('draft', 'A release')) };
};

describe('a run whose record was damaged or lost', () => {
  const damage = ({ memory }: Run) => putRecord(memory.records, KEY, '{"value":{"v":1,"crew"');
  const lose = ({ memory }: Run) => deleteRecord(memory.records, KEY);

  test.each([
    ['a step', damage, aStep()],
    ['another task', damage, aTask('another', 'A budget')],
    ['the same task', damage, aTask('draft', 'A release')],
    ['its own next output', damage, aTask('draft', 'Another release')],
    ['its own next output, and no record is left', lose, aTask('draft', 'Another release')],
  ])(
    'is decided by nobody until a registration says who can, whatever comes first: %s',
    async (_, happens, webhook) => {
      const { run, id } = await waits({ approvers: ['UANA', 'UBEN'] });
      await happens(run);
      await run.receives(webhook);
      for (const person of ['UBEN', 'UANA'])
        expect(await run.approves(id, person)).toMatchObject(CANNOT_CHECK);
      expect(run.resumes).toEqual([]);
      await run.receiver.register(run.crew, 'e1', registered);
      expect(await run.approves(id, 'UBEN')).toMatchObject({ refusal: { code: 'not_approver' } });
      expect(await run.approves(id, 'UANA')).toMatchObject({ done: true });
    },
  );
});

/** A newer version of the bot writes the approval; gives what brings the record back. */
async function writeByNewerVersion({ memory }: Run, id: string) {
  const key = `approval/${id}`;
  const raw = (await memory.records.get(key)) as string;
  const stored = JSON.parse(raw) as { value: { v: number } };
  stored.value.v = 99;
  await putRecord(memory.records, key, JSON.stringify(stored));
  return () => putRecord(memory.records, key, raw);
}

test('what belongs to an approval that a newer version wrote is rejected until that is read, other tasks go on', async () => {
  const { run, id } = await waits();
  const restore = await writeByNewerVersion(run, id);
  const registration = { urls: {}, channel: 'CNOTOURS' };
  await expect(run.receiver.register(run.crew, 'e1', registration)).rejects.toThrow(RecordError);
  await expect(run.receives(aTask('draft', 'Another release'))).rejects.toThrow(RecordError);
  expect(await run.receives(aTask('layout', 'Two columns'))).toMatchObject({ status: 'created' });
  await restore();
  await run.receiver.register(run.crew, 'e1', registration);
  expect((await run.approvals()).flatMap(({ ignored = [] }) => ignored)).toHaveLength(1);
});
