import { expect, test } from 'vitest';
import { RecordError } from '../../../src/lib/errors.ts';
import { putRecord } from '../../support/records.ts';
import { aPause, aTask, createRun, type Run } from '../run-world.ts';

/** A newer version of the bot writes the approval; gives what brings the record back. */
async function writeByNewerVersion({ memory }: Run, id: string) {
  const key = `approval/${id}`;
  const raw = (await memory.records.get(key)) as string;
  const stored = JSON.parse(raw) as { value: { v: number } };
  stored.value.v = 99;
  await putRecord(memory.records, key, JSON.stringify(stored));
  return () => putRecord(memory.records, key, raw);
}

test('a registration that the card has to report is rejected while a newer version has the card, and reported later', async () => {
  const run = createRun({ dialect: 'documented' });
  const id = await run.opens(aTask('draft'));
  const restore = await writeByNewerVersion(run, id);
  const registration = { urls: {}, channel: 'CNOTOURS' };
  await expect(run.receiver.register(run.crew, 'e1', registration)).rejects.toThrow(RecordError);
  await restore();
  await run.receiver.register(run.crew, 'e1', registration);
  expect((await run.approval(id)).ignored).toHaveLength(1);
});

test('a webhook of an approval that a newer version wrote is rejected, other tasks go on', async () => {
  const run = createRun({ dialect: 'documented' });
  const id = await run.opens(aTask('draft'));
  await writeByNewerVersion(run, id);
  await expect(run.receives(aTask('draft', 'Another release'))).rejects.toThrow(RecordError);
  expect(await run.receives(aTask('layout', 'Two columns'))).toMatchObject({ status: 'created' });
});

test('an alias that two webhooks name at once is recorded once, and neither waits', async () => {
  const run = createRun({ dialect: 'live' });
  await run.opens(aPause(1, 'A release'));
  const commits = run.memory.commits();
  await Promise.all([1, 2].map(() => run.receiver.recordAlias('press', 'e2', 'e1')));
  expect(await run.store.originalId('press', 'e2')).toBe('e1');
  expect(run.memory.commits() - commits).toBeLessThan(5);
});
