import { expect, test } from 'vitest';
import { askQuestion } from '../../src/approval/intake/ask-question.ts';
import { ProgramWaits } from '../../src/approval/program-waits.ts';
import { readProgramBody } from '../../src/http/program-bodies.ts';
import { settled } from '../support/fake-clock.ts';
import { createRun } from './run-world.ts';

const SECOND = 1_000;

/** Two questions that wait; `holdNext` stops a request between its read and its wait, until it is released. */
async function createAsked() {
  const run = createRun();
  run.startWorker('a');
  const approvals: string[] = [];
  for (const id of ['q1', 'q2']) {
    const read = readProgramBody('question', JSON.stringify({ title: 'Ship?', text: id }));
    if (!('question' in read)) throw new Error(JSON.stringify(read));
    const receipt = await askQuestion({ ...run.app }, run.crew, { ...read.question, id });
    if ('approval' in receipt) approvals.push(receipt.approval);
  }
  let reads = Number.NEGATIVE_INFINITY;
  let release = () => {};
  const question: typeof run.store.question = async (crew, id) => {
    const pointer = await run.store.question(crew, id);
    reads += 1;
    // The first read is of the question, the second one of where it is.
    if (reads === 2)
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    return pointer;
  };
  const waits = new ProgramWaits({ ...run.app, store: { ...run.store, question } });
  const gone = new AbortController();
  return {
    waits,
    gone,
    clock: run.clock,
    async read(id: string) {
      let status: string | undefined;
      void waits.readQuestions(run.crew, [id], 25 * SECOND, gone.signal).then(([state]) => {
        status = state?.status;
      });
      await settled();
      return () => status;
    },
    holdNext() {
      reads = 0;
    },
    async release() {
      release();
      await settled();
    },
    /** A person answers the first question; what was stored. */
    async answer() {
      const [id = ''] = approvals;
      await run.approve(id);
      await settled();
      return run.approval(id);
    },
  };
}

test('an answer that is recorded here between the read and the wait of a request ends it at once', async () => {
  const { waits, read, holdNext, release, answer } = await createAsked();
  holdNext();
  const status = await read('q1');
  waits.heard(await answer());
  await release();
  expect(status()).toBe('answered');
});

test('an answer of another replica that was read for other requests is not missed by the next one', async () => {
  const { clock, read, holdNext, release, answer } = await createAsked();
  const [first] = [await read('q1'), await read('q2')];
  holdNext();
  const second = await read('q1');
  await answer();
  await clock.advance(SECOND);
  expect(first()).toBe('answered');
  await release();
  await clock.advance(2 * SECOND);
  expect(second()).toBe('answered');
});

test.each<[string, (asked: Awaited<ReturnType<typeof createAsked>>) => void]>([
  ['its program is gone', ({ gone }) => gone.abort()],
  ['the bot stops', ({ waits }) => waits.close()],
])('a request does not begin to wait once %s', async (_, end) => {
  const asked = await createAsked();
  asked.holdNext();
  const status = await asked.read('q1');
  end(asked);
  await asked.release();
  expect(status()).toBe('waiting');
});

/** Two questions that are polled; `reads` counts what the store is asked. */
async function createPolled() {
  const run = createRun();
  run.startWorker('a');
  const ids = ['q1', 'q2'];
  const approvals: string[] = [];
  for (const id of ids) {
    const read = readProgramBody('question', JSON.stringify({ title: 'Ship?', text: id }));
    if (!('question' in read)) throw new Error(JSON.stringify(read));
    const receipt = await askQuestion({ ...run.app }, run.crew, { ...read.question, id });
    if ('approval' in receipt) approvals.push(receipt.approval);
  }
  const reads = { questions: 0, together: 0 };
  const store: typeof run.store = {
    ...run.store,
    question(crew, id) {
      reads.questions += 1;
      return run.store.question(crew, id);
    },
    approvals(wanted) {
      reads.together += 1;
      return run.store.approvals(wanted.filter((id) => !deleted.has(id)));
    },
    approval: async (id) => (deleted.has(id) ? undefined : run.store.approval(id)),
  };
  const deleted = new Set<string>();
  const waits = new ProgramWaits({ ...run.app, store });
  const poll = async (id = 'q1') => (await waits.pollQuestion(run.crew, id)).status;
  return { ...run, waits, reads, poll, approvals, deleted };
}

test('questions that are polled again and again are read together, once a second, until nobody polls them', async () => {
  const { poll, reads, clock } = await createPolled();
  expect([await poll('q1'), await poll('q2')]).toEqual(['waiting', 'waiting']);
  const before = reads.questions;
  for (let second = 0; second < 10; second += 1) {
    expect([await poll('q1'), await poll('q2')]).toEqual(['waiting', 'waiting']);
    await clock.advance(SECOND);
  }
  expect(reads).toEqual({ questions: before, together: 10 });
  await clock.advance(60 * SECOND);
  const idle = reads.together;
  await clock.advance(60 * SECOND);
  expect(reads.together).toBe(idle);
  expect(await poll('q1')).toBe('waiting');
});

test('a poll finds an answer of this replica at once, and that of another one within a second', async () => {
  const { poll, clock, approve, approval, approvals, waits } = await createPolled();
  expect([await poll('q1'), await poll('q2')]).toEqual(['waiting', 'waiting']);
  const [first = '', second = ''] = approvals;
  await approve(first);
  await settled();
  waits.heard(await approval(first));
  expect([await poll('q1'), await poll('q2')]).toEqual(['answered', 'waiting']);
  await approve(second);
  await settled();
  await clock.advance(SECOND);
  expect(await poll('q2')).toBe('answered');
});

test('a poll finds within a second that retention has deleted the question', async () => {
  const { poll, clock, approvals, deleted } = await createPolled();
  expect(await poll('q1')).toBe('waiting');
  deleted.add(approvals[0] ?? '');
  await clock.advance(SECOND);
  expect([await poll('q1'), await poll('q2')]).toEqual(['unknown', 'waiting']);
});
