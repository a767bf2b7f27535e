import { setImmediate } from 'node:timers/promises';
import type { HomeView } from '@slack/types';
import { WebAPIRateLimitedError, type WebClient } from '@slack/web-api';
import { expect, it } from 'vitest';
import type { Inbox } from '../../../src/approval/queries/inbox.ts';
import { RateLimits } from '../../../src/approval/worker/rate-limits.ts';
import { createGiveWay } from '../../../src/lib/give-way.ts';
import { drawHome } from '../../../src/sandbox/gallery/look-ups.ts';
import { Home } from '../../../src/slack/api/home.ts';
import { until } from '../../support/until.ts';
import { approval, round, text } from '../records.ts';
import { collectingLog, handClock } from '../stage.ts';

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
  let refused = false;
  let lost = 0;
  let attempts = 0;
  const publish = async ({ user_id, view }: { user_id: string; view: HomeView }) => {
    attempts += 1;
    if (lost > 0) {
      lost -= 1;
      throw new Error('timeout');
    }
    if (refused) {
      refused = false;
      throw new WebAPIRateLimitedError(30);
    }
    published.push(user_id);
    views.push(view);
  };
  const client = { views: { publish } } as unknown as WebClient;
  let others = 0;
  const home = new Home(
    { client, clock, log },
    { readInbox: async () => ({ ...inbox, others }), links, giveWay, turns: new RateLimits(clock) },
  );
  /** Something changes: whose home tabs are drawn again. */
  async function changed(): Promise<string[]> {
    const before = published.length;
    home.refreshSoon();
    hand.ring();
    await setImmediate();
    return published.slice(before);
  }
  const change = () => (others += 1);
  const refuse = () => {
    refused = true;
  };
  return {
    home,
    hand,
    published,
    views,
    changed,
    change,
    refuse,
    /** The next calls get no answer. */
    lose: (calls: number) => {
      lost = calls;
    },
    attempts: () => attempts,
    later: (milliseconds: number) => (now += milliseconds),
  };
}

it('a home tab is drawn when it is opened, and again when it changes, for whoever opened it in the last hour', async () => {
  const { home, hand, published, changed, change, later } = start();
  home.refreshSoon();
  expect(hand.waiting()).toEqual([]);
  await home.open('UANA');
  later(40 * MINUTE);
  await home.open('UBEN');
  expect(published).toEqual(['UANA', 'UBEN']);
  later(20 * MINUTE);
  change();
  expect(await changed()).toEqual(['UANA', 'UBEN']);
  later(5_000);
  change();
  expect(await changed()).toEqual(['UBEN']);
  // A person who opens it again is among them again.
  await home.open('UANA');
  later(5_000);
  change();
  expect(await changed()).toEqual(['UBEN', 'UANA']);
});

it('a home tab that would show the same is not drawn again, except for whoever opens it', async () => {
  const { home, published, changed, later } = start();
  await home.open('UANA');
  later(5_000);
  expect(await changed()).toEqual([]);
  await home.open('UANA');
  expect(published).toEqual(['UANA', 'UANA']);
});

it('what changes right after a home tab was drawn is shown a little later', async () => {
  const { home, hand, published, changed, change, later } = start();
  later(MINUTE);
  await home.open('UANA');
  change();
  expect(await changed()).toEqual([]);
  expect(hand.waiting()).toEqual([5_000]);
  later(5_000);
  hand.ring();
  await until(() => expect(published).toEqual(['UANA', 'UANA']));
});

it('a home tab that Slack refuses for its rate limit is drawn later, and whoever opens one then gets it first', async () => {
  const { home, hand, published, refuse, later } = start();
  refuse();
  await home.open('UANA');
  expect(published).toEqual([]);
  later(31_000);
  while (hand.waiting().length > 0) hand.ring();
  await until(() => expect(published).toEqual(['UANA']));
});

it('a home tab that someone opens is tried once more, and only once, when the call was lost', async () => {
  const { home, hand, published, lose, attempts } = start();
  lose(1);
  await home.open('UANA');
  expect(hand.waiting()).toEqual([1_000]);
  hand.ring();
  await until(() => expect(published).toEqual(['UANA']));
  lose(2);
  await home.open('UANA');
  hand.ring();
  await until(() => expect(attempts()).toBe(4));
  await setImmediate();
  expect([published, hand.waiting()]).toEqual([['UANA'], []]);
});

it('a home tab has the button *Start a crew* only for a person who can start one', async () => {
  const actionIds = ({ blocks }: HomeView) => JSON.stringify(blocks).match(/"action_id":"start_crew"/g) ?? [];
  expect(actionIds(drawHome({ ...nothing, starts: true }, links))).toHaveLength(1);
  expect(actionIds(drawHome(nothing, links))).toEqual([]);
});

it('changes that come together are one refresh, and after the end there is none', async () => {
  const { home, hand } = start();
  await home.open('UANA');
  for (let n = 0; n < 10; n += 1) home.refreshSoon();
  expect(hand.waiting()).toEqual([2_000]);
  home.close();
  home.refreshSoon();
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
  await Promise.all([home.open('UANA'), home.open('UBEN')]);
  expect(pieces).toBe(2 * waiting.length);
  expect(views).toEqual([drawHome(inbox, links), drawHome(inbox, links)]);
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
  await home.open('UANA');
  expect(published).toEqual([]);
  await home.open('UBEN');
  expect(published).toEqual(['UBEN']);
});
