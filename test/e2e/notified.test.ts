import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { clickOn, kickoff, ready, requestRevision } from '../support/process-steps.ts';
import { draft, sees, shown, startBot, startWorld, type World } from '../support/world.ts';

/** Cat is an approver who is not in the channel. */
const CHANNELS = [
  { id: 'CAPPROVALS', name: 'approvals', members: ['UANA', 'UBEN'], botIsMember: true },
  { id: 'CPRESS', name: 'press', members: ['UANA', 'UBEN'], botIsMember: true },
];
const APPROVERS = 'UANA,UBEN,UCAT';

const start = () => startWorld([draft], {}, { channels: CHANNELS });

/** Direct messages of the bot to a person. */
function directTo({ workspace }: World, person: string): string[] {
  const [first] = workspace.directMessages(person);
  return first === undefined ? [] : shown(workspace, first.channel).map(({ all }) => all);
}

describe('who is told', () => {
  test('of a first card: approvers in the channel by a mention in its blocks and its text, others by a direct message', async () => {
    const world = await start();
    const { workspace } = world;
    kickoff(world, await startBot(world, { APPROVERS }));
    const card = await sees(workspace, 'the card', ready);
    const [first] = workspace.message('CAPPROVALS', card.ts)?.blocks ?? [];
    expect(JSON.stringify(first)).toContain(
      '<@UANA> <@UBEN>: *draft_press_release* of press is waiting for your decision.',
    );
    expect(card.text).toMatch(/^<@UANA> <@UBEN> press: draft_press_release is waiting for a decision\./);
    await workspace.changed(() => directTo(world, 'UCAT').length === 1, { what: 'the direct message' });
    const [direct] = directTo(world, 'UCAT');
    expect(direct).toContain('*draft_press_release* of press is waiting for your decision.');
    expect(direct).toContain('|Open the card>');
    // Never an output.
    expect(direct).not.toContain('linen');
    expect(['UANA', 'UBEN'].flatMap((person) => directTo(world, person))).toEqual([]);
  });

  test('of round 2: whoever asked for it, in the thread and in the channel', async () => {
    const world = await start();
    const { workspace } = world;
    kickoff(world, await startBot(world, { APPROVERS: 'UANA,UBEN' }));
    const card = await sees(workspace, 'the card', ready);
    await requestRevision(world, card.ts, 'Shorter', 'UBEN');
    const second = await sees(workspace, 'round 2', (it) => it.ts !== card.ts && ready(it));
    expect(second.all).toContain('<@UBEN>: *draft_press_release* of press is waiting for your decision.');
    expect(second.all).not.toContain('<@UANA>');
    const posted = workspace.calls.filter(({ method }) => method === 'chat.postMessage');
    const broadcast = posted.filter(({ args }) => String(args.reply_broadcast) === 'true');
    expect(broadcast.map(({ args }) => args.thread_ts)).toEqual([card.ts]);
  });

  test('of the decision: whoever started the run, by a link and its state', async () => {
    const world = await start();
    const { workspace, platform } = world;
    const bot = await startBot(world, { APPROVERS: 'UANA' });
    platform.kickoff({
      taskWebhookUrl: bot.webhook('task'),
      humanInputWebhookUrl: bot.webhook('human-input'),
      crewWebhookUrl: bot.webhook('crew'),
      meta: { requested_by: 'UCAT' },
    });
    const card = await sees(workspace, 'the card', ready);
    await clickOn(world, card.ts, 'approve');
    await workspace.changed(() => directTo(world, 'UCAT').length === 2, { what: 'both messages' });
    const [decided = '', ended = ''] = directTo(world, 'UCAT');
    expect(decided).toMatch(
      /^:information_source: \*draft_press_release\* of press, from your run: approved/,
    );
    expect(ended).toContain('Your run with *draft_press_release* of press has finished.');
    expect(decided + ended).not.toContain('linen');
    expect(decided).toContain('|Open the card>');
  });
});

describe('a click', () => {
  test('updates its card by its own response_url, beside the limit of chat.update', async () => {
    const world = await start();
    const { workspace, platform } = world;
    kickoff(world, await startBot(world, { APPROVERS: 'UANA' }));
    const card = await sees(workspace, 'the card', ready);
    platform.failures.plan({ on: 'resume', failure: { noAnswer: true } });
    await clickOn(world, card.ts, 'approve');
    await sees(
      workspace,
      'the decision',
      ({ ts, all }) => ts === card.ts && all.includes('Sending it to CrewAI'),
    );
    expect(workspace.calls.filter(({ method }) => method === 'chat.update')).toEqual([]);
  });

  test('whose card does not follow within 2 s is answered', async () => {
    const world = await start();
    const { workspace } = world;
    kickoff(world, await startBot(world, { APPROVERS: 'UANA' }));
    const card = await sees(workspace, 'the card', ready);
    const always = { times: Number.POSITIVE_INFINITY };
    workspace.failures.plan({ on: 'chat.update', failure: { status: 503 }, ...always });
    workspace.failures.plan({
      on: 'response_url',
      failure: { status: 503 },
      when: (body) => (body as { replace_original?: unknown }).replace_original === true,
      ...always,
    });
    await clickOn(world, card.ts, 'approve');
    await workspace.changed(() => workspace.ephemerals('UANA').length === 1, { what: 'the answer' });
    expect(workspace.ephemerals('UANA')[0]?.text).toBe(texts.actions.cardFollows);
  });
});
