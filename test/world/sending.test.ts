import { describe, expect, test } from 'vitest';
import { ACTIONS } from '../../src/slack/app/ids.ts';
import {
  answers,
  approved,
  type Happens,
  happen,
  killed,
  type PlayedRun,
  pause,
  playRun,
  revised,
  type Story,
  sendsNoMore,
  slowly,
  statusIs,
  step,
  task,
  tell,
  wait,
} from './played-run.ts';
import { HOUR, MINUTE, type Process, SECOND } from './world.ts';

const documented = { dialect: 'documented' } as const;
const shown = task('draft', 'A release');
const retried =
  (by = 'UBEN'): Happens =>
  async (run) => {
    await run.world.click(by, ACTIONS.retry, run.card(0));
    await run.pass(3 * SECOND);
  };
const [play, SENT] = [(options = {}) => playRun({ ...documented, ...options }), 'chat.postMessage'];

/** How cards are updated: by a call, or by the response_url of a click. */
const UPDATE = /chat\.update$|^http:..slack\.test.(?!api)/;

/** When each request of a kind was made from now on, in milliseconds. */
function times({ world }: PlayedRun, kind: string | RegExp): number[] {
  const began = world.stage.now();
  const found: number[] = [];
  world.network.watchers.push(({ url }) => {
    const isOne = typeof kind === 'string' ? url.endsWith(`/${kind}`) : kind.test(url);
    if (isOne) found.push(world.stage.now() - began);
  });
  return found;
}

/** Requests of a kind get no answer until they are released. */
function hold({ world: { network } }: PlayedRun, kind: string): () => void {
  network.holds = ({ url }) => url.endsWith(`/${kind}`);
  return () => {
    network.holds = () => false;
    for (const { release } of network.held.splice(0)) release();
  };
}

/** The newest card is gone from Slack. */
const deleted: Happens = async (run) => {
  const { workspace, network, settings } = run.world;
  const { channel, ts } = run.card();
  const headers = {
    authorization: `Bearer ${settings.SLACK_BOT_TOKEN}`,
    'content-type': 'application/json',
  };
  const sent = { method: 'POST', headers, body: JSON.stringify({ channel, ts }) };
  await run.world.settle(network.request({ ...sent, url: `${workspace.apiUrl}chat.delete` }));
  expect(workspace.message(channel, ts)).toBeUndefined();
};

/** The outputs of so many runs arrive at once. */
async function outputs(run: PlayedRun, count: number, words = 'Release'): Promise<string[]> {
  const bodies = Array.from({ length: count }, (_, n) => ({
    kickoff_id: `run-${n}`,
    name: 'draft',
    output: `${words} ${n}`,
  }));
  const receipts = await Promise.all(bodies.map((body) => run.post('task', body)));
  return receipts.map(({ approval }) => String(approval));
}

