import { expect, it, vi } from 'vitest';
import type { Service } from '../../src/approval/service.ts';
import { createHome } from '../../src/slack/home.ts';
import { collectingLog, handClock, startStage } from './stage.ts';

const MINUTE = 60_000;

async function start() {
  const { workspace, client } = await startStage();
  const { log } = collectingLog();
  const hand = handClock();
  let now = 0;
  const clock = { ...hand.clock, now: () => now };
  const empty = { waiting: [], others: 0, unchecked: 0, more: false, decided: [] };
  const service = { inbox: async () => empty } as unknown as Service;
  const home = createHome({ client, service, links: { message: () => undefined }, clock, log });
  const published = () =>
    workspace.calls.filter(({ method }) => method === 'views.publish').map(({ args }) => args.user_id);
  /** Something changes, and its refresh is over. */
  async function change(count: number) {
    home.changed();
    await vi.waitFor(() => {
      // A refresh that is not over yet puts off the next one.
      hand.ring();
      expect(published()).toHaveLength(count);
    });
  }
  return { home, hand, published, change, later: (milliseconds: number) => (now += milliseconds) };
}

it('a home tab is drawn when it is opened, and again when something changes, for whoever opened it in the last hour', async () => {
  const { home, hand, published, change, later } = await start();
  home.changed();
  expect(hand.waiting()).toEqual([]);
  await home.opened('UANA');
  later(40 * MINUTE);
  await home.opened('UBEN');
  expect(published()).toEqual(['UANA', 'UBEN']);
  later(20 * MINUTE);
  await change(4);
  expect(published().slice(2)).toEqual(['UANA', 'UBEN']);
  later(1);
  await change(5);
  expect(published().slice(4)).toEqual(['UBEN']);
  // Whoever opens it again is among them again.
  await home.opened('UANA');
  await change(8);
  expect(published().slice(6)).toEqual(['UBEN', 'UANA']);
});

it('changes that come together are one refresh, and after the end there is none', async () => {
  const { home, hand } = await start();
  await home.opened('UANA');
  for (let n = 0; n < 10; n += 1) home.changed();
  expect(hand.waiting()).toEqual([2_000]);
  home.close();
  home.changed();
  expect(hand.waiting()).toEqual([]);
});
