import { describe, expect, test } from 'vitest';
import { hashOutput, readOutput } from '../../../src/approval/model/output.ts';
import { outcomes } from '../builders.ts';
import { aPause, aTask, createRun, type Run } from '../run-world.ts';

/** An output, with the ticket of an attempt by its number among all that were made. */
type Came = [text: string, attempt?: number];

const draft = (text: string) => aTask('draft', text);

/** A crew on the documented dialect whose first output was sent back twice: the first attempt had no answer. */
async function sentBackTwice(webhook = draft) {
  const run = createRun({ dialect: 'documented' });
  run.startWorker('a');
  run.crewDoes.push(async () => outcomes.unknown);
  const id = await run.opens(webhook('One'));
  await run.revise(id);
  await run.clock.advance(10_000);
  expect(await tickets(run, id)).toHaveLength(2);

  async function comes(...outputs: Came[]) {
    const all = await tickets(run, id);
    for (const [text, attempt] of outputs) {
      const ticket = attempt === undefined ? undefined : `${id}.${all[attempt]}`;
      await run.receiver.receive(run.crew, webhook(text), ticket);
      await run.clock.advance(1_000);
    }
  }
  const rounds = async () =>
    (await run.approval(id)).rounds.map(({ status, hashes }) => [nameText(hashes), status]);
  return { run, id, comes, rounds };
}

async function tickets(run: Run, id: string) {
  const { rounds } = await run.approval(id);
  return rounds.flatMap(({ delivery }) => delivery?.tickets?.map((ticket) => ticket.id) ?? []);
}

const nameText = ([hash]: readonly string[]) =>
  ['One', 'Two', 'Three', 'Four'].find((text) => hashOutput(readOutput(text)) === hash);

const REVISED = ['One', 'revision_requested'];

describe('CrewAI takes two attempts of a revision and does the task twice: both outputs are rounds, the last one waits', () => {
  // biome-ignore format: a table
  test.each<[string, Came[], string[][]]>([
    ['where the second output is the one that was sent back', [['Two', 0], ['One', 1]],
      [REVISED, ['Two', 'superseded'], ['One', 'waiting']]],
    ['where the second output is the first one again', [['Two', 0], ['Two', 1]],
      [REVISED, ['Two', 'superseded'], ['Two', 'waiting']]],
    ['where no output is another one', [['One', 0], ['One', 1]],
      [REVISED, ['One', 'superseded'], ['One', 'waiting']]],
    ['where the later attempt arrives first', [['Two', 1], ['One', 0]],
      [REVISED, ['Two', 'superseded'], ['One', 'waiting']]],
    ['and a webhook that comes again opens nothing', [['Two', 0], ['Two', 0], ['One', 1], ['Two', 0], ['One', 1]],
      [REVISED, ['Two', 'superseded'], ['One', 'waiting']]],
    ['and without a ticket both are redeliveries', [['Two', 0], ['One', 1], ['Two'], ['One']],
      [REVISED, ['Two', 'superseded'], ['One', 'waiting']]],
    ['except where the first output came without one: nothing tells them apart', [['Two'], ['One', 1]],
      [REVISED, ['Two', 'waiting']]],
  ])('%s', async (_, outputs, expected) => {
    const { comes, rounds } = await sentBackTwice();
    await comes(...outputs);
    expect(await rounds()).toEqual(expected);
  });

  test('also where a UUID names the task, whose pauses come by human-input webhooks', async () => {
    const { run, comes, rounds } = await sentBackTwice((text) => aPause(1, text));
    await comes(['Two', 0], ['One', 1], ['Two', 0]);
    expect(await rounds()).toEqual([REVISED, ['Two', 'superseded'], ['One', 'waiting']]);
    // The task's own webhook tells the same output and opens nothing.
    await run.receives(draft('Two'), draft('One'));
    expect(await rounds()).toHaveLength(3);
  });

  test('not by the task webhooks of a run whose pauses come by human-input webhooks', async () => {
    const { run, id, comes, rounds } = await sentBackTwice((text) => aPause('draft', text));
    await comes(['Two', 0]);
    const receipt = await run.receiver.receive(
      run.crew,
      draft('Two'),
      `${id}.${(await tickets(run, id))[1]}`,
    );
    expect(receipt.status).toBe('duplicate');
    expect(await rounds()).toEqual([REVISED, ['Two', 'waiting']]);
  });
});

describe('the second output of a task that was done twice', () => {
  test('keeps a decision on the first one from being sent, and the decider is told', async () => {
    const { run, id, comes, rounds } = await sentBackTwice();
    await comes(['Two', 0]);
    run.crewAlways(async () => outcomes.not_reached);
    await run.approve(id, 'UBEN', 2);
    await comes(['One', 1]);
    const { length } = run.resumes;
    expect(await rounds()).toEqual([REVISED, ['Two', 'superseded'], ['One', 'waiting']]);
    expect(run.notes()).toContainEqual(expect.objectContaining({ kind: 'not_sent', why: 'superseded' }));
    await run.clock.advance(60 * 60_000);
    expect(run.resumes).toHaveLength(length);
  });

  test('waits after CrewAI has said that nothing was pending while it did the task again', async () => {
    const { run, id, comes, rounds } = await sentBackTwice();
    await comes(['Two', 0]);
    run.crewDoes.push(async () => outcomes.not_pending);
    await run.approve(id, 'UBEN', 2);
    await comes(['One', 1]);
    expect(await rounds()).toEqual([REVISED, ['Two', 'resolved_elsewhere'], ['One', 'waiting']]);
  });

  test('is not the answer to a revision of the first one, whose own output is the next round', async () => {
    const { run, id, comes, rounds } = await sentBackTwice();
    await comes(['Two', 0]);
    await run.revise(id, 'UBEN', 2);
    await run.clock.advance(1_000);
    await comes(['One', 1], ['Two', 2], ['One', 1], ['Two', 2]);
    expect(await rounds()).toEqual([
      REVISED,
      ['Two', 'revision_requested'],
      ['One', 'superseded'],
      ['Two', 'waiting'],
    ]);
  });
});
