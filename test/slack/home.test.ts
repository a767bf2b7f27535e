import { setImmediate } from 'node:timers/promises';
import type { WebClient } from '@slack/web-api';
import { expect, it } from 'vitest';
import { createGiveWay } from '../../src/slack/give-way.ts';
import { createHome } from '../../src/slack/home.ts';
import { collectingLog, handClock } from './stage.ts';

const MINUTE = 60_000;

function start() {
  const { log } = collectingLog();
  const hand = handClock();
  let now = 0;
  const clock = { ...hand.clock, now: () => now };
  const empty = { waiting: [], others: 0, unchecked: 0, decided: [] };
  const published: string[] = [];
  const publish = async ({ user_id }: { user_id: string }) => void published.push(user_id);
  const client = { views: { publish } } as unknown as WebClient;
  const home = createHome({
    client,
    inbox: async () => empty,
    links: { message: () => undefined, command: '/approvals' },
    giveWay: createGiveWay(),
    clock,
    log,
  });
  /** Something changes: whose home tabs are drawn anew. */
  async function changed(): Promise<string[]> {
    const before = published.length;
    home.changed();
    hand.ring();
    await setImmediate();
    return published.slice(before);
  }
  return { home, hand, published, changed, later: (milliseconds: number) => (now += milliseconds) };
}

it('a home tab is drawn when it is opened, and again when something changes, for whoever opened it in the last hour', async () => {
  const { home, hand, published, changed, later } = start();
  home.changed();
  expect(hand.waiting()).toEqual([]);
  await home.opened('UANA');
  later(40 * MINUTE);
  await home.opened('UBEN');
  expect(published).toEqual(['UANA', 'UBEN']);
  later(20 * MINUTE);
  expect(await changed()).toEqual(['UANA', 'UBEN']);
  later(1);
  expect(await changed()).toEqual(['UBEN']);
  // Whoever opens it again is among them again.
  await home.opened('UANA');
  expect(await changed()).toEqual(['UBEN', 'UANA']);
});

it('changes that come together are one refresh, and after the end there is none', async () => {
  const { home, hand } = start();
  await home.opened('UANA');
  for (let n = 0; n < 10; n += 1) home.changed();
  expect(hand.waiting()).toEqual([2_000]);
  home.close();
  home.changed();
  expect(hand.waiting()).toEqual([]);
});
