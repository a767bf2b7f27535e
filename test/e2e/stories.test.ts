import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { ask } from '../support/asking.ts';
import {
  answered,
  approvalOfRun,
  clickOn,
  kickoff,
  requestRevision,
  revisionOf,
} from '../support/process-steps.ts';
import {
  approvalOf,
  DIALECTS,
  draft,
  SECRET,
  sees,
  shown,
  startBot,
  startWorld,
  withoutTickets,
} from '../support/world.ts';
import {
  chooseInMenu,
  clickOld,
  http,
  modalSays,
  openModal,
  says,
  submit,
  summary,
  threadSays,
  told,
  waits,
} from './complaint-steps.ts';

describe.each(DIALECTS)('on the %s dialect, with default settings', (dialect) => {
  test('a run is revised twice, approved with a note, and finishes; each card says how far its decision has got', async () => {
    const world = await startWorld([draft, summary], { dialect });
    const { workspace, platform } = world;
    const bot = await startBot(world);
    const execution = kickoff(world, bot, { events: true });

    const first = await waits(world, 'draft_press_release');
    expect(first.buttons).toEqual(['Approve', 'Request revision']);
    expect(first.reading).not.toContain('What changed');
    for (const part of ['Copywriter', '# Spring collection', 'press']) expect(first.all).toContain(part);
    // The live platform's pause says nothing of what was expected.
    if (dialect === 'documented') expect(first.all).toContain('A press release of 300');

    await openModal(world, first.ts);
    expect((await submit(world, '  \n ')).errors).toEqual({ feedback: texts.refusals.feedbackMissing });
    // On the live platform a short yes releases the task, unless a line before it says otherwise.
    expect(await submit(world, 'OK')).toMatchObject({ acked: true, closed: true });
    const second = await waits(world, '(round 2)');
    expect(second.thread_ts).toBe(first.ts);
    for (const part of ['This answers the request of <@UBEN>', '>OK', '<@UBEN>: *draft_press_release*'])
      expect(second.all).toContain(part);
    const closed = await says(world, first.ts, texts.card.continued);
    expect(closed.all).toContain('Revision requested by <@UBEN>');
    await clickOld(world, { ts: first.ts, actionId: 'approve', value: `${approvalOf(first)}.1` });
    expect(await told(world, 'UANA')).toEqual([
      expect.stringContaining('<@UBEN> already requested a revision'),
    ]);

    const feedback = '  Mention the mill, & drop <b>"quotes"</b>\n*please* ';
    await requestRevision(world, second.ts, feedback, 'UANA');
    const third = await waits(world, '(round 3)');
    await clickOn(world, third.ts, 'what_changed');
    await modalSays(world, 'UANA', 'mill');
    await workspace.closeModal({ user: 'UANA' });

    platform.hold();
    await chooseInMenu(world, third.ts, 'approve_note');
    await modalSays(world, 'UANA', dialect === 'live' ? 'The note stays in the thread' : 'in full');
    const notes = { feedback: { feedback: 'Fine' }, people_note: { people_note: 'Ask legal next time' } };
    const values = dialect === 'live' ? { feedback: notes.feedback } : notes;
    expect(await workspace.submit({ user: 'UANA', values })).toMatchObject({ acked: true, closed: true });
    const sent = await says(world, third.ts, answered(world));
    expect(sent.all).toContain('Approved by <@UANA>');
    expect(sent.all).not.toContain(texts.card.continued);
    await threadSays(world, first.ts, dialect === 'live' ? 'Fine' : 'Ask legal next time');
    platform.release();
    await says(world, third.ts, texts.card.continued);

    const next = await waits(world, 'summary');
    expect(next.thread_ts).toBeUndefined();
    await clickOn(world, next.ts, 'approve', 'UBEN');
    await says(world, next.ts, texts.card.continued);
    const end = await sees(workspace, 'the end', ({ all }) => all.includes('has finished'));
    expect([first.ts, next.ts]).toContain(end.thread_ts);

    const urls = { taskWebhookUrl: bot.webhook('task'), crewWebhookUrl: bot.webhook('crew') };
    const { rounds, status } = platform.execution(execution);
    expect(status).toBe('completed');
    expect(rounds.map(({ approved }) => approved)).toEqual([false, false, true, true]);
    const bodies = [
      { approve: false, text: 'OK' },
      { approve: false, text: feedback },
      { approve: true, text: dialect === 'live' ? 'Approved.' : 'Fine' },
      { approve: true, text: 'Approved.' },
    ].map(({ approve, text }, at) =>
      dialect === 'live'
        ? {
            executionId: execution,
            taskId: rounds[at]?.taskId,
            humanFeedback: approve ? text : revisionOf(world, text),
            ...urls,
            humanInputWebhookUrl: bot.webhook('human-input'),
          }
        : {
            execution_id: execution,
            task_id: rounds[at]?.taskName,
            human_feedback: text,
            is_approve: approve,
            ...urls,
          },
    );
    expect(platform.resumes.map(({ body }) => withoutTickets(body))).toEqual(bodies);
    expect(shown(workspace).flatMap(({ buttons }) => buttons)).toEqual([]);
    // A workspace may refuse metadata.
    expect(workspace.calls.filter(({ args }) => 'metadata' in args)).toEqual([]);
  });

  test("a decision carries the human-input webhook that its run registered, named or showed, in the run's form", async () => {
    const output = () => ({ title: 'Budget', total_eur: 18500 });
    const world = await startWorld([{ ...draft, output }], { dialect });
    const { platform, workspace } = world;
    const bot = await startBot(world, { PUBLIC_URL: 'https://bot.example.com/' });
    const authentication = { strategy: 'bearer' as const, token: SECRET };
    const asObject = (origin: string) => ({ url: `${origin}/webhooks/press/human-input`, authentication });
    const own = (kind: string) => `https://bot.example.com/webhooks/press/${kind}?token=${SECRET}`;
    const ours = { taskWebhookUrl: own('task'), crewWebhookUrl: own('crew') };
    const theirs = {
      humanInputWebhookUrl: bot.webhook('human-input'),
      crewWebhookUrl: bot.webhook('crew'),
    };
    const { humanInputWebhookUrl } = theirs;
    const shownAsObject = platform.kickoff({ humanInputWebhook: asObject(bot.url) });
    const shownAsText = platform.kickoff({ humanInputWebhookUrl });
    const named = platform.kickoff({ ...theirs, meta: theirs });
    const registered = platform.kickoff({ humanInputWebhookUrl });
    const headers = { authorization: `Bearer ${SECRET}` };
    const put = await http.put(`${bot.url}/crews/press/executions/${registered}`, theirs, { headers });
    expect(put.status).toBe(200);

    await sees(workspace, 'an object', ({ all }) => all.includes('**total\\_eur:** 18500'));
    const expected = {
      [shownAsObject]: { ...ours, humanInputWebhook: asObject('https://bot.example.com') },
      [shownAsText]: { ...ours, humanInputWebhookUrl: own('human-input') },
      [named]: { ...ours, ...theirs },
      [registered]: { ...ours, ...theirs },
    };
    for (const [index, run] of Object.keys(expected).entries()) {
      const typed = await ask(world, `approve ${await approvalOfRun(world, run)}`);
      expect(typed.all).toContain('You approved');
      await platform.changed(() => platform.resumes.length === index + 1, { what: '/resume' });
      const body = withoutTickets(platform.resumes[index]?.body as Record<string, unknown>);
      const pause = platform.execution(run).rounds[0];
      expect(body[dialect === 'live' ? 'taskId' : 'task_id']).toBe(pause?.taskId);
      const urls = Object.entries(body).filter(([field]) => field.includes('Webhook'));
      expect(Object.fromEntries(urls)).toEqual(expected[run]);
    }
  });
});
