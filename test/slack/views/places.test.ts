import type { KnownBlock } from '@slack/types';
import { describe, expect, test } from 'vitest';
import { buildCardFacts } from '../../../src/approval/card-facts.ts';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import { type Output, readOutput } from '../../../src/approval/model/output.ts';
import { isOpen, type Question, type Round } from '../../../src/approval/model/round.ts';
import { checkedView, messageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { en, inLanguage, type Texts } from '../../../src/slack/texts/texts.ts';
import { buildHome, buildHomeBeginning } from '../../../src/slack/views/lists/home.ts';
import { buildList, buildListBeginning } from '../../../src/slack/views/lists/list.ts';
import { buildApprovalView } from '../../../src/slack/views/lists/look-up.ts';
import {
  describeAfterOutput,
  describeBeforeOutput,
  type Part,
} from '../../../src/slack/views/parts/describe.ts';
import { anApproval, aRound } from '../../approval/builders.ts';
import { listCardStates } from '../../gallery/cards.ts';
import { links } from './draw.ts';

const NOW = 1_800_000_000_000;
const OUTPUT = readOutput('It pays the fair of spring. '.repeat(40));

type Waiting = readonly { approval: Approval; output: Output }[];

function home(texts: Texts, waiting: Waiting) {
  const shown = waiting.map(({ approval, output }) => ({
    approval,
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
  const page = { query: { kind: 'waiting' as const }, before: [] };
  return buildList(texts, { approvals, beginnings, stopped: false }, page, { links, now: NOW, features: [] });
}

/** A question about a deployment, whose options say what they lead to and ask for values. */
const deployment: Question = {
  ...{ id: 'q1', digest: '', freeText: 'optional' },
  options: [
    { id: 'go', label: 'Go', next: 'Deploys to production and mails 40,000 customers', fields: true },
    { id: 'stop', label: 'Stop' },
  ],
  fields: [{ name: 'reason', kind: 'text', required: true } as never],
};
const deploy = (round: Partial<Round> = {}) => ({
  approval: anApproval([aRound({ question: deployment, unseen: 3, ...round })]),
});
const OPEN: [string, { approval: Approval; output?: Output | undefined }][] = [
  ...Object.entries(listCardStates()).filter(([, { approval }]) => isOpen(currentRound(approval))),
  ['waiting, what an option leads to', deploy()],
  [
    'waiting, values that another entered',
    deploy({ entered: { by: 'UBEN', option: 0, values: '{"reason":"Sale"}' } }),
  ],
  [
    'waiting, values with marks',
    deploy({ entered: { by: 'UBEN', option: 0, values: '{"reason":"*Sale*"}' } }),
  ],
  [
    'waiting, an outcome without an answer',
    {
      approval: anApproval([
        aRound({
          review: {
            options: ['Publish', 'Discard'],
            defaultOutcome: 'Discard',
            dueAt: NOW,
            callbackUrl: 'https://x.test/',
          },
        }),
      ]),
    },
  ],
];
const WAITING = OPEN.filter(([, { approval }]) => currentRound(approval).status === 'waiting');

/** Kinds of parts that no place where people decide may hide. */
const NEVER_HIDDEN: readonly Part['kind'][] = [
  ...(['attention', 'further', 'feedback', 'next', 'fields', 'blocked', 'without_answer'] as const),
  ...(['edited', 'entered', 'answers', 'unseen', 'ignored'] as const),
];

/** What the card says that every place has to say, in mrkdwn; `plain`: what only plain text shows. */
function listTexts(approval: Approval): { said: string[]; plain: string[] } {
  const facts = buildCardFacts(approval, currentRound(approval));
  const parts = [...describeBeforeOutput(en, { facts }), ...describeAfterOutput(en, { facts })];
  const blocks = parts.filter(({ kind }) => NEVER_HIDDEN.includes(kind)).flatMap((part) => part.blocks);
  const texts = blocks.flatMap((block: KnownBlock) => {
    if (block.type === 'section') return block.text ? [block.text] : [];
    return block.type === 'context' ? block.elements.filter((one) => 'text' in one) : [];
  }) as { type: string; text: string }[];
  const of = (type: string) => texts.filter((one) => one.type === type).map(({ text }) => text);
  return { said: of('mrkdwn'), plain: of('plain_text') };
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

/** A question as full as a program can make it, with every character that Slack counts five times. */
const FULLEST = (() => {
  const full = (length: number) => '&'.repeat(length);
  const options = Array.from({ length: 40 }, (_, id) => ({
    ...{ id: `o${id}`, label: `${id} ${full(140)}`, next: full(100) },
    ...(id % 2 === 0 ? { fields: true as const } : {}),
  }));
  const fields = Array.from({ length: 20 }, (_, id) => ({
    ...{ name: `f${id}`, title: full(75), kind: 'text' as const, required: true },
  }));
  const question: Question = { id: 'q1', digest: '', freeText: 'optional', options, fields: fields as never };
  const round = aRound({
    ...{ question, description: full(3_000), expectedOutput: full(3_000), unseen: 900 },
    ...{ mentioned: ['UANA'], assignee: 'UANA', expiredAt: NOW, claim: { by: 'UBEN', until: NOW } },
  });
  return anApproval([round], { task: full(300), crew: 'x'.repeat(64) });
})();

describe.each(['en', 'pt-BR', 'es'] as const)('Slack accepts, in %s,', (language) => {
  const texts = inLanguage(language);
  const states: readonly [string, { approval: Approval; output?: Output | undefined }][] = [
    ...WAITING,
    ['the fullest', { approval: FULLEST, output: readOutput('&'.repeat(5_000)) }],
  ];
  test.each(states)(
    'as many entries as a place promises, all of them %s',
    (_, { approval, output = OUTPUT }) => {
      const many = (count: number) => Array.from({ length: count }, () => ({ approval, output }));
      checkedView(home(texts, many(15)), 'home');
      messageBlocks(list(texts, many(10)).blocks);
      messageBlocks(buildApprovalView(texts, approval, output, links).blocks);
    },
  );
});
