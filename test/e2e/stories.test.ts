import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { answered, clickOn, kickoff, ready, requestRevision, revisionOf } from '../support/process-steps.ts';
import {
  DIALECTS,
  draft,
  sees,
  shown,
  startBot,
  startWorld,
  type World,
  withoutTickets,
} from '../support/world.ts';
import { says } from './complaint-steps.ts';

const summary = { ...draft, name: 'summary', agent: 'Editor', output: () => 'Linen, in 120 words.' };
const roundOf = (world: World, round: number) =>
  sees(world.workspace, `round ${round}`, (it) => it.all.includes(`(round ${round})`) && ready(it));

describe.each(DIALECTS)('a whole story on the %s dialect with default settings', (dialect) => {
  /** The body of POST /resume, by what was decided. */
  function bodyOf(world: World, bot: { webhook(kind: string): string }, execution: string, at: number) {
    const round = world.platform.execution(execution).rounds[at];
    const urls = { taskWebhookUrl: bot.webhook('task'), crewWebhookUrl: bot.webhook('crew') };
    return (approve: boolean, text: string) =>
      dialect === 'live'
        ? {
            executionId: execution,
            taskId: round?.taskId,
            humanFeedback: approve ? text : revisionOf(world, text),
            ...urls,
            humanInputWebhookUrl: bot.webhook('human-input'),
          }
        : {
            execution_id: execution,
            task_id: round?.taskName,
            human_feedback: text,
            is_approve: approve,
            ...urls,
          };
  }

  test('"OK" as a revision releases nothing; rounds 2 and 3 say what changed; approved, the next task waits, finished', async () => {
    const world = await startWorld([draft, summary], { dialect });
    const { workspace, platform } = world;
    const bot = await startBot(world);
    const execution = kickoff(world, bot, { events: true });
    const first = await sees(
      workspace,
      'the card',
      (it) => it.all.includes('draft_press_release') && ready(it),
    );
    expect(first.reading).not.toContain('What changed');

    await requestRevision(world, first.ts, 'OK');
    const second = await roundOf(world, 2);
    expect(second.thread_ts).toBe(first.ts);
    expect(second.all).toContain('>OK');
    expect(second.reading).toContain('What changed');
    const closed = await says(world, first.ts, texts.card.continued);
    expect(closed.all).toContain('Revision requested by <@UBEN>');
    expect(closed.buttons).toEqual([]);
    expect(platform.execution(execution).rounds.map(({ approved }) => approved)).toEqual([false, undefined]);

    await requestRevision(world, second.ts, 'Mention the mill', 'UANA');
    const third = await roundOf(world, 3);
    expect(third.reading).toContain('What changed');
    await clickOn(world, third.ts, 'what_changed');
    await workspace.changed(() => JSON.stringify(workspace.openView('UANA') ?? '').includes('mill'), {
      what: 'what changed',
    });

    platform.hold();
    await clickOn(world, third.ts, 'approve');
    const sent = await says(world, third.ts, answered(world));
    expect(sent.all).toContain('Approved by <@UANA>');
    expect(sent.all).not.toContain(texts.card.continued);
    platform.release();
    await says(world, third.ts, texts.card.continued);

    const next = await sees(workspace, 'the next card', (it) => it.all.includes('summary') && ready(it));
    expect(next.thread_ts).toBeUndefined();
    await clickOn(world, next.ts, 'approve', 'UBEN');
    await says(world, next.ts, texts.card.continued);
    const end = await sees(workspace, 'the end', ({ all }) => all.includes('has finished'));
    expect([first.ts, next.ts]).toContain(end.thread_ts);

    const body = (at: number) => bodyOf(world, bot, execution, at);
    expect(platform.resumes.map(({ body }) => withoutTickets(body))).toEqual([
      body(0)(false, 'OK'),
      body(1)(false, 'Mention the mill'),
      body(2)(true, 'Approved.'),
      body(3)(true, 'Approved.'),
    ]);
    expect(platform.execution(execution).status).toBe('completed');
    expect(shown(workspace).flatMap(({ buttons }) => buttons)).toEqual([]);
  });

  test('a run that fails while its card waits closes it with the reason', async () => {
    const world = await startWorld([draft], { dialect });
    const { workspace, platform } = world;
    const execution = kickoff(world, await startBot(world), { events: true });
    const { ts } = await sees(workspace, 'the card', ready);
    platform.fail(execution, 'ValueError: no model');
    const card = await says(world, ts, 'ValueError: no model');
    expect(card.buttons).toEqual([]);
    expect(platform.resumes).toEqual([]);
  });

  test('a run that fails after a decision tells whoever decided, and the card says both', async () => {
    const broken = {
      ...summary,
      output: () => {
        throw new Error('the model is gone');
      },
    };
    const world = await startWorld([draft, broken], { dialect });
    const { workspace, platform } = world;
    const execution = kickoff(world, await startBot(world), { events: true });
    const { ts } = await sees(workspace, 'the card', ready);
    await clickOn(world, ts, 'approve');
    const note = await sees(
      workspace,
      'the failure in the thread',
      ({ thread_ts, all }) => thread_ts === ts && all.includes('the model is gone'),
    );
    expect(note.all).toContain('<@UANA>');
    const card = await says(world, ts, 'Approved by <@UANA>');
    expect(card.buttons).toEqual([]);
    expect(platform.execution(execution)).toMatchObject({ status: 'error', feedback: ['Approved.'] });
    expect(platform.resumes).toHaveLength(1);
  });
});
