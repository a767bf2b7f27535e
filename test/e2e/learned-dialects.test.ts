import { describe, expect, test } from 'vitest';
import { always, clickOn, kickoff, requestRevision, revisionOf, roots } from '../support/process-steps.ts';
import { DIALECTS, startBot, startWorld, type World, withoutTickets } from '../support/world.ts';
import { completed, says, waits } from './complaint-steps.ts';

const bodies = ({ platform }: World) =>
  platform.resumes.map(({ body }) => withoutTickets(body as Record<string, unknown>));
const statuses = ({ platform }: World) => platform.resumes.map(({ status }) => status);
const spelledLive = { executionId: expect.any(String), humanFeedback: expect.any(String) };
const spelledDocumented = { execution_id: expect.any(String), is_approve: expect.any(Boolean) };

test.each(DIALECTS)(
  'a decision goes in both spellings until an answer shows the dialect, which is %s',
  async (dialect) => {
    const world = await startWorld(undefined, { dialect });
    const { platform } = world;
    platform.failures.plan({ on: 'status', failure: { status: 503 }, ...always });
    const execution = kickoff(world, await startBot(world));
    const first = await waits(world, 'Spring collection');
    await requestRevision(world, first.ts, 'Shorter');
    const second = await waits(world, '(round 2)');
    const [pause] = platform.execution(execution).rounds;
    const taskId = dialect === 'live' ? pause?.taskId : pause?.taskName;
    // The text has to decide by itself as long as nobody knows whether it does.
    const text = revisionOf({ dialect: 'live' }, 'Shorter');
    expect(bodies(world)[0]).toMatchObject({
      executionId: execution,
      execution_id: execution,
      taskId,
      task_id: taskId,
      humanFeedback: text,
      human_feedback: text,
      is_approve: false,
    });
    await clickOn(world, second.ts, 'approve');
    await completed(world, execution);
    expect(bodies(world)[1]).not.toHaveProperty(dialect === 'live' ? 'execution_id' : 'executionId');
    expect(statuses(world)).toEqual([200, 200]);
    expect(roots(world)).toHaveLength(1);
  },
);

describe('a platform that was taken for the other dialect', () => {
  const notFound = JSON.stringify({ error: 'Not Found', message: 'Execution not found' });
  const missing = (...fields: string[]) =>
    JSON.stringify({
      detail: fields.map((field) => ({ type: 'missing', loc: ['body', field], msg: 'Field required' })),
    });

  test.each([
    {
      dialect: 'documented',
      status: { status: 200, body: '{"state":"NOT FOUND"}' },
      // The documented platform says so in its own words: this one is FastAPI's.
      refusal: { status: 422, body: missing('execution_id', 'task_id', 'human_feedback', 'is_approve') },
      spelled: [spelledLive, spelledDocumented],
    },
    {
      dialect: 'live',
      status: { status: 404, body: notFound },
      refusal: undefined,
      spelled: [spelledDocumented, spelledLive],
    },
  ] as const)(
    'gets the decision in the spelling of the $dialect one after a 422 that proves it, once',
    async ({ dialect, status, refusal, spelled }) => {
      const world = await startWorld(undefined, { dialect });
      const { platform } = world;
      platform.failures.plan({ on: 'status', failure: status });
      const bot = await startBot(world);
      if (refusal) platform.failures.plan({ on: 'resume', failure: refusal });
      const urls = { humanInputWebhookUrl: bot.webhook('human-input'), crewWebhookUrl: bot.webhook('crew') };
      const execution = dialect === 'live' ? kickoff(world, bot) : platform.kickoff({ ...urls, meta: urls });
      const { ts } = await waits(world, 'Spring collection');
      await clickOn(world, ts, 'approve');
      await completed(world, execution);
      await says(world, ts, 'CrewAI accepted it');
      expect(statuses(world)).toEqual([422, 200]);
      expect(bodies(world)).toMatchObject(spelled);
      expect(bodies(world)[1]).not.toHaveProperty(dialect === 'live' ? 'execution_id' : 'executionId');
    },
  );
});
