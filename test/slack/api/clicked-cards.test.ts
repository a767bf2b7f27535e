import { expect, it } from 'vitest';
import type { Card } from '../../../src/approval/model/round.ts';
import type { CardContent } from '../../../src/approval/ports.ts';
import { createCards } from '../../../src/slack/api/cards.ts';
import { ClickedCards } from '../../../src/slack/api/clicked-cards.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { approval, round, text } from '../records.ts';
import { startServer, startStage } from '../stage.ts';

/** A card that was clicked, and a response_url that answers as the test says; `lost`: not at all. */
async function start(answer: string | 'lost') {
  const bodies: unknown[] = [];
  const url = await startServer((body, response) => {
    bodies.push(JSON.parse(body));
    if (answer === 'lost') response.destroy();
    else response.setHeader('content-type', 'application/json').end(answer);
  });
  const { workspace, client } = await startStage();
  const clock = createFakeClock();
  const again: [string, number, Card][] = [];
  const clicked = new ClickedCards(clock, (...which) => void again.push(which));
  const cards = createCards(client, { message: () => undefined, command: '/approvals' }, { clicked });
  const content = (made = round()): CardContent => {
    return { approval: approval([made]), round: made, output: text('Hello') };
  };
  const card = { ...(await cards.post(content())), shown: '' };
  clicked.remember(card, url);
  return {
    clock,
    again,
    card,
    update: () => cards.update(content(round({ status: 'run_ended' })), card),
    shown: () => JSON.stringify(workspace.message('CAPPROVALS', card.ts)?.blocks),
    bodies,
    /** How often the response_url was called, and chat.update. */
    calls: () => [bodies.length, workspace.calls.filter(({ method }) => method === 'chat.update').length],
  };
}

it('updates a clicked card by its response_url once, and after that by chat.update', async () => {
  const { update, bodies, calls, again, clock } = await start('{"ok":true}');
  await update();
  expect(bodies).toMatchObject([{ response_type: 'in_channel', replace_original: true }]);
  expect(calls()).toEqual([1, 0]);
  await update();
  expect(calls()).toEqual([1, 1]);
  await clock.advance(60_000);
  expect(again).toEqual([]);
});

it('updates a card by chat.update when its response_url answers 200 with an error', async () => {
  const { update, calls, shown } = await start('{"ok":false,"error":"invalid_blocks"}');
  await update();
  expect(calls()).toEqual([1, 1]);
  expect(shown()).toContain(', before anyone decided.');
});

it('updates a card by chat.update that was clicked more than 25 minutes ago', async () => {
  const { update, calls, clock } = await start('{"ok":true}');
  await clock.advance(25 * 60_000);
  await update();
  expect(calls()).toEqual([0, 1]);
});

it('shows a card again 30 s after the answer of its response_url was lost', async () => {
  const { update, calls, again, clock, card } = await start('lost');
  await expect(update()).rejects.toMatchObject({ failure: { kind: 'try_again' } });
  expect(calls()).toEqual([1, 0]);
  await update();
  expect(calls()).toEqual([1, 1]);
  await clock.advance(29_999);
  expect(again).toEqual([]);
  await clock.advance(1);
  expect(again).toEqual([[approval([round()]).id, 1, card]]);
});
