import type { ModalView } from '@slack/types';
import { WebAPIPlatformError } from '@slack/web-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Output } from '../../../src/approval/model/output.ts';
import { StoreError } from '../../../src/lib/errors.ts';
import { createGiveWay, type GiveWay } from '../../../src/lib/time.ts';
import { checkedView } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { buildTarget, type PageTarget, writePage } from '../../../src/slack/app/button-values.ts';
import { ACTIONS, DETAILS_SHORTCUT, MENU } from '../../../src/slack/app/ids.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { escapeSection } from '../../../src/slack/views/output/mrkdwn.ts';
import { pickOutputPage } from '../../../src/slack/views/output/sections.ts';
import { drawOutputModal } from '../../gallery/modals.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { saying } from '../../support/sentences.ts';
import { spoken } from '../../support/spoken.ts';
import { filled, hostileText, LIVE } from '../hostile.ts';
import { AT, approval, round, someOutput, text } from '../records.ts';
import {
  CARD,
  createListeningBot,
  GUEST,
  IN_LIST,
  type ListeningBot,
  LOST_RUN,
  ONLY_BEN,
  ONLY_BEN_LOOKS,
  twoRounds,
  UNTOUCHED,
  type World,
  withCard,
  withoutLanguage,
} from './fakes.ts';

const { refusals } = en;
const down = new StoreError('Down.');

/** `number`: of the round, the newest unless it is said. */
type Turned = { number?: number; content?: PageTarget['content']; page?: number };

/** Ana turns to a page in the modal that is open. */
function turn({ approval: of, click }: ListeningBot, { number = of.rounds.length, ...more }: Turned = {}) {
  const value = writePage({ target: buildTarget(of, number), content: 'output', page: 0, ...more });
  const view = { id: 'V1', hash: 'h', title: { text: 'Read in full' } };
  return click(ACTIONS.pageAfter, { value, body: { view, channel: undefined, message: undefined } });
}

describe('approval details', () => {
  const elementsOf = (bot: ListeningBot) => [{ value: 'x' }, { value: bot.targetValue() }];
  const useShortcut = (bot: ListeningBot, message: object) =>
    bot.useShortcut(DETAILS_SHORTCUT, { channel: { id: CARD.channel }, message: { ...CARD, ...message } });

  it.each([
    ['Open in a list', (bot: ListeningBot) => bot.click(ACTIONS.open)],
    ['Details in the menu', (bot: ListeningBot) => bot.choose(MENU.details)],
    [
      'the shortcut of a message',
      (bot: ListeningBot) => useShortcut(bot, { blocks: [{ elements: elementsOf(bot) }] }),
    ],
    [
      'the shortcut of a card without buttons',
      (bot: ListeningBot) =>
        useShortcut(bot, { blocks: [{ block_id: 'x' }, { block_id: bot.targetValue() }] }),
    ],
  ])('opens by %s', async (_, open) => {
    const bot = await createListeningBot();
    await open(bot);
    expect([bot.acks, bot.opened]).toMatchObject([[undefined], [{ title: { text: 'Approval details' } }]]);
    expect(JSON.stringify(bot.opened)).toContain(`approval ${bot.approval.id}`);
    expect(await bot.stored()).toEqual(UNTOUCHED);
  });

  it.each([
    ['in the thread of a reply', '1.0', '1.0'],
    ['in the channel for the first message of a thread', CARD.ts, undefined],
  ])('replies %s that is not a card', async (_, thread_ts, threadTs) => {
    const bot = await createListeningBot();
    await useShortcut(bot, { thread_ts, blocks: [{ type: 'divider' }, null] });
    const place = { threadTs, triggerId: undefined };
    expect(bot.replies).toMatchObject([{ place, text: refusals.notACard }]);
  });

  it.each([
    ['the store fails', {}, undefined, refusals.notLookedUp],
    ['the person may not look it up', ONLY_BEN_LOOKS, undefined, refusals.mayNotLook],
    ['it is not found', {}, 'ZZZZZZZZZZ.1', /^I found no approval/],
  ])('does not open when %s, and replies so', async (why, world, value, sentence) => {
    const bot = await createListeningBot(world);
    if (why === 'the store fails') bot.disturb('reads', down);
    await bot.click(ACTIONS.open, value === undefined ? {} : { value });
    expect([bot.opened, bot.texts()]).toEqual([[], [saying(sentence)]]);
  });
});