describe('a card', () => {
  test('is updated once for an answer within 300 ms, and says "sending" before a later one', async () => {
    for (const [delay, count] of [
      [200, 1],
      [1_000, 2],
    ] as const) {
      const run = await happen(await play(), shown, slowly(delay));
      const updates = times(run, UPDATE);
      await happen(run, approved());
      expect(updates).toHaveLength(count);
      expect(run.cards()).toEqual(['1 Draft: sent']);
    }
  });

  test.each([
    ['an internal error', { error: 'internal_error' }, 0],
    ['a rate limit', { rateLimited: { retryAfter: 30 } }, 30 * SECOND],
  ])('that Slack answers with %s is posted again, when Slack says', async (_, failure, after) => {
    const run = await play();
    run.world.workspace.failures.plan({ on: SENT, failure });
    const posts = times(run, SENT);
    await happen(run, shown, wait(MINUTE));
    expect(posts).toHaveLength(2);
    expect((posts[1] ?? 0) - (posts[0] ?? 0)).toBeGreaterThanOrEqual(after);
    expect(run.cards()).toEqual(['1 Draft: waiting']);
  });

  test('that Slack does not answer does not delay a decision', async () => {
    const run = await play();
    const release = hold(run, SENT);
    await outputs(run, 1);
    await run.world.home('UANA');
    await run.world.settle(run.world.workspace.clickInView({ user: 'UANA', actionId: 'approve' }));
    expect(run.resumes()).toHaveLength(1);
    release();
  });

  test('is not posted by a process that stood still after it had claimed that, for its lease may soon be over', async () => {
    const run = await play({ replicas: 2 });
    run.world.strike(0, { at: 2, when: 'after', freezeFor: 4 * SECOND });
    await happen(run, shown, wait(MINUTE));
    expect(run.world.facts()).toContain('step delayed, retrying');
    expect(run.cards()).toEqual(['1 Draft: waiting']);
  });

  test('is posted one second after the previous card of its channel', async () => {
    const run = await play();
    const posts = times(run, SENT);
    await outputs(run, 3);
    await run.pass(10 * SECOND);
    expect(posts).toHaveLength(3);
    for (const n of [1, 2]) expect((posts[n] ?? 0) - (posts[n - 1] ?? 0)).toBeGreaterThanOrEqual(SECOND);
  });

  test('is not updated while Slack makes another card of its channel wait, and the next round is posted', async () => {
    const run = await play();
    await outputs(run, 2);
    await run.pass(10 * SECOND);
    run.world.workspace.failures.plan({ on: 'chat.update', failure: { rateLimited: { retryAfter: 60 } } });
    const updates = times(run, 'chat.update');
    await happen(run, revised(undefined, 0), approved(undefined, 1));
    await run.task('draft', 'Another', { run: 'run-0' });
    expect(updates).toHaveLength(1);
    expect(run.cards()).toHaveLength(3);
    await run.pass(2 * MINUTE);
    expect(run.cards().map((card) => card.split(': ')[1])).toEqual(['continued', 'sent', 'waiting']);
  });

  test('of a next round is posted before the updates of sixty others', async () => {
    const run = await play();
    const { workspace } = run.world;
    await outputs(run, 60);
    await run.pass(90 * SECOND);
    expect(run.cards()).toHaveLength(60);
    const others = run.world.cards().slice(0, -1);
    const clicks = others.map(({ channel, ts }) =>
      workspace.click({ user: 'UANA', channel, ts, actionId: 'approve' }),
    );
    await Promise.all([...clicks, run.pass(SECOND)]);
    await run.task('draft', 'A shorter release', { run: 'run-59' });
    await run.pass(3 * SECOND);
    expect(run.cards().slice(60)).toEqual(['60 Draft (round 2): waiting']);
  });

  test('is escalated while one card per second comes in', async () => {
    const settings = { APPROVERS: 'UANA', ESCALATE_AFTER: '30 s', ESCALATE_TO: 'UBEN', URGENT: 'true' };
    const run = await play({ settings });
    for (let n = 0; n < 60; n += 1) {
      void run.post('task', { kickoff_id: `run-${n}`, name: 'draft', output: 'A release' });
      await run.pass(SECOND);
    }
    expect(run.notes()[0]).toContain('You can decide now');
  });

  test('that somebody deleted in Slack is posted again where it still waits, and not once it was decided', async () => {
    const run = await play({ settings: { APPROVE_TASKS: 'draft' } });
    await happen(run, shown, deleted, task('layout'), wait(10 * SECOND));
    expect(run.cards()).toEqual(['1 Draft: waiting, may have continued']);
    await happen(run, approved(), deleted, step(), wait(HOUR));
    expect(run.cards()).toEqual([]);
  });

  test('is posted once by two processes when Slack takes eight seconds to answer', async () => {
    const run = await play({ replicas: 2 });
    await happen(run, slowly(7_900, SENT), shown, wait(MINUTE));
    expect(run.cards()).toHaveLength(1);
  });
});

