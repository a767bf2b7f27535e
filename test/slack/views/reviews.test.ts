import { describe, expect, it } from 'vitest';
import { transition } from '../../../src/approval/lifecycle/transitions.ts';
import type { Approval } from '../../../src/approval/model/approval.ts';
import { computeStats, listDecisions } from '../../../src/approval/queries/stats.ts';
import { drawHome } from '../../../src/sandbox/gallery/look-ups.ts';
import { checkedView, messageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { drawCard } from '../../../src/slack/api/cards.ts';
import { summarizeState } from '../../../src/slack/views/card/state.ts';
import { buildList } from '../../../src/slack/views/lists/list.ts';
import { buildApprovalView } from '../../../src/slack/views/lists/look-up.ts';
import { buildStats } from '../../../src/slack/views/lists/stats.ts';
import { buildChoiceModal } from '../../../src/slack/views/modals/decision-modals.ts';
import { isDeciding } from '../../support/deciding.ts';
import { AT, approval, decision, reviewApproval, round, roundIn, text } from '../records.ts';

const links = { message: () => 'https://sandbox.slack.com/archives/C1/p1', command: '/approvals' };
const QUESTION = 'Is this report ready to be published?';
const PUBLISH = decision({ action: 'choose', option: 0, feedback: 'publish' });
const TEXT = decision({ action: 'choose', feedback: 'Publish it on Monday.' });

/** What a view says, and the labels of its buttons: of those that decide, and of the others. */
function read(view: { blocks: unknown }): { says: string; labels: string[]; others: string[] } {
  const texts: string[] = [];
  const labels: string[] = [];
  const others: string[] = [];
  JSON.stringify(view.blocks, (key, value) => {
    if (key === 'text' && typeof value === 'string') texts.push(value);
    if (value?.type === 'button') (isDeciding(value) ? labels : others).push(value.text.text);
    return value;
  });
  return { says: texts.join('\n'), labels, others };
}

function listed(...approvals: Approval[]) {
  const outputs = new Map(approvals.map(({ id }) => [id, text('The report. '.repeat(50))]));
  const listing = { approvals, outputs, stopped: false };
  return buildList(listing, { query: { kind: 'waiting' }, before: [] }, links, AT + 1);
}

describe('a review in a list', () => {
  it('has its question, and its options instead of Approve and Request revision', () => {
    const { says, labels, others } = read(listed(reviewApproval()));
    expect(says).toContain(QUESTION);
    expect(labels).toEqual(['publish', 'rewrite', 'discard', 'Other answer…']);
    expect(others).toEqual(expect.arrayContaining(['Read in full', 'Open']));
  });

  it('of a Flow without a model offers its options only, and says nothing of an answer by itself', () => {
    const own = reviewApproval({ outcomesOnly: true, defaultOutcome: 'discard' });
    const { labels, others } = read(listed(own));
    expect(labels).toEqual(['publish', 'rewrite', 'discard']);
    expect(others).toEqual(expect.arrayContaining(['Read in full', 'Open']));
    const decided = {
      type: 'decide',
      at: AT,
      round: 1,
      by: 'UANA',
      action: 'choose',
      feedback: 'x',
    } as const;
    expect(transition(own, decided)).toMatchObject({ refusal: { code: 'no_such_option' } });
    expect(transition(own, { ...decided, option: 0 })).toMatchObject({ approval: { id: own.id } });
  });

  it.each([
    ['long options', { options: ['x'.repeat(60), 'y'.repeat(60)] }],
    ['many options', { options: Array.from({ length: 60 }, (_, number) => `market ${number}`) }],
    ['a callback that may not be called', { callbackUrl: undefined, blockedHost: 'flows.example.com' }],
  ])('with %s is answered on its card', (_, more) => {
    const { labels, others } = read(listed(reviewApproval(more)));
    expect(labels).toEqual([]);
    expect(others).toEqual(expect.arrayContaining(['Read in full', 'Open']));
  });

  it('with more options than Slack lists has the first hundred, and the others are typed', () => {
    const options = Array.from({ length: 150 }, (_, number) => `market ${number}`);
    for (const outcomesOnly of [undefined, true as const]) {
      const own = reviewApproval({ options, ...(outcomesOnly ? { outcomesOnly } : {}) });
      const [asked] = own.rounds;
      const view = drawCard({ approval: own, round: asked as never, output: text('x') }, links, 'full');
      messageBlocks(view.blocks);
      const elements = view.blocks.flatMap((block) =>
        'elements' in block ? (block.elements as { type: string }[]) : [],
      );
      expect(elements.find(({ type }) => type === 'static_select')).toMatchObject({
        placeholder: { text: 'Choose one of the first 100 of 150 answers' },
        options: expect.objectContaining({ length: 100, 99: expect.anything() }),
      });
      expect(read(view).labels).toContain('Other answer…');
      const target = { approvalId: own.id, round: 1 };
      checkedView(buildChoiceModal(own, target as never, options), 'modal');
      const typed = { type: 'decide', at: AT, round: 1, by: 'UANA', action: 'choose' } as const;
      expect(transition(own, { ...typed, feedback: ' market 149\n' })).toMatchObject({
        approval: { rounds: [{ decision: { option: 149, feedback: 'market 149' } }] },
      });
    }
  });

  it('fits ten times into a message', () => {
    const of = reviewApproval(
      { options: ['a', 'b', 'c', 'd', 'x'.repeat(70)] },
      { description: '&'.repeat(10_000) },
    );
    const view = listed(...Array.from({ length: 10 }, (_, number) => ({ ...of, id: `ABCDEFGHJ${number}` })));
    messageBlocks(view.blocks);
    expect(read(view).says.length).toBeLessThanOrEqual(10_000);
  });
});

it('a review in the Home tab is what the Flow asks', () => {
  const waiting = [{ approval: reviewApproval(), output: text('The report') }];
  const home = drawHome({ waiting, others: 0, unchecked: 0, decided: [] }, links);
  checkedView(home, 'home');
  const { says, labels } = read(home);
  expect(says).toContain(`The Flow asks: *review_report*\n${QUESTION}`);
  expect(says).not.toContain('finished');
  expect(labels).toEqual(['publish', 'rewrite', 'discard', 'Other answer…']);
});

it('an answered review is listed with the option that was chosen; a text is not repeated there', () => {
  const summary = (made: typeof PUBLISH) => {
    const answered = roundIn('answered', { decision: made });
    return summarizeState(approval([answered]), answered);
  };
  expect(summary(PUBLISH)).toBe('answered *publish*, accepted by CrewAI');
  expect(summary(TEXT)).toBe('answered, accepted by CrewAI');
  expect(summary({ ...PUBLISH, feedback: `<!here> *${'x'.repeat(500)}*` }).length).toBeLessThan(120);
});

it('the details of a review say nothing about the webhook URLs of a crew', () => {
  expect(read(buildApprovalView(reviewApproval(), undefined, links)).says).not.toContain('webhook URL');
  expect(read(buildApprovalView(approval([round()]), undefined, links)).says).toContain(
    'No webhook URL is known',
  );
});

describe('figures', () => {
  const figures = (...all: Approval[]) => {
    const made = all.flatMap((of) => listDecisions(of, AT));
    return read(
      buildStats({ stats: computeStats(made, AT, AT), waiting: { count: 0, more: false }, stopped: false }),
    ).says;
  };
  const answered = reviewApproval({}, { status: 'answered', decision: PUBLISH });
  const revised = approval([roundIn('revision_requested')], { id: 'BCDEFGHJKM' });

  it('count the answer of a review as a decision, and not as an approval without a revision', () => {
    const says = figures(answered, revised);
    expect(says).toContain('2 decisions');
    expect(says).toContain('Revisions per approval: *1.00* (1 approval)');
  });

  it('of reviews alone have no revisions', () => {
    expect(figures(answered)).toContain('1 decision since');
    expect(figures(answered)).not.toContain('Revisions');
  });
});