describe('an output in a modal', () => {
  it('opens the first page, which remembers that the card was clicked', async () => {
    const bot = await createListeningBot();
    await bot.click(ACTIONS.readInFull);
    const target = { round: 1, openedOn: { by: 'UANA', at: bot.clock.now(), ...CARD } };
    const page = { content: 'output', page: 0 } as const;
    expect(bot.opened).toEqual([
      withoutLanguage(drawOutputModal(bot.approval, target, text('The hash output.'), page)),
    ]);
    expect([bot.acks, bot.replies]).toEqual([[undefined], []]);
    expect(await bot.stored()).toEqual(UNTOUCHED);
  });

  it('opens what changed since the round before', async () => {
    const bot = await createListeningBot({ approvals: [twoRounds()] });
    await bot.click(ACTIONS.whatChanged, { value: bot.targetValue(2) });
    const shown = JSON.stringify(bot.opened);
    for (const part of ['What changed', 'first', 'second']) expect(shown).toContain(part);
  });

  it.each<[string, World, { value?: string }, string]>([
    ['the store fails', {}, {}, refusals.notLookedUp],
    ['Slack does not open it', {}, {}, refusals.windowNotOpened],
    ['the person is not an approver', ONLY_BEN, {}, refusals.read.not_approver],
    ['the approval is not known', {}, { value: 'ZZZZZZZZZZ.1' }, refusals.read.unknown],
    ['the output is not known', {}, { value: 'ABCDEFGHJK.1.older' }, refusals.read.other_output],
  ])('says nothing of a record when it cannot be read because %s', async (why, world, value, sentence) => {
    const bot = await createListeningBot({ ...world, approvals: [approval([round()])] });
    if (why === 'the store fails') bot.disturb('reads', down);
    const isNotShown = why === 'Slack does not open it';
    if (isNotShown) bot.fails.open = new Error('expired_trigger_id');
    await bot.click(ACTIONS.readInFull, { ...value, body: isNotShown ? {} : IN_LIST });
    expect([bot.opened, bot.texts()]).toEqual([[], [saying(sentence)]]);
    expect(bot.texts().join()).not.toMatch(/record|saved/);
    if (world === ONLY_BEN) expect((await bot.stored()).refused).toEqual(['UANA']);
  });

  it('turns to a page of the output, and of what changed', async () => {
    const bot = await createListeningBot({ approvals: [twoRounds()] });
    await turn(bot);
    await turn(bot, { content: 'changes' });
    expect(bot.updated.map(({ title }) => title.text)).toEqual(['Read in full', 'What changed']);
    expect(JSON.stringify(bot.updated[0])).toContain('The second output.');
  });

  it('opens the state of a Flow for a person who may decide', async () => {
    const review = { options: ['publish'], callbackUrl: 'https://x.example.com', stateHash: 'state' };
    const bot = await createListeningBot({ approvals: [withCard({ review })] });
    await turn(bot, { content: 'state' });
    expect(bot.updated).toMatchObject([{ title: { text: 'State of the Flow' } }]);
    expect(JSON.stringify(bot.updated)).toContain('The state output.');
  });

  it.each<[string, PageTarget['content'], World, string]>([
    ['the person may not read it', 'output', ONLY_BEN, refusals.read.not_approver],
    ['the approval is not known', 'output', {}, refusals.read.unknown],
    ['the store fails', 'output', {}, refusals.notLookedUp],
    ['the person may not decide', 'state', ONLY_BEN, refusals.notYourState],
    ['the person is a guest', 'state', GUEST, refusals.read.guest],
    ['the approvers are not known', 'state', LOST_RUN, refusals.read.cannot_check],
  ])('shows a sentence instead of the page when %s: %s', async (why, what, world, sentence) => {
    const bot = await createListeningBot(world);
    if (why === 'the store fails') bot.disturb('reads', down);
    await turn(bot, { content: what, number: why === 'the approval is not known' ? 2 : 1 });
    expect(JSON.stringify(bot.updated)).toContain(sentence);
  });

  it('replies when Slack rejects the page, and not when an earlier click has turned it', async () => {
    const bot = await createListeningBot();
    bot.fails.update = new WebAPIPlatformError({ ok: false, error: 'hash_conflict' });
    await turn(bot);
    expect(bot.replies).toEqual([]);
    bot.fails.update = new Error('not_found');
    await turn(bot);
    expect(bot.texts()).toEqual([refusals.notLookedUp]);
  });
});

