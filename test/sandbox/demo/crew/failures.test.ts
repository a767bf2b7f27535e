import { describe, expect, test } from 'vitest';
import { createMishaps, FAILURES } from '../../../../src/sandbox/demo/crew/failures.ts';
import { createFailures } from '../../../../src/sandbox/failures.ts';

const by = { as: 'UANA', channel: 'CAPPROVALS' };

/** The mishaps of a demo whose bot records what is done to it. */
function createWorld() {
  const crewai = createFailures();
  const slack = createFailures();
  const done: string[] = [];
  const step = (name: string) => async () => void done.push(name);
  const mishaps = createMishaps({
    workspace: { failures: slack },
    crewai: {
      failures: crewai,
      paces: [{ hold: () => void done.push('runs held'), release: () => void done.push('runs released') }],
    },
    bot: { kill: step('killed'), start: step('started') },
    onChange: () => {},
    downFor: 0,
  });
  /** What becomes of the next attempts to send a decision, up to the first that works. */
  const attempts = () => [crewai.next('resume', {}), crewai.next('resume', {}), crewai.next('resume', {})];
  return { mishaps, crewai, slack, done, attempts };
}

describe('a failure of CrewAI', () => {
  test.each([
    ['500', [{ status: 500 }, { status: 500 }, undefined]],
    ['503', [{ status: 503 }, { status: 503 }, undefined]],
    ['answer_lost', [{ answerLost: true }, undefined, undefined]],
  ] as const)('%s fails as often as its button says, however often it is clicked', (how, expected) => {
    const { mishaps, attempts } = createWorld();
    mishaps.crewaiFails({ do: 'crewai_fails', how, ...by });
    mishaps.crewaiFails({ do: 'crewai_fails', how, ...by });
    expect(attempts()).toEqual(expected);
  });

  test('touches decisions only, and replaces the failure that was chosen before', () => {
    const { mishaps, crewai, attempts } = createWorld();
    mishaps.crewaiFails({ do: 'crewai_fails', how: '500', ...by });
    mishaps.crewaiFails({ do: 'crewai_fails', how: '503', ...by });
    expect(crewai.next('status', {})).toBeUndefined();
    expect(attempts()).toEqual([{ status: 503 }, { status: 503 }, undefined]);
  });
});

test.each([
  ['503', 3, { status: 503 }],
  ['rate_limited', 2, { rateLimited: { retryAfter: 2 } }],
] as const)('a failure of Slack, %s, fails %d calls, however often it is clicked', (how, times, failure) => {
  const { mishaps, slack } = createWorld();
  mishaps.slackFails({ do: 'slack_fails', how, ...by });
  mishaps.slackFails({ do: 'slack_fails', how, ...by });
  expect(slack.left()).toBe(times);
  expect(slack.next('chat.update', {})).toEqual(failure);
});

describe('the bot', () => {
  const REPLACED = ['runs held', 'killed', 'started', 'runs released'];

  test('is killed at once and started again; the crew waits meanwhile', async () => {
    const { mishaps, done } = createWorld();
    mishaps.restartBot({ do: 'restart_bot', how: 'now', ...by });
    await expect.poll(() => done).toEqual(REPLACED);
  });

  test('is killed once, at the next decision that CrewAI accepts', async () => {
    const { mishaps, done, attempts } = createWorld();
    mishaps.restartBot({ do: 'restart_bot', how: 'at_decision', ...by });
    mishaps.restartBot({ do: 'restart_bot', how: 'at_decision', ...by });
    mishaps.crewaiFails({ do: 'crewai_fails', how: '503', ...by });
    expect(mishaps.killsAtDecision()).toBe(true);
    expect(done).toEqual([]);
    expect(attempts()).toEqual([{ status: 503 }, { status: 503 }, { answerLost: true }]);
    expect(mishaps.killsAtDecision()).toBe(false);
    await expect.poll(() => done).toEqual(REPLACED);
    expect(attempts()).toEqual([undefined, undefined, undefined]);
  });
});

test('every failure can be chosen by a button, which says how often or how it fails', () => {
  const labels = FAILURES.flatMap(({ buttons }) => buttons.map(({ label }) => label));
  expect(labels).toEqual([
    'Answer 500, twice',
    'Answer 503, twice',
    'Accept it, lose the answer',
    'Answer 503 to 3 calls',
    'Answer 429 to 2 calls (wait 2 s)',
    'Kill it now',
    'Kill it during the next decision',
  ]);
});
