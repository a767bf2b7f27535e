import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { clickOn, kickoff, ready, requestRevision, revisionOf, roots } from '../support/process-steps.ts';
import { BUDGET_SECRET, PRESS_SECRET, startTwoCrews } from '../support/two-crews.ts';
import {
  DIALECTS,
  draft,
  SECRET,
  sees,
  startBot,
  startWorld,
  type World,
  withoutTickets,
} from '../support/world.ts';
import { completed, http, resumeElsewhere, says } from './complaint-steps.ts';

const bodies = ({ platform }: World) => platform.resumes.map(({ body }) => withoutTickets(body));
/** A pause as the live platform tells it. */
const pause = (execution: string, output: string, kickoff_id = execution) => ({
  kickoff_id,
  execution_id: execution,
  task_id: randomUUID(),
  task_output: output,
  meta: null,
});

describe('a pause on the live dialect', () => {
  test('beside another one of its run is an approval of its own, and each is answered by its own id', async () => {
    const world = await startWorld();
    const { workspace } = world;
    const bot = await startBot(world);
    const [one, other] = [pause('run-1', '# Headline'), pause('run-1', '# Budget')];
    const answers = await Promise.all(
      [one, other].map((body) => http.post(bot.webhook('human-input'), body)),
    );
    expect(answers.map(({ data }) => data)).toMatchObject(Array(2).fill({ status: 'created', round: 1 }));
    const cardOf = (title: string) => sees(workspace, title, (it) => it.all.includes(title) && ready(it));
    const [headline, budget] = [await cardOf('# Headline'), await cardOf('# Budget')];
    await requestRevision(world, budget.ts, 'Less');
    await says(world, budget.ts, 'not confirmed yet');
    expect((await cardOf('# Headline')).ts).toBe(headline.ts);
    await clickOn(world, headline.ts, 'approve');
    await says(world, headline.ts, 'not confirmed yet');
    expect(bodies(world)).toMatchObject([
      { executionId: 'run-1', taskId: other.task_id, humanFeedback: revisionOf(world, 'Less') },
      { executionId: 'run-1', taskId: one.task_id, humanFeedback: 'Approved.' },
    ]);
    expect(roots(world)).toHaveLength(2);
  });

  test('that is delivered again after its revision opens nothing, and the next one is round 2', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const bot = await startBot(world);
    kickoff(world, bot);
    const { ts } = await sees(workspace, 'the card', ready);
    const at = platform.webhooks.findIndex(({ kind }) => kind === 'human-input');
    platform.hold();
    await requestRevision(world, ts, 'Shorter');
    await says(world, ts, 'not confirmed yet');
    const again = await platform.redeliver(at);
    expect(JSON.parse(again.answer ?? '')).toMatchObject({ status: 'duplicate', round: 1 });
    platform.release();
    const second = await sees(workspace, 'round 2', (it) => it.all.includes('(round 2)') && ready(it));
    expect(second.thread_ts).toBe(ts);
    const late = await platform.redeliver(at);
    expect(JSON.parse(late.answer ?? '')).toMatchObject({ status: 'duplicate' });
    expect(roots(world)).toHaveLength(1);
  });

  test('whose kickoff_id is a run of another crew takes nothing of that run', async () => {
    const world = await startTwoCrews();
    const { workspace } = world;
    const bot = await startBot(world);
    const send = (crew: string, secret: string, kind: string, body: object) =>
      http.post(`${bot.url}/webhooks/${crew}/${kind}?token=${secret}`, body);
    const theirs = pause('run-of-budget', '# Payroll');
    expect((await send('budget', BUDGET_SECRET, 'human-input', theirs)).data.status).toBe('created');
    const ours = pause('run-of-press', '# Release', 'run-of-budget');
    expect((await send('press', PRESS_SECRET, 'human-input', ours)).data.status).toBe('created');
    const card = await sees(workspace, 'our card', (it) => it.all.includes('# Release') && ready(it));
    const their = await sees(
      workspace,
      'their card',
      (it) => it.all.includes('# Payroll') && ready(it),
      'CPRESS',
    );
    expect(bot.logged.join('')).toContain('alias rejected: the id belongs to another run');
    // The end of their run ends theirs, and not ours.
    await send('budget', BUDGET_SECRET, 'crew', { kickoff_id: 'run-of-budget', result: 'Paid' });
    await sees(
      workspace,
      'their end',
      ({ ts, buttons }) => ts === their.ts && buttons.length === 0,
      'CPRESS',
    );
    await clickOn(world, card.ts, 'approve');
    await says(world, card.ts, 'not confirmed yet');
    expect(bodies(world)).toMatchObject([{ executionId: 'run-of-press', taskId: ours.task_id }]);
  });

  test('that follows a decision made elsewhere is a card of its own; the older card warns, and releases nothing', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    const bot = await startBot(world);
    const execution = kickoff(world, bot);
    const card = await sees(workspace, 'the card', ready);
    await resumeElsewhere(world, bot, execution, false);
    const next = await sees(workspace, 'the other card', (it) => it.ts !== card.ts && ready(it));
    await says(world, card.ts, 'The run may have continued without a decision');
    await clickOn(world, card.ts, 'approve');
    await platform.changed(() => platform.resumes.length === 2, { what: '/resume' });
    expect(platform.execution(execution)).toMatchObject({
      status: 'pending human input',
      feedback: ['Said in the console'],
    });
    await clickOn(world, next.ts, 'approve', 'UBEN');
    await completed(world, execution);
  });

  test('comes before its dialect is known: the card that its task webhook opened is the one that decides', async () => {
    const world = await startWorld();
    const { workspace, platform } = world;
    platform.failures.plan({ on: 'status', failure: { status: 503 } });
    const execution = kickoff(world, await startBot(world));
    const { ts } = await sees(workspace, 'the card', ready);
    await platform.changed(() => platform.webhooks.filter(({ status }) => status === 202).length === 2, {
      what: 'both routes',
    });
    await clickOn(world, ts, 'approve');
    await completed(world, execution);
    await says(world, ts, texts.card.continued);
    expect(roots(world)).toHaveLength(1);
  });
});

