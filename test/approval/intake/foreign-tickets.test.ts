import { expect, test } from 'vitest';
import type { Start } from '../../../src/approval/model/run/start.ts';
import { aPause, aStep, createRun, type Run, theEnd } from '../run-world.ts';
import { aStart } from '../starts/records.ts';

const IGNORED = 'run ticket ignored';
const ID = 'a'.repeat(20);

/** A decision whose answer was lost: its ticket. */
async function losesAnAnswer(run: Run): Promise<{ id: string; ticket: string }> {
  run.startWorker('w1');
  run.crewAlways(async () => ({ kind: 'unknown', failure: { kind: 'unknown' } }));
  const id = await run.opens(aPause(1, 'A release'));
  await run.approves(id);
  const [ticket] = (await run.round(id)).delivery?.tickets ?? [];
  return { id, ticket: `${id}.${ticket?.id}` };
}

test('the ticket of a decision says nothing in a URL of another crew, and is not spent by that', async () => {
  const run = createRun({ dialect: 'live' });
  const { id, ticket } = await losesAnAnswer(run);
  const budget = { ...run.crew, name: 'budget' };
  for (const webhook of [aStep({ run: 'e2' }), theEnd('The result', { run: 'e3' })])
    expect(await run.receiver.receive(budget, webhook, ticket)).toEqual({ status: 'noted' });
  expect(run.logged.filter((fact) => fact === IGNORED)).toHaveLength(2);
  expect((await run.round(id)).status).toBe('sending');
  for (const crew of ['press', 'budget'])
    for (const other of ['e2', 'e3']) expect(await run.store.originalId(crew, other)).toBe(other);
  await run.receiver.receive(run.crew, aStep({ run: 'e4' }), ticket);
  expect((await run.round(id)).status).toBe('approved');
  expect(await run.store.originalId('press', 'e4')).toBe('e1');
});

test('a pause of another crew with the ticket of a decision is an approval of its own, and proves nothing', async () => {
  const run = createRun({ dialect: 'live' });
  const { id, ticket } = await losesAnAnswer(run);
  const budget = { ...run.crew, name: 'budget' };
  for (const [pause, about] of [
    [2, {}],
    [3, { run: 'x9' }],
  ] as const) {
    const receipt = await run.receiver.receive(budget, aPause(pause, 'A budget', about), ticket);
    expect(receipt).toMatchObject({ status: 'created', round: 1 });
    expect(receipt.approval).not.toBe(id);
  }
  expect(run.logged.filter((fact) => fact === IGNORED)).toHaveLength(2);
  expect(await run.round(id)).toMatchObject({ number: 1, status: 'sending' });
});

test('the ticket of a start ties no run of another crew to it, and is not spent by that', async () => {
  const run = createRun({ dialect: 'live' });
  const start: Start = {
    ...aStart({ id: '00000000-0000-4000-8000-000000000001', crew: 'press', status: 'unsure', calledAt: 1 }),
    tickets: [{ id: ID }],
  };
  await run.store.save({ start: { previous: undefined, next: start } });
  const ticket = `${start.id}.${ID}`;
  await run.receiver.receive({ ...run.crew, name: 'budget' }, aStep({ run: 'e2' }), ticket);
  expect(run.logged).toContain(IGNORED);
  expect((await run.store.run('budget', 'e2'))?.record).not.toHaveProperty('thread');
  expect((await run.store.start(start.id))?.record.status).toBe('unsure');
  await run.receiver.receive(run.crew, aStep({ run: 'e2' }), ticket);
  expect((await run.store.start(start.id))?.record).toMatchObject({ status: 'running', executionId: 'e2' });
});

test('a pause that carries the ticket of a start ties no run to it: only what follows a start directly does', async () => {
  const run = createRun({ dialect: 'live' });
  const start: Start = {
    ...aStart({ id: '00000000-0000-4000-8000-000000000001', crew: 'press', status: 'unsure', calledAt: 1 }),
    tickets: [{ id: ID }],
  };
  await run.store.save({ start: { previous: undefined, next: start } });
  await run.receiver.receive(run.crew, aPause(1, 'A release', { run: 'e2' }), `${start.id}.${ID}`);
  expect(run.logged).toContain(IGNORED);
  expect((await run.store.start(start.id))?.record).toMatchObject(start);
});
