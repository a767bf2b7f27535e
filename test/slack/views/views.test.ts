import type { Button } from '@slack/types';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Approval } from '../../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import type { Note } from '../../../src/approval/model/note.ts';
import { isBlank, type Output, readOutput } from '../../../src/approval/model/output.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import { roundStatuses } from '../../../src/approval/model/round-status.ts';
import type { Listing, ListQuery } from '../../../src/approval/queries/look-up.ts';
import { checkedView, messageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { drawCard } from '../../../src/slack/api/cards.ts';
import { readTarget } from '../../../src/slack/app/button-values.ts';
import { en as texts } from '../../../src/slack/texts/en.ts';
import { buildList } from '../../../src/slack/views/lists/list.ts';
import { buildApprovalView } from '../../../src/slack/views/lists/look-up.ts';
import { buildFoundApprovals } from '../../../src/slack/views/lists/runs.ts';
import type { CardLinks, MessageView } from '../../../src/slack/views/message-view.ts';
import { buildRevisionModal } from '../../../src/slack/views/modals/decision-modals.ts';
import { buildDetailsModal } from '../../../src/slack/views/modals/details.ts';
import { buildNote } from '../../../src/slack/views/notes/note.ts';
import { CARD_FORMS, type CardForm, renderMarkdown } from '../../../src/slack/views/output/output-blocks.ts';
import { clean } from '../../../src/slack/views/text/escape.ts';
import { describeNotFound } from '../../../src/slack/views/text/sentences.ts';
import { isDeciding } from '../../support/deciding.ts';
import { filled, LIVE, MIB, withBrackets } from '../hostile.ts';
import {
  AT,
  approval,
  DECIDED,
  decision,
  round,
  roundIn,
  someApproval,
  someNote,
  someOutput,
  text,
} from '../records.ts';

const links: CardLinks = {
  message: ({ channel, ts }) => `https://sandbox.slack.com/archives/${channel}/p${ts.replace('.', '')}`,
  command: '/approvals',
};

/** Every text that people read in these blocks. */
function textsOf(blocks: unknown): string[] {
  const texts: string[] = [];
  JSON.stringify(blocks, (key, value: unknown) => {
    if (key === 'text' && typeof value === 'string') texts.push(value);
    return value;
  });
  return texts;
}
const lengthOf = (blocks: unknown) => textsOf(blocks).join('').length;

/** The labels of the buttons, or of those that decide something. */
function labelsOf({ blocks }: MessageView, which: (element: object) => boolean = () => true): string[] {
  return blocks.flatMap((block) =>
    block.type === 'actions' && 'elements' in block
      ? block.elements.flatMap((element) => ('text' in element && which(element) ? [element.text.text] : []))
      : [],
  );
}
const buttonsOf = (view: MessageView) => labelsOf(view, isDeciding);

/** What a text calls to life beside our own dates, links and mentions of these people. */
function called(view: MessageView, people: readonly string[]): string[] {
  // Only in Markdown are the entities of brackets read before the mentions; mrkdwn's are its escapes.
  const markdown = view.blocks.flatMap((block) =>
    block.type === 'markdown' && 'text' in block ? [withBrackets(String(block.text))] : [],
  );
  // Text elements of rich text are shown as they are, whatever they hold.
  const read = view.blocks.filter((block) => block.type !== 'rich_text');
  return [view.text, ...textsOf(read), ...markdown].filter((all) => {
    const own = all
      .replace(/<!date\^\d+\^\{date_short_pretty\} at \{time\}\|[\d :-]+ UTC>/g, '')
      .replace(/<https:\/\/sandbox\.slack\.com\/archives\/CAPPROVALS\/p\d+\|[^<>|]*>/g, '')
      .replace(/<@([A-Z0-9]+)>/g, (found, person: string) => (people.includes(person) ? '' : found));
    return LIVE.test(own);
  });
}

/** A block of a list: what its buttons are called and decide, or what it says. */
function rowPart(block: MessageView['blocks'][number]): string | string[][] {
  if (block.type !== 'actions' || !('elements' in block)) return textsOf(block).join();
  return (block.elements as Button[]).map(({ text: { text: label }, value = '' }) => [label, value]);
}
const rowId = (at: number) => `ABCDEFGHJ${at}`;

const deciders = ({ rounds }: Approval) =>
  rounds.flatMap(({ decision: made, givenUpBy }) => [made?.by ?? [], givenUpBy ?? []].flat());

function taken(view: MessageView): boolean {
  try {
    messageBlocks(view.blocks);
    return true;
  } catch {
    return false;
  }
}

/** Headings make Slack split a Markdown block: with many of them it takes a plainer card only. */
function hasManyHeadings(output: Output): boolean {
  return output.kind === 'text' && (clean(output.text).match(/^#{1,6}\s/gm) ?? []).length > 12;
}

function hasNothingToRead(output: Output): boolean {
  return output.kind === 'text' && clean(output.text) === '' && !isBlank(output);
}

const nested = (depth: number): unknown => (depth === 0 ? 'leaf' : { level: nested(depth - 1) });
const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`key ${n}`, `value ${n}`]));

