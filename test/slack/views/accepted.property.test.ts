import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Note } from '../../../src/approval/model/note.ts';
import { isBlank, type Output, readOutput } from '../../../src/approval/model/output.ts';
import { type Round, roundStatuses } from '../../../src/approval/model/round.ts';
import { type Start, startStatuses } from '../../../src/approval/model/run/start.ts';
import { checkedView, parseMessageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { readLanguage, readTarget } from '../../../src/slack/app/button-values.ts';
import { labelOptions } from '../../../src/slack/views/card/options.ts';
import { buildApprovalView } from '../../../src/slack/views/lists/look-up.ts';
import { buildFoundApprovals, buildRunList } from '../../../src/slack/views/lists/runs.ts';
import {
  buildApproveModal,
  buildAssignModal,
  buildGiveUpModal,
  buildRevisionModal,
  buildSentenceModal,
} from '../../../src/slack/views/modals/decision-modals.ts';
import { buildDetailsModal } from '../../../src/slack/views/modals/details.ts';
import { buildChangesModal } from '../../../src/slack/views/modals/reading-modals.ts';
import { buildNote, buildResult } from '../../../src/slack/views/notes/note.ts';
import { CARD_FORMS } from '../../../src/slack/views/output/output-blocks.ts';
import { buildRunMessage, buildRunNote } from '../../../src/slack/views/runs/run-message.ts';
import { clean } from '../../../src/slack/views/text/escape.ts';
import { aStart } from '../../approval/starts/records.ts';
import { drawOutputModal } from '../../gallery/modals.ts';
import { hostileText as fuzzedText } from '../../support/fuzz/values.ts';
import { spoken } from '../../support/spoken.ts';
import { hostileText, MIB } from '../hostile.ts';
import {
  approval,
  round,
  roundIn,
  someApproval,
  someNote,
  someOutput,
  someOutputs,
  text,
} from '../records.ts';
import {
  CARD,
  called,
  cardOf,
  deciders,
  expectAccepted,
  expectPagesAccepted,
  HARD_OUTPUTS,
  HARD_RESULTS,
  hasManyHeadings,
  homeOf,
  links,
  listOf,
  outputPage,
  read,
  textsOf,
  withoutLinks,
} from './draw.ts';

const worst = '<!channel> @here <@U1> & \0\ud83d '.repeat(100);
const worstName = worst.slice(0, 255).toWellFormed();
const worstHead = { executionId: worstName, task: worstName };
const worstSteps = Array.from({ length: 12 }, () => ({ at: 0, tool: worst, input: worst, result: worst }));
const longestHead = { crew: 'c'.repeat(64), task: '|&'.repeat(127), executionId: '<'.repeat(255) };

/** A round in this status whose texts all are as bad as they can be. */
function worstRound(status: Round['status']): Round {
  const made = roundIn(status, { agent: worst, description: worst, expectedOutput: worst });
  if (!made.decision || !made.delivery) return made;
  const failure = { kind: 'refused' as const, status: 422, detail: worst.slice(0, 200) };
  const feedback = worst.slice(0, 3_000);
  return { ...made, decision: { ...made.decision, feedback }, delivery: { ...made.delivery, failure } };
}

/** Slack accepts a modal, which mentions nobody but these people. */
function expectModalAccepted(
  view: { blocks: Parameters<typeof called>[0]['blocks'] },
  people: string[] = [],
) {
  checkedView(view, 'modal');
  expect(called({ blocks: withoutLinks(view.blocks) }, people)).toEqual([]);
}

describe('Slack accepts a card, which mentions nobody', () => {
  describe.each(roundStatuses)('that is %s', (status) => {
    test.each(HARD_OUTPUTS)('with %s', (_, output) => {
      for (const form of CARD_FORMS) {
        const card = cardOf(worstRound(status), { more: worstHead, output, steps: worstSteps, form });
        expectAccepted(card, ['UANA', 'UCAT']);
        expect(card.text.length).toBeLessThanOrEqual(300);
      }
    });
  });

  test('where parts of it can be unfolded', () => {
    const whole = (output: Output) => cardOf(round(), { output, steps: worstSteps, form: 'whole' }).blocks;
    const folded = HARD_OUTPUTS.map(([, output]) =>
      whole(output).flatMap((block) => ((block.type as string) === 'container' ? [block] : [])),
    );
    // The steps, and of some outputs the rest.
    expect(folded.filter(({ length }) => length === 1).length).toBeGreaterThan(0);
    expect(folded.filter(({ length }) => length === 2).length).toBeGreaterThanOrEqual(3);
    expect(folded.filter(({ length }) => length === 0)).toEqual([]);
  });

  test('of any record and output, in one of its forms, and an old round has no buttons', () => {
    fc.assert(
      fc.property(someApproval, someOutput, fc.nat(), (of, output, pick) => {
        const made = of.rounds[pick % of.rounds.length] as Round;
        const isUnreadable = output.kind === 'text' && clean(output.text) === '' && !isBlank(output);
        for (const form of CARD_FORMS) {
          const card = cardOf(made, { rounds: of.rounds, more: of, output, form });
          const isTooMuch = isUnreadable || (form === 'full' && hasManyHeadings(output));
          if (form === 'bare' || !isTooMuch) parseMessageBlocks(card.blocks);
          expect(called(card, deciders(of))).toEqual([]);
          const { buttons } = read(card);
          for (const button of buttons)
            expect(button).toMatch(/^(Approve|Request revision|Retry|Close without a decision|Undo)/);
          if (made.number < of.rounds.length) expect(buttons).toEqual([]);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('Slack accepts a note, which mentions only whom it is for', () => {
  const of = approval([round()], worstHead);

  test.each(HARD_RESULTS)('with a result of %s', (_, result) => {
    for (const form of CARD_FORMS)
      expectAccepted(buildNote(spoken(), of, { kind: 'run_result' }, { result }, form, links));
  });

  test.each<[string, Output | undefined]>([
    ['is of controls alone', text('\0\0')],
    ['the store no longer has', undefined],
  ])('with a result that %s', (_, result) => {
    parseMessageBlocks(buildNote(spoken(), of, { kind: 'run_result' }, { result }, 'full', links).blocks);
  });

  test('of any kind on any record', () => {
    const meantFor = (note: Note) => ('decision' in note && note.decision ? [note.decision.by] : []);
    fc.assert(
      fc.property(someApproval, someNote, someOutput, (any, note, result) => {
        for (const form of CARD_FORMS) {
          const view = buildNote(spoken(), any, note, { result }, form, links);
          if (form !== 'full' || !hasManyHeadings(result)) parseMessageBlocks(view.blocks);
          expect(textsOf(view.blocks).join('').length).toBeLessThanOrEqual(10_000);
          expect(called(view, meantFor(note))).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('Slack accepts a look-up and the Home tab, which mentions only people who decided or voted', () => {
  test('of any approvals', () => {
    fc.assert(
      fc.property(
        fc.array(someApproval, { maxLength: 6 }),
        someOutput,
        fc.string(),
        (found, output, words) => {
          const people = found.flatMap(deciders);
          const more = { stopped: true, next: '0/000000000000001/A000000001', before: [null] };
          const find = { kind: 'find', words: words.slice(0, 200) } as const;
          for (const view of [listOf(found, undefined, more), listOf(found, find, more)])
            expectAccepted(view, people);
          expectAccepted(buildFoundApprovals(spoken(), found, links), people);
          for (const of of found) {
            expectAccepted(buildApprovalView(spoken(), of, output, links), deciders(of));
            expectModalAccepted(buildDetailsModal(spoken(), of, links, { round: 1 }), people);
          }
          const waiting = found.map((of) => ({ approval: of, output }));
          const decided = found.map((of) => ({ approval: of, round: of.rounds[0] ?? round() }));
          for (const times of [1, 5]) {
            const many = <T>(rows: T[]) => Array(times).fill(rows).flat() as T[];
            const inbox = { waiting: many(waiting), others: words.length, decided: many(decided) };
            checkedView(homeOf(inbox), 'home');
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test('of ten rows, whatever their outputs are and however long their names', () => {
    const someRow = fc.record({ of: someApproval, output: someOutput });
    fc.assert(
      fc.property(fc.array(someRow, { minLength: 10, maxLength: 10 }), fc.boolean(), (rows, longest) => {
        const approvals = rows.map(({ of }, at) => {
          const id = `ABCDEFGHJ${at}`;
          return longest ? approval([round({ card: CARD })], { ...longestHead, id }) : { ...of, id };
        });
        const outputs = new Map(rows.map(({ output }, at) => [`ABCDEFGHJ${at}`, output]));
        const more = { total: { count: 1_000, more: true }, next: '0/x', stopped: true, before: [null] };
        const view = listOf(approvals, undefined, { ...more, outputs });
        parseMessageBlocks(view.blocks);
        expect(textsOf(view.blocks).join('').length).toBeLessThanOrEqual(10_000);
        // The title, and of each row what it is about and the beginning of its output.
        const shown = view.blocks.filter(({ type }) => type === 'section' || type === 'rich_text');
        expect(shown).toHaveLength(1 + 2 * rows.length);
        const blocks = withoutLinks(view.blocks);
        expect(called({ ...view, blocks }, approvals.flatMap(deciders))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('Slack accepts a modal, which mentions nobody', () => {
  test('that asks about any round', () => {
    const anyNumber = fc.integer({ min: 1, max: 999_999 });
    fc.assert(
      fc.property(someApproval, anyNumber, someOutput, hostileText, (of, number, output, typed) => {
        const revision = buildRevisionModal(spoken(), of, { round: number }, output);
        const { metadata } = readLanguage(revision.private_metadata ?? '');
        expect(readTarget(metadata)).toMatchObject({ approvalId: of.id, round: number });
        expect(textsOf(revision.blocks).join()).toContain(`(round ${number})`);
        const last = { round: of.rounds.length };
        const notDone = buildSentenceModal(spoken(), 'Assign', 'It was decided.', {
          feedback: typed,
          note: typed,
        });
        checkedView(notDone, 'modal');
        // What was typed is plain text, which mentions nobody, whatever it is.
        const isPlain = (block: object) => JSON.stringify(block).includes('"text":{"type":"plain_text"');
        for (const view of [
          revision,
          buildApproveModal(spoken(), of, last, output, true),
          buildApproveModal(spoken(), of, last, output, false),
          buildAssignModal(spoken(), of, last),
          buildGiveUpModal(spoken(), of, last),
        ])
          expectModalAccepted(view);
        expect(called({ blocks: notDone.blocks.filter((block) => !isPlain(block)) }, [])).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('that shows any output, or what changed, on every page', () => {
    fc.assert(
      fc.property(someApproval, someOutput, someOutputs, (of, output, [before, after]) => {
        const target = { round: of.rounds.length };
        const draw = (page: number) => drawOutputModal(of, target, output, { content: 'output', page });
        expectPagesAccepted(draw);
        expectPagesAccepted((page) => buildChangesModal(spoken(), of, target, { before, after }, page));
        expectModalAccepted(draw(0), deciders(of));
      }),
      { numRuns: 60 },
    );
  });

  test.each(HARD_OUTPUTS)('that shows what changed from a short output to %s, on every page', (_, after) => {
    const of = approval([round(), round({ number: 2 })]);
    for (const before of [text('The output.'), readOutput({ n: 1 })])
      expectPagesAccepted((page) => buildChangesModal(spoken(), of, { round: 2 }, { before, after }, page));
  });

  const rows = Array.from({ length: 30_000 }, (_, n) => ({ n, text: 'a "text"' }));
  test.each([
    ['a mebibyte', text('word '.repeat(MIB / 5))],
    ['a mebibyte of escapes', text('&'.repeat(MIB))],
    ['many short sections', text('## Part\n\nA line.\n\n'.repeat(5_000))],
    [
      'many short sections with tables',
      text('### Step\n| Name of field | Value of it |\n|--|--|\n| n | i |\n'.repeat(1_500)),
    ],
    ['many short sections with escapes', text('## Mi<K,V>\nList<Map<K,V>> & Set<T>\n'.repeat(2_500))],
    ['many headings of escapes', text('# <a>\n<b><i>&</i></b>\n'.repeat(4_000))],
    [
      'a page of short sections with tables',
      text('### Step\n| Name of field | Value of it |\n|--|--|\n| n | i |\n'.repeat(120)),
    ],
    ['a mebibyte of JSON', readOutput({ rows })],
    ['nothing', text(' \n ')],
  ])('that shows %s', (_, output) => expectPagesAccepted((page) => outputPage(output, page)));
});

describe('Slack accepts what is posted of a run, which mentions only who started it', () => {
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const message = { channel: 'CAPPROVALS', ts: '1.0', shown: '' };
  const someStart: fc.Arbitrary<Start> = fc
    .record({
      status: fc.constantFrom(...startStatuses),
      inputs: fc.dictionary(hostileText, fc.oneof(hostileText, fc.jsonValue()), { maxKeys: 30 }),
      reason: maybe(hostileText),
      missing: maybe(fc.array(hostileText, { maxLength: 8 })),
      executionId: maybe(hostileText.map((id) => id.slice(0, 255) || 'x')),
      message: maybe(fc.constant(message)),
    })
    .map((made) => {
      const known = Object.entries(made).filter(([, value]) => value !== undefined);
      return aStart(Object.fromEntries(known) as Partial<Start>);
    });
  const someNote = fc.constantFrom('not_started' as const, 'unsure', 'failed', 'result');

  test('in its message and in its notes', () => {
    fc.assert(
      fc.property(
        someStart,
        someNote,
        fc.constantFrom(...CARD_FORMS),
        someOutput,
        (start, note, form, result) => {
          const posted = buildRunMessage(spoken(), start);
          parseMessageBlocks(posted.blocks);
          expect(called(posted, ['UANA'])).toEqual([]);
          const noted = buildRunNote(spoken(), start, note, result, form);
          parseMessageBlocks(noted.blocks);
          expect(called({ ...noted, blocks: [] }, ['UANA'])).toEqual([]);
        },
      ),
    );
  });

  test('in the list of runs', () => {
    fc.assert(
      fc.property(fc.array(someStart, { maxLength: 20 }), (starts) => {
        const list = buildRunList(spoken(), starts, links);
        parseMessageBlocks(list.blocks);
        expect(called(list, ['UANA'])).toEqual([]);
      }),
    );
  });

  test.each(startStatuses)('in a list of twenty runs that are %s, each with a long reason', (status) => {
    const start = aStart({ status, reason: '<&> '.repeat(75), message });
    const list = buildRunList(spoken(), Array(20).fill(start), links);
    parseMessageBlocks(list.blocks);
    expect(list.blocks).toHaveLength(21);
    // Slack refuses a message somewhere beyond 11,300 characters.
    expect(JSON.stringify(list.blocks).length).toBeLessThan(11_300);
  });

  test('where two hundred inputs are missing: some of them are named', () => {
    const missing = Array.from({ length: 200 }, (_, n) => `input_number_${n}_of_the_crew`);
    const start = aStart({ status: 'not_started', reason: '422: Missing inputs', missing });
    const { blocks } = buildRunMessage(spoken(), start);
    parseMessageBlocks(blocks);
    for (const part of ['*input_number_0_of_the_crew*', 'and 190 more'])
      expect(textsOf(blocks).join()).toContain(part);
    parseMessageBlocks(buildRunList(spoken(), Array(20).fill(start), links).blocks);
  });
});

describe('the labels of options', () => {
  test('are accepted by Slack, and no two look alike', () => {
    const own = fc.constantFrom('a', 'a ', ' a', 'x'.repeat(90), 'x'.repeat(91));
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(fuzzedText, own), { maxLength: 60 }), (given) => {
        const labels = labelOptions(spoken(), given);
        expect(labels).toHaveLength(given.length);
        expect(new Set(labels).size).toBe(given.length);
        for (const label of labels) {
          expect(label).toBe(label.toWellFormed());
          expect([label.length > 0, label.length <= 75]).toEqual([true, true]);
        }
      }),
    );
  });

  test.each([
    ['Ship', 'Ship\u200b'],
    ['Ship', 'Ship\u00ad'],
    ['Ship it', 'Ship\u00a0it'],
    ['Ship it', 'Ship \u2060 it'],
    ['Ship', 'Ship\u3164'],
    ['Ship', '\u202eShip'],
    ['Ship', 'Ship\u{e0041}'],
    ['Ship', 'Sh\u2800ip'],
    ['caf\u00e9', 'cafe\u0301'],
    ['a\nb', 'a b'],
    ['Publish', 'Pub\u00adlish'],
    ['שלום', 'שלום\u200f'],
    ['ภาษาไทย', 'ภาษา\u200bไทย'],
    ['葛', '葛\u{e0100}'],
  ])('have numbers where people see the same: %j and %j', (one, two) => {
    const labels = labelOptions(spoken(), [one, 'Hold', two]);
    expect(labels.map((label) => label.slice(0, 3))).toEqual(['1. ', '2. ', '3. ']);
  });

  test('are short options themselves', () => {
    expect(labelOptions(spoken(), ['publish', 'Retry'])).toEqual(['publish', 'Retry']);
    expect(labelOptions(spoken(), ['a  b', 'a b'])).toEqual(['1. a b', '2. a b']);
  });
});

test('Slack accepts a result of sixty headings, each of which becomes a block', () => {
  const result = { kind: 'text', text: '# Heading\n'.repeat(60) } as const;
  for (const form of CARD_FORMS)
    parseMessageBlocks(buildResult(spoken(), { crew: 'press' }, result, form).blocks);
});
