import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/en.ts';
import { LIVE } from '../slack/hostile.ts';
import { answersTo, ask, reports } from '../support/asking.ts';
import { startBot, startWorld } from '../support/world.ts';

const long = 'x'.repeat(8_000);

test('whatever is typed is answered at once with a plain sentence that Slack takes and that calls nobody', async () => {
  const world = await startWorld();
  const bot = await startBot(world);
  await reports(bot, 'task_1', 'run-1');
  const typed: [text: string, says: RegExp][] = [
    ['frobnicate', /I found no approval or run "frobnicate".*Type `\/approvals help` to see all commands/],
    ['serch budget', /I don't know this command/],
    ['histori', /Did you mean `history`\? Type `\/approvals help` to see all commands/],
    ['history @nobody', /I found no person "nobody"/],
    ['history <@UNOBODY1>', /^No decisions by <@UNOBODY1>\.$/],
    ['history @', /I found no person ""/],
    ['history since the flood', /Say since when/],
    ['history since 2026-13-45', /Say since when/],
    ['stats tomorrow', /Give a number of days/],
    ['waiting nocrew', /I found no crew "nocrew" that you have access to\. Your crews: press/],
    ['ZZZZZZZZZ0', /I found no approval or run "ZZZZZZZZZ0" that you have access to\./],
    ['00000000-0000-4000-8000-000000000000', /I found no approval or run/],
    ['approve ZZZZZZZZZ0', /I found no approval/],
    ['find <!channel> ```|` x', /I found nothing for "&lt;!channel&gt;/],
    ['find <@UANA|x> @here', /Give at most one @person, and words/],
    ['find @here', /I found no person "here"/],
    ['find \u0000\u202e', /I found nothing|Matches for/],
    ['`<!channel>`', /I found no approval or run "&lt;!channel&gt;"/],
    [`waiting ${long}`, /I found no crew "x+…"/],
    [`history ${long}`, /I found no crew/],
    [`history @${long}`, /I found no person "x+…"/],
    [`history <@${'U'.repeat(7_000)}>`, /I found no crew/],
    [`find ${long}`, /I found nothing for "x+"/],
    [`find ${'"\\'.repeat(4_000)}`, /I found nothing for/],
    [`status ${long}`, /CrewAI (doesn't know|didn't respond)/],
    [`stats ${long}`, /Give a number of days/],
    [`approve ${long}`, /Name the approval by its ID/],
    [`revise`, /Name the approval by its ID/],
    [long, /I found no approval or run "x+…"/],
    [`${'word '.repeat(1_600)}`, /I don't know this command/],
  ];
  for (const [text, says] of typed) {
    const { all } = await ask(world, text);
    expect(all, text.slice(0, 60)).toMatch(says);
    const own = all.replace(/<@UNOBODY1>|@ana/g, '').replace(/<https?:[^|>]*\|/g, '');
    expect(own, text.slice(0, 60)).not.toMatch(LIVE);
  }
});

describe('a page', () => {
  test('that nobody wrote, or of a list of another, is refused or shows no more than the clicker may see', async () => {
    const world = await startWorld(
      [],
      {},
      {
        channels: [
          { id: 'CAPPROVALS', name: 'approvals', members: ['UANA'], botIsMember: true },
          { id: 'CPRESS', name: 'press', members: ['UANA', 'UCAT'], botIsMember: true },
        ],
      },
    );
    const bot = await startBot(world);
    for (let n = 1; n <= 12; n += 1) await reports(bot, `task_${n}`, `run-${n}`);
    const list = await ask(world, '');
    const newer = list.buttons.at(-1);
    const clicks = async (value: string, user = 'UANA') => {
      const before = answersTo(world, user).length;
      const action = { type: 'button', block_id: 'forged', value };
      await world.workspace.click({
        user,
        channel: 'CPRESS',
        ts: '1.000001',
        actionId: 'page_newer',
        stale: true,
        action,
      });
      await world.workspace.changed(() => answersTo(world, user).length > before, { what: 'an answer' });
      return answersTo(world, user).at(-1)?.all;
    };
    for (const value of [
      '',
      'nonsense',
      '{"query":{"kind":"everything"},"before":[]}',
      `{"query":{"kind":"find","words":"${'x'.repeat(300)}"},"before":[]}`,
      '{"query":{"kind":"history","since":1e300},"before":[]}',
    ])
      expect(await clicks(value), value.slice(0, 50)).toContain("I couldn't look that up right now");
    expect(newer?.value).toContain('"waiting"');
  });

  test('is turned only by who may look, whoever was shown it', async () => {
    const world = await startWorld();
    const bot = await startBot(world, { APPROVERS: 'UANA' });
    for (let n = 1; n <= 12; n += 1) await reports(bot, `task_${n}`, `run-${n}`);
    const list = await ask(world, '', { user: 'UCAT', channel: 'CAPPROVALS' });
    await bot.stop();
    await startBot(world, { APPROVERS: 'UANA', APPROVAL_CHANNEL: 'CPRESS' });
    const { actionId = '', blockId = '' } = list.buttons.at(-1) ?? {};
    await world.workspace.click({ user: 'UCAT', channel: 'CAPPROVALS', ts: list.ts, actionId, blockId });
    const now = () => answersTo(world, 'UCAT').find(({ ts }) => ts === list.ts)?.all ?? '';
    await world.workspace.changed(() => now().includes(texts.refusals.mayNotLook), {
      what: 'the refusal',
    });
    expect(now()).not.toContain('task_');
  });
});

test('a command from a channel that the bot is not in is answered like any other', async () => {
  const world = await startWorld(
    [],
    {},
    {
      channels: [
        { id: 'CAPPROVALS', name: 'approvals', members: ['UANA'], botIsMember: true },
        { id: 'CELSE', name: 'elsewhere', members: ['UANA'], private: true },
      ],
    },
  );
  const bot = await startBot(world);
  const id = await reports(bot, 'task_1', 'run-1');
  const elsewhere = { user: 'UANA', channel: 'CELSE' };
  expect((await ask(world, '', elsewhere)).all).toContain('One approval is waiting');
  await world.workspace.command({ ...elsewhere, command: '/approvals', text: `revise ${id}` });
  await world.workspace.changed(() => world.workspace.openView('UANA') !== undefined, { what: 'the modal' });
  expect((await ask(world, `approve ${id}`, elsewhere)).all).toContain('You approved *task_1*');
});
