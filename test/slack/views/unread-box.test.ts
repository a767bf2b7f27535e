import { describe, expect, test } from 'vitest';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import { LOST_OUTPUT, type Output, readOutput } from '../../../src/approval/model/output.ts';
import { isPause } from '../../../src/approval/model/round.ts';
import type { NamedDeciders } from '../../../src/approval/ports.ts';
import { type OpenedRound, readTarget } from '../../../src/slack/app/button-values.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { buildHome, buildHomeBeginning } from '../../../src/slack/views/lists/home.ts';
import { buildList, buildListBeginning } from '../../../src/slack/views/lists/list.ts';
import { buildApprovalView } from '../../../src/slack/views/lists/look-up.ts';
import {
  buildApproveModal,
  buildChoiceModal,
  buildEditModal,
} from '../../../src/slack/views/modals/decision-modals.ts';
import { buildOutputPage } from '../../../src/slack/views/modals/reading-modals.ts';
import { buildOutputBlocks, describeCut } from '../../../src/slack/views/output/output-blocks.ts';
import { anApproval, aRound } from '../../approval/builders.ts';
import { listCardStates } from '../../gallery/cards.ts';
import { spoken } from '../../support/spoken.ts';
import { reviewApproval } from '../records.ts';
import { cardOf, links } from './draw.ts';
import { OUTPUT, WAITING } from './open-states.ts';

const EMPTY_INBOX = {
  waiting: [],
  others: 0,
  unchecked: 0,
  decided: [],
  permissions: [],
  away: { standsInFor: [] },
};

const ROWS = Array.from({ length: 80 }, (_, id) => ({ id, name: `n${id}` }));

test.each([
  ['a table', JSON.stringify(ROWS)],
  ['a long text', 'A word of **it** & that.\n\n'.repeat(900)],
])('the box of a form that was opened on a card says what the card says: %s', (_, value) => {
  const output = readOutput(value);
  const { cut } = buildOutputBlocks(spoken(), output, 'whole');
  const opened = { round: 1, via: 'card' as const, isCut: true };
  const { blocks } = buildApproveModal(spoken(), anApproval([aRound({})]), opened, output, false);
  const box = blocks.find(({ block_id }) => block_id === 'unread');
  expect(cut).toBeDefined();
  expect(box).toMatchObject({ label: { text: cut && describeCut(spoken(), cut) } });
});

test('a message whose escapes fill the card counts as far as it is shown', () => {
  const asked = reviewApproval({}, { description: '&'.repeat(1_400) });
  const card = JSON.stringify(cardOf(currentRound(asked), { output: readOutput('Build 42') }).blocks);
  expect(card).toContain('You have seen 299 of 1,400 characters');
});

test('what is not shown of a message counts on the card, in its form and in *Read in full*', () => {
  const message = 'Is the build ready? '.repeat(100).trim();
  const output = readOutput('Build 42');
  const of = (description: string) => reviewApproval({}, { description });
  const cardWith = (asked: Approval) => JSON.stringify(cardOf(currentRound(asked), { output }).blocks);
  const formOf = (asked: Approval) =>
    JSON.stringify(buildChoiceModal(spoken(), asked, { round: 1, via: 'card', isCut: true }, output));
  const said = 'You have seen 1,499 of 1,999 characters';
  expect(cardWith(of(message))).toContain(said);
  expect(cardWith(of(message))).toContain(en.actions.readInFull);
  expect(formOf(of(message))).toContain(said);
  const page = { page: 0, of: 1 };
  const read = (asked: Approval) =>
    JSON.stringify(buildOutputPage(spoken(), asked, { round: 1 }, output, page, []));
  expect(read(of(message))).toContain(message);
  const short = of(message.slice(0, 1_500));
  expect(cardWith(short)).not.toContain('You have seen');
  expect(cardWith(short)).not.toContain(en.actions.readInFull);
  expect(formOf(short)).not.toContain('You have seen');
  // People can come from a place that shows less of the message.
  expect(read(short)).toContain(message.slice(0, 1_500).trim());
});

