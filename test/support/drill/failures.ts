import type { Failure, Failures } from '../../../src/sandbox/failures.ts';
import type { Chance } from './chance.ts';

export interface Odds {
  failure: Failure;
  /** Of all requests. */
  share: number;
}

const odds = (...pairs: readonly (readonly [share: number, failure: Failure])[]): Odds[] =>
  pairs.map(([share, failure]) => ({ share, failure }));

/** A third of all calls. */
export const SLACK_ODDS = odds(
  [0.09, { rateLimited: { retryAfter: 1 } }],
  [0.08, { status: 500 }],
  [0.07, { reset: true }],
  [0.08, { answerLost: true }],
  [0.01, { noAnswer: true }],
);

/** A third of all calls. Only a refused token waits for a person. */
export const CREWAI_ODDS = odds(
  [0.09, { status: 503 }],
  [0.08, { status: 500 }],
  [0.07, { reset: true }],
  [0.08, { answerLost: true }],
  [0.01, { status: 401 }],
);

/** What the bot calls of Slack. */
const CHAT = ['chat.postMessage', 'chat.update', 'chat.postEphemeral'];
export const SLACK_CALLS = ['auth.test', ...CHAT, 'response_url', 'views.open'];

/** The pauses of the bot grow to minutes: more in a row for one message or decision, and the drill waits for them alone. */
const MOST_IN_A_ROW = 4;

/** Lets requests fail by chance; counts how many did, and how many there were. */
export function failByChance(
  failures: Failures,
  calls: readonly string[],
  all: readonly Odds[],
  chance: Chance,
) {
  const count = { requests: 0, failed: 0 };
  const inARow = new Map<string, number>();

  /** Which of the failures this request meets. */
  function meets(on: string, body: unknown): Failure | undefined {
    count.requests += 1;
    let left = chance.draw();
    const drawn = all.find(({ share }) => {
      left -= share;
      return left < 0;
    });
    const about = `${on} ${JSON.stringify(body)}`;
    const before = inARow.get(about) ?? 0;
    if (!drawn || before >= MOST_IN_A_ROW) {
      inARow.delete(about);
      return undefined;
    }
    inARow.set(about, before + 1);
    count.failed += 1;
    return drawn.failure;
  }

  for (const on of calls) {
    let met: Failure | undefined;
    all.forEach(({ failure }, index) => {
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
