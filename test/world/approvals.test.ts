import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { revisionOf } from '../support/process-steps.ts';
import { withoutTickets } from '../support/world.ts';
import { createWorld, DIALECTS, draft, SECOND, webhookUrl } from './world.ts';

const summary = { ...draft, name: 'summary', agent: 'Editor', writeOutput: () => 'Linen, in 120 words.' };
const feedback = '  Mention the mill, & drop <b>"quotes"</b>\n*please* ';

describe.each(DIALECTS)('on the %s dialect, with default settings', (dialect) => {
  test('a run is revised twice, approved with a note, and finishes; each card says how far its decision has got', async () => {
    const world = await createWorld({ dialect, tasks: [draft, summary] });
    const { workspace, platform } = world;
    const run = await world.shown();
    const first = world.card();
    expect(first).toMatchObject({ state: 'waiting', round: 1, threadTs: undefined });
    expect(first.buttons).not.toContain('what_changed');
    for (const part of ['Draft press release', 'Spring collection 1', 'press'])
      expect(first.text).toContain(part);

    await world.click('UBEN', 'request_revision');
    expect((await world.submit('UBEN', { feedback: '  \n ' })).errors).toEqual({
      feedback: texts.refusals.feedbackMissing,
    });
    // On the live platform a short yes releases the task, unless a line before it says otherwise.
    expect(await world.submit('UBEN', { feedback: 'OK' })).toMatchObject({ acked: true, closed: true });
    const second = world.card();
    expect(second).toMatchObject({ state: 'waiting', round: 2, threadTs: first.ts });
    const answer = dialect === 'live' ? 'New output after' : 'This answers';
    for (const part of [`${answer} <@UBEN>'s request`, '>OK']) expect(second.text).toContain(part);
    const closed = world.cards()[0];
    expect(closed).toMatchObject({ state: 'continued', buttons: expect.not.arrayContaining(['approve']) });
    expect(closed?.text).toContain('Revision requested by <@UBEN>');
    const action = { type: 'button', block_id: 'shown-before', value: `${first.approval}.1` };
    await world.click('UANA', 'approve', { ...first, stale: true, action });
    expect(world.told('UANA')).toEqual([expect.stringContaining('<@UBEN> already requested a revision')]);

    await world.revise('UANA', feedback);
    await world.pass(2 * SECOND);
    const third = world.card();
    expect(third).toMatchObject({ state: 'waiting', round: 3, threadTs: first.ts });
    await world.click('UANA', 'what_changed');
    expect(world.form('UANA')).toContain('Spring');
    await world.settle(workspace.closeModal({ user: 'UANA' }));

    platform.hold();
    await world.choose('UANA', 'approve_note');
    expect(world.form('UANA')).toContain(dialect === 'live' ? 'The note stays in the thread' : 'in full');
    const note = dialect === 'live' ? {} : { people_note: 'Ask legal next time' };
    await world.submit('UANA', { feedback: 'Fine', ...note });
    expect(world.card()).toMatchObject({ state: 'sent' });
    expect(world.card().text).toContain('Approved by <@UANA>');
    expect(world.thread(first.ts).join()).toContain(dialect === 'live' ? 'Fine' : 'Ask legal next time');
    platform.release();
    await world.pass(3 * SECOND);

    const next = world.card();
    expect(next).toMatchObject({ state: 'waiting', threadTs: undefined });
    expect(next.text).toContain('Summary');
    const settled = world.cards().find(({ ts }) => ts === third.ts);
    expect(settled?.text).toContain('The crew goes on with *');
    await world.click('UBEN', 'approve');
    await world.pass(3 * SECOND);
    expect(world.cards().map(({ state }) => state)).toEqual(Array(4).fill('continued'));
    expect(world.notes()).toContain('The run of press has finished.');
    const end = workspace.messages('CAPPROVALS').find(({ text }) => text.includes('has finished'));
    expect([first.ts, next.ts]).toContain(end?.thread_ts);

    const { rounds, status } = platform.execution(run);
    expect(status).toBe('completed');
    expect(rounds.map(({ approved }) => approved)).toEqual([false, false, true, true]);
    const sent: [approve: boolean, text: string][] = [
      [false, 'OK'],
      [false, feedback],
      [true, dialect === 'live' ? 'Approved.' : 'Fine'],
      [true, 'Approved.'],
    ];
    expect(world.resumes().map(withoutTickets)).toEqual(
      sent.map(([approve, text], at) => ({
        ...world.urls(),
        ...(dialect === 'live'
          ? {
              executionId: run,
              taskId: rounds[at]?.taskId,
              humanFeedback: approve ? text : revisionOf({ dialect }, text),
            }
          : { execution_id: run, task_id: rounds[at]?.taskId, human_feedback: text, is_approve: approve }),
      })),
    );
    // A workspace may refuse metadata.
    expect(workspace.calls.filter(({ args }) => 'metadata' in args)).toEqual([]);
  });

  test("a decision carries the human-input webhook that its run registered, named or showed, in the run's form", async () => {
    const world = await createWorld({ dialect, settings: { PUBLIC_URL: 'https://bot.example.com' } });
    const theirs = { humanInputWebhookUrl: webhookUrl('human-input'), crewWebhookUrl: webhookUrl('crew') };
    const { humanInputWebhookUrl } = theirs;
    const shownAsObject = world.kickoff(world.urls('humanInput'));
    const shownAsText = world.kickoff({ humanInputWebhookUrl });
    const named = world.kickoff({ ...theirs, meta: theirs });
    const registered = world.kickoff({ humanInputWebhookUrl });
    await world.register(registered, theirs);
    await world.pass(10 * SECOND);
    const own = (kind: string) => webhookUrl(kind).replace('http://bot.test', 'https://bot.example.com');
    const ours = { taskWebhookUrl: own('task'), crewWebhookUrl: own('crew') };
    const { humanInputWebhook } = world.urls('humanInput');
    const url = 'https://bot.example.com/webhooks/press/human-input';
    const expected = {
      [shownAsObject]: { ...ours, humanInputWebhook: { ...humanInputWebhook, url } },
      [shownAsText]: { ...ours, humanInputWebhookUrl: own('human-input') },
      [named]: { ...ours, ...theirs },
      [registered]: { ...ours, ...theirs },
    };
    for (const card of world.cards()) await world.click('UANA', 'approve', card);
    expect(world.resumes()).toHaveLength(4);
    for (const body of world.resumes().map(withoutTickets)) {
      const run = body[dialect === 'live' ? 'executionId' : 'execution_id'] as string;
      const [pause] = world.platform.execution(run).rounds;
      expect(body[dialect === 'live' ? 'taskId' : 'task_id']).toBe(pause?.taskId);
      const urls = Object.entries(body).filter(([field]) => field.includes('Webhook'));
      expect(Object.fromEntries(urls)).toEqual(expected[run]);
    }
  });
});
