import { expect, test } from 'vitest';
import { askQuestion } from '../../../src/approval/intake/ask-question.ts';
import { currentRound } from '../../../src/approval/model/approval.ts';
import { buildProgramRunId } from '../../../src/approval/model/run/program-run.ts';
import { ALLOW_CALL, allowsFurtherCalls, findAllowance } from '../../../src/approval/model/tool-call.ts';
import type { PeopleDirectory } from '../../../src/approval/ports.ts';
import { changeQuestion } from '../../../src/approval/questions.ts';
import { recordProgramRun } from '../../../src/approval/starts/program-starts.ts';
import { readProgramBody } from '../../../src/http/program-bodies.ts';
import { settled } from '../../support/fake-clock.ts';
import { createRun } from '../run-world.ts';

const SECOND = 1_000;

/** A program that calls a tool in its run, and a person who may allow it. */
function createTool({ people = {} }: { people?: Partial<PeopleDirectory> } = {}) {
  const world = createRun({ rules: { approvers: ['UANA'] }, people });
  world.startWorker('a');
  const app = { ...world.app };
  const { crew, clock, service } = world;
  const call = (id: string, more: object = {}) => {
    const body = { kind: 'tool', title: 'Send e-mail', output: { to: 'ana' }, run: 'r1', ...more };
    const read = readProgramBody('question', JSON.stringify(body));
    if (!('question' in read)) throw new Error(JSON.stringify(read));
    return askQuestion(app, crew, { ...read.question, id });
  };
  return {
    ...world,
    app,
    /** The approval that a call belongs to. */
    async call(id: string, more: object = {}): Promise<string> {
      const receipt = await call(id, more);
      if (!('approval' in receipt)) throw new Error(JSON.stringify(receipt));
      return receipt.approval;
    },
    say: (state: 'running' | 'failed') => recordProgramRun(app, crew, 'r1', { state }),
    async allow(approvalId: string) {
      const allowed = { action: 'choose', option: ALLOW_CALL } as const;
      const drawn = { place: 'last_page', language: 'en' } as const;
      await service.decide({ approvalId, round: 1, via: 'modal', drawn }, 'UANA', allowed);
      await clock.advance(SECOND);
      await changeQuestion(app, crew, 'q1', 'fetched');
      expect((await world.round(approvalId)).status).toBe('answered');
    },
    /** Has what the run is asked next wait its turn, until the function that it gives is called. */
    holdRun() {
      let end = () => {};
      const held = new Promise<void>((resolve) => {
        end = resolve;
      });
      void app.serialize(`${crew.name}/${buildProgramRunId('r1')}`, () => held);
      return end;
    },
  };
}

test.each<[string, (tool: ReturnType<typeof createTool>) => Promise<unknown>]>([
  ['another question continues the run', (tool) => tool.call('other', { output: { to: 'ben' } })],
  ['the program says that its run goes on', (tool) => tool.say('running')],
])(
  'a permission that was given while the end of its run waited ended with the run, also when %s',
  async (_, goOn) => {
    const tool = createTool();
    const first = await tool.call('q1');
    const release = tool.holdRun();
    const ended = tool.say('failed');
    const wentOn = goOn(tool);
    await tool.clock.advance(SECOND);
    await tool.allow(first);
    const began = tool.clock.now();
    release();
    await Promise.all([ended, wentOn]);
    const stored = await tool.store.run('press', buildProgramRunId('r1'));
    expect(stored?.record.allowsSince).toBe(began);
    expect(allowsFurtherCalls(await tool.approval(first), await tool.round(first))).toBe(false);
    const again = await tool.call('q2');
    expect(again).not.toBe(first);
    expect((await tool.round(again)).status).toBe('waiting');
  },
);

test('a decision on an approval whose run ended allows nothing', async () => {
  const tool = createTool();
  const first = await tool.call('q1');
  await tool.allow(first);
  const [approval, round] = [await tool.approval(first), await tool.round(first)];
  const call = { hash: round.hashes[0] ?? '', call: { isLong: false } };
  expect(findAllowance(approval, round, call, [])).toBe('call');
  expect(findAllowance({ ...approval, runEndedAt: tool.clock.now() }, round, call, [])).toBeUndefined();
});

test('a question expires, and its lease ends, as long after its turn in its run as it says', async () => {
  const tool = createTool();
  await tool.call('q1');
  const release = tool.holdRun();
  const asked = tool.call('q2', { output: { to: 'ben' }, expires_in: 10, lease: true });
  await tool.clock.advance(16 * SECOND);
  const began = tool.clock.now();
  release();
  const { question } = currentRound(await tool.approval(await asked));
  expect(question?.expiresAt).toBe(began + 10 * SECOND);
  expect(question?.leaseUntil).toBeGreaterThan(began + 10 * SECOND);
});

test('a run does not wait for Slack, which is asked once about who allowed a call before', async () => {
  let isKnown = true;
  let answer = () => {};
  const lookUps: (readonly string[])[] = [];
  const tool = createTool({
    people: {
      isGone: () => (isKnown ? false : undefined),
      learn: (ids) => {
        lookUps.push(ids);
        return new Promise<void>((resolve) => {
          answer = resolve;
        });
      },
    },
  });
  const first = await tool.call('q1');
  await tool.allow(first);
  for (const id of ['q2', 'q3', 'q4']) expect(await tool.call(id)).toBe(first);
  lookUps.length = 0;
  isKnown = false;
  const asked = tool.call('q5');
  await settled();
  expect(lookUps).toEqual([['UANA']]);
  // Slack has not answered yet.
  const beside = await tool.call('other', { output: { to: 'ben' } });
  expect((await tool.round(beside)).status).toBe('waiting');
  isKnown = true;
  answer();
  expect(await asked).toBe(first);
  isKnown = false;
  const unknown = tool.call('q6');
  await settled();
  answer();
  expect(await unknown).not.toBe(first);
  expect(lookUps).toHaveLength(2);
});
