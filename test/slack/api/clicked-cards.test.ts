import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { Approval } from '../../../src/approval/model/approval.ts';
import type { Card } from '../../../src/approval/model/round.ts';
import type { CardContent } from '../../../src/approval/ports.ts';
import { createCards } from '../../../src/slack/api/cards.ts';
import { ClickedCards } from '../../../src/slack/api/clicked-cards.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { approval, round, text } from '../records.ts';
import { startStage } from '../stage.ts';

const links = { message: () => undefined, command: '/approvals' };

/** A card that was clicked, and a response_url that answers as the test says; `lost`: not at all. */
async function start(answer: string | 'lost') {
  const bodies: unknown[] = [];
  const slack = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
    if (answer === 'lost') request.socket.destroy();
    else response.setHeader('content-type', 'application/json').end(answer);
  }).listen(0, '127.0.0.1');
  await once(slack, 'listening');
  onTestFinished(() => void slack.close());
  const url = `http://127.0.0.1:${(slack.address() as AddressInfo).port}/`;

  const { workspace, client } = await startStage();
  const clock = createFakeClock();
  const again: [string, number, Card][] = [];
  const clicked = new ClickedCards(clock, (...which) => void again.push(which));
  const cards = createCards(client, links, clicked);
  const contentOf = (of: Approval): CardContent => {
    return { approval: of, round: of.rounds[0] as CardContent['round'], output: text('Hello') };
  };
  const card = { ...(await cards.post(contentOf(approval([round()])))), shown: '' };
  clicked.remember(card, url);
  const ended = contentOf(approval([round({ status: 'run_ended' })]));
  return {
    bodies,
    clock,
    again,
    card,
    update: () => cards.update(ended, card),
    id: ended.approval.id,
    shown: () => JSON.stringify(workspace.message('CAPPROVALS', card.ts)?.blocks),
    updates: () => workspace.calls.filter(({ method }) => method === 'chat.update').length,
  };
}

it('a clicked card is updated by its response_url once, and after that by chat.update', async () => {
  const { update, bodies, updates, again, clock } = await start('{"ok":true}');
  await update();
  expect(bodies).toMatchObject([{ response_type: 'in_channel', replace_original: true }]);
  expect(updates()).toBe(0);
  await update();
  expect([bodies.length, updates()]).toEqual([1, 1]);
  await clock.advance(60_000);
  expect(again).toEqual([]);
});

it('a card is updated by chat.update when its response_url answers 200 with an error', async () => {
  const { update, bodies, updates, shown } = await start('{"ok":false,"error":"invalid_blocks"}');
  await update();
  expect([bodies.length, updates()]).toEqual([1, 1]);
  expect(shown()).toContain(', before anyone decided.');
});

it('a card that was clicked more than 25 minutes ago is updated by chat.update', async () => {
  const { update, bodies, updates, clock } = await start('{"ok":true}');
  await clock.advance(25 * 60_000);
  await update();
  expect([bodies.length, updates()]).toEqual([0, 1]);
});

it('a card is shown again 30 s after the answer of its response_url was lost', async () => {
  const { update, bodies, updates, again, clock, card, id } = await start('lost');
  await expect(update()).rejects.toMatchObject({ failure: { kind: 'try_again' } });
  expect(updates()).toBe(0);
  await update();
  expect([bodies.length, updates()]).toEqual([1, 1]);
  await clock.advance(29_999);
  expect(again).toEqual([]);
  await clock.advance(1);
  expect(again).toEqual([[id, 1, card]]);
});