describe('a decision', () => {
  // biome-ignore format: a table
  test.each<Story>([
    ['whose answer was lost is sent again, and "not pending" proves that it was taken',
      [shown, says(answers.lost, answers.notPending), approved(), sendsNoMore], ['1 Draft: sent']],
    ['that is not pending at the first attempt was resolved elsewhere, and the thread says so',
      [shown, says(answers.notPending), approved(), sendsNoMore], ['1 Draft: elsewhere'],
      { notes: ['<@UANA>, CrewAI was no longer waiting for your decision. This was resolved elsewhere.'] }],
    ['whose answers are lost is sent for a minute', [shown, revised(answers.lost), wait(50 * SECOND)],
      ['1 Draft: sending']],
    ['whose answers are lost is undelivered after a minute, and sent no more',
      [shown, revised(answers.lost), wait(62 * SECOND), sendsNoMore], ['1 Draft: undelivered unsure'],
      { notes: [expect.stringContaining('may have reached CrewAI')] }],
    ['that does not reach CrewAI is sent for an hour',
      [shown, revised(answers.away), wait(HOUR - 10 * SECOND)], ['1 Draft: sending']],
    ['that does not reach CrewAI is undelivered after an hour, and sent no more',
      [shown, revised(answers.away), wait(HOUR + MINUTE), sendsNoMore], ['1 Draft: undelivered'],
      { notes: [expect.stringContaining("didn't reach CrewAI")] }],
    ['that CrewAI rejects is not sent again until somebody retries it',
      [shown, says(answers.refused), approved(), wait(HOUR), retried()], ['1 Draft: sent'], { sent: 2 }],
    ['is not sent again after a newer output came, and its decider is told',
      [shown, approved(answers.away), task('draft', 'Another release'), sendsNoMore],
      ['1 Draft: superseded', '1 Draft (round 2): waiting'],
      { notes: ["<@UANA>, your decision wasn't sent because a newer output arrived first."] }],
    ['is made once by both replicas', [shown, approved(), sendsNoMore], ['1 Draft: sent'], { sent: 1 }],
  ])('%s', async (...story) => {
    await tell(story, { ...documented, replicas: 2, settings: { SILENT_AFTER: '10 h' } });
  });

  test('that CrewAI does not take is sent at growing intervals, and Retry sends the same one', async () => {
    const run = await happen(await play(), shown);
    const tries = times(run, 'resume');
    await happen(run, revised(answers.away), wait(2 * HOUR));
    const gaps = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(SECOND);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(5 * MINUTE);
    run.always = answers.documented('retrying');
    await happen(run, retried());
    expect(run.resumes().at(-1)).toMatchObject({ is_approve: false, human_feedback: 'Shorter' });
    expect(run.card().text).toContain('Revision requested by <@UANA>');
  });

  test('of twenty people at once is recorded for one; the others learn whose it was', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `P${n}`);
    const people = names.map((name) => ({ id: `U${name}`, name, tz: 'Etc/UTC' }));
    const ids = people.map(({ id }) => id);
    const run = await play({
      replicas: 2,
      order: 5,
      settings: { APPROVERS: ids.join(',') },
      slack: { people, channels: [{ id: 'CAPPROVALS', name: 'approvals', members: ids, botIsMember: true }] },
    });
    await happen(run, shown);
    const { channel, ts } = run.card();
    await Promise.all([
      ...ids.map((user, index) => {
        run.world.door = index % 2;
        return run.world.workspace.click({ user, channel, ts, actionId: ACTIONS.approve });
      }),
      run.pass(20 * SECOND),
    ]);
    expect(run.resumes()).toHaveLength(1);
    const [, decider = ''] = /Approved by <@(\w+)>/.exec(run.card().text) ?? [];
    for (const id of ids)
      expect(run.world.told(id)).toEqual(id === decider ? [] : [expect.stringContaining(`<@${decider}>`)]);
  });

  test('and its first attempt are one commit', async () => {
    const run = await happen(await play(), shown);
    hold(run, 'resume');
    const { commits } = run.world.records;
    await run.world.click('UANA', ACTIONS.approve, run.card());
    expect(run.world.network.held).toHaveLength(1);
    expect(run.world.records.commits).toBe(commits + 1);
  });

  test('is not sent before CrewAI asks for it by a process that stood still and whose attempt another one made', async () => {
    const run = await happen(await play({ replicas: 2 }), shown);
    run.always = { status: 503, body: {}, headers: { 'retry-after': '300' } };
    // Slack was asked who people are when the card was posted.
    run.world.strike(0, { at: 1, when: 'after', freezeFor: 20 * SECOND });
    await happen(run, approved(), wait(MINUTE));
    expect(run.world.facts()).toContain('step delayed, retrying');
    expect(run.resumes()).toHaveLength(1);
  });

  test('is confirmed by a webhook that came after its answer, although the answer is recorded later', async () => {
    const run = await happen(await play(), shown);
    const { records, network } = run.world;
    network.watchers.push(({ url }) => {
      if (url.endsWith('/resume')) records.failing = 'writes';
    });
    await happen(run, approved());
    records.failing = undefined;
    await run.post('step', { kickoff_id: 'e1' });
    await run.pass(30 * SECOND);
    expect(run.cards()).toEqual(['1 Draft: continued']);
  });

  test('is not confirmed by a webhook that came long before it was sent', async () => {
    const run = await happen(await play({ settings: { UNDO_WINDOW: '2 h' } }), shown);
    await happen(run, approved(), wait(MINUTE));
    await run.post('step', { kickoff_id: 'e1' });
    await run.pass(2 * 60 * MINUTE);
    expect(run.resumes()).toHaveLength(1);
    expect(run.cards()).toEqual(['1 Draft: sent']);
  });

  test('is sent when its undo window ends', async () => {
    const run = await happen(await play({ settings: { UNDO_WINDOW: '10 s' } }), shown);
    const tries = times(run, 'resume');
    await happen(run, approved(), wait(MINUTE));
    expect(tries).toHaveLength(1);
    expect(Math.abs((tries[0] ?? 0) - 10 * SECOND)).toBeLessThanOrEqual(SECOND);
  });
});