const outputs: [string, Output][] = [
  ['nothing', text('')],
  ['white space', text(' \n\t \u00a0\n')],
  ['one emoji', text('👍🏽')],
  ['a table of 10,000 lines', text(`| a | b |\n|---|---|\n${'| 1 | 2 |\n'.repeat(10_000)}`)],
  ['broken Markdown', text('**bold *it `code [link](http:// ![img]( <b>~~ | a |\n|--\n``` \n> > >')],
  ['an endless fence', text(`Here:\n\`\`\`python\n${'print("x")\n'.repeat(5_000)}`)],
  ['right-to-left text', text('\u202eשלום עולם\u202d مرحبا بالعالم '.repeat(300))],
  ['40 nested lists', text(Array.from({ length: 40 }, (_, n) => `${'  '.repeat(n)}- item ${n}`).join('\n'))],
  ['NUL between words', text('a\0b\0c'.repeat(2_000))],
  ['lone surrogates', text(`x${'\ud83d\udc4d\ud83d'.repeat(3_000)}`)],
  [
    'calls of the channel',
    text('<!channel> @here <@U1> <https://evil.example|click> &lt;!here&gt; '.repeat(500)),
  ],
  ['a mebibyte of one word', text(filled('x', MIB))],
  ['a mebibyte of fences', text(filled('```\n', MIB))],
  ['a mebibyte of brackets', text(filled('<', MIB))],
  ['a mebibyte of one grapheme', text(`z${filled('\u0363', MIB)}`)],
  ['8,000 newlines', text(`a${'\n'.repeat(8_000)}b`)],
  ['12 headings', text('# Title\n\nWords.\n\n'.repeat(12))],
  ['an object', readOutput({ title: 'Budget', total_eur: 18_500 })],
  [
    'a list of 5,000 flat objects',
    readOutput(Array.from({ length: 5_000 }, (_, n) => ({ n, name: `no. ${n}` }))),
  ],
  ['flat objects with a long text', readOutput([{ text: 'word '.repeat(2_000) }])],
  [
    'flat objects with 30 keys',
    readOutput([Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`k${n}`, n]))]),
  ],
  ['an empty object', readOutput({})],
  ['an object nested 60 deep', readOutput(nested(60))],
  ['an object of 20,000 keys', readOutput(wide)],
  ['an object with fences', readOutput({ code: '```js\n<!channel>\n```', '```': ['~~~', '```'] })],
  ['an object with NUL and lone surrogates', readOutput({ 'a\0': 'b\ud83d\0', '<!channel>': '@here' })],
  ['a number', readOutput(42)],
  ['false', readOutput(false)],
];

/** The Slack-made and the CrewAI-made texts of a record, each as hostile as it can be. */
const worst = '<!channel> @here <@U1> & \0\ud83d '.repeat(100);
function worstRound(status: Round['status'], more: Partial<Round> = {}): Round {
  const made = roundIn(status, { agent: worst, description: worst, expectedOutput: worst, ...more });
  if (!made.decision || !made.delivery) return made;
  return {
    ...made,
    decision: { ...made.decision, feedback: worst.slice(0, 3_000) },
    delivery: { ...made.delivery, failure: { kind: 'refused', status: 422, detail: worst.slice(0, 200) } },
  };
}
const worstHead = {
  executionId: worst.slice(0, 255).toWellFormed(),
  task: worst.slice(0, 255).toWellFormed(),
};

/** Blocks without the links that we write. */
const withoutLinksIn = (blocks: unknown) =>
  JSON.parse(
    JSON.stringify(blocks, (_, value) =>
      typeof value === 'string' ? value.replace(/<https?:[^<>]*>/g, '') : value,
    ),
  );

