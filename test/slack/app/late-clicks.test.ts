import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FEATURES } from '../../../src/features/index.ts';
import { ACTIONS, OPTION_BUTTONS } from '../../../src/slack/app/ids.ts';
import {
  type Interaction,
  LateClicks,
  MAX_ACKED_AGE,
  MAX_DECIDING_AGE,
} from '../../../src/slack/app/late-clicks.ts';
import { isDeciding } from '../../../src/slack/listeners/listeners.ts';
import { idsOfFeatures } from '../../support/features.ts';

const START = Date.UTC(2026, 2, 3, 9, 5);
const SECOND = 1_000;
/** How often the event loop is looked at, in milliseconds. */
const TICK = 250;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

/** A process that runs and stalls as the test says. `known`: whether Slack's time is. */
function play({ known = true } = {}) {
  let passed = 0;
  const slack = () => START + passed;
  const late = new LateClicks({
    slackTime: { now: () => (known ? slack() : undefined) },
    monotonic: () => 700_000 + passed,
  });
  return {
    isTooLate: (body: Interaction, requestTimestamp: string | undefined) =>
      isDeciding(FEATURES, body) && late.ageOf(body, requestTimestamp) > MAX_DECIDING_AGE,
    isUnheard: (body: Interaction, requestTimestamp: string | undefined) =>
      late.ageOf(body, requestTimestamp) > MAX_ACKED_AGE,
    close: () => late.close(),
    /** As Slack writes it, so many milliseconds ago. */
    stamp: (ago = 0) => ((slack() - ago) / SECOND).toFixed(6),
    runs(milliseconds: number) {
      for (let left = milliseconds; left > 0; left -= TICK) {
        passed += Math.min(left, TICK);
        vi.advanceTimersByTime(Math.min(left, TICK));
      }
    },
    /** `first`: what the process does afterwards, run its timers or read what came meanwhile. */
    stalls(milliseconds: number, first: 'timers' | 'reading' = 'reading') {
      passed += milliseconds;
      if (first === 'timers') vi.advanceTimersByTime(TICK);
    },
  };
}

const click = (action_id: string, action_ts?: string): Interaction => ({
  type: 'block_actions',
  actions: [{ action_id, ...(action_ts === undefined ? {} : { action_ts }) }],
});
const submission: Interaction = { type: 'view_submission' };
const command = (text: string): Interaction => ({ command: '/approvals', text });

describe('a click with a time stamp', () => {
  it('is too late when it is older than ten seconds by Slack’s clock, and never sooner', () => {
    const { isTooLate, stamp } = play();
    fc.assert(
      fc.property(fc.integer({ min: -60_000, max: 60_000 }), (age) => {
        expect(isTooLate(click(ACTIONS.approve, stamp(age)), undefined)).toBe(age > 10_000);
      }),
    );
  });

  it('is judged by the stamp of its request where there is one', () => {
    const { isTooLate, stamp } = play();
    const seconds = (ago: number) => stamp(ago).replace(/\..*/, '');
    for (const body of [click(ACTIONS.approve), submission]) {
      expect(isTooLate(body, seconds(11_000))).toBe(true);
      expect(isTooLate(body, seconds(9_000))).toBe(false);
    }
  });

  it('is not judged while Slack’s time is unknown', () => {
    const { isTooLate, stamp } = play({ known: false });
    expect(isTooLate(click(ACTIONS.approve, stamp(60_000)), undefined)).toBe(false);
    expect(isTooLate(submission, stamp(60_000))).toBe(false);
  });

  it('is accepted right after a stall when it was clicked after the stall', () => {
    const { isTooLate, stamp, stalls } = play();
    stalls(12_000);
    expect(isTooLate(click(ACTIONS.approve, stamp(12_000)), undefined)).toBe(true);
    expect(isTooLate(click(ACTIONS.approve, stamp(100)), undefined)).toBe(false);
  });
});

