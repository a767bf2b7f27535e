import { describe, expect, test } from 'vitest';
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
