import { setImmediate } from 'node:timers/promises';
import type { HomeView } from '@slack/types';
import { WebAPIRateLimitedError, type WebClient } from '@slack/web-api';
import { expect, it } from 'vitest';
import type { Inbox } from '../../../src/approval/queries/inbox.ts';
import { RateLimits } from '../../../src/approval/worker/rate-limits.ts';
import { FEATURES } from '../../../src/features/index.ts';
import { createGiveWay } from '../../../src/lib/time.ts';
import { Home } from '../../../src/slack/api/home.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { drawHome } from '../../gallery/look-ups.ts';
import { until } from '../../support/until.ts';
import { approval, round, text } from '../records.ts';
import { collectingLog, handClock } from '../stage.ts';

const MINUTE = 60_000;
const links = { message: () => undefined, command: '/approvals' };
const nothing: Inbox = {
  waiting: [],
  others: 0,
  unchecked: 0,
  decided: [],
  permissions: [],
  away: { standsInFor: [] },
};

/** Home tabs in a played Slack, by a clock that is driven. */
function start({ inbox = nothing, giveWay = createGiveWay() } = {}) {
  const hand = handClock();
  const world = { now: 0, others: 0, attempts: 0 };
  const clock = { ...hand.clock, now: () => world.now };
  const published: string[] = [];
  const views: HomeView[] = [];
  /** What the next calls fail with. */
  const failures: Error[] = [];
  const publish = async ({ user_id, view }: { user_id: string; view: HomeView }) => {
    world.attempts += 1;
    const failure = failures.shift();
    if (failure) throw failure;
    published.push(user_id);
    views.push(view);
  };
  const client = { views: { publish } } as unknown as WebClient;
  const readInbox = async () => ({ ...inbox, others: world.others });
  const languages = { textsFor: () => async () => en };
  const setup = {
    readInbox,
    links,
    giveWay,
    rateLimits: new RateLimits(clock),
    languages,
    features: FEATURES,
  };
  const home = new Home({ client, clock, log: collectingLog().log }, setup);
  /** Something may have changed: whose home tabs are drawn again. */
  async function refresh(): Promise<string[]> {
    const before = published.length;
    home.refreshSoon();
    hand.ring();
    await setImmediate();
    return published.slice(before);
  }
  return { home, hand, world, published, views, failures, refresh };
}

it('draws a home tab when it is opened, and when it changes in the hour after that', async () => {
  const { home, hand, world, published, refresh } = start();
  const changeAfter = (milliseconds: number) => {
    world.now += milliseconds;
    world.others += 1;
    return refresh();
  };
  home.refreshSoon();
  expect(hand.waiting()).toEqual([]);
  await home.open('UANA');
  world.now += 40 * MINUTE;
  await home.open('UBEN');
  expect(published).toEqual(['UANA', 'UBEN']);
  expect(await changeAfter(20 * MINUTE)).toEqual(['UANA', 'UBEN']);
  expect(await changeAfter(5_000)).toEqual(['UBEN']);
  // A person who opens it again is among them again.
  await home.open('UANA');
  expect(await changeAfter(5_000)).toEqual(['UBEN', 'UANA']);
});

it('draws a home tab that would show the same only when it is opened', async () => {
  const { home, world, published, refresh } = start();
  await home.open('UANA');
  world.now += 5_000;
  expect(await refresh()).toEqual([]);
  await home.open('UANA');
  expect(published).toEqual(['UANA', 'UANA']);
});

it('shows a little later what changes right after a home tab was drawn', async () => {
  const { home, hand, world, published, refresh } = start();
  world.now += MINUTE;
  await home.open('UANA');
  world.others += 1;
  expect(await refresh()).toEqual([]);
  expect(hand.waiting()).toEqual([5_000]);
  world.now += 5_000;
  hand.ring();
  await until(() => expect(published).toEqual(['UANA', 'UANA']));
});

it('draws a home tab later when Slack limits the rate', async () => {
  const { home, hand, world, published, failures } = start();
  failures.push(new WebAPIRateLimitedError(30));
  await home.open('UANA');
  expect(published).toEqual([]);
  world.now += 31_000;
  while (hand.waiting().length > 0) hand.ring();
  await until(() => expect(published).toEqual(['UANA']));
});

it('tries a home tab that was opened once more, and only once, when the call was lost', async () => {
  const { home, hand, world, published, failures } = start();
  failures.push(new Error('timeout'));
  await home.open('UANA');
  expect(hand.waiting()).toEqual([1_000]);
  hand.ring();
  await until(() => expect(published).toEqual(['UANA']));
  failures.push(new Error('timeout'), new Error('timeout'));
  await home.open('UANA');
  hand.ring();
  await until(() => expect(world.attempts).toBe(4));
  await setImmediate();
  expect([published, hand.waiting()]).toEqual([['UANA'], []]);
});

it('makes one refresh of changes that come together, and none after it was closed', async () => {
  const { home, hand } = start();
  await home.open('UANA');
  for (let n = 0; n < 10; n += 1) home.refreshSoon();
  expect(hand.waiting()).toEqual([2_000]);
  home.close();
  home.refreshSoon();
  expect(hand.waiting()).toEqual([]);
});

it('converts each output in a turn of its own, and draws what it would draw at once', async () => {
  const waiting = Array.from({ length: 15 }, (_, n) => ({
    approval: approval([round()], { task: `task ${n}` }),
    output: text(`# Title ${n}\n\n${'- **one** of _many_ points\n'.repeat(500)}`),
  }));
  const inbox = { ...nothing, waiting };
  const inTurn = createGiveWay();
  let pieces = 0;
  const giveWay: typeof inTurn = (work) => {
    pieces += 1;
    return inTurn(work);
  };
  const { home, views } = start({ inbox, giveWay });
  await Promise.all([home.open('UANA'), home.open('UBEN')]);
  expect(pieces).toBe(2 * waiting.length);
  expect(views).toEqual([drawHome(inbox, links), drawHome(inbox, links)]);
});

it('shows the next home tab although an output of one could not be converted', async () => {
  const waiting = [{ approval: approval([round()]), output: text('Hello') }];
  const inTurn = createGiveWay();
  let isBroken = true;
  const giveWay: typeof inTurn = (work) =>
    inTurn(() => {
      if (!isBroken) return work?.() as never;
      isBroken = false;
      throw new Error('not to be converted');
    });
  const { home, published } = start({ inbox: { ...nothing, waiting }, giveWay });
  await home.open('UANA');
  expect(published).toEqual([]);
  await home.open('UBEN');
  expect(published).toEqual(['UBEN']);
});
