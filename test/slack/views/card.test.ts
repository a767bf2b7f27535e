import { describe, expect, it } from 'vitest';
import type { Approval } from '../../../src/approval/model/approval.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import { readOutput } from '../../../src/approval/model/output.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import { drawHome } from '../../../src/sandbox/gallery/look-ups.ts';
import { drawCard } from '../../../src/slack/api/cards.ts';
import { buildApprovalView } from '../../../src/slack/views/lists/look-up.ts';
import { buildOutputBlocks, RESULT_MAX } from '../../../src/slack/views/output/output-blocks.ts';
import { AT, approval, decision, round, roundIn, text } from '../records.ts';

const links = {
  message: ({ ts }: { ts: string }) => `https://acme.slack.com/archives/C/p${ts}`,
  command: '/approvals',
};
const task = { url: 'https://hooks.example.com/secret/path?token=x', from: 'meta' as const };
const draw = (made: Round, more: Partial<Approval> = {}, output = text('The output.')) =>
  drawCard({ approval: approval([made], more), round: made, output }, links, 'full').blocks;
const said = (blocks: unknown) => JSON.stringify(blocks);
const places = (all: string, ...words: string[]) => words.map((word) => all.indexOf(word));

describe('a waiting card', () => {
  it('says what has to be known above the output, and has its buttons right below', () => {
    const made = round({
      votes: [decision()],
      claim: { by: 'UBEN', until: AT },
      assignee: 'UCAT',
      expiredAt: AT,
      mayHaveContinued: true,
    });
    const blocks = draw(made, { policy: { ...DEFAULT_POLICY, approvalsRequired: 2 } });
    const at = places(
      said(blocks),
      'may have continued',
      "won't report back",
      '1 of 2 approved',
      'was asked to decide',
      'is on it',
      'The deadline passed',
      'The output.',
      'Request revision',
    );
    expect(at).not.toContain(-1);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    const types = blocks.map(({ type }) => type);
    expect(types[types.indexOf('markdown') + 1]).toBe('actions');
  });

  it('has no webhook URLs and no ids of CrewAI, which the look-up shows', () => {
    const crew = { url: 'https://bot.example.com/webhooks/press/crew?token=x', from: 'bot' as const };
    const urls = { task, step: task, crew };
    const all = said(draw(round(), { urls }));
    expect(all).not.toContain('Sent with the decision');
    expect(all).not.toContain('execution');
    expect(all).not.toContain('example.com');
    expect(all).not.toContain("won't report back");
    const looked = said(buildApprovalView(approval([round()], { urls }), text('x'), links).blocks);
    expect(looked).toContain('hooks.example.com');
    expect(said(draw(round()))).toContain("CrewAI won't report back on this run");
  });

  it('shows nothing of the output in its notification unless the settings allow a preview', () => {
    const made = round();
    const of = approval([made], { task: 'Salary of Ben: 92,000', titleOnly: true });
    const content = { approval: of, round: made, output: text('Salary of Ben: 92,000') };
    const notification = (preview: boolean) => drawCard({ ...content, preview }, links, 'full').text;
    expect(notification(false)).toMatch(/^press: an output is waiting for a decision\./);
    expect(notification(false)).not.toContain('92,000');
    expect(notification(true)).toContain('92,000');
  });

  describe.each([
    ['waits', round()],
    ['waits and mentions people', round({ mentioned: ['UANA', 'SEDITORS'] })],
    ['waits in a later round', round({ number: 2, unchanged: true })],
    ['is being sent', roundIn('sending')],
    ['is settled', roundIn('approved')],
  ])('of a task without a name that %s', (_, made) => {
    const of = approval([round(), made].slice(2 - made.number), { task: 'Salary of Ben', titleOnly: true });
    const output = text('# Salary of Ben\n\n92,000');
    const build = (preview: boolean) =>
      drawCard({ approval: of, round: made, output, preview }, links, 'full');

    it('holds nothing of the output in the text and the first block unless the settings allow a preview', () => {
      const card = build(false);
      const first = said([card.text, card.blocks[0]]);
      expect(first).not.toMatch(/Salary|92,000/);
      expect(first).toMatch(/an output/i);
      expect(said(card.blocks.slice(1))).toContain('Salary of Ben');
      expect(said(build(true).blocks[0])).toContain('Salary of Ben');
    });
  });

  it('names the task in its first block where it has a name', () => {
    expect(said(draw(round({ agent: 'Copywriter' }))[0])).toContain('*Copywriter* finished *draft*');
  });

  it('names the agent of the rounds before where no webhook of this round names one', () => {
    const second = round({ number: 2, chained: true });
    const before = roundIn('revision_requested', { agent: 'Copywriter' });
    const first = (made: Round) => {
      const of = approval([before, made]);
      return said(drawCard({ approval: of, round: made, output: text('x') }, links, 'full').blocks[0]);
    };
    expect(first(second)).toContain('*Copywriter* finished *draft* (round 2)');
    expect(first({ ...second, agent: 'Editor' })).toContain('*Editor* finished *draft* (round 2)');
    expect(first({ ...second, chainDoubted: true })).toContain('The crew finished *draft* (round 2)');
    const waiting = [{ approval: approval([before, second]), output: text('x') }];
    const home = drawHome({ waiting, others: 0, unchecked: 0, decided: [] }, links);
    expect(said(home.blocks)).toContain('*Copywriter* finished *draft* (round 2)');
  });

  it('shows flat rows as a table, as many as a phone has room for', () => {
    const rows = (count: number) =>
      readOutput(Array.from({ length: count }, (_, n) => ({ market: `no. ${n}`, share: n / 100 })));
    const tableIn = (count: number) =>
      draw(round(), {}, rows(count)).find(({ type }) => type === 'table') as unknown as {
        rows: { text: string }[][];
      };
    expect(tableIn(2).rows.map((row) => row.map(({ text }) => text))).toEqual([
      ['market', 'share'],
      ['no. 0', '0'],
      ['no. 1', '0.01'],
    ]);
    expect(said(draw(round(), {}, rows(30)))).not.toContain('Read in full');
    expect(tableIn(99).rows).toHaveLength(31);
    const many = said(draw(round(), {}, rows(5_000)));
    expect(many).toContain('4,970 more rows are not shown here.');
    expect(many).toContain('Read in full');
    const result = buildOutputBlocks(rows(90), 'full', RESULT_MAX);
    expect(result.cut).toBe(false);
    const special = draw(round(), {}, readOutput('[{"__proto__":1,"":2},{"constructor":null}]'));
    expect(special.find(({ type }) => type === 'table')).toMatchObject({
      rows: [
        [{ text: '__proto__' }, { text: '–' }, { text: 'constructor' }],
        [{ text: '1' }, { text: '2' }, { text: '–' }],
        [{ text: '–' }, { text: '–' }, { text: '–' }],
      ],
    });
    const wide = readOutput([Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, n]))]);
    expect(said(draw(round(), {}, wide))).not.toContain('"table"');
  });

  it('shows 1,500 characters', () => {
    const all = said(draw(round(), {}, text('y'.repeat(5_000))));
    expect(/y{5,}/.exec(all)?.[0].length).toBeGreaterThan(1_480);
    expect(/y{5,}/.exec(all)?.[0].length).toBeLessThanOrEqual(1_500);
    const object = readOutput(
      Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`key ${n}`, 'z'.repeat(100)])),
    );
    const lines = said(draw(round(), {}, object));
    expect(lines).toContain('**key 0:** zzz');
    expect(lines).toContain('Read in full');
  });
});