const point = (n: number) => `- **Point ${n}** of _many_, see [the notes](https://example.com)`;
const list = text(Array.from({ length: 3_000 }, (_, n) => point(n)).join('\n'));
const textsOf = ({ blocks }: ModalView) =>
  (blocks as { type: string; text?: { text: string } }[]).flatMap(({ type, text: shown }) =>
    type === 'section' && shown ? [shown.text] : [],
  );

/** A bot with this output; each piece that takes its turn takes this long by the clock. */
async function createSlowReader(output: Output, each = 0) {
  const passed = { milliseconds: 0, turns: 0 };
  const inTurn = createGiveWay();
  const giveWay: GiveWay = (work) => {
    passed.turns += 1;
    return inTurn(() => {
      passed.milliseconds += each;
      return work?.() as never;
    });
  };
  const clock = { ...createFakeClock(AT), now: () => AT + passed.milliseconds };
  const bot = await createListeningBot({ outputs: { hash: output }, giveWay, clock });
  const turnTo = async (page: number) => {
    await turn(bot, { page });
    return bot.updated.at(-1) as ModalView;
  };
  return { passed, turnTo };
}

describe('a page of a long output', () => {
  it('is the same whether it is converted at once or section by section, in turns', async () => {
    const { passed, turnTo } = await createSlowReader(list);
    for (const page of [0, 3]) {
      const before = passed.turns;
      const whole = drawOutputModal(withCard(), { round: 1 }, list, { content: 'output', page });
      expect(await turnTo(page)).toEqual(withoutLanguage(whole));
      // Finding the page is a piece of its own.
      expect(passed.turns - before).toBe(1 + (pickOutputPage(spoken(), list, page).shown?.length ?? 0));
    }
  });

  it('shows the rest unconverted, and waits for no more turns, once its time is used up', async () => {
    const sections = pickOutputPage(spoken(), list, 0).shown ?? [];
    expect(sections.length).toBeGreaterThan(6);
    const { passed, turnTo } = await createSlowReader(list, 200);
    const texts = textsOf(await turnTo(0));
    expect(texts[0]).toMatch(/\*Point 0\*.*<https:\/\/example\.com\|the notes>/);
    const points = (all: readonly string[]) => all.join('\n').match(/Point \d+/g) ?? [];
    expect(points(texts)).toEqual(points(sections));
    expect(texts.at(-1)?.split('\n')).toContain(point(points(texts).length - 1));
    // The page is found, and three sections are converted within 600 ms.
    expect(passed.turns).toBe(1 + 3);
  });

  it('is shown soon after its time is used up, however many others read at the same moment', async () => {
    const [readers, each] = [10, 40];
    const { passed, turnTo } = await createSlowReader(list, each);
    const read = async () => {
      checkedView(await turnTo(0), 'modal');
      // One more piece for each of them.
      expect(passed.milliseconds).toBeLessThanOrEqual(600 + (readers + 1) * each);
    };
    await Promise.all(Array.from({ length: readers }, read));
  });

  it('is accepted by Slack unconverted, whatever it is, and mentions nobody', async () => {
    const long = hostileText.map((value) => text(filled(value || 'x', 40_000)));
    const shownUnconverted = async (output: Output, page: number) => {
      const view = await (await createSlowReader(output, 700)).turnTo(page);
      checkedView(view, 'modal');
      // Text elements of rich text are shown as they are, whatever they hold.
      const read = view.blocks.filter(({ type }) => type !== 'rich_text');
      expect(JSON.stringify({ ...view, blocks: read })).not.toMatch(LIVE);
    };
    const anyPage = fc.asyncProperty(fc.oneof(someOutput, long), fc.nat(3), shownUnconverted);
    await fc.assert(anyPage, { numRuns: 30 });
  });
});

it('an unconverted section has parts of 3,000 characters at most, which leave nothing out', () => {
  fc.assert(
    fc.property(hostileText, (value) => {
      const parts = escapeSection(value);
      for (const part of parts) expect(part.length).toBeLessThanOrEqual(3_000);
      const letters = (all: string) => all.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
      const read = parts.join('').replace(/&(?:amp|lt|gt);/g, '');
      expect(letters(read)).toBeGreaterThanOrEqual(letters(value.toWellFormed()));
    }),
  );
});