test('below an output that is lost nobody decides', () => {
  const read = (output: Output) =>
    JSON.stringify(
      buildOutputPage(spoken(), anApproval([aRound()]), { round: 1 }, output, { page: 0, of: 1 }, []),
    );
  expect(read(readOutput('Hi'))).toContain('"approve"');
  expect(read(LOST_OUTPUT)).not.toContain('"approve"');
  const question = { id: 'q1', digest: '', freeText: 'none', requireWhole: true } as const;
  const card = (output: Output) => JSON.stringify(cardOf(aRound({ question }), { output }).blocks);
  expect(card(readOutput('word '.repeat(4_000)))).toContain(en.card.decideOnLastPage);
  expect(card(LOST_OUTPUT)).not.toContain(en.card.decideOnLastPage);
});

test.each([
  ['card', 1_499],
  ['home', 299],
] as const)('a form that edits an output asks where its message was not shown whole: %s', (via, seen) => {
  const message = 'It also pays the fair. '.repeat(90).trim();
  const edit = (description: string) =>
    JSON.stringify(
      buildEditModal(spoken(), reviewApproval({}, { description }), { round: 1, via }, readOutput('Hi')),
    );
  expect(edit(message)).toContain(en.actions.unread(seen, message.length));
  expect(edit(message.slice(0, 300))).not.toContain(en.forms.decideAnyway);
});

test('a look-up shows the message of a question above its buttons, and asks where that is not all of it', () => {
  const output = readOutput('Build 42');
  const look = (description: string) =>
    JSON.stringify(buildApprovalView(spoken(), reviewApproval({}, { description }), output, links).blocks);
  expect(look('It pays the fair.')).toContain('It pays the fair.');
  expect(look('It pays the fair.')).not.toContain('You have seen');
  expect(look('It pays the fair. '.repeat(100))).toContain('You have seen 1,499 of 1,800 characters');
});

const HOME_PLACE = { links, now: 1_800_000_000_000, features: [] };
const waitingPage = (approval: Approval, output: Output) => ({
  approvals: [approval],
  beginnings: new Map([[approval.id, buildListBeginning(spoken(), approval, output)]]),
  stopped: false,
});
const listQuery = { query: { kind: 'waiting' as const }, before: [] };

/** The blocks of an approval on each place where it can be decided, and what its forms know of that place. */
const PLACES: Record<string, [draw: (approval: Approval, output: Output) => unknown, opened: OpenedRound]> = {
  card: [
    (approval, output) => cardOf(currentRound(approval), { output }).blocks,
    { round: 1, via: 'card', isCut: true },
  ],
  home: [
    (approval, output) => {
      const waiting = [{ approval, beginning: buildHomeBeginning(spoken(), approval, output) }];
      return buildHome(spoken(), { ...EMPTY_INBOX, waiting }, links, []).blocks;
    },
    { round: 1, via: 'home' },
  ],
  list: [
    (approval, output) => buildList(spoken(), waitingPage(approval, output), listQuery, HOME_PLACE).blocks,
    { round: 1, via: 'list' },
  ],
  'look-up': [
    (approval, output) => buildApprovalView(spoken(), approval, output, links).blocks,
    { round: 1, via: 'look_up' },
  ],
};

const SEEN = /You have seen [\d,]+ of [\d,]+ characters/;

test.each(
  Object.entries(PLACES).flatMap(([place, [draw, opened]]) =>
    [150, 250, 989, 3_500, 20_000].map((length) => ({ place, length, draw, opened })),
  ),
)('a form says what the place showed where it was opened: $place, $length characters', (row) => {
  const text = 'It pays the fair of spring. '.repeat(1 + row.length / 28).slice(0, row.length);
  const [approval, output] = [anApproval([aRound({})]), readOutput(text)];
  const drawn = JSON.stringify(row.draw(approval, output)).match(SEEN)?.[0];
  const opened = row.place === 'card' && drawn === undefined ? { ...row.opened, isCut: false } : row.opened;
  const form = JSON.stringify(buildApproveModal(spoken(), approval, opened, output, false)).match(SEEN)?.[0];
  expect(form).toBe(drawn);
  if (row.length === 20_000) expect(form).toBeDefined();
});

