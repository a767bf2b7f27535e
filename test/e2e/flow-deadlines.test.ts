import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/sandbox/crewai/flow/clock.ts';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import {
  FLOW_SECRET,
  type FlowWorld,
  QUESTION,
  startFlow,
  startFlowWorld,
  waits,
} from '../support/flow-world.ts';
import { clickOn } from '../support/process-steps.ts';
import { approvalOf, type Shown, sees, shown, startBot, startWorld, type World } from '../support/world.ts';
import { crewsFile } from './crew-settings.ts';

/** A clock whose timers go off when the test says so. */
function handClock(): { clock: Clock; ring: () => void } {
  const timers = new Set<() => void>();
  const after = (_: number, callback: () => void) => {
    timers.add(callback);
    return () => void timers.delete(callback);
  };
  const ring = () => {
    for (const callback of [...timers]) callback();
  };
  return { clock: { now: Date.now, after }, ring };
}

const IN_TIME = { ...QUESTION, timeOutAfterMs: 60_000 };

const closedCard = ({ workspace }: World, { ts }: Shown, says: string) =>
  sees(workspace, says, (message) => message.ts === ts && message.all.includes(says));

/** It says that CrewAI has its answer, offers nothing more, and blames nobody. */
function expectNoRefusal({ workspace }: World, { all, buttons }: Shown): void {
  expect(buttons).toEqual([]);
  expect(all).toContain(texts.card.noLongerWaiting);
  for (const { all: said } of [{ all }, ...shown(workspace)])
    expect(said).not.toMatch(/reject|409|Retry|token/);
}

async function answerInModal({ workspace }: World, { ts }: Shown, text: string): Promise<void> {
  await workspace.click({ user: 'UANA', channel: 'CAPPROVALS', ts, actionId: 'other_answer' });
  await workspace.changed(() => workspace.openView('UANA') !== undefined, { what: 'the modal' });
  await workspace.submit({ user: 'UANA', values: { feedback: { feedback: text } } });
}

describe('an answer after CrewAI has answered by itself at its time-out', () => {
  const ways: Record<string, [(world: FlowWorld, card: Shown) => Promise<unknown>, string]> = {
    'an option': [(world, card) => clickOn(world, card.ts, 'choose_1'), '*publish* chosen by <@UANA>'],
    'a text': [(world, card) => answerInModal(world, card, 'Not yet.'), 'Answered by <@UANA>'],
    'a typed choice': [
      (world, card) => ask(world, `choose ${approvalOf(card)} 2`),
      '*rewrite* chosen by <@UANA>',
    ],
  };
  test.each(Object.entries(ways))(
    'as %s is said to be late, on the card and to the person',
    async (_, [answers, says]) => {
      const { clock, ring } = handClock();
      const world = await startFlowWorld({ clock });
      const review = world.flow.ask(IN_TIME);
      const card = await waits(world);
      ring();
      expect(await review.answered).toMatchObject({ feedback: 'discard', via: 'timeout' });
      await answers(world, card);
      const closed = await closedCard(world, card, 'answered by its timeout');
      expect(closed.all).toContain(says);
      await sees(
        world.workspace,
        'the note',
        ({ all, thread_ts }) =>
          thread_ts === card.ts &&
          all.includes('CrewAI was no longer waiting for your decision. This was answered by its timeout'),
      );
      expectNoRefusal(world, closed);
      expect(review.answer()).toMatchObject({ feedback: 'discard', via: 'timeout' });
      expect((await ask(world, `choose ${approvalOf(card)} publish`)).all).toContain(
        'This was resolved elsewhere',
      );
    },
  );

  test('by the rule of the crew is said to be late too', async () => {
    const { clock, ring } = handClock();
    const world = await startWorld();
    const flow = await startFlow({ clock });
    const settings = crewsFile(
      world,
      'approvers: [UANA]',
      `flow_webhook_secrets: [${FLOW_SECRET}]`,
      `callback_hosts: ["${new URL(flow.baseUrl).host}"]`,
      'expire_after: 2 s',
      'on_expiry: default',
    );
    const bot = await startBot(world, settings);
    flow.sendTo(`${bot.url}/webhooks/press/flow`);
    flow.ask(IN_TIME);
    ring();
    const closed = await sees(
      world.workspace,
      'closed',
      ({ thread_ts, all }) => !thread_ts && all.includes('answered by its timeout'),
    );
    expect(closed.all).toContain('*discard* chosen by the expiry rule');
    expectNoRefusal(world, closed);
  });

  test('belongs to the next round when the Flow asks again: the older card says so, and nothing is sent', async () => {
    const { clock, ring } = handClock();
    const world = await startFlowWorld({ clock });
    const { flow, workspace } = world;
    let asked = 0;
    flow.ask({
      ...IN_TIME,
      onAnswer: () => {
        asked += 1;
        return asked === 1 ? { output: 'Another report' } : undefined;
      },
    });
    const first = await waits(world);
    ring();
    const second = await sees(workspace, 'round 2', ({ all }) => all.includes('Another report'));
    await closedCard(world, first, 'A newer output replaced this one');
    const { all } = await ask(world, `choose ${approvalOf(first)}.1 publish`);
    expect(all).toContain(texts.refusals.superseded(2));
    expect(flow.requests).toEqual([]);
    await clickOn(world, second.ts, 'choose_2');
    expect(await flow.reviews[1]?.answered).toMatchObject({ feedback: 'rewrite', via: 'api' });
  });
});

test('an answer after a reply by e-mail is said to be late', async () => {
  const world = await startFlowWorld();
  const review = world.flow.ask(QUESTION);
  const card = await waits(world);
  world.flow.answerByEmail(review.requestId, 'Publish it, please.');
  await clickOn(world, card.ts, 'choose_3');
  expectNoRefusal(world, await closedCard(world, card, 'answered by email'));
});

test.each([
  [
    'an unknown way',
    '{"error": "already_responded", "message": "Feedback already provided via fax at noon"}',
    'This was resolved elsewhere',
  ],
  ['no way', '{"error": "already_responded"}', 'This was resolved elsewhere'],
  ['another body', '{"detail": "Conflict"}', 'This was resolved elsewhere'],
  ['a page', '<html>409 Conflict</html>', 'This was resolved elsewhere'],
  ['nothing', '', 'This was resolved elsewhere'],
])('a 409 that names %s is an answer that came first, and not a refusal', async (_, body, says) => {
  const world = await startFlowWorld();
  const { flow } = world;
  flow.failures.plan({ on: 'respond', failure: { status: 409, body } });
  flow.ask(QUESTION);
  const card = await waits(world);
  await clickOn(world, card.ts, 'choose_1');
  expectNoRefusal(world, await closedCard(world, card, says));
  expect(flow.requests).toHaveLength(1);
});
