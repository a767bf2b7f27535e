import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { describeClockSkew, MAX_CLOCK_SKEW, SlackTime } from '../../../src/slack/app/slack-time.ts';

const START = Date.UTC(2026, 2, 3, 9, 5);
const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
/** Half of the slowest answer that counts, and what the seconds of a Date leave open. */
const AS_GOOD_AS = 1_500;

/** A Slack and a host in a world whose time passes when the test says so; `ahead`: how wrong the host's clock is. */
function play({ ahead = 0, uptime = 5_000_000 } = {}) {
  const world = { passed: 0, ahead };
  const skews: number[] = [];
  const slack = () => START + world.passed;
  const monotonic = () => uptime + world.passed;
  const wall = () => slack() + world.ahead;
  const time = new SlackTime({ monotonic, wall, onSkew: (aheadMs) => skews.push(aheadMs) });
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
  /** Slack's time and the skew are known to a second and a half. */
  function expectKnown() {
    expect(Math.abs((time.now() ?? 0) - slack())).toBeLessThanOrEqual(AS_GOOD_AS);
    expect(Math.abs(time.skew() - world.ahead)).toBeLessThanOrEqual(AS_GOOD_AS);
  }
  return { time, skews, pass, answer, expectKnown, turnWallClock: (to: number) => (world.ahead = to) };
}

const way = fc.integer({ min: 0, max: 1_000 });
const wrongness = fc.integer({ min: -48 * HOUR, max: 48 * HOUR });
const known = (time: SlackTime) => [time.now(), time.skew()];

describe("Slack's time", () => {
  it('is known from the first answer on, to a second and a half, however long ago that answer came', () => {
    const later = fc.integer({ min: 0, max: 30 * 24 * HOUR });
    fc.assert(
      fc.property(wrongness, way, way, later, fc.nat(), (ahead, to, back, wait, start) => {
        const { time, answer, expectKnown, pass } = play({ ahead });
        pass(start % SECOND);
        expect(known(time)).toEqual([undefined, 0]);
        answer({ way: to, back });
        pass(wait);
        expectKnown();
      }),
    );
  });

  it("goes on by the machine's own clock while the wall clock jumps to and fro", () => {
    const jump = fc.tuple(wrongness, fc.integer({ min: 0, max: HOUR }));
    fc.assert(
      fc.property(fc.array(jump, { maxLength: 8 }), (jumps) => {
        const { answer, expectKnown, pass, turnWallClock } = play();
        answer();
        for (const [to, later] of jumps) {
          turnWallClock(to);
          pass(later);
          expectKnown();
        }
      }),
    );
  });

  it.each([
    ['took more than two seconds', { way: 1_900, back: 101 }],
    ['has no Date', { date: false }],
  ])('is not taken from an answer that %s', (_, late) => {
    const { time, answer } = play({ ahead: HOUR });
    answer(late);
    expect(known(time)).toEqual([undefined, 0]);
  });

  it.each(['', 'yesterday', 'Thu, 99 Nov 2026 00:00:00 GMT'])('is not taken from the Date %j', (date) => {
    const { time } = play();
    time.observe(date, 0, 10);
    expect(known(time)).toEqual([undefined, 0]);
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

describe("a host's clock", () => {
  it('is reported when it is more than five seconds off, and no sooner', () => {
    fc.assert(
      fc.property(fc.integer({ min: -20 * SECOND, max: 20 * SECOND }), way, way, (ahead, to, back) => {
        const { skews, answer } = play({ ahead });
        answer({ way: to, back });
        if (Math.abs(ahead) <= MAX_CLOCK_SKEW - AS_GOOD_AS) expect(skews).toEqual([]);
        if (Math.abs(ahead) <= MAX_CLOCK_SKEW + AS_GOOD_AS) return;
        expect(skews).toHaveLength(1);
        expect(Math.abs((skews[0] ?? 0) - ahead)).toBeLessThanOrEqual(AS_GOOD_AS);
      }),
    );
  });

  it.each([
    [30_400, "This machine's clock is 30 s ahead of Slack's. Synchronize it with NTP."],
    [-61_000, "This machine's clock is 61 s behind Slack's. Synchronize it with NTP."],
    [5_000, undefined],
    [-5_000, undefined],
    [0, undefined],
  ])('that is %i ms ahead is described as %j', (ahead, sentence) => {
    expect(describeClockSkew(ahead)).toBe(sentence);
  });
});

describe('the fetch that looks at answers', () => {
  afterEach(() => vi.unstubAllGlobals());

  const asked = ['https://slack.com/api/auth.test', { method: 'POST' }] as const;
  const answering = (answer: () => Response) => {
    const fetch = vi.fn(async () => answer());
    vi.stubGlobal('fetch', fetch);
    return { fetch, time: new SlackTime({ monotonic: () => 0, wall: () => START }) };
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