it.each([
  [{ option: 1, feedback: 'Rework' }, 'This follows the answer *Rework* of <@UANA>.'],
  [{ feedback: 'Shorter, please.' }, 'This follows the answer of <@UANA>:\n>Shorter, please.'],
])('the next round of a review says in one sentence what it follows', (given, expected) => {
  const review = { options: ['Publish', 'Rework'] };
  const before = roundIn('answered', { decision: decision({ action: 'choose', ...given }), review });
  const made = round({ number: 2, review });
  const content = { approval: approval([before, made]), round: made, output: text('The output.') };
  expect(said(drawCard(content, links, 'full').blocks)).toContain(JSON.stringify(expected).slice(1, -1));
});

it('a card of what was resolved elsewhere says when', () => {
  const when = `<!date^${AT / 1_000}^`;
  for (const made of [
    roundIn('resolved_elsewhere'),
    roundIn('resolved_elsewhere', { decision: decision({ at: 0 }) }),
  ])
    expect(said(draw({ ...made, settledAt: AT }))).toContain(when);
});

describe('the home tab', () => {
  it('links to the card of what waits', () => {
    const made = round({ card: { channel: 'C', ts: '1700000000.000100', shown: '' } });
    const waiting = [{ approval: approval([made]), output: text('The output.') }];
    const all = said(drawHome({ waiting, others: 0, unchecked: 0, decided: [] }, links).blocks);
    expect(all).toContain('<https://acme.slack.com/archives/C/p1700000000.000100|Open the card>');
  });

  it('says how far it looked where more waits, whoever it is for', () => {
    const view = drawHome({ waiting: [], others: 3, unchecked: 0, lookedAt: 1_000, decided: [] }, links);
    expect(said(view.blocks)).toContain('Your approvals');
    expect(said(view.blocks)).toContain(
      'I checked only the 1,000 oldest waiting approvals. Type `/approvals mine` to check more.',
    );
  });

  const inbox = (output: string) =>
    said(
      drawHome(
        {
          waiting: [{ approval: approval([round()], { urls: { task } }), output: text(output) }],
          others: 0,
          unchecked: 0,
          decided: [],
        },
        links,
      ),
    );

  it('offers to read in full only what is not whole there', () => {
    expect(inbox('Short.')).not.toContain('Read in full');
    expect(inbox('')).not.toContain('Read in full');
    expect(inbox('Long. '.repeat(100))).toContain('Read in full');
  });
});