test('every button of a look-up says that it is one', () => {
  const { blocks } = buildApprovalView(spoken(), anApproval([aRound({})]), readOutput('Build 42'), links);
  const values = [...JSON.stringify(blocks).matchAll(/"value":"(?:\w+:)?([^"]*)"/g)].map(
    ([, value]) => value,
  );
  expect(values.length).toBeGreaterThan(4);
  expect(values.map((value) => readTarget(value)?.via)).toEqual(values.map(() => 'look_up'));
});

/** A crew's pauses that wait, in every state that the gallery shows. */
const PAUSES = Object.entries(listCardStates()).filter(([, { approval }]) => {
  const round = currentRound(approval);
  return round.status === 'waiting' && isPause(round);
});

test.each(PAUSES.flatMap(([name, state]) => Object.keys(PLACES).map((place) => ({ name, state, place }))))(
  'the form of a card $name says what it showed: $place',
  ({ state: { approval, output }, place }) => {
    const [draw, opened] = PLACES[place] as (typeof PLACES)[string];
    const shown = output ?? readOutput('It pays the fair of spring. '.repeat(40));
    const drawn = JSON.stringify(draw(approval, shown)).match(SEEN)?.[0];
    const isCut = place === 'card' ? { isCut: drawn !== undefined } : {};
    const round = currentRound(approval).number;
    const form = buildApproveModal(spoken(), approval, { ...opened, ...isCut, round }, shown, false);
    expect(JSON.stringify(form).match(SEEN)?.[0]).toBe(drawn);
  },
);

/** Those who can decide, as short and as long as Slack names them. */
const DECIDERS: readonly NamedDeciders[] = [
  'channel',
  { names: ['Ana', 'Ben'], others: 0 },
  { names: Array.from({ length: 6 }, () => 'x'.repeat(60)), others: 0 },
  { names: ['x'.repeat(70)], others: 0, hasGroup: true },
];

describe('a form says what the place said that also named who can decide', () => {
  const forms = { approve: buildApproveModal, choose: buildChoiceModal };
  const draw = (approval: Approval, output: Output, deciders: NamedDeciders) => ({
    home: buildHome(
      spoken(),
      {
        ...EMPTY_INBOX,
        waiting: [{ approval, beginning: buildHomeBeginning(spoken(), approval, output), deciders }],
      },
      links,
      [],
    ),
    list: buildList(
      spoken(),
      { ...waitingPage(approval, output), deciders: new Map([[approval.id, deciders]]) },
      listQuery,
      HOME_PLACE,
    ),
    look_up: buildApprovalView(spoken(), approval, output, links, deciders),
  });
  test.each(WAITING)('%s', (_, { approval: of, output = OUTPUT }) => {
    for (const approvalsRequired of [1, 3])
      for (const deciders of DECIDERS) {
        const approval = { ...of, policy: { ...of.policy, approvalsRequired } };
        const { number: round, review, question } = currentRound(approval);
        const build = forms[(review ?? question?.options) ? 'choose' : 'approve'];
        for (const [via, drawn] of Object.entries(draw(approval, output, deciders))) {
          const said = JSON.stringify(drawn.blocks).match(SEEN)?.[0];
          // Where no button decides at once, the form alone asks.
          if (said === undefined) continue;
          const form = build(spoken(), approval, { round, via: via as 'home' }, output, false as never);
          expect(JSON.stringify(form).match(SEEN)?.[0], via).toBe(said);
        }
      }
  });
});
