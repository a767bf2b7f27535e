import { expect, test } from 'vitest';
import { createMishaps } from '../../../../src/sandbox/demo/crew/failures.ts';
import { createFailures } from '../../../../src/sandbox/failures.ts';

const REPLACED = ['runs held', 'killed', 'started', 'runs released'];

/** The mishaps of a demo whose bot records what is done to it. */
function createWorld() {
  const [crewai, slack] = [createFailures(), createFailures()];
  const done: string[] = [];
  const step = (name: string) => async () => void done.push(name);
  const pace = { hold: () => void done.push('runs held'), release: () => void done.push('runs released') };
  const mishaps = createMishaps({
    workspace: { failures: slack },
    crewai: { failures: crewai, paces: [pace] },
    bot: { kill: step('killed'), start: step('started') },
    onChange: () => {},
    downFor: 0,
  });
  /** Clicks on the button of a failure, twice. */
  function choose(kind: 'crewai_fails' | 'slack_fails' | 'restart_bot', how: string, times = 2) {
    const action = { do: kind, how, as: 'UANA', channel: 'CAPPROVALS' };
    const acts = {
      crewai_fails: mishaps.crewaiFails,
      slack_fails: mishaps.slackFails,
      restart_bot: mishaps.restartBot,
    };
    for (let click = 0; click < times; click += 1) acts[kind](action as never);
  }
  /** What becomes of the next attempts to send a decision. */
  const attempts = () => [1, 2, 3].map(() => crewai.next('resume', {}));
  return { mishaps, crewai, slack, done, choose, attempts };
}

test.each([
  ['500', [{ status: 500 }, { status: 500 }, undefined]],
  ['503', [{ status: 503 }, { status: 503 }, undefined]],
  ['answer_lost', [{ answerLost: true }, undefined, undefined]],
])(
  'CrewAI fails (%s) as often as the button says, for decisions only, also after another failure',
  (how, expected) => {
    const { crewai, choose, attempts } = createWorld();
    choose('crewai_fails', '500');
    choose('crewai_fails', how);
    expect(crewai.next('status', {})).toBeUndefined();
    expect(attempts()).toEqual(expected);
  },
);

test.each([
  ['503', 3, { status: 503 }],
  ['rate_limited', 2, { rateLimited: { retryAfter: 2 } }],
])('Slack fails (%s) at %d calls, however often the button is clicked', (how, times, failure) => {
  const { slack, choose } = createWorld();
  choose('slack_fails', how);
  expect(slack.left()).toBe(times);
  expect(slack.next('chat.update', {})).toEqual(failure);
});

test('the bot is killed at once and started again; the crew waits meanwhile', async () => {
  const { done, choose } = createWorld();
  choose('restart_bot', 'now', 1);
  await expect.poll(() => done).toEqual(REPLACED);
});

test('the bot is killed once, at the next decision that CrewAI accepts', async () => {
  const { mishaps, done, choose, attempts } = createWorld();
  choose('restart_bot', 'at_decision');
  choose('crewai_fails', '503');
  expect(mishaps.killsAtDecision()).toBe(true);
  expect(done).toEqual([]);
  expect(attempts()).toEqual([{ status: 503 }, { status: 503 }, { answerLost: true }]);
  expect(mishaps.killsAtDecision()).toBe(false);
  await expect.poll(() => done).toEqual(REPLACED);
  expect(attempts()).toEqual([undefined, undefined, undefined]);
});
