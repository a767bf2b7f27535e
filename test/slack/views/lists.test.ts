import type { Button } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { transition } from '../../../src/approval/lifecycle/transitions.ts';
import type { Approval } from '../../../src/approval/model/approval.ts';
import { type Output, readOutput } from '../../../src/approval/model/output.ts';
import { roundStatuses } from '../../../src/approval/model/round.ts';
import type { ListQuery } from '../../../src/approval/queries/look-up.ts';
import { checkedView, parseMessageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { OPTION } from '../../../src/slack/app/ids.ts';
import { summarizeState } from '../../../src/slack/views/card/state.ts';
import { buildApprovalView } from '../../../src/slack/views/lists/look-up.ts';
import { buildFoundApprovals } from '../../../src/slack/views/lists/runs.ts';
import type { MessageView } from '../../../src/slack/views/message-view.ts';
import { buildChoiceModal } from '../../../src/slack/views/modals/decision-modals.ts';
import { buildDetailsModal } from '../../../src/slack/views/modals/details.ts';
import { spoken } from '../../support/spoken.ts';
import { AT, approval, DECIDED, decision, reviewApproval, round, roundIn, text } from '../records.ts';
import { CARD, cardOf, homeOf, links, listOf, read, textsOf } from './draw.ts';

const ALL = ['Approve', 'Request revision', 'Open'];
const says = (view: { blocks: unknown }) => read(view).says;
const lookUp = (of: Approval, output?: Output) => buildApprovalView(spoken(), of, output, links);
const outputsOf = (output: Output, ...approvals: Approval[]) =>
  new Map(approvals.map(({ id }) => [id, output]));

/** After the title: what a block says, or what its buttons are called and decide. */
const rowsOf = ({ blocks }: MessageView) =>
  blocks.slice(1).map((block) => {
    if (block.type !== 'actions' || !('elements' in block)) return textsOf(block).join();
    return (block.elements as Button[]).map(({ text: { text: label }, value = '' }) => [label, value]);
  });

describe('a list of approvals', () => {
  it('has the number of approvals as its title, and leads to the newer ones', () => {
    const total = { count: 1_000, more: true };
    const view = listOf([approval([round()])], undefined, { total, next: '0/x' });
    expect(view.text).toBe('More than 1,000 approvals are waiting, oldest first:');
    expect(read(view).others.slice(-2)).toEqual(['Open', 'Newer']);
    const none = listOf([], undefined, { total: { count: 0, more: false } });
    expect(none.text).toBe('Nothing is waiting for a decision.');
  });

  it('says that the approvals of a page are decided by now, and leads back', () => {
    const total = { count: 3, more: false };
    const view = listOf([], undefined, { after: '0/x', before: [null], total });
    expect(view.text).toBe('Nothing else is waiting.');
    expect(read(view).others).toEqual(['Older']);
  });

  it('offers a decision only below the output of the round that it would decide', () => {
    const waits = approval([roundIn('superseded'), round({ number: 2, hashes: ['later'] })]);
    const hidden = approval([round()], { id: 'BCDEFGHJKM' });
    const outputs = outputsOf(text('The second release'), waits);
    const view = listOf([hidden, waits, hidden], { kind: 'waiting', mine: true }, { outputs });
    parseMessageBlocks(view.blocks);
    const rowOfHidden = ['Draft', expect.stringContaining(hidden.id), [['Open', `${hidden.id}.1.hash`]]];
    expect(rowsOf(view)).toEqual([
      ...rowOfHidden,
      'Draft (round 2)',
      expect.stringContaining(`${waits.id}.2`),
      'The second release',
      ALL.map((label) => [label, expect.stringMatching(new RegExp(`^${waits.id}\\.2\\.later(?:/le|$)`))]),
      ...rowOfHidden,
    ]);
  });

  const withRest = ['Approve', 'Request revision', 'Read in full', 'Open'];
  it.each([
    ['a whole output', `${'x '.repeat(90)}LAST`, ALL],
    ['a long output', `${'x '.repeat(150)}LAST`, withRest],
    ['few characters that are written as many', `${'&'.repeat(150)} LAST`, withRest],
    ['spaces', ' \n ', ALL],
  ])('offers to read the rest of an output where a row shows only its beginning: %s', (_, output, labels) => {
    const of = approval([round()]);
    const view = listOf([of], undefined, { outputs: outputsOf(text(output), of) });
    const buttons = rowsOf(view).find((part) => Array.isArray(part)) as string[][];
    expect(buttons.map(([label]) => label)).toEqual(labels);
    expect(says(view).includes('LAST')).toBe(output.includes('LAST') && labels === ALL);
  });

  it('of history offers to open what was decided, and no decision, also while a later round waits', () => {
    const of = approval([roundIn('revision_requested', { continuedAt: AT }), round({ number: 2 })]);
    for (const person of [{}, { person: 'UANA' }]) {
      const query = { kind: 'history', ...person } as const;
      expect(rowsOf(listOf([of], query, { outputs: outputsOf(text('Round 2'), of) }))).toEqual([
        'Draft',
        expect.stringContaining('revision requested'),
        [['Open', `${of.id}.1.hash`]],
      ]);
    }
  });

  it.each<[ListQuery, RegExp]>([
    [{ kind: 'history', person: 'UBEN' }, /`[0-9A-Z]{10,16}`/],
    [{ kind: 'history', person: 'UBEN' }, /· revision requested.* · <@UBEN>/],
    [{ kind: 'find', words: '', person: 'UBEN' }, /· revision requested.* · <@UBEN>/],
    [{ kind: 'history' }, /`[0-9A-Z]{10,16}\.2`/],
    [{ kind: 'history' }, /\(round 2\) · approved.* · <@UANA>/],
    [{ kind: 'find', words: 'x' }, /\(round 3\) · waiting for/],
  ])('shows the decision of the person who is named, else the latest: %j, %s', (query, shown) => {
    const asked = decision({ action: 'request_revision', by: 'UBEN' });
    const first = roundIn('revision_requested', { decision: asked, continuedAt: AT });
    const of = approval([first, roundIn('approved', { number: 2 }), round({ number: 3 })]);
    expect(says(listOf([of], query))).toMatch(shown);
  });

  it.each(['superseded', 'resolved_elsewhere', 'run_ended', 'given_up'] as const)(
    'names only who closed what is %s; its details name who had decided, too',
    (status) => {
      const of = approval([roundIn(status, { decision: decision(), settledAt: AT, givenUpBy: 'UCAT' })]);
      const line = says(listOf([of], { kind: 'find', words: 'x' }));
      const details = says(buildDetailsModal(spoken(), of, links, { round: 1 }));
      expect(line).not.toContain('UANA');
      expect(details).toContain('Approved by <@UANA>');
      for (const shown of [line, details])
        expect(shown.includes('closed without a decision · <@UCAT>')).toBe(status === 'given_up');
    },
  );
});

describe('found approvals', () => {
  it('are three with their rounds, the others in a line each, and how many more there are', () => {
    const feedback = 'long & '.repeat(400);
    const asked = decision({ action: 'request_revision', feedback, by: 'U0123456789' });
    const rounds = Array.from({ length: 9 }, (_, index) =>
      roundIn('revision_requested', { number: index + 1, continuedAt: AT, card: CARD, decision: asked }),
    );
    const long = approval(rounds, { crew: 'c'.repeat(64) });
    const view = buildFoundApprovals(spoken(), Array(30).fill(long), links);
    parseMessageBlocks(view.blocks);
    expect(says(view).length).toBeLessThanOrEqual(10_000);
    expect(view.text).toBe('30 approvals');
    expect(says(view).split(`\`${long.id}\``).length - 1).toBe(20);
    expect(says(view)).toContain('10 more are not shown here');
    expect(says(buildFoundApprovals(spoken(), Array(20).fill(long), links))).not.toContain('not shown here');
  });

  it.each(roundStatuses)('that are %s are described by what is known', (status) => {
    const found = (more: object) =>
      says(buildFoundApprovals(spoken(), [approval([roundIn(status, more)])], links));
    const accepted = ['approved', 'revision_requested', 'answered'].includes(status);
    expect(/, sent\b/.test(found({}))).toBe(accepted);
    expect(found({})).not.toContain('the run goes on');
    expect(found({ continuedAt: AT }).includes('the run goes on')).toBe(accepted);
    const details = says(lookUp(approval([roundIn(status)])));
    expect(details.includes('<@UANA>')).toBe(DECIDED.includes(status));
  });
});

describe('one approval', () => {
  it('that waits has its output and its buttons, so that it can be decided without a card', () => {
    const view = lookUp(approval([round()]), text('# A title'));
    parseMessageBlocks(view.blocks);
    expect(read(view)).toMatchObject({
      says: expect.stringContaining('# A title'),
      buttons: ['Approve', 'Request revision'],
    });
    const settled = read(lookUp(approval([roundIn('approved')]), text('# A title')));
    expect(settled.says).not.toContain('# A title');
    expect(settled.buttons).toEqual([]);
  });

  it('has all that is known of its rounds, as far as there is room, and says what is left out', () => {
    const feedback = 'Shorter, and with the figures of last year. '.repeat(10);
    const asked = decision({ action: 'request_revision', feedback });
    const delivery = { since: AT, attempts: 2, underway: false, unsure: false, acceptedAt: AT };
    const rounds = Array.from({ length: 20 }, (_, index) =>
      roundIn('revision_requested', { number: index + 1, delivery, decision: asked }),
    );
    const few = says(lookUp(approval(rounds.slice(0, 4))));
    expect(few).toContain('Sent to CrewAI 2 times, accepted');
    expect(few.split(feedback.trim())).toHaveLength(5);
    expect(few).not.toContain('The last');
    const many = says(lookUp(approval(rounds)));
    const shown = Number(/The last (\d+) of 20 rounds:/.exec(many)?.[1]);
    expect(shown).toBeGreaterThan(5);
    expect(many.split(feedback.trim())).toHaveLength(shown + 1);
    expect(many).toContain('Round 20:');
  });

  it('that is a review has no words about the webhook URLs of a crew', () => {
    expect(says(lookUp(reviewApproval()))).not.toContain('webhook URL');
    expect(says(lookUp(approval([round()])))).toContain('No webhook URL is known');
  });
});

describe('a review', () => {
  const OTHERS = expect.arrayContaining(['Read in full', 'Open']);
  const QUESTION = 'Is this report ready to be published?';
  const choose = { type: 'decide', at: AT, round: 1, by: 'UANA', action: 'choose' } as const;
  const markets = (count: number) => Array.from({ length: count }, (_, number) => `market ${number}`);
  const listed = (of: Approval) =>
    read(listOf([of], undefined, { outputs: outputsOf(text('The report. '.repeat(50)), of) }));

  it.each<[string, Parameters<typeof reviewApproval>[0], string[]]>([
    ['its options', {}, ['publish', 'rewrite', 'discard', 'Other answer…']],
    ['none of long options', { options: ['x'.repeat(60), 'y'.repeat(60)] }, []],
    [
      'none of short options that are long together',
      { options: ['x', 'y', 'z'].map((of) => of.repeat(30)) },
      [],
    ],
    ['none of many options', { options: markets(60) }, []],
    ['nothing where its host may not be called', { callbackUrl: undefined, blockedHost: 'a.example' }, []],
  ])('in a list has its question, and offers %s', (_, review, buttons) => {
    const row = listed(reviewApproval(review));
    expect(row).toMatchObject({ buttons, others: OTHERS });
    if (buttons.length > 0) expect(row.says).toContain(QUESTION);
  });

  it('with more options than Slack lists has the first hundred, and a form with all of them', () => {
    const options = markets(150);
    const own = reviewApproval({ options });
    const view = cardOf(own.rounds[0] ?? round(), { more: own, rounds: own.rounds });
    parseMessageBlocks(view.blocks);
    const elements = view.blocks.flatMap((block) =>
      'elements' in block ? (block.elements as { type: string }[]) : [],
    );
    expect(elements.find(({ type }) => type === 'static_select')).toMatchObject({
      placeholder: { text: 'Choose one of the first 100 of 150 answers' },
      options: expect.objectContaining({ length: 100, 99: expect.anything() }),
    });
    expect(read(view)).toMatchObject({
      buttons: ['Other answer…'],
      others: expect.arrayContaining(['More answers…']),
    });
    const form = buildChoiceModal(
      spoken(),
      own,
      { approvalId: own.id, round: 1 } as never,
      text('A release.'),
    );
    checkedView(form, 'modal');
    const select = form.blocks.find(({ block_id: id }) => id === OPTION.block);
    expect(select).toMatchObject({
      element: {
        option_groups: [
          { label: { text: '1–100' }, options: { length: 100 } },
          { label: { text: '101–150' }, options: { length: 50, 49: { value: '149' } } },
        ],
      },
    });
    // The text of an option is that option in *Other answer…*, too.
    expect(transition(own, { ...choose, feedback: ' market 149\n' })).toMatchObject({
      approval: { rounds: [{ decision: { option: 149, feedback: 'market 149' } }] },
    });
  });

  it('lists a thousand options in every script within the size of a view', () => {
    const options = Array.from({ length: 1_000 }, (_, at) => `${at} ${'広島市'.repeat(32)}`);
    const own = reviewApproval({ options });
    const form = buildChoiceModal(
      spoken(),
      own,
      { approvalId: own.id, round: 1 } as never,
      text('A release.'),
    );
    checkedView(form, 'modal');
    expect(Buffer.byteLength(JSON.stringify(form))).toBeLessThan(250_000);
  });

  it('fits ten times into a message', () => {
    const options = ['a', 'b', 'c', 'd', 'x'.repeat(70)];
    const of = reviewApproval({ options }, { description: '&'.repeat(10_000) });
    const ten = Array.from({ length: 10 }, (_, number) => ({ ...of, id: `ABCDEFGHJ${number}` }));
    const view = listOf(ten, undefined, { outputs: outputsOf(text('The report. '.repeat(50)), ...ten) });
    parseMessageBlocks(view.blocks);
    expect(says(view).length).toBeLessThanOrEqual(10_000);
  });

  it('on the Home tab is what the Flow asks', () => {
    const home = homeOf({ waiting: [{ approval: reviewApproval(), output: text('The report') }] });
    checkedView(home, 'home');
    const { says, buttons } = read(home);
    expect(says).toContain(`The Flow *press* asks: *Review report*\n${QUESTION}`);
    expect(says).not.toContain('finished');
    expect(buttons).toEqual(['publish', 'rewrite', 'discard', 'Other answer…']);
  });

  it.each<[object, unknown]>([
    [{ option: 0, feedback: 'publish' }, 'answered *publish*, sent'],
    [{ feedback: 'Publish it on Monday.' }, 'answered, sent'],
    [{ option: 0, feedback: `<!here> *${'x'.repeat(500)}*` }, expect.stringMatching(/^[^<]{1,119}$/)],
  ])('is listed with the option that was chosen, and without a text: %j', (made, summary) => {
    const answered = roundIn('answered', { decision: decision({ action: 'choose', ...made }) });
    expect(summarizeState(spoken(), approval([answered]), answered)).toEqual(summary);
  });
});

describe('an entry of the Home tab or a list', () => {
  const imitations = ['---', '# Payment', 'Payment\n===', '<h1>Payment</h1>', '*Payment*\n\n***\n'];
  it.each([
    ['text', text(imitations.join('\n\n'))],
    ['code', text('```\n# Payment\n```')],
    ['JSON', readOutput({ '# Payment': '---' })],
    ['nested JSON', readOutput({ header: { '# Payment': '---' } })],
  ])('begins with a header, which no output becomes: %s', (_, output) => {
    const all = ['Draft', 'payment_due'].map((task, at) =>
      approval([round({ description: imitations.join('\n') })], { task, id: `ABCDEFGHJ${at}` }),
    );
    const outputs = outputsOf(output, ...all);
    const home = homeOf({ waiting: all.map((of) => ({ approval: of, output })) });
    for (const { blocks } of [home, listOf(all, undefined, { outputs })]) {
      const begins = blocks.flatMap((block, at) => (block.type === 'header' ? [at] : [])).slice(-2);
      expect(begins.flatMap((at) => textsOf(blocks[at]))).toEqual(['Draft', 'Payment due']);
      for (const at of begins) {
        const [, , shown, ...rest] = blocks.slice(at, at + 4).map(({ type }) => type);
        expect([['section', 'rich_text'].includes(shown ?? ''), rest]).toEqual([true, ['actions']]);
      }
      expect(blocks.filter(({ type }) => type === 'header')).toHaveLength(blocks === home.blocks ? 3 : 2);
    }
  });
});

describe('the Home tab', () => {
  it('says how many approvals wait, shows fifteen, and links to their cards and to what I decided', () => {
    const item = { approval: approval([round({ card: CARD })]), output: text('Hello') };
    const made = roundIn('approved', { decision: decision(), card: { ...CARD, ts: '1.2' } });
    const decided = [{ approval: approval([made]), round: made }];
    const shown = says(homeOf({ waiting: Array(20).fill(item), others: 2, unchecked: 1, decided }));
    for (const part of [
      '20 approvals are waiting for you',
      '5 more are waiting for you',
      '2 approvals are waiting for other people',
      "I can't check one more approval right now",
      '<https://sandbox.slack.com/archives/CAPPROVALS/p1700000000000100|Open the card>',
      '<https://sandbox.slack.com/archives/CAPPROVALS/p12|Draft>',
    ])
      expect(shown).toContain(part);
  });

  it('says how far it looked where more is waiting for anyone', () => {
    const checked =
      'I checked only the 1,000 oldest waiting approvals. Type `/approvals mine` to check more.';
    for (const part of ['Your approvals', checked])
      expect(says(homeOf({ others: 3, checkedCount: 1_000 }))).toContain(part);
  });

  it.each([
    ['Short.', false],
    ['', false],
    ['Long. '.repeat(100), true],
  ])('offers to read in full only what is not whole there: %j', (output, offered) => {
    const home = homeOf({ waiting: [{ approval: approval([round()]), output: text(output) }] });
    expect(read(home).others.includes('Read in full')).toBe(offered);
  });
});
