import { describe, expect, test } from 'vitest';
import { type CalledUrls, FIND_TARGETS } from './called-urls.ts';
import { budget, buildApproval, draft, startPress } from './press-crew.ts';

const DIALECTS = ['live', 'documented'] as const;

async function open(options: Parameters<typeof startPress>[0]) {
  const press = await startPress(options);
  const { platform, post, urls, humanInputWebhookUrl: url, received } = press;
  return {
    ...press,
    /** URLs that say by which request they were named. */
    named: (by: string) => ({
      taskWebhookUrl: `${urls.taskWebhookUrl}&run=${by}`,
      humanInputWebhookUrl: `${url}?run=${by}`,
    }),
    /** Decides on a pause of the run; a plain yes approves. */
    async decide(id: string, number: number, feedback: string, urls: object) {
      const { taskId } = await press.round(id, number);
      const approval = { ...buildApproval(id, taskId), is_approve: feedback === 'yes' };
      const body = { ...approval, human_feedback: feedback, executionId: id, taskId, ...urls };
      expect((await post('/resume', body))[0]).toBe(200);
    },
    /** The first pauses that came, so many: their tasks, and by which request the called URL was named. */
    pauses(count: number) {
      const found = () =>
        received().flatMap(({ path = '', body }) => {
          if (!path.startsWith('/human')) return [];
          const { rounds } = platform.execution(String(body.execution_id));
          const round = rounds.find(({ taskId }) => taskId === body.task_id);
          return [`${round?.taskName} by ${new URL(path, url).searchParams.get('run')}`];
        });
      return platform.changed(() => found().length >= count && found(), { what: `${count} pauses` });
    },
  };
}

describe.each(DIALECTS)('after a /resume (%s), the URLs that are called are', (dialect) => {
  test.each<[CalledUrls, string[]]>([
    ['resume', ['start', 'first', 'second']],
    ['newest', ['start', 'first', 'second']],
    ['first', ['start', 'start', 'start']],
    ['stale', ['start', 'start', 'first']],
  ])('as the platform is set: %s', async (calledUrls, called) => {
    const { platform, named, decide, pauses } = await open({
      dialect,
      tasks: [draft],
      findTargets: FIND_TARGETS[calledUrls],
    });
    const id = platform.kickoff(named('start'));
    await decide(id, 1, 'Shorter', named('first'));
    await decide(id, 2, 'Longer', named('second'));
    expect(await pauses(3)).toEqual(called.map((by) => `${draft.name} by ${by}`));
  });

  test.each<[CalledUrls, string]>([
    ['resume', 'first'],
    ['newest', 'second'],
    ['first', 'start'],
    ['stale', 'start'],
  ])('the same where two tasks run at the same moment: %s', async (calledUrls, by) => {
    const tasks = [draft, { ...draft, name: 'summary', alongside: true as const }, budget];
    const { platform, named, decide, pauses } = await open({
      dialect,
      tasks,
      findTargets: FIND_TARGETS[calledUrls],
    });
    const id = platform.kickoff(named('start'));
    await pauses(2);
    expect(platform.execution(id).pendingTasks).toHaveLength(2);
    platform.hold();
    await decide(id, 1, 'Shorter', named('first'));
    await decide(id, 2, 'yes', named('second'));
    platform.release();
    expect((await pauses(3))[2]).toBe(`${draft.name} by ${by}`);
    // The next task begins once both are done.
    expect(platform.execution(id).rounds).toHaveLength(3);
    await decide(id, 3, 'yes', named('third'));
    expect((await pauses(4))[3]).toContain(budget.name);
  });
});

test('the newest human-input webhook replaces the other form of an older one, and other URLs are kept', async () => {
  const {
    platform,
    named,
    decide,
    pauses,
    humanInputWebhookUrl: url,
  } = await open({
    tasks: [draft],
    findTargets: FIND_TARGETS.newest,
  });
  const { taskWebhookUrl, ...start } = named('start');
  const id = platform.kickoff({ taskWebhookUrl, ...start });
  const humanInputWebhook = { url: `${url}?run=object` };
  await decide(id, 1, 'Shorter', { humanInputWebhook });
  expect((await pauses(2))[1]).toContain('object');
  expect(platform.execution(id).urls).toEqual({ taskWebhookUrl, humanInputWebhook });
  await decide(id, 2, 'Longer', { taskWebhookUrl: `${taskWebhookUrl}&again` });
  expect((await pauses(3))[2]).toContain('object');
});
