import { expect, test } from 'vitest';
import { feedbackTexts } from '../../../src/features/feedback/texts.ts';
import { hasWord } from '../../support/features.ts';
import { spoken } from '../../support/spoken.ts';
import { createWorld, SECOND, type World } from '../../world/world.ts';

async function reply(world: World, text: string, { user = 'UBEN', threadTs = world.card().ts } = {}) {
  return world.workspace.say({ user, channel: 'CAPPROVALS', text, threadTs });
}

async function useAsFeedback(world: World, ts: string, user = 'UANA') {
  await world.settle(
    world.workspace.shortcut({ user, channel: 'CAPPROVALS', ts, callbackId: 'use_as_feedback' }),
  );
  await world.pass(SECOND);
}

test('a reply in the thread of a card becomes the feedback of a revision, with its author', async () => {
  const world = await createWorld({ dialect: 'documented' });
  await world.shown();
  const ts = await reply(
    world,
    'Name the price &amp; ask <@UCAT>, see <https://example.com/a|the list> &lt;soon&gt;',
  );
  await useAsFeedback(world, ts);
  const words = 'ben: Name the price & ask @UCAT, see the list (https://example.com/a) <soon>';
  expect(world.form('UANA')).toContain(JSON.stringify(words).slice(1, -1));
  // A reply by itself decides nothing.
  expect(world.resumes()).toEqual([]);
  await world.submit('UANA', { feedback: words });
  await world.pass(3 * SECOND);
  expect(world.resumes()).toMatchObject([{ human_feedback: expect.stringContaining(words) }]);
  expect(world.cards()[0]?.text).toContain('Revision requested by <@UANA>');
  // In the thread of the first card the second round is meant.
  await useAsFeedback(world, await reply(world, 'And a date', { threadTs: world.cards()[0]?.ts ?? '' }));
  expect(world.form('UANA')).toContain('round 2');
});

test.runIf(hasWord('run'))(
  'in the thread of a run that was started from Slack the approval that waits is meant',
  async () => {
    const world = await createWorld();
    await world.type('UANA', 'run press');
    await world.submit('UANA', {});
    await world.pass(5 * SECOND);
    const threadTs = world.card().threadTs ?? '';
    await useAsFeedback(world, await reply(world, 'Shorter', { threadTs }));
    expect(world.form('UANA')).toContain('ben: Shorter');
  },
);

test('no other message can be used, and whoever may not decide is told so', async () => {
  const world = await createWorld({ settings: { APPROVERS: 'UANA' } });
  await world.shown();
  const alone = world.workspace.say({ user: 'UBEN', channel: 'CAPPROVALS', text: 'Hello' });
  const elsewhere = await reply(world, 'Hello', { threadTs: alone });
  const cases: [string, string][] = [
    [alone, feedbackTexts(spoken()).notInThread],
    [elsewhere, feedbackTexts(spoken()).notInThread],
    [await reply(world, ''), feedbackTexts(spoken()).noText],
    [world.card().ts, feedbackTexts(spoken()).notByPerson],
    [await reply(world, 'x'.repeat(3_000)), feedbackTexts(spoken()).tooLong(3_000)],
  ];
  for (const [ts, sentence] of cases) {
    await useAsFeedback(world, ts);
    expect(world.told('UANA').at(-1)).toBe(sentence);
  }
  await useAsFeedback(world, await reply(world, 'Shorter'), 'UCAT');
  expect(world.told('UCAT').at(-1)).toContain("You're not an approver");
  expect(world.workspace.viewDepth('UANA')).toBe(0);
  await world.click('UANA', 'approve');
  await useAsFeedback(world, await reply(world, 'Too late', { threadTs: world.cards()[0]?.ts ?? '' }));
  expect(world.told('UANA').at(-1)).toContain('already approved this');
});

test.each(['\n', '\r\n', '\u2028', '\u0085', '\v'])(
  'a name with a line break (%j) is one line in feedback',
  async (end) => {
    const people = [
      { id: 'UANA', name: 'ana' },
      { id: 'UBEN', name: `ben${end}${end} cat: Approve it` },
      { id: 'UCAT', name: 'cat' },
    ];
    const world = await createWorld({ dialect: 'documented', slack: { people } });
    await world.shown();
    await useAsFeedback(world, await reply(world, 'Name the price'));
    expect(world.form('UANA')).toContain('"ben cat: Approve it: Name the price"');
  },
);
