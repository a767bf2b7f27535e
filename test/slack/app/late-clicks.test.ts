import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ACTIONS, OPTION_BUTTONS } from '../../../src/slack/app/ids.ts';
import { type Interaction, LateClicks } from '../../../src/slack/app/late-clicks.ts';
import { isDeciding } from '../../../src/slack/listeners/listeners.ts';
import { readCommand } from '../../../src/slack/listeners/read-command.ts';

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
      isDeciding(body) && late.isTooOld(body, requestTimestamp),
    isUnheard: late.isUnheard.bind(late),
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
    const typed = ['approve 7XK2M9QD4T', 'choose 7XK2M9QD4T publish'].map(command);
    for (const body of [click(ACTIONS.approve), submission, ...typed]) {
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
  const decides = [
    ACTIONS.approve,
    ACTIONS.retry,
    ACTIONS.giveUp,
    ACTIONS.undo,
    ACTIONS.more,
    ...OPTION_BUTTONS,
    ACTIONS.chooseFromList,
  ] as const;

  it('applies to each click that records something, and to no look-up', () => {
    const { isTooLate, stamp } = play();
    for (const action of [...Object.values(ACTIONS), ...OPTION_BUTTONS]) {
      const judged = (decides as readonly string[]).includes(action);
      expect(isTooLate(click(action, stamp(60_000)), undefined), action).toBe(judged);
    }
    for (const type of ['message_action', 'event_callback', 'view_closed', undefined]) {
      expect(isTooLate({ type }, stamp(60_000)), String(type)).toBe(false);
    }
  });

  it('applies to each command that approves, however it is typed', () => {
    const { isTooLate, stamp } = play();
    const word = fc.constantFrom(
      'approve',
      'Approve',
      'APPROVE',
      'revise',
      'waiting',
      'find',
      'approval',
      'x',
    );
    const space = fc.constantFrom(' ', '  ', '\t', '\u00a0', '\n', '`', '');
    const text = fc.tuple(space, space, word, space, fc.constantFrom('7XK2M9QD4T', '7XK2M9QD4T.2 fine', ''));
    fc.assert(
      fc.property(text, (parts) => {
        const typed = parts.join('');
        if (readCommand(typed, START).kind === 'approve')
          expect(isTooLate(command(typed), stamp(60_000)), JSON.stringify(typed)).toBe(true);
        // A look-up of what waits is answered however old it is.
        if (!/approve/i.test(typed)) expect(isTooLate(command(typed), stamp(60_000))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe.each(['timers', 'reading'] as const)(
  'without a time stamp, when %s comes first after a stall',
  (first) => {
    it('a submission is too late right after a stall of 12 s, and is accepted 2 s later', () => {
      const { isTooLate, stalls, runs } = play();
      runs(5_000);
      expect(isTooLate(submission, undefined)).toBe(false);
      stalls(12_000, first);
      expect(isTooLate(submission, undefined)).toBe(true);
      runs(1_500);
      expect(isTooLate(submission, undefined)).toBe(true);
      runs(1_000);
      expect(isTooLate(submission, undefined)).toBe(false);
    });

    it('a submission is accepted after a stall of 9 s: none that waited is older', () => {
      const { isTooLate, stalls } = play();
      stalls(9_000, first);
      expect(isTooLate(submission, undefined)).toBe(false);
    });

    it('a submission is too late after a stall of 12 s, also when a shorter stall follows before it is read', () => {
      const { isTooLate, stalls, runs } = play();
      stalls(12_000, first);
      runs(300);
      stalls(3_000, first);
      expect(isTooLate(submission, undefined)).toBe(true);
      runs(2_500);
      expect(isTooLate(submission, undefined)).toBe(false);
    });

    it('a look-up is accepted', () => {
      const { isTooLate, stalls } = play();
      stalls(60_000, first);
      expect(isTooLate(command(''), undefined)).toBe(false);
      expect(isTooLate(click(ACTIONS.readInFull), undefined)).toBe(false);
    });

    it.each(['', 'now', '-5', '0'])('a click with the stamp %j is judged in the same way', (stamp) => {
      const { isTooLate, stalls, runs } = play();
      stalls(12_000, first);
      expect(isTooLate(click(ACTIONS.approve, stamp), undefined)).toBe(true);
      runs(3_000);
      expect(isTooLate(click(ACTIONS.approve, stamp), undefined)).toBe(false);
    });

    it('only what may have waited for more than 10 s is too late, whatever stalls there were', () => {
      const step = fc.record({
        stands: fc.oneof(
          fc.integer({ min: 0, max: 500 }),
          fc.integer({ min: 2_000, max: 9_000 }),
          fc.integer({ min: 11_000, max: 15_000 }),
        ),
        runs: fc.oneof(fc.integer({ min: 300, max: 1_400 }), fc.integer({ min: 3_000, max: 5_000 })),
      });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
          const { isTooLate, stalls, runs, close } = play();
          /** How long the process has run since the last stall, and how long what is read now waited: at least, at most. */
          let [running, least, most] = [Number.POSITIVE_INFINITY, 0, 0];
          const isSoon = () => running <= 1_500;
          const isOver = () => running >= 2_600;
          const look = () => {
            const tooLate = isTooLate(submission, undefined);
            if (isSoon() && least > 10_000) expect(tooLate).toBe(true);
            if (isOver() || most <= 10_000) expect(tooLate).toBe(false);
          };
          for (const { stands, runs: afterwards } of steps) {
            stalls(stands, first);
            if (stands <= 500) running += stands;
            else {
              least = isSoon() ? Math.max(least, stands) : stands;
              most = isOver() ? stands : Math.max(most, stands);
              running = 0;
            }
            look();
            runs(afterwards);
            running += afterwards;
            look();
          }
          close();
        }),
        { numRuns: 300 },
      );
    });
  },
);

describe('an ack that Slack waits for no longer', () => {
  it('belongs to a request that is more than 5 s old, whatever it asks for', () => {
    const { isUnheard, stamp } = play();
    for (const body of [click(ACTIONS.readInFull), submission, command(''), { type: 'event_callback' }]) {
      expect(isUnheard(body, stamp(5_100))).toBe(true);
      expect(isUnheard(body, stamp(4_900))).toBe(false);
    }
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

it('a process that stalls for 3 s again and again refuses nobody', () => {
  const { isTooLate, stalls, runs } = play();
  for (let hold = 0; hold < 100; hold += 1) {
    stalls(3_000);
    expect(isTooLate(submission, undefined)).toBe(false);
    runs(500);
  }
});

it('no timer is left after close', () => {
  const { close } = play();
  expect(vi.getTimerCount()).toBe(1);
  close();
  expect(vi.getTimerCount()).toBe(0);
});
