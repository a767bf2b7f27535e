import type { Failure, Failures } from '../../../src/sandbox/failures.ts';
import type { Chance } from './chance.ts';

export interface Odds {
  failure: Failure;
  /** Of all requests. */
  share: number;
}

const tooFast: Failure = { rateLimited: { retryAfter: 1 } };

/** A third of all calls. */
export const SLACK_ODDS: Odds[] = [
  { failure: tooFast, share: 0.09 },
  { failure: { status: 500 }, share: 0.08 },
  { failure: { reset: true }, share: 0.07 },
  { failure: { answerLost: true }, share: 0.08 },
  { failure: { noAnswer: true }, share: 0.01 },
];

/** A third of all calls. Only a refused token waits for a person. */
export const CREWAI_ODDS: Odds[] = [
  { failure: { status: 503 }, share: 0.09 },
  { failure: { status: 500 }, share: 0.08 },
  { failure: { reset: true }, share: 0.07 },
  { failure: { answerLost: true }, share: 0.08 },
  { failure: { status: 401 }, share: 0.01 },
];

/** Half as many, and none that takes as long as a time-out. */
export function gentler(odds: readonly Odds[]): Odds[] {
  return odds
    .filter(({ failure }) => !('noAnswer' in failure))
    .map(({ failure, share }) => ({ failure, share: share / 2 }));
}

/** What the bot calls of Slack. */
export const SLACK_CALLS = [
  'auth.test',
  'chat.postMessage',
  'chat.update',
  'chat.postEphemeral',
  'response_url',
  'views.open',
];

/** The pauses of the bot grow to minutes: more in a row for one message or decision, and the drill waits for them alone. */
const MOST_IN_A_ROW = 4;

/** Lets requests fail by chance; counts how many did, and how many there were. */
export function failByChance(
  failures: Failures,
  calls: readonly string[],
  odds: readonly Odds[],
  chance: Chance,
) {
  const count = { requests: 0, failed: 0 };
  const inARow = new Map<string, number>();

  /** Which of the failures this request meets. */
  function meets(on: string, body: unknown): Failure | undefined {
    count.requests += 1;
    const drawn = chance.draw();
    let below = 0;
    const drawnOdds = odds.find(({ share }) => {
      below += share;
      return drawn < below;
    });
    const about = `${on} ${JSON.stringify(body)}`;
    const before = inARow.get(about) ?? 0;
    if (!drawnOdds || before >= MOST_IN_A_ROW) {
      inARow.delete(about);
      return undefined;
    }
    inARow.set(about, before + 1);
    count.failed += 1;
    return drawnOdds.failure;
  }

  for (const on of calls) {
    let met: Failure | undefined;
    odds.forEach(({ failure }, index) => {
      // The plans are asked one after the other: the first one draws for all.
      const when = (body: unknown) => {
        if (index === 0) met = meets(on, body);
        return met === failure;
      };
      failures.plan({ on, failure, when, times: Number.POSITIVE_INFINITY });
    });
  }
  return count;
}
