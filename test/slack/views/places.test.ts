import { describe, expect, test } from 'vitest';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import { type Output, readOutput } from '../../../src/approval/model/output.ts';
import type { NamedDeciders } from '../../../src/approval/ports.ts';
import { checkedView, messageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { en, inLanguage, type Texts } from '../../../src/slack/texts/texts.ts';
import { buildHome, buildHomeBeginning } from '../../../src/slack/views/lists/home.ts';
import { buildList, buildListBeginning } from '../../../src/slack/views/lists/list.ts';
import { buildApprovalView } from '../../../src/slack/views/lists/look-up.ts';
import { countBlockCharacters } from '../../../src/slack/views/text/elements.ts';
import { anApproval, approve, aRound } from '../../approval/builders.ts';
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
  const named = (most: number) => ({ names: long.slice(0, most), others: 4_990 });
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
      messageBlocks(list(texts, many(10, named(2))).blocks);
      messageBlocks(buildApprovalView(texts, approval, output, links, named(6)).blocks);
    },
  );
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
          messageBlocks(blocks);
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
      messageBlocks(blocks);
      expect(countBlockCharacters(blocks)).toBeLessThan(11_300);
    },
  );
});