describe('another process', () => {
  test('posts the card of a killed one after its lease, within 15 s', async () => {
    const run = await play({ replicas: 2 });
    const [first] = run.world.processes;
    if (first) first.backAfter = undefined;
    run.world.strike(0, { at: 3, when: 'before' });
    await happen(run, shown, wait(13 * SECOND));
    expect(run.world.processes.filter(({ actor }) => actor.alive)).toHaveLength(1);
    expect(run.cards()).toEqual(['1 Draft: waiting']);
  });
});

describe('a store that fails', () => {
  test('delays what is due until it is back, and is not asked without a pause', async () => {
    const run = await play();
    run.world.strike(0, { at: 2, when: 'before', freezeFor: SECOND });
    await outputs(run, 1);
    run.world.records.failing = 'writes';
    const { commits } = run.world.records;
    const posts = times(run, SENT);
    await run.pass(20 * SECOND);
    expect(posts).toEqual([]);
    expect(run.world.records.commits - commits).toBeLessThan(20);
    run.world.records.failing = undefined;
    await run.pass(15 * SECOND);
    expect(run.cards()).toEqual(['1 Draft: waiting']);
  });
});

describe('a run that sends nothing after CrewAI accepted a decision', () => {
  const silent = (by: string) =>
    expect.stringContaining(`nothing about this run since the decision of <@${by}>`);

  // biome-ignore format: a table
  test.each<[...Story]>([
    ['is not reported within ten minutes', [shown, approved(), wait(9 * MINUTE)], ['1 Draft: sent'],
      { notes: [] }],
    ['is reported once', [shown, approved(), wait(11 * MINUTE), wait(HOUR)], ['1 Draft: sent'],
      { notes: [silent('UANA')] }],
    ['is not reported when a webhook of it came', [shown, approved(), step(), wait(HOUR)],
      ['1 Draft: continued'], { notes: [] }],
    ['is reported once per round', [shown, revised(answers.documented('retrying')), wait(11 * MINUTE),
      task('draft', 'Another'), approved(answers.documented(), -1, 'UBEN'), wait(11 * MINUTE)],
      ['1 Draft: continued', '1 Draft (round 2): sent'], { notes: [silent('UANA'), silent('UBEN')] }],
    ['and has failed has its other cards closed',
      [shown, task('layout'), statusIs({ status: 'failed', error: 'boom' }), approved(undefined, 0), wait(20 * MINUTE)],
      ['1 Draft: sent, run failed', '2 Layout: ended, run failed']],
    ['is reported by another process when the one that sent it was killed',
      [shown, approved(), killed(), wait(11 * MINUTE)], ['1 Draft: sent'], { notes: [silent('UANA')] }],
  ])('%s', async (...story) => {
    await tell(story, documented);
  });
});

function says(...said: PlayedRun['resumeAnswers']): Happens {
  return (run) => void run.resumeAnswers.push(...said);
}

test.each([20, 40])(
  'the store is away for %s s after CrewAI took a decision: no other replica sends it again',
  async (seconds) => {
    const run = await happen(await playRun({ ...documented, replicas: 2 }), shown, slowly(5 * SECOND));
    await run.approve();
    run.world.records.failing = 'all';
    await run.pass(seconds * SECOND);
    run.world.records.failing = undefined;
    await run.pass(2 * MINUTE);
    expect(run.resumes()).toHaveLength(1);
    expect(run.card().state).toBe('sent');
  },
);

test('a store that fails now and then does not keep another replica from going on for one that died', async () => {
  const run = await happen(await playRun({ ...documented, replicas: 2 }), shown, slowly(5 * SECOND));
  await run.world.click('UBEN', ACTIONS.approve, run.card());
  await run.pass(SECOND);
  const died = run.world.living(0) as Process;
  died.backAfter = undefined;
  run.world.kill(died);
  await happen(run, slowly(0));
  for (let times = 0; times < 12; times += 1) {
    run.world.records.failing = 'all';
    await run.pass(6 * SECOND);
    run.world.records.failing = undefined;
    await run.pass(9 * SECOND);
  }
  expect(run.resumes().length).toBeGreaterThan(1);
  expect(run.card().state).toBe('sent');
});

test('an answer that brings a new id is in the history once, also where the store fails right after it', async () => {
  const run = await happen(await playRun(), pause(1, 'A release'));
  const { world } = run;
  const push = world.logged.push.bind(world.logged);
  world.logged.push = (...lines) => {
    if (lines[0]?.fact === 'alias recorded') {
      world.records.failing = 'writes';
      world.stage.after(3_000, () => (world.records.failing = undefined), world.stage.outside);
    }
    return push(...lines);
  };
  await run.approve();
  await run.pass(MINUTE);
  const facts = await world.settle(world.records.of(world.stage.outside).range('fact', { limit: 100 }));
  const ended = facts.filter(({ raw }) => raw.includes('"attempt_ended"'));
  expect(ended).toHaveLength(1);
  expect(run.card().state).toBe('sent');
});