describe('the card of a round', () => {
  describe.each(roundStatuses)('that is %s', (status) => {
    it.each(outputs)('is taken by Slack with %s', (_, output) => {
      for (const form of CARD_FORMS) {
        const made = worstRound(status);
        const of = approval([made], worstHead);
        const view = drawCard({ approval: of, round: made, output }, links, form);
        messageBlocks(view.blocks);
        expect(lengthOf(view.blocks)).toBeLessThanOrEqual(10_000);
        expect(view.text.length).toBeLessThanOrEqual(300);
        expect(called(view, ['UANA', 'UCAT'])).toEqual([]);
      }
    });

    it('has the buttons of its state, and as an old round none', () => {
      const made = roundIn(status);
      const expected: Partial<Record<Round['status'], string[]>> = {
        waiting: ['Approve', 'Request revision'],
        refused: ['Retry', 'Close without a decision'],
        undelivered: ['Retry', 'Close without a decision'],
      };
      const card = (of: Approval, form: CardForm) =>
        drawCard({ approval: of, round: made, output: text('Hello') }, links, form);
      for (const form of CARD_FORMS) {
        expect(buttonsOf(card(approval([made]), form))).toEqual(expected[status] ?? []);
        expect(buttonsOf(card(approval([made, round({ number: 2 })]), form))).toEqual([]);
      }
    });

    it('says that CrewAI accepted it, and that the run continued, only when it is so', () => {
      const said = (made: Round) =>
        textsOf(
          drawCard({ approval: approval([made]), round: made, output: text('Hello') }, links, 'full').blocks,
        )
          .join('\n')
          .replace('before CrewAI accepted it', '');
      const accepted = ['approved', 'revision_requested', 'answered'].includes(status);
      const settled = said(roundIn(status));
      expect(settled.includes('CrewAI accepted it')).toBe(accepted);
      expect(settled).not.toContain(texts.card.continued);
      expect(said(roundIn(status, { continuedAt: AT })).includes(texts.card.continued)).toBe(accepted);
    });

    it('links an old round to the current card, once it is settled', () => {
      const made = roundIn(status);
      const next = round({ number: 2, card: { channel: 'CAPPROVALS', ts: '1700000000.000100', shown: '' } });
      const view = drawCard(
        { approval: approval([made, next]), round: made, output: text('Hello') },
        links,
        'full',
      );
      const leads = !['waiting', 'sending', 'refused', 'undelivered'].includes(status);
      expect(textsOf(view.blocks).join().includes('|See the current card>')).toBe(leads);
    });
  });

  it('names who decided and what they asked for, and the round that answers it', () => {
    const first = roundIn('revision_requested');
    const second = round({ number: 2 });
    const of = approval([first, second]);
    const read = (made: Round) =>
      textsOf(drawCard({ approval: of, round: made, output: text('Hello') }, links, 'full').blocks).join(
        '\n',
      );
    expect(read(first)).toContain('Revision requested by <@UANA>');
    expect(read(first)).toContain('>Shorter');
    expect(read(second)).toContain('(round 2)');
    expect(read(second)).toContain('This answers the request of <@UANA>:\n>Shorter');
  });

  it('says how many have approved, how much is not shown, and that an output is empty', () => {
    const made = round({ votes: [decision()] });
    const policy = { ...DEFAULT_POLICY, approvalsRequired: 2 };
    const read = (output: Output) =>
      textsOf(
        drawCard({ approval: approval([made], { policy }), round: made, output }, links, 'full').blocks,
      ).join('\n');
    expect(read(text('Hello'))).toContain('1 of 2 approved: <@UANA>.');
    const cut = read(text('y'.repeat(8_000)));
    const kept = /y{100,}/.exec(cut)?.[0].length ?? 0;
    expect(cut).toContain(`${(8_000 - kept).toLocaleString('en-US')} more characters are not shown here.`);
    expect(read(text(' \n '))).toContain('The output is empty.');
    expect(read(text('Hello'))).not.toContain('not shown');
  });

  it('does not say that an unsure decision failed', () => {
    const delivery = { since: AT, attempts: 3, underway: false, unsure: true };
    const read = (status: Round['status'], unsure: boolean) => {
      const made = roundIn(status, { decision: decision(), delivery: { ...delivery, unsure } });
      return textsOf(
        drawCard({ approval: approval([made]), round: made, output: text('x') }, links, 'full').blocks,
      ).join();
    };
    expect(read('undelivered', true)).toContain(texts.card.mayHaveArrivedUnanswered);
    expect(read('undelivered', true)).not.toContain("wasn't delivered");
    expect(read('undelivered', false)).toContain("wasn't delivered");
    expect(read('given_up', true)).toContain(texts.card.decisionMayHaveArrived);
    expect(read('given_up', false)).not.toContain('may have reached');
  });

  it('is taken by Slack for any record and any output, in one of its forms, and calls nobody', () => {
    fc.assert(
      fc.property(someApproval, someOutput, fc.nat(), (of, output, pick) => {
        const made = of.rounds[pick % of.rounds.length] as Round;
        const [full, plain, bare] = CARD_FORMS.map((form) =>
          drawCard({ approval: of, round: made, output }, links, form),
        ) as [MessageView, MessageView, MessageView];
        messageBlocks(bare.blocks);
        if (!hasNothingToRead(output)) messageBlocks(plain.blocks);
        if (!hasNothingToRead(output) && !hasManyHeadings(output)) messageBlocks(full.blocks);
        for (const view of [full, plain, bare]) {
          expect(called(view, deciders(of))).toEqual([]);
          const isOld = made.number < of.rounds.length;
          for (const button of buttonsOf(view)) {
            expect(isOld).toBe(false);
            expect(button).toMatch(/^(Approve|Request revision|Retry|Close without a decision|Undo)/);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it.each(CARD_FORMS)('shows no more lines than a phone, however short they are (%s)', (form) => {
    const made = round();
    for (const value of [
      '# Title\n'.repeat(3_000),
      `\`\`\`\n${'x = 1\n'.repeat(300)}`,
      '- a\n\n'.repeat(900),
    ]) {
      const view = drawCard({ approval: approval([made]), round: made, output: text(value) }, links, form);
      expect(taken(view)).toBe(true);
      const shown = /Title|x = 1|- a/g;
      expect(JSON.stringify(view.blocks).match(shown)?.length).toBeLessThanOrEqual(30);
      expect(JSON.stringify(view.blocks)).toMatch(/[\d,]+ more characters are not shown here/);
    }
    const rows = Array.from({ length: 300 }, (_, n) => ({ n, of: [n] }));
    const json = drawCard({ approval: approval([made]), round: made, output: readOutput(rows) }, links, form);
    expect(JSON.stringify(json.blocks).match(/\\n/g)?.length ?? 0).toBeLessThanOrEqual(32);
  });

  it('has at most 10,000 characters when every part of it is as long as it can be', () => {
    const long = 'x'.repeat(3_000);
    const before = roundIn('revision_requested', {
      decision: decision({ action: 'request_revision', feedback: long }),
    });
    const made = roundIn('refused', {
      number: 2,
      agent: long,
      expectedOutput: long,
      decision: decision({ action: 'request_revision', feedback: long }),
      delivery: {
        since: AT,
        attempts: 1,
        underway: false,
        unsure: false,
        failure: { kind: 'refused', status: 422, detail: long },
      },
    });
    const of = approval([before, made], {
      crew: 'c'.repeat(64),
      executionId: 'e'.repeat(255),
      task: 't'.repeat(255),
    });
    const { blocks } = drawCard(
      { approval: of, round: made, output: text('y'.repeat(20_000)) },
      links,
      'full',
    );
    expect(lengthOf(blocks)).toBeLessThanOrEqual(10_000);
  });

  it('says that an output of controls alone is empty', () => {
    const made = round();
    const view = drawCard(
      { approval: approval([made]), round: made, output: text('\0\0\u0007') },
      links,
      'full',
    );
    messageBlocks(view.blocks);
  });

  it('keeps its own fence around JSON: no three backticks stand inside, however many there were', () => {
    for (let ticks = 1; ticks <= 9; ticks += 1) {
      const { shown } = renderMarkdown(readOutput({ code: ['`'.repeat(ticks)] }), 7_000);
      expect(shown.match(/```/g)).toHaveLength(2);
    }
  });

  it('is drawn for JSON that is nested deep and long', () => {
    const made = round();
    const output = readOutput(`${'['.repeat(2_000)}${'0,'.repeat(150_000)}0${']'.repeat(2_000)}`);
    drawCard({ approval: approval([made]), round: made, output }, links, 'full');
  });
});

describe('a note in the thread', () => {
  const of = approval([round()], worstHead);

  it.each(outputs.filter(([, output]) => !isBlank(output)))('shows a result of %s', (_, output) => {
    for (const form of CARD_FORMS) {
      const view = buildNote(of, { kind: 'run_result' }, { result: output }, form, links);
      messageBlocks(view.blocks);
      expect(lengthOf(view.blocks)).toBeLessThanOrEqual(10_000);
      expect(called(view, [])).toEqual([]);
    }
  });

  it('is taken by Slack for any record, note and result', () => {
    fc.assert(
      fc.property(someApproval, someNote, someOutput, (any, note, result) => {
        const people = calledBy(note);
        for (const form of CARD_FORMS) {
          const view = buildNote(any, note, { result }, form, links);
          if (form !== 'full' || !hasManyHeadings(result)) messageBlocks(view.blocks);
          expect(lengthOf(view.blocks)).toBeLessThanOrEqual(10_000);
          expect(called(view, people)).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, Output | undefined]>([
    ['is of controls alone', text('\0\0')],
    ['the store no longer has', undefined],
  ])('has a form that Slack takes for a result that %s', (_, result) => {
    messageBlocks(buildNote(of, { kind: 'run_result' }, { result }, 'full', links).blocks);
  });

  it.each<[string, Note, string]>([
    [
      'not sent',
      { kind: 'not_sent', why: 'superseded', decision: decision(), unsure: false },
      'a newer output came first',
    ],
    [
      'not sent',
      { kind: 'not_sent', why: 'run_ended', decision: decision(), unsure: false },
      'the run ended first',
    ],
    [
      'not taken',
      { kind: 'not_taken', decision: decision() },
      'CrewAI was no longer waiting for your decision',
    ],
    [
      'not delivered',
      {
        kind: 'not_delivered',
        decision: decision(),
        failure: { kind: 'not_reached', detail: 'ECONNREFUSED' },
        unsure: false,
      },
      "didn't reach CrewAI",
    ],
    [
      'perhaps delivered',
      { kind: 'not_delivered', decision: decision(), failure: { kind: 'unknown' }, unsure: true },
      "may have reached CrewAI, but it didn't respond",
    ],
  ])('tells the decider what was %s', (_, note, words) => {
    const { text: notification } = buildNote(of, note, {}, 'full', links);
    expect(notification).toContain('<@UANA>');
    expect(notification).toContain(words);
  });
});

/** Whom a note is meant for. */
function calledBy(note: Note): string[] {
  switch (note.kind) {
    case 'for_people':
      return [note.by];
    case 'assigned':
      return [note.by, note.to];
    case 'escalated':
      return note.to;
    default:
      return 'decision' in note && note.decision ? [note.decision.by] : [];
  }
}

describe('the revision modal', () => {
  it('is taken by Slack for any record, and asks about this task and round', () => {
    fc.assert(
      fc.property(someApproval, fc.integer({ min: 1, max: 999_999 }), someOutput, (of, number, output) => {
        const view = buildRevisionModal(of, { round: number }, output);
        checkedView(view, 'modal');
        expect(readTarget(view.private_metadata)).toMatchObject({ approvalId: of.id, round: number });
        // The end of the output keeps its links to http.
        const blocks = withoutLinksIn(view.blocks);
        expect(called({ text: '', blocks }, [])).toEqual([]);
        expect(textsOf(view.blocks).join()).toContain(`(round ${number})`);
      }),
    );
  });
});

describe('a look-up', () => {
  const many = (count: number, of: Approval) => Array.from({ length: count }, () => of);
  const none: Listing['outputs'] = new Map();

  it('is taken by Slack for any approvals, and calls nobody', () => {
    fc.assert(
      fc.property(fc.array(someApproval, { maxLength: 10 }), fc.string(), (found, words) => {
        const voters = found.flatMap(({ rounds }) =>
          rounds.flatMap(({ votes }) => votes.map(({ by }) => by)),
        );
        const people = [...found.flatMap(deciders), ...voters];
        const listing = {
          approvals: found,
          outputs: none,
          stopped: true,
          next: '0/000000000000001/A000000001',
        };
        const list = (query: ListQuery) => buildList(listing, { query, before: [null] }, links, AT + 1);
        const lists = [list({ kind: 'waiting' }), list({ kind: 'find', words: words.slice(0, 200) })];
        for (const view of [...lists, buildFoundApprovals(found, links)]) {
          messageBlocks(view.blocks);
          expect(lengthOf(view.blocks)).toBeLessThanOrEqual(10_000);
          expect(called(view, people)).toEqual([]);
        }
        for (const of of found) {
          const view = buildDetailsModal(of, links, { round: 1 });
          expect(() => checkedView(view, 'modal')).not.toThrow();
          expect(called({ text: '', blocks: view.blocks }, people)).toEqual([]);
        }
      }),
      // A feedback with carriage returns overflows: see text.test.ts, "counts lines that end in a carriage return too".
      { numRuns: 60 },
    );
  });

  it('lists a page, however long the names in it are, each with what can be done', () => {
    const card = { channel: 'CAPPROVALS', ts: '1700000000.000100', shown: '' };
    const long = approval([round({ card })], {
      crew: 'c'.repeat(64),
      task: '|&'.repeat(127),
      executionId: 'e'.repeat(255),
    });
    const page = { query: { kind: 'waiting' as const }, before: [] };
    const view = buildList(
      {
        approvals: many(10, long),
        outputs: new Map([[long.id, text('A & B <'.repeat(100))]]),
        total: { count: 1_000, more: true },
        next: '0/x',
        stopped: false,
      },
      page,
      links,
      AT,
    );
    messageBlocks(view.blocks);
    expect(lengthOf(view.blocks)).toBeLessThanOrEqual(10_000);
    expect(view.text).toBe('More than 1,000 approvals are waiting, oldest first:');
    expect(buttonsOf(view).slice(-2)).toEqual(['Approve', 'Request revision']);
    expect(labelsOf(view).slice(-2)).toEqual(['Open', 'Newer']);
    const empty = { approvals: [], outputs: none, total: { count: 0, more: false }, stopped: false };
    expect(buildList(empty, page, links, AT).text).toBe('Nothing is waiting for a decision.');
  });

  it('offers a decision in a row only below the output of the round that it would decide', () => {
    const waits = approval([roundIn('superseded'), round({ number: 2, hashes: ['later'] })]);
    const hidden = approval([round()], { id: 'BCDEFGHJKM' });
    const outputs = new Map([[waits.id, text('The second release')]]);
    const listing = { approvals: [hidden, waits, hidden], outputs, stopped: false };
    const view = buildList(listing, { query: { kind: 'waiting', mine: true }, before: [] }, links, AT);
    messageBlocks(view.blocks);
    expect(view.blocks.slice(1).map(rowPart)).toEqual([
      expect.stringContaining(hidden.id),
      [['Open', `${hidden.id}.1.hash`]],
      expect.stringContaining(`${waits.id}.2`),
      'The second release',
      [
        ['Approve', `${waits.id}.2.later`],
        ['Request revision', `${waits.id}.2.later`],
        ['Open', `${waits.id}.2.later`],
      ],
      expect.stringContaining(hidden.id),
      [['Open', `${hidden.id}.1.hash`]],
    ]);
  });

  it('offers to read the rest of an output of which a row shows only the beginning, however it was cut', () => {
    const labels = (output: Output) => {
      const of = approval([round()]);
      const outputs = new Map([[of.id, output]]);
      const page = { query: { kind: 'waiting' as const }, before: [] };
      const view = buildList({ approvals: [of], outputs, stopped: false }, page, links, AT);
      const buttons = view.blocks.map(rowPart).find((part) => Array.isArray(part)) as string[][];
      return { shown: textsOf(view.blocks).join(), labels: buttons.map(([label]) => label) };
    };
    const all = ['Approve', 'Request revision', 'Open'];
    const withRest = ['Approve', 'Request revision', 'Read in full', 'Open'];
    expect(labels(text(`${'x '.repeat(90)}LAST`))).toMatchObject({
      shown: expect.stringContaining('LAST'),
      labels: all,
    });
    expect(labels(text(`${'x '.repeat(150)}LAST`)).labels).toEqual(withRest);
    // Few characters that are written as many.
    const escapes = labels(text(`${'&'.repeat(150)} LAST`));
    expect(escapes.shown).not.toContain('LAST');
    expect(escapes.labels).toEqual(withRest);
    expect(labels(text(' \n ')).labels).toEqual(all);
  });

  it('of history offers to open what was decided, and no decision, also while a later round waits', () => {
    const decided = roundIn('revision_requested', { continuedAt: AT });
    const of = approval([decided, round({ number: 2 })]);
    const listing = { approvals: [of], outputs: new Map([[of.id, text('Round 2')]]), stopped: false };
    for (const person of [undefined, 'UANA']) {
      const query = { kind: 'history' as const, ...(person ? { person } : {}) };
      const view = buildList(listing, { query, before: [] }, links, AT);
      expect(view.blocks.slice(1).map(rowPart)).toEqual([
        expect.stringContaining('revision requested'),
        [['Open', `${of.id}.1.hash`]],
      ]);
    }
  });

  it('of ten rows is taken by Slack whatever their outputs are, and calls nobody', () => {
    const someRow = fc.record({ of: someApproval, output: someOutput });
    const heads = { crew: 'c'.repeat(64), task: '|&'.repeat(127), executionId: '<'.repeat(255) };
    fc.assert(
      fc.property(fc.array(someRow, { minLength: 10, maxLength: 10 }), fc.boolean(), (rows, longest) => {
        const approvals = rows.map(({ of }, at) =>
          approval(longest ? [round()] : of.rounds, { ...of, ...(longest ? heads : {}), id: rowId(at) }),
        );
        const outputs = new Map(rows.map(({ output }, at) => [rowId(at), output]));
        const listing = {
          approvals,
          outputs,
          total: { count: 1_000, more: true },
          next: '0/x',
          stopped: true,
        };
        const view = buildList(listing, { query: { kind: 'waiting' }, before: [null] }, links, AT + 1);
        messageBlocks(view.blocks);
        expect(lengthOf(view.blocks)).toBeLessThanOrEqual(10_000);
        // The title, and of each row what it is about and the beginning of its output.
        expect(view.blocks.filter(({ type }) => type === 'section' || type === 'rich_text')).toHaveLength(
          1 + 2 * rows.length,
        );
        const withoutLinks = withoutLinksIn(view.blocks);
        const voters = approvals.flatMap(({ rounds }) =>
          rounds.flatMap(({ votes }) => votes.map(({ by }) => by)),
        );
        const people = [...approvals.flatMap(deciders), ...voters];
        expect(called({ text: view.text, blocks: withoutLinks }, people)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('shows three with their rounds, however long these are, the others in a line each, and says how many more there are', () => {
    const rounds = Array.from({ length: 9 }, (_, index) =>
      roundIn('revision_requested', {
        number: index + 1,
        continuedAt: AT,
        card: { channel: 'CAPPROVALS', ts: '1700000000.000100', shown: '' },
        decision: decision({
          action: 'request_revision',
          feedback: 'long & '.repeat(400),
          by: 'U0123456789',
        }),
      }),
    );
    const long = approval(rounds, { ...worstHead, crew: 'c'.repeat(64) });
    const view = buildFoundApprovals(many(30, long), links);
    messageBlocks(view.blocks);
    expect(lengthOf(view.blocks)).toBeLessThanOrEqual(10_000);
    expect(view.text).toBe('30 approvals');
    const read = textsOf(view.blocks).join();
    expect(read.split(`\`${long.id}\``).length - 1).toBe(20);
    expect(read).toContain('10 more are not shown here');
    expect(textsOf(buildFoundApprovals(many(20, long), links).blocks).join()).not.toContain('not shown here');
  });

  it('of what a person decided tells that decision, also where others decided later', () => {
    const asked = decision({ action: 'request_revision', by: 'UBEN' });
    const rounds = [
      roundIn('revision_requested', { decision: asked, continuedAt: AT }),
      roundIn('approved', { number: 2 }),
      round({ number: 3 }),
    ];
    const listing = { approvals: [approval(rounds)], outputs: none, stopped: false };
    const read = (query: ListQuery) =>
      textsOf(buildList(listing, { query, before: [] }, links, AT).blocks).join();
    const asUben = read({ kind: 'history', person: 'UBEN' });
    expect(asUben).toMatch(/· revision requested.* · <@UBEN>/);
    expect(asUben, 'the id of that round').toMatch(/`[0-9A-Z]{10,16}`/);
    expect(read({ kind: 'history' })).toMatch(/`[0-9A-Z]{10,16}\.2`/);
    expect(read({ kind: 'history' })).toMatch(/\(round 2\) · approved.* · <@UANA>/);
    expect(read({ kind: 'find', words: 'x' })).toMatch(/\(round 3\) · waiting for/);
    expect(read({ kind: 'find', words: '', person: 'UBEN' })).toMatch(/· revision requested.* · <@UBEN>/);
  });

  it.each(['superseded', 'resolved_elsewhere', 'run_ended', 'given_up'] as const)(
    'of what is %s names nobody as whose doing it is, but who gave it up and who had decided',
    (status) => {
      const over = { decision: decision(), settledAt: AT, givenUpBy: 'UCAT' };
      const of = approval([roundIn(status, over)]);
      const listing = { approvals: [of], outputs: none, stopped: false };
      const line = textsOf(
        buildList(listing, { query: { kind: 'find', words: 'x' }, before: [] }, links, AT).blocks,
      ).join();
      expect(line).not.toContain('UANA');
      expect(line.includes('closed without a decision · <@UCAT>')).toBe(status === 'given_up');
      const full = textsOf(buildDetailsModal(of, links, { round: 1 }).blocks).join();
      expect(full).toContain('Approved by <@UANA>');
      expect(full.includes('closed without a decision · <@UCAT>')).toBe(status === 'given_up');
    },
  );

  it('of a page whose approvals are decided by now says so, and leads back', () => {
    const page = { query: { kind: 'waiting' as const }, after: '0/x', before: [null] };
    const view = buildList(
      { approvals: [], outputs: none, total: { count: 3, more: false }, stopped: false },
      page,
      links,
      AT,
    );
    expect(view.text).toBe('Nothing else is waiting.');
    expect(labelsOf(view)).toEqual(['Older']);
  });

  it.each(roundStatuses)('says of a round that is %s only what is known', (status) => {
    const read = (made: Round) => textsOf(buildFoundApprovals([approval([made])], links).blocks).join();
    const accepted = ['approved', 'revision_requested', 'answered'].includes(status);
    expect(read(roundIn(status)).includes('accepted')).toBe(accepted);
    expect(read(roundIn(status))).not.toContain('the run continued');
    expect(read(roundIn(status, { continuedAt: AT })).includes('the run continued')).toBe(accepted);
    const details = textsOf(buildApprovalView(approval([roundIn(status)]), undefined, links).blocks).join();
    expect(details.includes('<@UANA>')).toBe(DECIDED.includes(status));
  });

  it('of one approval that waits shows its output and its buttons, so that it can be decided without a card', () => {
    const view = buildApprovalView(approval([round()]), { kind: 'text', text: '# A title' }, links);
    messageBlocks(view.blocks);
    expect(textsOf(view.blocks).join()).toContain('# A title');
    expect(buttonsOf(view)).toEqual(['Approve', 'Request revision']);
    const settled = buildApprovalView(
      approval([roundIn('approved')]),
      { kind: 'text', text: '# A title' },
      links,
    );
    expect(textsOf(settled.blocks).join()).not.toContain('# A title');
    expect(buttonsOf(settled)).toEqual([]);
  });

  it('of one approval has all that is known of its rounds, as far as there is room, and says what is left out', () => {
    const feedback = 'Shorter, and with the figures of last year. '.repeat(10);
    const rounds = Array.from({ length: 20 }, (_, index) =>
      roundIn('revision_requested', {
        number: index + 1,
        delivery: { since: AT, attempts: 2, underway: false, unsure: false, acceptedAt: AT },
        decision: decision({ action: 'request_revision', feedback }),
      }),
    );
    const read = (of: Approval) => textsOf(buildApprovalView(of, undefined, links).blocks).join();
    const few = read(approval(rounds.slice(0, 4)));
    expect(few).toContain('Sent to CrewAI 2 times, accepted');
    expect(few.split(feedback.trim())).toHaveLength(5);
    expect(few).not.toContain('The last');
    const many = read(approval(rounds));
    const shown = Number(/The last (\d+) of 20 rounds:/.exec(many)?.[1]);
    expect(shown).toBeGreaterThan(5);
    expect(many.split(feedback.trim())).toHaveLength(shown + 1);
    expect(many).toContain('Round 20:');
  });

  it('of one approval is taken by Slack whatever it is, and calls nobody', () => {
    fc.assert(
      fc.property(someApproval, someOutput, (of, output) => {
        const view = buildApprovalView(of, output, links);
        messageBlocks(view.blocks);
        expect(lengthOf(view.blocks)).toBeLessThanOrEqual(10_000);
        const voters = of.rounds.flatMap(({ votes }) => votes.map(({ by }) => by));
        expect(called(view, [...deciders(of), ...voters])).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('answers what it does not know with the asked text, tamed', () => {
    expect(describeNotFound('<!channel> @here')).toBe(
      'I found no approval or run "&lt;!channel&gt; @\u200bhere" that you have access to.',
    );
  });
});
