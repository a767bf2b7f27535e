import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { addNote, isNotice } from '../../../src/approval/lifecycle/rounds.ts';
import { transition } from '../../../src/approval/lifecycle/transitions.ts';
import { approvalSchema, currentRound, REVIEW_VERSION } from '../../../src/approval/model/approval.ts';
import {
  readApproval,
  readExecution,
  toStoredApproval,
  toStoredExecution,
} from '../../../src/approval/model/migrations.ts';
import type { Note } from '../../../src/approval/model/note.ts';
import { outputSchema } from '../../../src/approval/model/output.ts';
import { executionSchema } from '../../../src/approval/model/run/execution.ts';
import * as former from '../../support/stores/schemas-0.1.0.ts';
import { type Line, readLines } from '../../support/stores/story.ts';
import { AT, anApproval, approve } from '../builders.ts';
import { firstApproval, someEvents } from '../lifecycle/random-events.ts';
import { anEvent, answers, aPause, aTask, createRun, type Run, theEnd } from '../run-world.ts';

const STORES = join(import.meta.dirname, '..', '..', 'fixtures', 'stores');
const stored = (value: unknown) => JSON.parse(JSON.stringify(value));
/** Fields that have another name in the code than in the store. */
const STORED_AS: Readonly<Record<string, string>> = {
  duplicateCards: 'twins',
  continuedAt: 'wentOnAt',
  mayHaveContinued: 'mayHaveGoneOn',
  delivery: 'resume',
  unseenPausesReported: 'blindTold',
};

describe.each(readdirSync(STORES).filter((name) => name.endsWith('.jsonl')))('the store %s', (file) => {
  const values = (index: string) =>
    readLines(join(STORES, file))
      .filter(({ key }: Line) => key.startsWith(`${index}/`))
      .map(({ raw }) => (JSON.parse(raw) as { value: Record<string, unknown> }).value);

  test('has approvals that are read as they are', () => {
    expect(values('approval').length).toBeGreaterThan(8);
    for (const value of values('approval')) {
      const { v: _, policy: __, ...record } = value;
      expect(toStoredApproval(readApproval(value))).toMatchObject(record);
    }
  });

  test('has runs, outputs and results that are read as they are', () => {
    expect(values('execution').length).toBeGreaterThan(8);
    for (const value of values('execution')) expect(toStoredExecution(readExecution(value))).toEqual(value);
    for (const value of [...values('output'), ...values('result')])
      expect(outputSchema.parse(value)).toEqual(value);
  });
});

/** Where a schema allows only some values or leaves a field out, by the path of the field. */
function choicesOf(schema: z.ZodType, path = ''): Map<string, unknown[]> {
  const { def } = schema as unknown as { def: Record<string, unknown> & { type: string } };
  const found = new Map<string, unknown[]>();
  const add = (inner: unknown, at: string) => {
    for (const [where, values] of choicesOf(inner as z.ZodType, at)) {
      found.set(where, [...(found.get(where) ?? []), ...values]);
    }
  };
  switch (def.type) {
    case 'object':
      for (const [name, field] of Object.entries(def.shape as object)) {
        // A round has a delivery of its own, under that name.
        const renamed = name === 'delivery' && path !== '.lanes' ? name : (STORED_AS[name] ?? name);
        add(field, `${path}.${renamed}`);
      }
      break;
    case 'array':
      add(def.element, `${path}[]`);
      break;
    case 'optional':
      found.set(`${path}?`, [true]);
      add(def.innerType, path);
      break;
    case 'enum':
      found.set(path, Object.values(def.entries as object));
      break;
    case 'literal':
      found.set(path, def.values as unknown[]);
      break;
    case 'union':
      for (const option of def.options as z.ZodType[]) add(option, path);
      break;
  }
  return found;
}

/** Values of records of version 3, which it leaves to the replicas that know Flow reviews. */
const ONLY_IN_REVIEWS: ReadonlySet<unknown> = new Set([REVIEW_VERSION, 'choose', 'answered', 'default']);

