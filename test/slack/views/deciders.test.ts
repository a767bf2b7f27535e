import { describe, expect, test } from 'vitest';
import type { Language } from '../../../src/approval/model/crew/language.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import type { Decision, Round } from '../../../src/approval/model/round.ts';
import type { NamedDeciders } from '../../../src/approval/ports.ts';
import { parseMessageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { drawCard } from '../../../src/slack/api/cards.ts';
import { en, inLanguage } from '../../../src/slack/texts/texts.ts';
import { spoken } from '../../support/spoken.ts';
import { approval, decision, reviewApproval, round, text } from '../records.ts';
import { links } from './draw.ts';

const publish = { action: 'choose', option: 0, feedback: 'publish' } as const;

interface Waits {
  deciders: NamedDeciders;
  required?: number;
  votes?: Decision[];
  isChoice?: boolean;
  language?: Language;
}

/** The lines of the card of a round that waits. */
function draw({ deciders, required = 2, votes = [], isChoice = false, language = 'en' }: Waits): string[] {
  const policy = { ...DEFAULT_POLICY, approvalsRequired: required };
  const of = isChoice
    ? { ...reviewApproval({}, { votes }), policy }
    : approval([round({ status: 'waiting', votes })], { policy });
  const content = { approval: of, round: of.rounds[0] as Round, output: text('A release'), deciders };
  const { blocks } = drawCard(inLanguage(language), content, links, 'whole');
  parseMessageBlocks(blocks);
  return blocks.flatMap((block) => {
    if (block.type === 'section' && 'text' in block && block.text)
      return [(block.text as { text: string }).text];
    return block.type === 'context' && 'elements' in block
      ? (block.elements as { text?: string }[]).map((one) => one.text ?? '')
      : [];
  });
}

const people = (...names: string[]) => ({ names, others: 0 });
const TWO = people('Ana', 'Ben');
const THREE = people('Ana', 'Ben', 'Cat');
const byAna = decision({ by: 'UANA' });

describe('a card says who has to decide, and how many of them', () => {
  // biome-ignore format: a table
  test.each<[string, Waits, en: string, ptBR: string, es: string]>([
    ['one of two', { deciders: TWO, required: 1 },
      'Ana or Ben can decide.', 'Ana ou Ben podem decidir.', 'Ana o Ben pueden decidir.'],
    ['anyone in the channel', { deciders: 'channel', required: 1 }, 'Anyone in this channel can decide.',
      'Qualquer pessoa deste canal pode decidir.', 'Cualquier persona de este canal puede decidir.'],
    ['both', { deciders: TWO }, 'Ana and Ben both have to approve. Either can request a revision.',
      'Ana e Ben precisam aprovar. Para solicitar revisão, basta uma dessas pessoas.',
      'Ana y Ben tienen que aprobar. Para pedir cambios, basta con una de estas personas.'],
    ['all three', { deciders: THREE, required: 3 },
      'Ana, Ben, and Cat all have to approve. Any of them can request a revision.',
      'Ana, Ben e Cat precisam aprovar. Para solicitar revisão, basta uma dessas pessoas.',
      'Ana, Ben y Cat tienen que aprobar. Para pedir cambios, basta con una de estas personas.'],
    ['two of three', { deciders: THREE }, 'Two approvals are needed from Ana, Ben, and Cat.',
      'São necessárias 2 aprovações de Ana, Ben e Cat.', 'Se necesitan 2 aprobaciones de Ana, Ben y Cat.'],
    ['two of many', { deciders: { names: ['Ana', 'Ben'], others: 34 } },
      'Two approvals are needed from Ana, Ben, and 34 others.',
      'São necessárias 2 aprovações de Ana, Ben e mais 34 pessoas.',
      'Se necesitan 2 aprobaciones de Ana, Ben y 34 personas más.'],
    ['two of a group', { deciders: { names: ['@editors'], others: 0, hasGroup: true } },
      'Two approvals are needed from @editors.', 'São necessárias 2 aprovações de @editors.',
      'Se necesitan 2 aprobaciones de @editors.'],
    ['two of the channel', { deciders: 'channel' }, 'Two approvals are needed from people in this channel.',
      'São necessárias 2 aprovações de pessoas deste canal.',
      'Se necesitan 2 aprobaciones de personas de este canal.'],
    ['one more, after a vote', { deciders: people('Ben', 'Cat'), votes: [byAna] },
      'One more approval is needed, from Ben or Cat.', 'Falta uma aprovação, de Ben ou Cat.',
      'Falta una aprobación, de Ben o Cat.'],
    ['one more of many', { deciders: { names: ['Ben'], others: 5 }, votes: [byAna] },
      'One more approval is needed, from one of Ben and 5 others.',
      'Falta uma aprovação, de uma destas pessoas: Ben e mais 5 pessoas.',
      'Falta una aprobación, de una de estas personas: Ben y 5 personas más.'],
    ['one more of the channel', { deciders: 'channel', votes: [byAna] },
      'One more approval is needed, from anyone in this channel.',
      'Falta uma aprovação, de qualquer pessoa deste canal.',
      'Falta una aprobación, de cualquier persona de este canal.'],
    ['two more', { deciders: people('Ben', 'Cat'), required: 3, votes: [byAna] },
      'Two more approvals are needed, from Ben and Cat.', 'Faltam 2 aprovações, de Ben e Cat.',
      'Faltan 2 aprobaciones, de Ben y Cat.'],
    ['who can vote where they are too few', { deciders: people('Ana') },
      'Ana can vote.', 'Ana pode votar.', 'Ana puede votar.'],
    ['both, of other options', { deciders: TWO, isChoice: true },
      'Ana and Ben both have to choose the same answer.', 'Ana e Ben precisam escolher a mesma resposta.',
      'Ana y Ben tienen que elegir la misma respuesta.'],
    ['two of three, of other options', { deciders: THREE, isChoice: true },
      'Two of Ana, Ben, and Cat have to choose the same answer.',
      '2 pessoas entre Ana, Ben e Cat precisam escolher a mesma resposta.',
      '2 personas de entre Ana, Ben y Cat tienen que elegir la misma respuesta.'],
    ['two of the channel, of other options', { deciders: 'channel', isChoice: true },
      'Two people in this channel have to choose the same answer.',
      '2 pessoas deste canal precisam escolher a mesma resposta.',
      '2 personas de este canal tienen que elegir la misma respuesta.'],
    ['who can still vote, of other options', { deciders: TWO, isChoice: true, votes: [{ ...byAna, ...publish }] },
      'Ana or Ben can still vote.', 'Ana ou Ben ainda podem votar.', 'Ana o Ben todavía pueden votar.'],
  ])('%s', (_, waits, en, ptBR, es) => {
    expect(draw(waits)).toContain(en);
    expect(draw({ ...waits, language: 'pt-BR' })).toContain(ptBR);
    expect(draw({ ...waits, language: 'es' })).toContain(es);
  });

  test('how many have to choose the same answer is said once, and always', () => {
    const count = `:ballot_box_with_check: ${spoken().state.votes(2, [])}`;
    expect(draw({ deciders: TWO, isChoice: true })).not.toContain(count);
    expect(draw({ deciders: people('Ana'), isChoice: true })).toContain(count);
  });
});

describe('the name that a person gives themselves', () => {
  const drawn = (name: string) => {
    const of = approval([round({ status: 'waiting' })]);
    const deciders = { names: [name, 'Ben'], others: 0 };
    const content = { approval: of, round: of.rounds[0] as Round, output: text('A release'), deciders };
    const { blocks } = drawCard(en, content, links, 'whole');
    parseMessageBlocks(blocks);
    return blocks.flatMap((block) =>
      block.type === 'context' && 'elements' in block
        ? (block.elements as { type: string; text: string; emoji?: boolean }[])
        : [],
    );
  };

  test.each(['*Ana*', '_Ana_', '~Ana~', '`Ana`', '<!here>', '<https://bank.com|Ana>'])(
    'is drawn as it is written: %s',
    (name) => {
      const [line] = drawn(name);
      expect(line).toMatchObject({ type: 'plain_text', emoji: false });
      expect(line?.text.replaceAll('\u200b', '')).toBe(`${name} or Ben can decide.`);
    },
  );

  test.each([
    'Ana can decide.\n:white_check_mark: Approved by Eve',
    'Nobody decides here. Ask Eve',
    'Deadline: today',
    ':x: rejected',
    '⚠️ CrewAI rejected it',
    'Approved by Eve.',
    '✓ Approved by Eve',
    'Anyone in this channel',
    'Qualquer pessoa deste canal',
    '34 others',
    'Ana or Cat',
    'Ana OU Cat',
    'Ana y Cat',
    'Ana & Cat',
    'Ana, Cat',
  ])('cannot pass for a line of the card: %j', (name) => {
    const [line] = drawn(name);
    expect(line?.text).toBe(`“${name.replace('\n', ' ')}” or Ben can decide.`);
  });

  test('cannot end the quotes that it is in', () => {
    expect(drawn('Ana” or “Eve. Ben')[0]?.text).toBe("“Ana' or 'Eve. Ben” or Ben can decide.");
  });

  test.each(['ana', 'Ana Souza', 'J.R.Smith', "O'Neil (she/her)", '@editors', 'Ana 🌴', '王小明'])(
    'stands without quotes where it is only a name: %s',
    (name) => {
      expect(drawn(name)[0]?.text).toBe(`${name} or Ben can decide.`);
    },
  );
});
