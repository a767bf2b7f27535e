import type { ModalView } from '@slack/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Output } from '../../../../src/approval/model/output.ts';
import { createGiveWay, type GiveWay } from '../../../../src/lib/give-way.ts';
import { checkedView } from '../../../../src/sandbox/slack/blocks/blocks.ts';
import { targetOf, writePage, writeTarget } from '../../../../src/slack/app/button-values.ts';
import { readInFull } from '../../../../src/slack/listeners/buttons/open-output.ts';
import type { ButtonArgs } from '../../../../src/slack/listeners/buttons/read-click.ts';
import { turnOutputPage } from '../../../../src/slack/listeners/buttons/turn-output-page.ts';
import type { ListenerContext } from '../../../../src/slack/listeners/context.ts';
import { buildOutputModal, listPageSections } from '../../../../src/slack/views/modals/reading-modals.ts';
import { convertSection, escapeSection } from '../../../../src/slack/views/output/mrkdwn.ts';
import { paginateOutput } from '../../../../src/slack/views/output/sections.ts';
import { filled, hostileText, LIVE } from '../../hostile.ts';
import { approval, round, someApproval, someOutput, text } from '../../records.ts';
import { collectingLog } from '../../stage.ts';

/** Several pages, in characters. */
const LONG = 100_000;
const of = approval([round()]);
const target = targetOf(of, 1);

const textsOf = ({ blocks }: ModalView) =>
  (blocks as { type: string; text?: { text: string } }[]).flatMap(({ type, text: shown }) =>
    type === 'section' && shown ? [shown.text] : [],
  );

/** The listener of these buttons; each piece that takes its turn takes so long by the clock. */
function start(
  output: Output,
  {
    each = 0,
    giveWay = createGiveWay(),
    clock = { at: 0 },
  }: { each?: number; giveWay?: GiveWay; clock?: { at: number } } = {},
) {
  let turns = 0;
  const shown: ModalView[] = [];
  const views = {
    open: async ({ view }: { view: ModalView }) => void shown.push(view),
    update: async ({ view }: { view: ModalView }) => void shown.push(view),
  };
  const replies: string[] = [];
  const decisions = {
    read: async () => ({ done: true, approval: of }),
    output: async () => output,
    adopt: async () => {},
  };
  const counted: GiveWay = (work) => {
    turns += 1;
    return giveWay(() => {
      clock.at += each;
      return work();
    });
  };
  const context = {
    decisions,
    reply: async (_: unknown, sentence: string) => void replies.push(sentence),
    giveWay: counted,
    clock: { now: () => clock.at, after: () => () => {} },
    links: { message: () => undefined },
    log: collectingLog().log,
  } as unknown as ListenerContext;
  const args = (value: string, view?: object) =>
    ({
      ack: async () => {},
      body: { user: { id: 'UANA' }, trigger_id: 'trigger', ...(view ? { view } : {}) },
      action: { value },
      client: { views },
    }) as unknown as ButtonArgs;
  return {
    open: async () => {
      await readInFull(context, args(writeTarget(target)));
      return shown.at(-1) as ModalView;
    },
    turn: async (page: number) => {
      const value = writePage({ target, what: 'output', page });
      await turnOutputPage(context, args(value, { id: 'V1', hash: 'h', title: { text: 'Read in full' } }));
      return shown.at(-1) as ModalView;
    },
    turns: () => turns,
    replies,
  };
}

const list = text(
  Array.from(
    { length: 3_000 },
    (_, n) => `- **Point ${n}** of _many_, see [the notes](https://example.com)`,
  ).join('\n'),
);