describe.each([
  ['approval', approvalSchema, former.approvalSchema],
  ['run', executionSchema, former.executionSchema],
  ['output', outputSchema, former.outputSchema],
])('version 0.1.0 still reads what this version writes: an %s', (_, now, then) => {
  const [after, before] = [choicesOf(now), choicesOf(then)];

  test('has no value in an enum or union that it does not know', () => {
    expect(before.size).toBeGreaterThan(0);
    for (const [path, known] of before) {
      for (const value of after.get(path) ?? [])
        if (!ONLY_IN_REVIEWS.has(value)) expect(known, path).toContainEqual(value);
    }
  });

  test('has every field that it requires', () => {
    const required = [...before.keys()].filter((path) => !path.endsWith('?') && !before.has(`${path}?`));
    for (const path of required) {
      expect(after.has(path), path).toBe(true);
      expect(after.has(`${path}?`), path).toBe(false);
    }
  });
});

test('it reads every approval that webhooks, people and CrewAI can make of one', () => {
  fc.assert(
    fc.property(someEvents, fc.boolean(), (makes, named) => {
      let approval = firstApproval(named);
      for (const [index, make] of makes.entries()) {
        const result = transition(approval, make(AT + 1 + index, currentRound(approval).number));
        if ('approval' in result) approval = result.approval;
      }
      const written = stored(toStoredApproval(approval));
      const read = former.approvalSchema.parse(written);
      expect(written).toMatchObject(stored(read));
      expect(read.rounds.map(({ status }) => status)).toEqual(approval.rounds.map(({ status }) => status));
    }),
    { numRuns: 200 },
  );
});

test('messages that it does not know wait beside those that it does, and none is lost', () => {
  const known = new Set(choicesOf(former.approvalSchema).get('.notes[].kind'));
  const kinds = [
    ...(choicesOf(approvalSchema).get('.notes[].kind') ?? []),
    ...(choicesOf(approvalSchema).get('.notices[].kind') ?? []),
  ] as Note['kind'][];
  expect(kinds.length).toBeGreaterThan(known.size);
  for (const kind of kinds) {
    const note = { kind, decision: approve, task: 'draft', says: 'x', unsure: false } as unknown as Note;
    expect(isNotice(note)).toBe(!known.has(kind));
    const { notes, notices = [] } = addNote(anApproval(), note);
    expect([notes, notices]).toEqual(known.has(kind) ? [[note], []] : [[], [note]]);
  }
});

test.each<[string, (run: Run) => Promise<unknown>]>([
  [
    'a run with all that was registered and named',
    async (run) => {
      const url = 'https://hooks.example/human?token=x';
      await run.receiver.register(run.crew, 'e1', {
        urls: { task: 'https://hooks.example/task' },
        humanInputWebhook: { url, form: 'string' },
        approvers: ['UANA'],
      });
      await run.receives(aPause(1, 'A release', { form: 'object', meta: { humanInputUrl: url } }));
    },
  ],
  [
    'a run with events, an alias, reports and a failure',
    async (run) => {
      run.startWorker('w1');
      await run.receives(aTask('research', 'Findings'));
      await run.happens(anEvent('task_started', { task: 'draft', agent: 'Copywriter' }));
      const id = await run.opens(aPause(1, 'A release'));
      run.crewDoes.push(answers.live('e2'));
      await run.revises(id);
      await run.receives(aPause(2, 'A shorter release', { alias: 'e2' }));
      await run.happens(anEvent('crew_kickoff_failed', { executionId: 'e2', error: 'boom' }));
    },
  ],
  ['a run that may wait unseen', (run) => run.receives(aTask('draft'))],
  ['a run that has finished', (run) => run.receives(aPause(1, 'A release'), theEnd())],
])('it reads what is kept of %s', async (_, happens) => {
  const run = createRun({ rules: { approvers: ['UANA'] } });
  await happens(run);
  const record = stored(toStoredExecution(await run.run()));
  expect(record).toMatchObject(stored(former.executionSchema.parse(record)));
  for (const approval of await run.approvals()) {
    const kept = stored(toStoredApproval(approval));
    expect(kept).toMatchObject(stored(former.approvalSchema.parse(kept)));
  }
});
