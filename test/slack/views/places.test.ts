import { describe, expect, test } from 'vitest';
import { buildCardFacts } from '../../../src/approval/card-facts.ts';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import type { Language } from '../../../src/approval/model/crew/language.ts';
import { type Output, readOutput } from '../../../src/approval/model/output.ts';
import { type DecisionPlace, PLACES as PLACE_NAMES } from '../../../src/approval/model/seen.ts';
import type { NamedDeciders } from '../../../src/approval/ports.ts';
import { checkedView, parseMessageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { en, inLanguage, type Texts } from '../../../src/slack/texts/texts.ts';
import { buildCard } from '../../../src/slack/views/card/card.ts';
import { buildHome, buildHomeBeginning } from '../../../src/slack/views/lists/home.ts';
import { buildList, buildListBeginning } from '../../../src/slack/views/lists/list.ts';
import { buildApprovalView } from '../../../src/slack/views/lists/look-up.ts';
import { buildOutputPage } from '../../../src/slack/views/modals/reading-modals.ts';
import { CARD_FORMS, type CardForm } from '../../../src/slack/views/output/output-blocks.ts';
import { writeShown } from '../../../src/slack/views/parts/shown.ts';
import { countBlockCharacters } from '../../../src/slack/views/text/elements.ts';
import { anApproval, approve, aRound } from '../../approval/builders.ts';
import { drawOutputModal } from '../../gallery/modals.ts';
import { links } from './draw.ts';
import { FULLEST, listTexts, NOW, OPEN, type OpenState, OUTPUT, WAITING } from './open-states.ts';

type Waiting = readonly { approval: Approval; output: Output; deciders?: NamedDeciders }[];

function home(texts: Texts, waiting: Waiting) {
  const shown = waiting.map(({ approval, output, deciders }) => ({
    ...{ approval, deciders },
    beginning: buildHomeBeginning(texts, approval, output),
  }));
  const inbox = {
    ...{ waiting: shown, others: 0, unchecked: 0, decided: [], permissions: [] },
    away: { standsInFor: [] },
  };
  return buildHome(texts, inbox, links, []);
}

/** Each approval with an id of its own. */
function list(texts: Texts, waiting: Waiting) {
  const approvals = waiting.map(({ approval }, at) => ({ ...approval, id: `ABCDEFGH${10 + at}` }));
  const beginnings = new Map(
    approvals.map((approval, at) => [
      approval.id,
      buildListBeginning(texts, approval, (waiting[at] as Waiting[number]).output),
    ]),
  );
  const deciders = new Map(
    waiting.flatMap(({ deciders }, at) => (deciders ? [[approvals[at]?.id ?? '', deciders] as const] : [])),
  );
  const page = { query: { kind: 'waiting' as const }, before: [] };
  const listing = { approvals, beginnings, deciders, stopped: false };
  return buildList(texts, listing, page, { links, now: NOW, features: [] });
}

/** An output of one page, read in full: the round can be decided below it. */
function lastPage(texts: Texts, approval: Approval, output: Output) {
  const round = currentRound(approval).number;
  return buildOutputPage(texts, approval, { round }, output, { page: 0, of: 1 }, []);
}

const PLACES: Record<string, (approval: Approval, output: Output) => { blocks: readonly unknown[] }> = {
  home: (approval, output) => home(en, [{ approval, output }]),
  'look-up': (approval, output) => buildApprovalView(en, approval, output, links),
};

describe.each(Object.entries(PLACES))('%s', (_, draw) => {
  test.each(OPEN)('says what the card says of a round, or asks before a decision: %s', (_name, state) => {
    const { approval, output = OUTPUT } = state;
    const drawn = JSON.stringify(draw(approval, output).blocks);
    const { said, plain } = listTexts(approval);
    const missing = said.filter((text) => !drawn.includes(JSON.stringify(text).slice(1, -1)));
    if (missing.length > 0 || plain.length > 0) expect(drawn).toMatch(/You have seen|"text":"Read in full"/);
    expect(missing.length).toBeLessThanOrEqual(said.length > 6 ? 3 : 0);
  });
});

test.each(WAITING)('a row of a list says what the card says, or asks before a decision: %s', (_, state) => {
  const { approval, output = OUTPUT } = state;
  const drawn = JSON.stringify(list(en, [{ approval, output }]).blocks);
  const { said, plain } = listTexts(approval);
  const missing = said.filter((text) => !drawn.includes(JSON.stringify(text).slice(1, -1)));
  const isDecided = /"action_id":"(approve|request_revision|option_0)"/.test(drawn);
  if (isDecided && (missing.length > 0 || plain.length > 0)) expect(drawn).toMatch(/You have seen/);
});

describe.each(['en', 'pt-BR', 'es'] as const)(
  'what is kept of a place with a decision, in %s,',
  (language) => {
    const texts = inLanguage(language);
    const card = (form: CardForm) => (approval: Approval, output: Output) => {
      const facts = buildCardFacts(approval, currentRound(approval));
      return buildCard(texts, { facts, output }, links, form);
    };
    const drawings = [
      ...CARD_FORMS.map((form) => ['card', card(form)] as const),
      ['home', (approval: Approval, output: Output) => home(texts, [{ approval, output }])] as const,
      ['list', (approval: Approval, output: Output) => list(texts, [{ approval, output }])] as const,
      [
        'look_up',
        (approval: Approval, output: Output) => buildApprovalView(texts, approval, output, links),
      ] as const,
      ['last_page', (approval: Approval, output: Output) => lastPage(texts, approval, output)] as const,
    ];
    test.each(drawings)('stands in what was drawn: %s', (place, draw) => {
      let kept = 0;
      for (const [name, { approval, output = OUTPUT }] of WAITING) {
        const drawn = JSON.stringify(draw(approval, output).blocks);
        if (
          !/"(?:approve|approve_with_text|request_revision|option_0|option_form_0|choose_from_list|more)"/.test(
            drawn,
          )
        )
          continue;
        const lines = writeShown(texts, buildCardFacts(approval, currentRound(approval)), place).split('\n');
        kept += lines.length;
        for (const line of lines)
          expect(drawn, `${name}: ${line}`).toContain(JSON.stringify(line).slice(1, -1));
      }
      expect(kept).toBeGreaterThan(WAITING.length / 2);
    });
  },
);

describe('the text that is kept of a place with a decision', () => {
  const write = (approval: Approval, place: DecisionPlace = 'card', language: Language = 'en') =>
    writeShown(inLanguage(language), buildCardFacts(approval, currentRound(approval)), place);
  const kept = write(anApproval([aRound()]));

  test.each([
    ['somebody claims it', { claim: { by: 'UBEN', until: NOW } }],
    ['somebody is asked to decide', { assignee: 'UBEN' }],
    ['somebody votes', { votes: [{ ...approve, by: 'UBEN' }] }],
    ['a substitute is asked', { standIns: [{ away: 'UANA', day: '2027-01-01', substitute: 'UBEN' }] }],
  ] as const)('is the same after %s', (_, change) => {
    const policy = { ...anApproval([aRound()]).policy, approvalsRequired: 2 };
    expect(write(anApproval([aRound(change as never)], { policy }))).toBe(kept);
  });

  test.each(PLACE_NAMES.filter((place) => place !== 'thread'))(
    'is the same after a claim, an assignment and a vote, in each state: %s',
    (place) => {
      for (const [name, { approval }] of WAITING) {
        const round = currentRound(approval);
        const change = { claim: { by: 'UBEN', until: NOW }, assignee: 'UBEN' };
        const changed = { ...approval, rounds: [...approval.rounds.slice(0, -1), { ...round, ...change }] };
        const { claim: _, assignee: __, ...unclaimed } = round;
        const before = { ...approval, rounds: [...approval.rounds.slice(0, -1), unclaimed as typeof round] };
        expect(write(changed, place), name).toBe(write(before, place));
      }
    },
  );

  test.each([
    ['a warning', aRound({ unseen: 3 })],
    ['a deadline', aRound({ expiredAt: NOW })],
    ['a message', aRound({ question: { id: 'q', digest: '', freeText: 'none' }, description: 'Pay?' })],
  ])('changes with %s', (_, round) => {
    expect(write(anApproval([round]))).not.toBe(kept);
  });

  test('differs in another language', () => {
    expect(write(anApproval([aRound()]), 'card', 'es')).not.toBe(kept);
  });
});

describe('who can decide', () => {
  const [approval, output] = [anApproval([aRound()]), OUTPUT];
  const places = {
    home: (deciders: NamedDeciders) => home(en, [{ approval, output, deciders }]),
    list: (deciders: NamedDeciders) => list(en, [{ approval, output, deciders }]),
    'look-up': (deciders: NamedDeciders) => buildApprovalView(en, approval, output, links, deciders),
  };
  test.each(Object.entries(places))('is named in plain text: %s', (_, draw) => {
    const { blocks } = draw({ names: ['*Ana*', 'Ben'], others: 3 });
    const text = '*Ana*, Ben, and 3 others can decide.';
    expect(JSON.stringify(blocks)).toContain(JSON.stringify({ type: 'plain_text', text, emoji: false }));
  });
  test.each(Object.entries(places))('is not "this channel" where it may be another: %s', (_, draw) => {
    const drawn = JSON.stringify(draw('channel').blocks);
    expect(drawn).toContain("Anyone in the card's channel can decide.");
    expect(drawn).not.toContain('this channel');
  });
});

describe.each(['en', 'pt-BR', 'es'] as const)('Slack accepts, in %s,', (language) => {
  const texts = inLanguage(language);
  const long = Array.from({ length: 6 }, () => '&'.repeat(80));
  const named = (max: number) => ({ names: long.slice(0, max), others: 4_990 });
  const states: readonly OpenState[] = [
    ...WAITING,
    ['the fullest', { approval: FULLEST, output: readOutput('&'.repeat(5_000)) }],
  ];
  test.each(states)(
    'as many entries as a place promises, all of them %s',
    (_, { approval, output = OUTPUT }) => {
      const many = (count: number, deciders: NamedDeciders) =>
        Array.from({ length: count }, () => ({ approval, output, deciders }));
      checkedView(home(texts, many(15, named(6))), 'home');
      parseMessageBlocks(list(texts, many(10, named(2))).blocks);
      parseMessageBlocks(buildApprovalView(texts, approval, output, links, named(6)).blocks);
      checkedView(lastPage(texts, approval, output), 'modal');
    },
  );
  test('the only page of the fullest question with entered values, below the longest message', () => {
    const names = Array.from({ length: 20 }, (_, at) => `f${at}`);
    const values = JSON.stringify(Object.fromEntries(names.map((name) => [name, `*${'&'.repeat(40)}*`])));
    const current = {
      ...currentRound(FULLEST),
      description: '&'.repeat(10_000),
      entered: { by: 'UBEN', option: 0, values },
    };
    const output = readOutput(Array.from({ length: 20 }, () => `## P\n\n${'&'.repeat(605)}`).join('\n\n'));
    const page = { content: 'output', page: 0 } as const;
    const view = drawOutputModal({ ...FULLEST, rounds: [current] }, { round: 1 }, output, page);
    expect(JSON.stringify(view)).toContain('"action_id":"write_from_list"');
    checkedView(view, 'modal');
  });
  test.each(states)(
    'ten rows with the longest titles, outputs and messages, all of them %s',
    (_, { approval: of }) => {
      const current = currentRound(of);
      const long = { ...current, ...(current.description ? { description: '&'.repeat(3_000) } : {}) };
      const rounds = [...of.rounds.slice(0, -1), long];
      const approval = { ...of, rounds, task: '&'.repeat(300), crew: 'x'.repeat(64) };
      for (const written of ['&'.repeat(5_000), '*a* '.repeat(2_000)])
        for (const deciders of ['channel', named(1)] as const) {
          const row = { approval, output: readOutput(written), deciders };
          const { blocks } = list(
            texts,
            Array.from({ length: 10 }, () => row),
          );
          parseMessageBlocks(blocks);
          // Slack refuses a message somewhere beyond 11,300 characters.
          expect(countBlockCharacters(blocks)).toBeLessThan(11_000);
          const opens = JSON.stringify(blocks).match(/"action_id":"open_approval"/g);
          expect(opens).toHaveLength(10);
        }
    },
  );
  test.each(states)(
    'a look-up of a round after many others, with the fullest output: %s',
    (_, { approval: of }) => {
      const decision = { ...approve, action: 'request_revision' as const, feedback: '&'.repeat(3_000) };
      const earlier = Array.from({ length: 12 }, (_, at) => ({
        ...aRound({ status: 'revision_requested', decision }),
        number: at + 1,
      }));
      const rounds = [...earlier, { ...currentRound(of), number: 13 }];
      const approval = { ...of, rounds, task: '&'.repeat(300) };
      const output = readOutput('&'.repeat(5_000));
      const { blocks } = buildApprovalView(texts, approval, output, links, named(6));
      parseMessageBlocks(blocks);
      expect(countBlockCharacters(blocks)).toBeLessThan(11_300);
    },
  );
});
