import { setImmediate } from 'node:timers/promises';
import type { HomeView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { expect, it } from 'vitest';
import type { Inbox } from '../../src/approval/inbox.ts';
import { createGiveWay } from '../../src/slack/give-way.ts';
import { createHome } from '../../src/slack/home.ts';
import { homeView } from '../../src/slack/views/home.ts';
import { approval, round, text } from './records.ts';
import { collectingLog, handClock } from './stage.ts';

const MINUTE = 60_000;
const links = { message: () => undefined, command: '/approvals' };
const nothing: Inbox = { waiting: [], others: 0, unchecked: 0, decided: [] };

function start({ inbox = nothing, giveWay = createGiveWay() } = {}) {
  const { log } = collectingLog();
  const hand = handClock();
  let now = 0;
  const clock = { ...hand.clock, now: () => now };
  const published: string[] = [];
  const views: HomeView[] = [];
  const publish = async ({ user_id, view }: { user_id: string; view: HomeView }) => {
    published.push(user_id);
    views.push(view);
  };
  const client = { views: { publish } } as unknown as WebClient;
  const home = createHome({
    client,
    inbox: async () => inbox,
    links,
    giveWay,
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
  return { home, hand, published, views, changed, later: (milliseconds: number) => (now += milliseconds) };
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

it('each output of a home tab is converted in a turn of its own, and the tab is what it would be at once', async () => {
  const waiting = Array.from({ length: 15 }, (_, n) => ({
    approval: approval([round()], { task: `task ${n}` }),
    output: text(`# Title ${n}\n\n${'- **one** of _many_ points\n'.repeat(500)}`),
  }));
  const inbox = { ...nothing, waiting };
  const giveWay = createGiveWay();
  let pieces = 0;
  const counting: typeof giveWay = (work) => {
    pieces += 1;
    return giveWay(work);
  };
  const { home, views } = start({ inbox, giveWay: counting });
  await Promise.all([home.opened('UANA'), home.opened('UBEN')]);
  expect(pieces).toBe(2 * waiting.length);
  expect(views).toEqual([homeView(inbox, links), homeView(inbox, links)]);
});

it('an output of a home tab that cannot be converted is in the log, and the next tab is shown', async () => {
  const waiting = [{ approval: approval([round()]), output: text('Hello') }];
  const giveWay = createGiveWay();
  let broken = true;
  const { home, published } = start({
    inbox: { ...nothing, waiting },
    giveWay: (work) =>
      giveWay(() => {
        if (!broken) return work();
        broken = false;
        throw new Error('not to be converted');
      }),
  });
  await home.opened('UANA');
  expect(published).toEqual([]);
  await home.opened('UBEN');
  expect(published).toEqual(['UBEN']);
});
