import type { Failure, Failures } from '../../../src/sandbox/failures.ts';
import type { Chance } from './chance.ts';

export interface Odds {
  failure: Failure;
  /** Share of all requests, from 0 to 1. */
  share: number;
}

const odds = (...pairs: readonly (readonly [share: number, failure: Failure])[]): Odds[] =>
  pairs.map(([share, failure]) => ({ share, failure }));

/** Odds that fail a third of all calls. */
export const SLACK_ODDS = odds(
  [0.09, { rateLimited: { retryAfter: 1 } }],
  [0.08, { status: 500 }],
  [0.07, { reset: true }],
  [0.08, { answerLost: true }],
  [0.01, { noAnswer: true }],
);

/** Odds that fail a third of all calls. Only a rejected token needs a person. */
export const CREWAI_ODDS = odds(
  [0.09, { status: 503 }],
  [0.08, { status: 500 }],
  [0.07, { reset: true }],
  [0.08, { answerLost: true }],
  [0.01, { status: 401 }],
);

/** Slack methods that the bot calls to post and answer. */
const CHAT = ['chat.postMessage', 'chat.update', 'chat.postEphemeral'];
export const SLACK_CALLS = ['auth.test', ...CHAT, 'response_url', 'views.open'];

/**
 * The bot's retry delays grow to minutes. With more failures in a row for a message or decision, the drill would only
 * wait.
 */
const MAX_IN_A_ROW = 4;

/** Makes requests fail by chance. Counts the requests and the failures. */
export function failByChance(
  failures: Failures,
  calls: readonly string[],
  all: readonly Odds[],
  chance: Chance,
) {
  const count = { requests: 0, failed: 0 };
  const inARow = new Map<string, number>();

  /** Draws the failure of this request; undefined if it succeeds. */
  function drawFailure(on: string, body: unknown): Failure | undefined {
    count.requests += 1;
    let remainingShare = chance.draw();
    const drawn = all.find(({ share }) => {
      remainingShare -= share;
      return remainingShare < 0;
    });
    const requestKey = `${on} ${JSON.stringify(body)}`;
    const failedInARow = inARow.get(requestKey) ?? 0;
    if (!drawn || failedInARow >= MAX_IN_A_ROW) {
      inARow.delete(requestKey);
      return undefined;
    }
    inARow.set(requestKey, failedInARow + 1);
    count.failed += 1;
    return drawn.failure;
  }

  for (const on of calls) {
    let drawnFailure: Failure | undefined;
    all.forEach(({ failure }, index) => {
      // The plans are asked one after the other. The first one draws for all.
      const when = (body: unknown) => {
        if (index === 0) drawnFailure = drawFailure(on, body);
        return drawnFailure === failure;
      };
      failures.plan({ on, failure, when, times: Number.POSITIVE_INFINITY });
    });
  }
  return count;
}
