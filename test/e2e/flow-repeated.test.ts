import { expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import { type FlowWorld, QUESTION, sendReview, startFlowWorld, waits } from '../support/flow-world.ts';
import { clickOn } from '../support/process-steps.ts';
import { approvalOf, type Shown, sees, shown } from '../support/world.ts';

interface SentReview {
  output: unknown;
  callback_url: string;
}

/** A review that waits, and its webhook again with other fields. */
async function startRepeated() {
  const world = await startFlowWorld();
  const review = world.flow.ask(QUESTION);
  const card = await waits(world);
  const { body } = world.flow.webhooks[0] as { body: unknown };
  const repeat = (fields: object) => sendReview(world.bot, { ...(body as SentReview), ...fields });
  return { world, review, card, repeat, sent: body as SentReview };
}

const roots = ({ workspace }: FlowWorld) =>
  shown(workspace).filter(({ thread_ts }) => thread_ts === undefined);

/** The text of the modal that shows the whole output. */
async function readInFull(world: FlowWorld, { ts }: Shown): Promise<string> {
  const { workspace } = world;
  await clickOn(world, ts, 'read_in_full');
  await workspace.changed(() => workspace.openView('UANA') !== undefined, { what: 'the output' });
  return JSON.stringify(workspace.openView('UANA'));
}

test('a request that comes again with another output is a duplicate: its card shows the first output, and its answer is for that', async () => {
  const { world, review, card, repeat } = await startRepeated();
  for (const event_type of ['new_request', 'escalation']) {
    const { status, data } = await repeat({
      event_type,
      output: 'Another report',
      message: 'Another question?',
    });
    expect([status, data]).toEqual([202, { status: 'duplicate', approval: approvalOf(card), round: 1 }]);
  }
  await sees(world.workspace, 'the reminder', ({ thread_ts }) => thread_ts === card.ts);
  expect(roots(world)).toEqual([card]);
  expect(card.all).toContain('All is well.');
  await clickOn(world, card.ts, 'choose_1');
  expect(await review.answered).toMatchObject({ feedback: 'publish', via: 'api' });
  const settled = await sees(world.workspace, 'accepted', ({ all }) => all.includes('CrewAI accepted it'));
  expect(await readInFull(world, settled)).toContain('All is well.');
  expect(JSON.stringify(shown(world.workspace))).not.toContain('Another');
});

test('a request that comes again after its answer opens nothing', async () => {
  const { world, review, card, repeat } = await startRepeated();
  await clickOn(world, card.ts, 'choose_2');
  await review.answered;
  const settled = await sees(world.workspace, 'accepted', ({ all }) => all.includes('CrewAI accepted it'));
  for (const event_type of ['new_request', 'escalation'])
    expect((await repeat({ event_type, output: 'Another report' })).data).toMatchObject({
      status: 'duplicate',
    });
  expect((await ask(world, 'waiting')).all).toContain('Nothing is waiting');
  expect(shown(world.workspace)).toEqual([settled]);
});

test('a request that comes again with another callback does not redirect the answer', async () => {
  const { world, review, card, repeat, sent } = await startRepeated();
  const elsewhere = sent.callback_url.replace(/token=.*/, 'token=of-somebody-else');
  expect((await repeat({ callback_url: elsewhere })).data).toMatchObject({ status: 'duplicate' });
  await clickOn(world, card.ts, 'choose_1');
  expect(await review.answered).toMatchObject({ feedback: 'publish' });
});

test('a second request of the same method is the next round, and the first can no longer be decided', async () => {
  const { world, review, card, repeat } = await startRepeated();
  const { data } = await repeat({ id: 'another-request', output: 'Another report' });
  expect(data).toEqual({ status: 'created', approval: approvalOf(card), round: 2 });
  await sees(world.workspace, 'round 2', ({ all }) => all.includes('Another report'));
  expect((await ask(world, `choose ${approvalOf(card)}.1 publish`)).all).toContain(
    texts.refusals.superseded(2),
  );
  expect(review.answer()).toBeUndefined();
  expect(world.flow.requests).toEqual([]);
});