describe.each(DIALECTS)('webhook URLs on the %s dialect', (dialect) => {
  const bearer = { strategy: 'bearer' as const, token: SECRET };

  test.each([
    ['an object with its bearer token', 'humanInputWebhook'],
    ['a URL alone', 'humanInputWebhookUrl'],
  ] as const)('for human input that came as %s go back as they came', async (_, field) => {
    const world = await startWorld([draft], { dialect });
    const bot = await startBot(world, { PUBLIC_URL: 'https://bot.example.com' });
    const object = { url: `${bot.url}/webhooks/press/human-input`, authentication: bearer };
    const own = 'https://bot.example.com/webhooks/press/human-input';
    const [sent, back] =
      field === 'humanInputWebhook'
        ? [object, { url: own, authentication: bearer }]
        : [bot.webhook('human-input'), `${own}?token=${SECRET}`];
    world.platform.kickoff({ [field]: sent });
    const { ts } = await sees(world.workspace, 'the card', ready);
    await clickOn(world, ts, 'approve');
    await world.platform.changed(() => world.platform.resumes.length === 1, { what: '/resume' });
    const other = field === 'humanInputWebhook' ? 'humanInputWebhookUrl' : 'humanInputWebhook';
    expect(bodies(world)[0]).toMatchObject({ [field]: back });
    expect(bodies(world)[0]).not.toHaveProperty(other);
  });

  test.each(['a registration', 'meta'])('for human input are taken from %s', async (where) => {
    const world = await startWorld([draft], { dialect });
    const bot = await startBot(world, { PUBLIC_URL: '' });
    const humanInputWebhookUrl = bot.webhook('human-input');
    const urls = { humanInputWebhookUrl, crewWebhookUrl: bot.webhook('crew') };
    const execution = world.platform.kickoff({ ...urls, ...(where === 'meta' ? { meta: urls } : {}) });
    if (where !== 'meta') {
      const headers = { authorization: `Bearer ${SECRET}` };
      const path = `${bot.url}/crews/press/executions/${execution}`;
      expect((await http.put(path, urls, { headers })).status).toBe(200);
    }
    const { ts } = await sees(world.workspace, 'the card', ready);
    await clickOn(world, ts, 'approve');
    await completed(world, execution);
    expect(bodies(world)[0]).toMatchObject(urls);
    await sees(world.workspace, 'the end', ({ all }) => all.includes('has finished'));
  });
});

test('a batch of 10,000 events, most of them of other kinds or twice, is taken at once; what matters in it counts', async () => {
  const world = await startWorld();
  const bot = await startBot(world);
  await http.post(bot.webhook('human-input'), pause('run-1', '# Release'));
  const { ts } = await sees(world.workspace, 'the card', ready);
  const noise = Array.from({ length: 9_999 }, (_, n) => ({
    id: `e${n % 5_000}`,
    execution_id: 'run-1',
    ...(n % 100 === 0 ? { type: 'task_started', data: { task_name: 'draft' } } : { type: 'llm_call' }),
  }));
  const failed = {
    id: 'last',
    execution_id: 'run-1',
    timestamp: new Date().toISOString(),
    type: 'crew_kickoff_failed',
    data: { emission_sequence: 9_999, error: 'ValueError: boom' },
  };
  const answer = await http.post(bot.webhook('events'), { events: [...noise, failed] });
  expect([answer.status, answer.data]).toEqual([202, { status: 'noted', ignored: 9_899 }]);
  const card = await says(world, ts, 'ValueError: boom');
  expect(card.buttons).toEqual([]);
  const again = await http.post(bot.webhook('events'), { events: [failed] });
  expect(again.data).toEqual({ status: 'duplicate' });
});
