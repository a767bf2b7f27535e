import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SlackTime } from '../../../src/slack/app/slack-time.ts';

const START = Date.UTC(2026, 2, 3, 9, 5);
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
/** Half of the slowest answer that counts, and what the seconds of a Date leave open. */
const AS_GOOD_AS = 1_500;

/** A Slack and a host in a world whose time passes when the test says so. */
function play() {
  const world = { passed: 0 };
  const slack = () => START + world.passed;
  const monotonic = () => 5_000_000 + world.passed;
  const time = new SlackTime(monotonic);
  const pass = (milliseconds: number) => {
    world.passed += milliseconds;
  };
  /** An answer that takes this long, with the Date of when Slack wrote it. */
  function answer({
    way = 50,
    back = 50,
    date = true,
  }: {
    way?: number;
    back?: number;
    date?: boolean;
  } = {}) {
    const began = monotonic();
    pass(way);
    const written = new Date(slack()).toUTCString();
    pass(back);
    time.observe(date ? written : null, began, monotonic());
  }
  /** Slack's time is known to a second and a half. */
  function expectKnown() {
    expect(Math.abs((time.now() ?? 0) - slack())).toBeLessThanOrEqual(AS_GOOD_AS);
  }
  return { time, pass, answer, expectKnown };
}

const way = fc.integer({ min: 0, max: 1_000 });

describe("Slack's time", () => {
  it('is known from the first answer on, to a second and a half, however long ago that answer came', () => {
    const later = fc.integer({ min: 0, max: 30 * 24 * HOUR });
    fc.assert(
      fc.property(way, way, later, fc.nat(), (to, back, wait, start) => {
        const { time, answer, expectKnown, pass } = play();
        pass(start % SECOND);
        expect(time.now()).toBeUndefined();
        answer({ way: to, back });
        pass(wait);
        expectKnown();
      }),
    );
  });

  it.each([
    ['took more than two seconds', { way: 1_900, back: 101 }],
    ['has no Date', { date: false }],
  ])('is not taken from an answer that %s', (_, late) => {
    const { time, answer } = play();
    answer(late);
    expect(time.now()).toBeUndefined();
  });

  it.each(['', 'yesterday', 'Thu, 99 Nov 2026 00:00:00 GMT'])('is not taken from the Date %j', (date) => {
    const { time } = play();
    time.observe(date, 0, 10);
    expect(time.now()).toBeUndefined();
  });

  it('that was known is kept when a later answer is slow or has no Date', () => {
    const { answer, expectKnown, pass } = play();
    answer();
    pass(HOUR);
    answer({ way: 10_000, back: 20_000 });
    answer({ date: false });
    expectKnown();
  });
});

describe('the fetch that looks at answers', () => {
  afterEach(() => vi.unstubAllGlobals());

  const asked = ['https://slack.com/api/auth.test', { method: 'POST' }] as const;
  const answering = (answer: () => Response) => {
    const fetch = vi.fn(async () => answer());
    vi.stubGlobal('fetch', fetch);
    return { fetch, time: new SlackTime(() => 0) };
  };

  it('hands on what was asked and answered, and takes the time of it', async () => {
    const date = new Date(START).toUTCString();
    const headers = { date, 'content-type': 'application/json; charset=utf-8' };
    const { fetch, time } = answering(() => Response.json({ ok: true }, { headers }));
    const response = await time.fetch(...asked);
    expect(fetch).toHaveBeenCalledWith(...asked);
    expect(await response.json()).toEqual({ ok: true });
    expect(time.now()).toBe(START + 500);
  });

  it('fails as the global one fails', async () => {
    const { time } = answering(() => {
      throw new TypeError('fetch failed');
    });
    await expect(time.fetch(...asked)).rejects.toThrow('fetch failed');
    expect(time.now()).toBeUndefined();
  });

  it.each([502, 200])(
    "takes no time from a proxy's page, answered %i by a clock of its own",
    async (status) => {
      const headers = { date: new Date(START + 60 * SECOND).toUTCString(), 'content-type': 'text/html' };
      const { time } = answering(() => new Response('<html>', { status, headers }));
      await time.fetch(...asked);
      expect(time.now()).toBeUndefined();
    },
  );
});