describe('a page of a long output', () => {
  it('is the same whether it is drawn at once or section by section, in turns', async () => {
    const [first, fourth] = [0, 3].map((page) =>
      buildOutputModal(of, { round: 1 }, list, { what: 'output', page }),
    );
    const { turn, turns, replies } = start(list);
    expect(await turn(0)).toEqual(first);
    expect(await turn(3)).toEqual(fourth);
    // Finding the page is a piece of its own.
    const sections = [0, 3].map((page) => listPageSections(list, page).length);
    expect(turns()).toBe(2 + sections.reduce((sum, count) => sum + count, 0));
    expect(replies).toEqual([]);
  });

  it('whose time is used up shows the rest as it is written', async () => {
    const texts = textsOf(await start(list, { each: 200 }).turn(0));
    expect(texts[0]).toMatch(/\*Point 0\*.*<https:\/\/example\.com\|the notes>/);
    expect(texts.at(-1)).toMatch(
      /^- \*\*Point \d+\*\* of _many_, see \[the notes\]\(https:\/\/example\.com\)$/m,
    );
    const points = (all: readonly string[]) => all.join('\n').match(/Point \d+/g);
    expect(points(texts)).toEqual(points(listPageSections(list, 0)));
  });

  it('waits for no turn once its time is used up', async () => {
    expect(listPageSections(list, 0).length).toBeGreaterThan(6);
    const { turn, turns } = start(list, { each: 200 });
    await turn(0);
    // The page is found, and three sections are converted within 600 ms.
    expect(turns()).toBe(1 + 3);
  });

  it('is there soon after its time is used up, however many others read at the same moment', async () => {
    const [readers, each, clock] = [10, 40, { at: 0 }];
    const shared = { giveWay: createGiveWay(), clock, each };
    await Promise.all(
      Array.from({ length: readers }, async () => {
        checkedView(await start(list, shared).turn(0), 'modal');
        expect(clock.at, 'one more piece for each of them').toBeLessThanOrEqual(600 + (readers + 1) * each);
      }),
    );
  });

  it('is taken by Slack as it is written, whatever it is, and calls nobody', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          someOutput,
          hostileText.map((value) => text(filled(value || 'x', 40_000))),
        ),
        fc.nat(3),
        async (output, page) => {
          const view = await start(output, { each: 700 }).turn(page);
          checkedView(view, 'modal');
          // Text elements of rich text are shown as they are, whatever they hold.
          const read = view.blocks.filter(({ type }) => type !== 'rich_text');
          expect(JSON.stringify({ ...view, blocks: read })).not.toMatch(LIVE);
        },
      ),
      { numRuns: 30 },
    );
  });
});

it('the button of a card opens the first page', async () => {
  const short = text('A **short** output.');
  const { open, replies } = start(short);
  expect(await open()).toEqual(buildOutputModal(of, { round: 1 }, short, { what: 'output', page: 0 }));
  expect(replies).toEqual([]);
});

describe('a section as it is written', () => {
  it.each([
    ['escapes', '&'.repeat(LONG)],
    ['angle brackets', '<'.repeat(LONG)],
    ['pairs of surrogates', '👍🏽'.repeat(LONG / 8)],
    ['short lines of escapes', '&\n'.repeat(LONG / 2)],
    ['headings', '# <A> & <B>\n'.repeat(LONG / 12)],
    ['code', `\`\`\`\n${'a < b && c > d\n'.repeat(LONG / 16)}`],
    ['a table', `| a | b |\n|---|---|\n${'| <1> | & |\n'.repeat(LONG / 12)}`],
  ])('fits into Slack’s limits on every page of a long text of %s', (_, value) => {
    const output = text(value);
    const pages = paginateOutput(output).length;
    for (const page of new Set([0, 1, Math.floor(pages / 2), pages - 1])) {
      checkedView(
        buildOutputModal(of, { round: 1 }, output, { what: 'output', page }, escapeSection),
        'modal',
      );
    }
  });

  it('is in parts of 3,000 characters at most, which leave nothing out', () => {
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
});

describe('a modal whose sections were converted before', () => {
  it('is the one that converts them itself, on every page of any output', () => {
    fc.assert(
      fc.property(someApproval, someOutput, fc.nat(5), (any, output, page) => {
        const made = { round: any.rounds.length };
        const prepared = new Map(listPageSections(output, page).map((one) => [one, convertSection(one)]));
        const convert = (section: string) => prepared.get(section) ?? [];
        expect(buildOutputModal(any, made, output, { what: 'output', page }, convert)).toEqual(
          buildOutputModal(any, made, output, { what: 'output', page }),
        );
      }),
      { numRuns: 30 },
    );
    for (const page of [0, 1_000]) {
      const prepared = new Map(listPageSections(list, page).map((one) => [one, convertSection(one)]));
      expect(
        buildOutputModal(of, { round: 1 }, list, { what: 'output', page }, (one) => prepared.get(one) ?? []),
      ).toEqual(buildOutputModal(of, { round: 1 }, list, { what: 'output', page }));
    }
  });
});
