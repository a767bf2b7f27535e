import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import { always, clickOn, kickoff, ready, requestRevision, revisionOf } from '../support/process-steps.ts';
import { DIALECTS, draft, sees, startBot, startWorld, type World, withoutTickets } from '../support/world.ts';
import { completed, ownCalendar, says } from './complaint-steps.ts';

const live = { dialect: 'live' } as const;
const notFound = JSON.stringify({ error: 'Not Found', message: 'Execution not found' });
const missing = (...fields: string[]) =>
  JSON.stringify({
    detail: fields.map((field) => ({ type: 'missing', loc: ['body', field], msg: 'Field required' })),
  });
const bodies = ({ platform }: World) =>
  platform.resumes.map(({ body }) => withoutTickets(body as Record<string, unknown>));
const statuses = ({ platform }: World) => platform.resumes.map(({ status }) => status);

describe('a platform whose dialect is not known yet', () => {
  const unhelpful = {
    'answers nothing': { noAnswer: true },
    'answers HTML': { status: 200, body: '<html>Welcome</html>', headers: { 'content-type': 'text/html' } },
    'answers 503': { status: 503 },
  } as const;

  test.each(
    DIALECTS.flatMap((dialect) =>
      Object.entries(unhelpful).map(([how, failure]) => ({ dialect, how, failure })),
    ),
  )(
    'and that $how to /status gets a decision in both spellings, once ($dialect)',
    async ({ dialect, failure }) => {
      const world = await startWorld([draft], { dialect });
      const { workspace, platform } = world;
      platform.failures.plan({ on: 'status', failure, ...always });
      const execution = kickoff(world, await startBot(world));
      const { ts } = await sees(workspace, 'the card', ready);
      await requestRevision(world, ts, 'Shorter');
      const second = await sees(workspace, 'round 2', (it) => it.all.includes('(round 2)') && ready(it));
      const [pause] = platform.execution(execution).rounds;
      // The text has to decide by itself as long as nobody knows whether it does.
      const text = revisionOf(live, 'Shorter');
      expect(bodies(world)[0]).toMatchObject({
        executionId: execution,
        execution_id: execution,
        taskId: dialect === 'live' ? pause?.taskId : pause?.taskName,
        task_id: dialect === 'live' ? pause?.taskId : pause?.taskName,
        humanFeedback: text,
        human_feedback: text,
        is_approve: false,
      });
      await clickOn(world, second.ts, 'approve');
      await completed(world, execution);
      // Its first answer has shown the dialect.
      expect(bodies(world)[1]).not.toHaveProperty(dialect === 'live' ? 'execution_id' : 'executionId');
      expect(statuses(world)).toEqual([200, 200]);
    },
  );
});

describe('a platform that was taken for the other one', () => {
  test('and refuses the live spelling with a 422 that proves it gets the documented one, once', async () => {
    const world = await startWorld([draft], { dialect: 'documented' });
    const { workspace, platform } = world;
    platform.failures.plan({ on: 'status', failure: { status: 200, body: '{"state":"NOT FOUND"}' } });
    const bot = await startBot(world);
    const body = missing('execution_id', 'task_id', 'human_feedback', 'is_approve');
    platform.failures.plan({ on: 'resume', failure: { status: 422, body } });
    const url = { humanInputWebhookUrl: bot.webhook('human-input'), crewWebhookUrl: bot.webhook('crew') };
    const execution = platform.kickoff({ ...url, meta: url });
    const { ts } = await sees(workspace, 'the card', ready);
    await clickOn(world, ts, 'approve');
    await completed(world, execution);
    await says(world, ts, 'CrewAI accepted it');
    expect(statuses(world)).toEqual([422, 200]);
    expect(Object.keys(bodies(world)[0] ?? {})).toContain('executionId');
    expect(bodies(world)[1]).toMatchObject({ execution_id: execution, is_approve: true });
    expect(bodies(world)[1]).not.toHaveProperty('executionId');
  });

  test('and refuses the documented spelling with a 422 that proves it gets the live one, once', async () => {
    const world = await startWorld([draft], { dialect: 'live' });
    const { workspace, platform } = world;
    platform.failures.plan({ on: 'status', failure: { status: 404, body: notFound } });
    const execution = kickoff(world, await startBot(world));
    const { ts } = await sees(workspace, 'the card', ready);
    await clickOn(world, ts, 'approve');
    await completed(world, execution);
    await says(world, ts, 'CrewAI accepted it');
    expect(statuses(world)).toEqual([422, 200]);
    expect(bodies(world)[0]).toMatchObject({ execution_id: execution, is_approve: true });
    expect(bodies(world)[1]).toMatchObject({ executionId: execution, humanFeedback: 'Approved.' });
    expect(bodies(world)[1]).not.toHaveProperty('execution_id');
  });
});

describe.each(DIALECTS)('on the %s dialect', (dialect) => {
  test('a 422 about a field that was not sent is refused with its reason, without Retry and without another try', async () => {
    const world = await startWorld([draft], { dialect });
    const { workspace, platform } = world;
    const item = { type: 'missing', loc: ['body', 'tenantId'], msg: 'Field required' };
    const body = JSON.stringify({ detail: [item] });
    platform.failures.plan({ on: 'resume', failure: { status: 422, body } });
    kickoff(world, await startBot(world));
    const { ts } = await sees(workspace, 'the card', ready);
    await clickOn(world, ts, 'approve');
    const card = await says(world, ts, texts.crewai.failures.rejected);
    expect((await ask(world, card.approval ?? '')).all).toContain('HTTP 422: tenantId: Field required.');
    expect(card.buttons).toEqual(['Close without a decision']);
    expect(statuses(world)).toEqual([422]);
  });

  test('a 200 with neither status nor kickoff_id is an answer lost: undelivered after a minute, for a person to decide', async () => {
    const pass = ownCalendar();
    const world = await startWorld([draft], { dialect });
    const { workspace, platform } = world;
    platform.failures.plan({ on: 'resume', failure: { status: 200, body: '{"message":"Fine"}' }, ...always });
    const execution = kickoff(world, await startBot(world));
    const { ts } = await sees(workspace, 'the card', ready);
    await requestRevision(world, ts, 'Shorter');
    await says(world, ts, "I'll keep trying");
    pass(61_000);
    const card = await says(world, ts, texts.card.mayHaveArrivedUnanswered);
    expect(card.buttons).toEqual(['Retry', 'Close without a decision']);
    expect(platform.execution(execution).status).toBe('pending human input');
  });
});