describe('the age limit', () => {
  const { approve, retry, giveUp, undo, endPermission, more, chooseFromList } = ACTIONS;
  const decides: string[] = [
    approve,
    retry,
    giveUp,
    undo,
    endPermission,
    more,
    ...OPTION_BUTTONS,
    chooseFromList,
  ];

  it('applies to each click that records something, and to no look-up', () => {
    const { isTooLate, stamp } = play();
    for (const action of [...Object.values(ACTIONS), ...OPTION_BUTTONS, ...idsOfFeatures('clicks')])
      expect(isTooLate(click(action, stamp(60_000)), undefined), action).toBe(decides.includes(action));
    for (const type of ['message_action', 'event_callback', 'view_closed', undefined])
      expect(isTooLate({ type }, stamp(60_000)), String(type)).toBe(false);
  });

  it('applies to no command: none decides', () => {
    const { isTooLate, stamp } = play();
    for (const typed of ['', 'waiting', 'approve 7XK2M9QD4T', 'run press'])
      expect(isTooLate(command(typed), stamp(60_000)), typed).toBe(false);
  });
});

describe.each(['timers', 'reading'] as const)(
  'without a time stamp, when %s comes first after a stall',
  (first) => {
    it('a look-up is accepted', () => {
      const { isTooLate, stalls } = play();
      stalls(60_000, first);
      for (const body of [command(''), click(ACTIONS.readInFull)])
        expect(isTooLate(body, undefined)).toBe(false);
    });

    it.each(['', 'now', '-5', '0'])('a click with the stamp %j is judged in the same way', (stamp) => {
      const { isTooLate, stalls, runs } = play();
      stalls(12_000, first);
      expect(isTooLate(click(ACTIONS.approve, stamp), undefined)).toBe(true);
      runs(3_000);
      expect(isTooLate(click(ACTIONS.approve, stamp), undefined)).toBe(false);
    });

    it('only what may have waited for more than 10 s is too late, whatever stalls there were', () => {
      const between = (min: number, max: number) => fc.integer({ min, max });
      const step = fc.record({
        stands: fc.oneof(between(0, 500), between(2_000, 9_000), between(11_000, 15_000)),
        runs: fc.oneof(between(300, 1_400), between(3_000, 5_000)),
      });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
          const bot = play();
          /** How long the process has run since the last stall, and how long what is read now waited: at least, at most. */
          let [running, least, max] = [Number.POSITIVE_INFINITY, 0, 0];
          const isSoon = () => running <= 1_500;
          const isOver = () => running >= 2_600;
          const look = () => {
            const tooLate = bot.isTooLate(submission, undefined);
            if (isSoon() && least > 10_000) expect(tooLate).toBe(true);
            if (isOver() || max <= 10_000) expect(tooLate).toBe(false);
          };
          for (const { stands, runs } of steps) {
            bot.stalls(stands, first);
            if (stands <= 500) running += stands;
            else {
              least = isSoon() ? Math.max(least, stands) : stands;
              max = isOver() ? stands : Math.max(max, stands);
              running = 0;
            }
            look();
            bot.runs(runs);
            running += runs;
            look();
          }
          bot.close();
        }),
        { numRuns: 300 },
      );
    });
  },
);

describe('an ack that Slack no longer waits for', () => {
  it('belongs to a request that is more than 5 s old, whatever it asks for', () => {
    const { isUnheard, stamp } = play();
    for (const body of [click(ACTIONS.readInFull), submission, command(''), { type: 'event_callback' }])
      expect([isUnheard(body, stamp(5_100)), isUnheard(body, stamp(4_900))]).toEqual([true, false]);
  });

  it('belongs to a request that may have waited through such a stall', () => {
    const { isUnheard, stalls, runs } = play();
    stalls(4_000);
    expect(isUnheard(command(''), undefined)).toBe(false);
    runs(3_000);
    stalls(6_000);
    expect(isUnheard(command(''), undefined)).toBe(true);
    runs(3_000);
    expect(isUnheard(command(''), undefined)).toBe(false);
  });

  it('is not assumed while Slack’s time is unknown', () => {
    const { isUnheard, stamp } = play({ known: false });
    expect(isUnheard(command(''), stamp(60_000))).toBe(false);
  });
});

it('leaves no timer after close', () => {
  const { close } = play();
  expect(vi.getTimerCount()).toBe(1);
  close();
  expect(vi.getTimerCount()).toBe(0);
});
