import type { KnownBlock } from '@slack/types';
import { buildCardFacts } from '../../../src/approval/card-facts.ts';
import { type Approval, currentRound } from '../../../src/approval/model/approval.ts';
import { type Output, readOutput } from '../../../src/approval/model/output.ts';
import { isOpen, type Question, type Round } from '../../../src/approval/model/round.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import {
  describeAfterOutput,
  describeBeforeOutput,
  type Part,
} from '../../../src/slack/views/parts/describe.ts';
import { anApproval, aRound } from '../../approval/builders.ts';
import { listCardStates } from '../../gallery/cards.ts';

export const NOW = 1_800_000_000_000;
export const OUTPUT = readOutput('It pays the fair of spring. '.repeat(40));

export type OpenState = readonly [name: string, { approval: Approval; output?: Output | undefined }];

/** A question about a deployment, whose options describe their effect and ask for values. */
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
/** Rounds that wait for a person or a delivery: those of the gallery, and states that only some places used to show. */
export const OPEN: OpenState[] = [
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
export const WAITING = OPEN.filter(([, { approval }]) => currentRound(approval).status === 'waiting');

/** The fullest question that a program can ask, with only the character that Slack counts five times. */
export const FULLEST = (() => {
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

/** Kinds of parts that must be shown wherever people decide. */
const NEVER_HIDDEN: readonly Part['kind'][] = [
  ...([
    'attention',
    'progress',
    'further',
    'feedback',
    'next',
    'fields',
    'blocked',
    'without_answer',
  ] as const),
  ...(['edited', 'entered', 'answers', 'unseen', 'ignored'] as const),
];

/** Lists the card's texts that every place must show. `said`: in mrkdwn; `plain`: in plain text. */
export function listTexts(approval: Approval): { said: string[]; plain: string[] } {
  const facts = buildCardFacts(approval, currentRound(approval));
  const parts = [...describeBeforeOutput(en, { facts }), ...describeAfterOutput(en, { facts })];
  const blocks = parts.filter(({ kind }) => NEVER_HIDDEN.includes(kind)).flatMap((part) => part.blocks);
  const texts = blocks.flatMap((block: KnownBlock) => {
    if (block.type === 'section') return block.text ? [block.text] : [];
    return block.type === 'context' ? block.elements.filter((one) => 'text' in one) : [];
  }) as { type: string; text: string }[];
  // Other places show the lines of a block in another order.
  const textsOfType = (type: string) =>
    texts.filter((one) => one.type === type).flatMap(({ text }) => text.split('\n'));
  return { said: textsOfType('mrkdwn'), plain: textsOfType('plain_text') };
}
