import { describe, expect, it, test } from 'vitest';
import type { Approval } from '../../../src/approval/model/approval.ts';
import { LANGUAGES } from '../../../src/approval/model/crew/language.ts';
import { DEFAULT_POLICY, type Policy } from '../../../src/approval/model/crew/task-rules.ts';
import { LOST_OUTPUT, type Output, readOutput } from '../../../src/approval/model/output.ts';
import { type Delivery, type Failure, type Round, roundStatuses } from '../../../src/approval/model/round.ts';
import { listToolOptions } from '../../../src/approval/model/tool-call.ts';
import { parseMessageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { en } from '../../../src/slack/texts/texts.ts';
import { buildApprovalView } from '../../../src/slack/views/lists/look-up.ts';
import {
  buildApproveModal,
  buildChoiceModal,
  buildOtherAnswerModal,
  buildRevisionModal,
} from '../../../src/slack/views/modals/decision-modals.ts';
import { buildOptionsModal } from '../../../src/slack/views/modals/reading-modals.ts';
import {
  buildOutputBlocks,
  CARD_FORMS,
  RESULT_MAX,
  renderMarkdown,
} from '../../../src/slack/views/output/output-blocks.ts';
import { describeFailure } from '../../../src/slack/views/text/crewai.ts';
import { clean, escapeText } from '../../../src/slack/views/text/escape.ts';
import { speak, spoken } from '../../support/spoken.ts';
import { AT, approval, decision, reviewApproval, round, roundIn, text } from '../records.ts';
import { CARD, cardOf, cardText, homeOf, links, listOf, read } from './draw.ts';

const { state: words, crewai } = en;
const TWO_APPROVE = { policy: { ...DEFAULT_POLICY, approvalsRequired: 2 } };
const CLOSE = 'Close without a decision';
const WEBHOOKS = "CrewAI won't report back on this run";
const tried: Delivery = { since: AT, attempts: 1, underway: false, unsure: false };
const firstBlock = (...drawn: Parameters<typeof cardOf>) => JSON.stringify(cardOf(...drawn).blocks[0]);

describe('the card of a round', () => {
  describe.each(roundStatuses)('that is %s', (status) => {
    const made = roundIn(status);

    it('has the buttons of its state, and as an old round none', () => {
      const retry = ['Retry', CLOSE];
      const expected = { waiting: ['Approve', 'Request revision'], refused: retry, undelivered: retry };
      for (const form of CARD_FORMS) {
        const buttons = (expected as Partial<Record<Round['status'], string[]>>)[status] ?? [];
        expect(read(cardOf(made, { form })).buttons).toEqual(buttons);
        const rounds = [made, round({ number: 2 })];
        expect(read(cardOf(made, { form, rounds })).buttons).toEqual([]);
      }
    });

    it('says that it was sent, and that the crew goes on, only when it is so', () => {
      const accepted = ['approved', 'revision_requested', 'answered'].includes(status);
      expect(cardText(made).includes('Decision sent. ')).toBe(accepted);
      expect(cardText(made)).not.toMatch(/Decision sent\. The (?:crew|Flow) goes on/);
      expect(/Decision sent\. The (?:crew|Flow) goes on\./.test(cardText({ ...made, continuedAt: AT }))).toBe(
        accepted,
      );
      const named = cardText({ ...made, continuedAt: AT, continuedWith: 'launch_budget' });
      expect(named.includes('goes on with *Launch budget*.')).toBe(accepted);
    });

    it('shows no ID of its approval, by which its last block is named', () => {
      const { id } = approval([made]);
      for (const form of CARD_FORMS) {
        expect(cardText(made, { form })).not.toContain(id);
        expect(cardOf(made, { form }).blocks.at(-1)?.block_id).toMatch(new RegExp(`^${id}\\.1\\b`));
      }
    });

    it('links an old round to the current card, once it is settled', () => {
      const says = cardText(made, { rounds: [made, round({ number: 2, card: CARD })] });
      const isOpen = ['waiting', 'sending', 'refused', 'undelivered'].includes(status);
      expect(says.includes('|See the current card>')).toBe(!isOpen);
    });
  });

  it('says the two most important things above the output, the others below its buttons', () => {
    const claim = { by: 'UBEN', until: AT };
    const known = { votes: [decision()], claim, assignee: 'UCAT', expiredAt: AT, mayHaveContinued: true };
    const { blocks } = cardOf(round(known), { more: TWO_APPROVE });
    const at = [
      'may have continued',
      '1 of 2 approved: <@UANA>.',
      'The output.',
      'Request revision',
      'The deadline passed',
      'was asked to decide',
      'is on it',
      "won't report back",
    ].map((part) => JSON.stringify(blocks).indexOf(part));
    expect(at).not.toContain(-1);
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    const types = blocks.map(({ type }) => type);
    expect(types[types.indexOf('markdown') + 1]).toBe('actions');
  });

  it('has no webhook URLs and no ids of CrewAI, which the look-up shows', () => {
    const task = { url: 'https://hooks.example.com/secret/path?token=x', from: 'meta' as const };
    const crew = { url: 'https://bot.example.com/webhooks/press/crew?token=x', from: 'bot' as const };
    const urls = { task, step: task, crew };
    const all = JSON.stringify(cardOf(round(), { more: { urls } }).blocks);
    for (const hidden of ['Sent with the decision', 'execution', 'example.com', WEBHOOKS])
      expect(all).not.toContain(hidden);
    const lookedUp = buildApprovalView(spoken(), approval([round()], { urls }), text('x'), links);
    expect(JSON.stringify(lookedUp.blocks)).toContain('hooks.example.com');
    expect(cardText(round())).toContain(WEBHOOKS);
  });

  it('names who decided and what they asked for, and the round that answers it', () => {
    const [first, second] = [roundIn('revision_requested'), round({ number: 2, hashes: ['text:another'] })];
    const rounds = [first, second];
    for (const part of ['Revision requested by <@UANA>', '>Shorter'])
      expect(cardText(first, { rounds })).toContain(part);
    const answer = cardText(second, { rounds });
    expect(answer).toContain('(round 2)');
    expect(answer).toContain("This answers <@UANA>'s request:\n>Shorter");
  });

  it('says when it was resolved elsewhere', () => {
    for (const more of [{ settledAt: AT }, { settledAt: AT, decision: decision({ at: 0 }) }])
      expect(cardText(roundIn('resolved_elsewhere', more))).toContain(`<!date^${AT / 1_000}^`);
  });

  it('says that its task does not wait, and has nothing to decide', () => {
    const card = read(cardOf(roundIn('resolved_elsewhere', { notWaiting: true, settledAt: AT })));
    expect(card.says).toContain("this task didn't need a decision");
    expect(card.buttons).toEqual([]);
  });

  it.each(['run_ended', 'approved', 'waiting'] as const)('that is %s says why its run failed', (status) => {
    const failed = (reason: object) => ({ more: { runFailure: { at: AT, ...reason } } });
    const says = cardText(roundIn(status), failed({ reason: 'out of <!channel> tokens' }));
    expect(says).toContain(':x: The run failed: out of');
    expect(says).not.toContain('<!channel>');
    expect(cardText(roundIn(status), failed({}))).toContain(':x: The run failed.');
  });

  it.each([
    [{ option: 1, feedback: 'Rework' }, "This follows <@UANA>'s answer *Rework*."],
    [{ feedback: 'Shorter, please.' }, "This follows <@UANA>'s answer:\n>Shorter, please."],
  ])('of a review says in one sentence what it follows: %j', (given, sentence) => {
    const review = { options: ['Publish', 'Rework'] };
    const before = roundIn('answered', { decision: decision({ action: 'choose', ...given }), review });
    const made = round({ number: 2, review });
    expect(cardText(made, { rounds: [before, made] })).toContain(sentence);
  });
});

describe('the task on a card', () => {
  const SALARY = { task: 'Salary of Ben', titleOnly: true as const };

  it.each<[string, Round]>([
    ['waits', round()],
    ['waits and mentions people', round({ mentioned: ['UANA', 'SEDITORS'] })],
    ['waits in a later round', round({ number: 2, unchanged: true })],
    ['is being sent', roundIn('sending')],
    ['is settled', roundIn('approved')],
  ])('that %s is not in its text and first block where it is the output’s beginning', (_, made) => {
    const rounds = [round(), made].slice(2 - made.number);
    const drawn = { rounds, more: SALARY, output: text('# Salary of Ben\n\n92,000') };
    const hidden = cardOf(made, drawn);
    const first = JSON.stringify([hidden.text, hidden.blocks[0]]);
    expect(first).not.toMatch(/Salary|92,000/);
    expect(first).toMatch(/an output/i);
    expect(JSON.stringify(hidden.blocks.slice(1))).toContain('Salary of Ben');
    expect(firstBlock(made, { ...drawn, preview: true })).toContain('Salary of Ben');
  });

  it('and the output are in the notification only where the settings allow a preview', () => {
    const drawn = { more: SALARY, output: text('# Salary of Ben\n\n92,000') };
    expect(cardOf(round(), drawn).text).toMatch(/^press: an output is waiting for a decision\./);
    expect(cardOf(round(), { ...drawn, preview: true }).text).toContain('92,000');
    const short = { more: { task: 'x', titleOnly: true as const }, output: text('x') };
    const hidden = cardOf(round(), short);
    expect(hidden.text).toBe('press: an output is waiting for a decision. Approve it or request a revision.');
    const waits = 'press asks for approval of an output';
    expect(hidden.blocks[0]).toMatchObject({ text: { text: waits } });
    expect(read(hidden).others).not.toContain('Read in full');
    const shown = cardOf(round(), { ...short, preview: true });
    expect(shown.text).toBe('press: X is waiting for a decision. Approve it or request a revision. x');
    expect(shown.blocks[0]).toMatchObject({ text: { text: 'press asks for approval: *X*' } });
  });

  it('is named in the first block where it has a name, with its agent', () => {
    expect(firstBlock(round({ agent: 'Copywriter' }))).toContain('*Copywriter* asks for approval: *Draft*');
    const strict = { task: 'Spring', titleOnly: true as const };
    expect(cardText(round(), { more: strict })).toContain('press asks for approval of an output');
    expect(cardText(round(), { more: strict })).not.toContain('Draft');
    const named = cardText(round({ agent: 'Copywriter', unnamed: true }));
    expect(named).toContain('*Copywriter* asks for approval: *Draft*');
  });

  const before = roundIn('revision_requested', { agent: 'Copywriter', settledAt: AT });
  it.each<[Partial<Round>, string, string]>([
    [{}, '*Copywriter* asks for approval: *Draft* (round 2)', "This answers <@UANA>'s request"],
    [{ hashes: before.hashes }, '*Copywriter* asks for approval', "New output after <@UANA>'s request"],
    [
      { hashes: before.hashes, after: { brought: 'ticket' } },
      '*Copywriter* asks for approval',
      "This answers <@UANA>'s request",
    ],
    [
      { unnamed: true, after: { brought: 'ticket' } },
      'press asks for approval: *Draft* (round 2)',
      "New output after <@UANA>'s request",
    ],
    [
      { unnamed: true, agent: 'Editor', after: { brought: 'none', likely: true } },
      '*Editor* asks for approval: *Draft* (round 2)',
      "This is probably the new output after <@UANA>'s request",
    ],
  ])('of a later round says no more than its own webhook does: %j', (more, asked, answers) => {
    const made = round({ number: 2, hashes: ['text:another'], ...more });
    const drawn = { rounds: [before, made] };
    expect(firstBlock(made, drawn)).toContain(asked);
    expect(cardText(made, drawn)).toContain(answers);
  });
});

it('what a program does after many options is on the card for the first ten, and how many others there are', () => {
  const options = Array.from({ length: 15 }, (_, n) => ({ id: `${n}`, label: `o${n}`, next: `does ${n}` }));
  const question = { id: 'q', digest: '', freeText: 'none' as const, options };
  expect(cardText(round({ question }))).toContain('o9 → does 9\n… and 5 more');
  const ten = round({ question: { ...question, options: options.slice(0, 10) } });
  expect(cardText(ten)).not.toContain('more');
});

describe('what a program does after an option', () => {
  const questionOf = (options: { label: string; next?: string }[]) => ({
    id: 'q',
    digest: '',
    freeText: 'none' as const,
    options: options.map((option, at) => ({ id: `o${at}`, ...option })),
  });
  const lineOf = (label: string, next: string) => escapeText(`${label} → ${next}`);

  it.each([
    ['that are escaped', '&'],
    ['of mentions', '@here'],
    ['that nobody sees', '\u200b'],
  ])('is on the card to its end with 100 characters %s, or behind All answers', (_, character) => {
    const next = `${character.repeat(100 / character.length).slice(0, -4)} end`;
    for (const count of [1, 2, 5, 10, 100]) {
      const options = Array.from({ length: count }, (__, at) => ({ label: `${at} & ${at}`, next }));
      const made = round({ question: questionOf(options) });
      const card = cardOf(made);
      parseMessageBlocks(card.blocks);
      const { says, others } = read(card);
      const shown = options.filter(({ label }) => says.includes(lineOf(label, next)));
      expect(shown.length).toBeGreaterThan(0);
      expect(says.match(/ → /g)).toHaveLength(shown.length);
      const isMore = shown.length < count;
      expect([says.includes(`… and ${count - shown.length} more`), others.includes('All answers')]).toEqual([
        isMore,
        isMore,
      ]);
      const pages = [0, 1, 2, 3, 4, 5].map((page) =>
        buildOptionsModal(spoken(), approval([made]), { round: 1 }, page),
      );
      const whole = pages.map((page) => read(page).says).join('\n');
      for (const { label } of options) expect(whole).toContain(`${clean(label)} → ${clean(next)}`);
    }
  });

  it('is on the card whole once the program has the answer', () => {
    const next = `${'&'.repeat(96)} end`;
    const question = questionOf([{ label: 'Ship', next }]);
    const chosen = decision({ action: 'choose', feedback: 'Ship', option: 0 });
    expect(cardText(round({ status: 'answered', question, decision: chosen }))).toContain(escapeText(next));
  });
});

describe('the output on a card', () => {
  it('is a table for flat rows, of as many as a phone has room for', () => {
    const rows = (count: number) =>
      readOutput(Array.from({ length: count }, (_, n) => ({ market: `no. ${n}`, share: n / 100 })));
    const tableIn = (output: Output) => {
      const table = cardOf(round(), { output }).blocks.find(({ type }) => type === 'table');
      return (table as { rows: { text: string }[][] } | undefined)?.rows.map((row) => row.map((c) => c.text));
    };
    expect(tableIn(rows(2))).toEqual([
      ['Market', 'Share'],
      ['no. 0', '0'],
      ['no. 1', '0.01'],
    ]);
    expect(read(cardOf(round(), { output: rows(30) })).others).not.toContain('Read in full');
    expect(tableIn(rows(99))).toHaveLength(31);
    const { says, others } = read(cardOf(round(), { output: rows(1_000) }));
    expect(says).toContain('970 more rows are not shown here.');
    // Of a long list only the beginning is read.
    expect(tableIn(rows(50_000))).toHaveLength(31);
    expect(read(cardOf(round(), { output: rows(50_000) })).says).toMatch(
      /[\d,]{9} more characters are not shown here/,
    );
    expect(others).toContain('Read in full');
    expect(buildOutputBlocks(spoken(), rows(90), 'full', { max: RESULT_MAX }).cut).toBeUndefined();
    expect(tableIn(readOutput('[{"__proto__":1,"":2},{"constructor":null}]'))).toEqual([
      ['__proto__', '–', 'Constructor'],
      ['1', '2', '–'],
      ['–', '–', '–'],
    ]);
    const wide = readOutput([Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, n]))]);
    expect(tableIn(wide)).toBeUndefined();
  });

  it('has 1,500 characters at most, and says how many more there are', () => {
    const all = cardText(round(), { output: text('y'.repeat(8_000)) });
    const kept = /y{5,}/.exec(all)?.[0].length ?? 0;
    expect([kept > 1_480, kept <= 1_500]).toEqual([true, true]);
    expect(all).toContain(`${(8_000 - kept).toLocaleString('en-US')} more characters are not shown here.`);
    expect(cardText(round())).not.toContain('not shown');
    const entries = Array.from({ length: 20 }, (_, n) => [`key ${n}`, 'z'.repeat(100)]);
    const lines = read(cardOf(round(), { output: readOutput(Object.fromEntries(entries)) }));
    expect(lines.says).toContain('**key 0:** zzz');
    expect(lines.others).toContain('Read in full');
  });

  it.each(CARD_FORMS)('has no more lines than a phone, however short they are (%s)', (form) => {
    const code = `\`\`\`\n${'x = 1\n'.repeat(300)}`;
    for (const value of ['# Title\n'.repeat(3_000), code, '- a\n\n'.repeat(900)]) {
      const { blocks } = cardOf(round(), { output: text(value), form });
      parseMessageBlocks(blocks);
      const open = JSON.stringify(blocks.filter(({ type }) => type !== 'container'));
      expect(open.match(/Title|x = 1|- a/g)?.length).toBeLessThanOrEqual(30);
      const isFolded = blocks.some(({ type }) => type === 'container');
      expect(/[\d,]+ more characters are not shown here/.test(open)).toBe(!isFolded);
    }
    const rows = Array.from({ length: 300 }, (_, n) => ({ n, of: [n] }));
    const json = JSON.stringify(cardOf(round(), { output: readOutput(rows), form }).blocks);
    expect(json.match(/\\n/g)?.length ?? 0).toBeLessThanOrEqual(32);
  });

  it('is said to be empty where there is nothing to see', () => {
    expect(cardText(round(), { output: text(' \n ') })).toContain('The output is empty.');
    parseMessageBlocks(cardOf(round(), { output: text('\0\0\u0007') }).blocks);
  });

  it('is in a fence where it is JSON, however deep it is and whatever backticks it has', () => {
    for (let ticks = 1; ticks <= 9; ticks += 1) {
      const { shown } = renderMarkdown(spoken(), readOutput({ code: ['`'.repeat(ticks)] }), 7_000);
      expect(shown.match(/```/g)).toHaveLength(2);
    }
    const deep = `${'['.repeat(2_000)}${'0,'.repeat(150_000)}0${']'.repeat(2_000)}`;
    expect(cardText(round(), { output: readOutput(deep) })).not.toBe('');
  });
});

test.each([
  ['question', {}],
  ['tool', { tool: true as const, options: listToolOptions({ ofRun: false, forTool: false }) }],
])('the title of a %s of a program stands whole on its card', (_, more) => {
  const question = { id: 'q', digest: '', freeText: 'optional' as const, ...more };
  const task = `Send the letter ${'to Ana & Ben '.repeat(21)}and pay`;
  const shown = cardText(round({ question }), { more: { task } });
  expect(task.length).toBeLessThan(300);
  expect(shown).toContain(`*${task.replaceAll('&', '&amp;')}*`);
});

test('the notification of a decision that can be undone says so, and not that it is on its way', () => {
  const delivery = { ...tried, attempts: 0, undoUntil: AT + 30_000 };
  const question = { id: 'q', digest: '', freeText: 'optional' as const };
  for (const more of [{}, { question }]) {
    const { text: said } = cardOf(roundIn('sending', { delivery, ...more }));
    expect(said).toContain('Click *Undo* before then to take it back.');
    expect(said).not.toContain(words.sending);
    expect(said).not.toContain(words.notFetched);
  }
});

test.each(LANGUAGES)(
  'a decision that can be undone says until which second, on the card and in the notification (%s)',
  (language) => {
    const delivery = { ...tried, attempts: 0, undoUntil: AT + 30_500 };
    const question = { id: 'q', digest: '', freeText: 'optional' as const };
    for (const more of [{}, { question }]) {
      const card = speak(language, () => cardOf(roundIn('sending', { delivery, ...more })));
      for (const said of [card.text, read(card).says])
        expect(said).toMatch(/<!date\^1772528730\^[^|]*\{time_secs\}\|2026-03-03 09:05:30 UTC>/);
    }
  },
);

describe('the deadline on a card', () => {
  const until = (policy: Partial<Policy>, made = round(), more: Partial<Approval> = {}) =>
    cardText(made, { more: { policy: { ...DEFAULT_POLICY, expireAfter: 3_600_000, ...policy }, ...more } });
  const by = `Decide by <!date^${AT / 1_000 + 3_600}^`;

  it.each<[Partial<Policy>, string]>([
    [{ onExpiry: 'keep' }, 'It stays open after that.'],
    [{ onExpiry: 'default' }, 'It stays open after that.'],
    [{ onExpiry: 'approve', expiryText: 'Fine' }, 'After that it is approved automatically.'],
    [{ onExpiry: 'request_revision' }, 'After that it is sent back.'],
    [{ onExpiry: 'request_revision', expiryText: 'Too <late>' }, 'sent back with "Too &lt;late&gt;".'],
  ])('says what silence does: %j', (policy, then) => {
    expect(until(policy)).toContain(by);
    expect(until(policy)).toContain(then);
  });

  it('calls what a tool is answered with as its button does, in the language of the crew', () => {
    const question = {
      id: 'q',
      digest: '',
      freeText: 'optional' as const,
      tool: true as const,
      options: listToolOptions({ ofRun: false, forTool: false }),
      defaultOption: 'block',
    };
    const says = speak('es', () => until({ onExpiry: 'default' }, round({ question })));
    expect(says).toContain('Después la respuesta es Bloquear.');
  });

  it('is not shown where there is none, where it has passed, and once it is decided', () => {
    expect(cardText(round())).not.toContain('Decide by');
    expect(until({}, round({ expiredAt: AT }))).not.toContain('Decide by');
    expect(until({}, roundIn('sending', {}))).not.toContain('Decide by');
  });

  it('promises no decision that the rule does not make any more', () => {
    const back = (number: number) =>
      roundIn('revision_requested', {
        number,
        decision: decision({ action: 'request_revision', rule: 'expiry', by: '' }),
      });
    const rounds = [back(1), back(2), back(3), round({ number: 4 })];
    const policy = { ...DEFAULT_POLICY, expireAfter: 3_600_000, onExpiry: 'request_revision' as const };
    const says = cardText(rounds[3] as Round, { rounds, more: { policy } });
    expect(says).toContain('It stays open after that.');
  });
});

describe('an accepted decision', () => {
  const documented = (says?: string) => ({ dialect: 'documented' as const, ...(says ? { says } : {}) });
  const unheard = words.notHeardOf('crew');
  const otherwise = (says: string) => `CrewAI accepted it and says "${says}".`;

  it.each<[Round['status'], Partial<Delivery>, string]>([
    ['approved', documented(), unheard],
    ['approved', {}, unheard],
    ['revision_requested', documented('retrying'), unheard],
    ['approved', documented('retrying'), otherwise('retrying')],
    ['revision_requested', documented('resumed'), otherwise('resumed')],
    ['approved', { dialect: 'live' }, unheard],
    ['revision_requested', { dialect: 'live' }, unheard],
    ['approved', { dialect: 'unknown' }, unheard],
  ])('that is %s, with %j, is shown as what is known: %s', (status, delivery, sentence) => {
    const made = roundIn(status, { delivery: { ...tried, acceptedAt: AT, ...delivery } });
    const says = cardText(made);
    expect(says).toContain(sentence);
    if (sentence === unheard) expect(says).not.toContain('accepted it');
    const continued = cardText({ ...made, continuedAt: AT });
    expect(continued).toContain(sentence.includes('and says') ? sentence : words.goesOn('crew'));
  });

  it('shows a word of CrewAI that mentions nobody', () => {
    const delivery = { ...tried, acceptedAt: AT, ...documented('<!channel>') };
    expect(cardText(roundIn('revision_requested', { delivery }))).not.toContain('<!channel>');
  });
});

describe('a decision that did not arrive', () => {
  const cardWith = (status: Round['status'], more: Partial<Failure>, unsure = false) => {
    const failure = { kind: 'refused' as const, ...more };
    return read(cardOf(roundIn(status, { delivery: { ...tried, unsure, failure } })));
  };

  it.each([
    [422, 'executionId: Field required'],
    [400, 'task_id is required'],
    [409, 'conflict'],
    [413, 'too large'],
  ])(
    'since CrewAI refuses what it says (%i) offers no Retry, only Close without a decision',
    (status, detail) => {
      const { says, buttons } = cardWith('refused', { status, detail });
      expect(buttons).toEqual([CLOSE]);
      for (const sentence of [crewai.failures.rejected, words.closeEndsThis])
        expect(says).toContain(sentence);
      for (const hidden of [detail, '*Retry*']) expect(says).not.toContain(hidden);
      const failure = { kind: 'refused' as const, status, detail };
      expect(describeFailure(spoken(), failure)).toBe(`Last error: HTTP ${status}: ${detail}.`);
    },
  );

  const token = "CrewAI rejected the bot's token. Ask the bot's admin to fix it. *Retry* sends";
  it.each([
    [{ status: 401, detail: 'Invalid or missing authentication credentials' }, token],
    [{ status: 403, detail: 'Invalid or missing authentication credentials' }, token],
    [{ status: 404, detail: 'Not Found' }, crewai.failures.unknown_run],
    [{ status: 302 }, ''],
    [{ detail: 'CREW_GONE' }, ''],
  ])('for a reason that a person can fix offers Retry: %j', (failure, sentence) => {
    const { says, buttons } = cardWith('refused', failure);
    expect(buttons).toEqual(['Retry', CLOSE]);
    expect(says).toContain(sentence);
  });

  it('to an unknown run says for operators what it may be', () => {
    expect(describeFailure(spoken(), { kind: 'refused', status: 404, detail: 'Not Found' })).toBe(
      'Last error: HTTP 404: Not Found. No such run, or no /resume: this may be a Flow or another deployment.',
    );
  });

  it('after an attempt whose answer was lost is one that CrewAI may have', () => {
    expect(cardWith('refused', { status: 422 }, true).says).toContain(words.earlierMayHaveArrived);
    expect(cardWith('refused', { status: 422 }).says).not.toContain('may have reached');
    const lost = cardWith('undelivered', { kind: 'unknown', detail: 'ETIMEDOUT' }, true);
    expect(lost.says).toContain(words.mayHaveArrivedUnanswered);
    expect(lost.buttons).toEqual(['Retry', CLOSE]);
  });

  it('is said to be undelivered only where that is sure', () => {
    const said = (status: Round['status'], unsure: boolean) =>
      cardText(roundIn(status, { decision: decision(), delivery: { ...tried, attempts: 3, unsure } }));
    expect(said('undelivered', true)).toContain(words.mayHaveArrivedUnanswered);
    expect(said('undelivered', true)).not.toContain("wasn't delivered");
    expect(said('undelivered', false)).toContain("wasn't delivered");
    expect(said('given_up', true)).toContain(words.decisionMayHaveArrived);
    expect(said('given_up', false)).not.toContain('may have reached');
  });
});

describe('who has not seen all of an output', () => {
  const long = text(Array.from({ length: 900 }, (_, n) => `Sentence ${n} of a long report.`).join(' '));
  const ASKED = /^You have seen ([\d,]+) of ([\d,]+) characters of this\. (.*) anyway\?$/;
  const buttons = (view: { blocks: unknown }) => {
    const found: { action_id: string; confirm?: { text: { text: string } } }[] = [];
    JSON.stringify(view.blocks, (_, value) => {
      if (value?.type === 'button' || value?.type === 'static_select') found.push(value);
      return value;
    });
    return new Map(found.map(({ action_id, confirm }) => [action_id, confirm?.text.text]));
  };
  const boxOf = ({ blocks }: { blocks: readonly { block_id?: string; label?: unknown }[] }) =>
    (blocks.find(({ block_id }) => block_id === 'unread')?.label as { text: string } | undefined)?.text;
  const asked = (view: { blocks: unknown }, action: string) => ASKED.exec(buttons(view).get(action) ?? '');

  it('is asked before they approve, on the card, in a look-up and on Home, and not before they ask for a revision', () => {
    const of = approval([round()]);
    for (const view of [
      cardOf(round(), { output: long }),
      buildApprovalView(spoken(), of, long, links),
      homeOf({ waiting: [{ approval: of, output: long }] }),
    ]) {
      const [, seen = '', all = '', what] = asked(view, 'approve') ?? [];
      const [shown, length] = [seen, all].map((number) => Number(number.replaceAll(',', '')));
      expect(shown).toBeGreaterThan(100);
      expect(shown).toBeLessThan(2_000);
      // An ellipsis counts.
      expect(Math.abs((length as number) - long.text.length)).toBeLessThanOrEqual(1);
      expect(what).toBe('Approve');
      expect(buttons(view).get('request_revision')).toBeUndefined();
    }
  });

  it('is asked where the output is not there any more, also in a form', () => {
    const of = approval([round()]);
    const says = 'This output is no longer available.';
    const views = [
      ...CARD_FORMS.map((form) => cardOf(round(), { output: LOST_OUTPUT, form })),
      homeOf({ waiting: [{ approval: of, output: LOST_OUTPUT }] }),
      listOf([of], undefined, { outputs: new Map([[of.id, LOST_OUTPUT]]) }),
    ];
    for (const view of views) expect(buttons(view).get('approve')).toBe(`${says} Approve anyway?`);
    expect(boxOf(buildApproveModal(spoken(), of, { round: 1 }, LOST_OUTPUT, true))).toBe(says);
  });

  it('is not asked where all of it is shown, or can be unfolded', () => {
    const folded = text(long.text.slice(0, 6_000).replaceAll('. ', '.\n\n'));
    for (const output of [text('Short.'), folded])
      expect(buttons(cardOf(round(), { output, form: 'whole' })).get('approve')).toBeUndefined();
  });

  it.each<[options: string[], ids: string[]]>([
    [
      ['ship', 'hold'],
      ['choose_1', 'choose_2'],
    ],
    [['1', '2', '3', '4', '5', '6'], ['choose_from_list']],
  ])('is asked before they choose one of %j', (options, ids) => {
    const made = reviewApproval({ options }).rounds[0] as Round;
    const view = cardOf(made, { output: long });
    for (const id of ids) expect(asked(view, id)).not.toBeNull();
  });

  it('is not asked before an option that the program calls a danger, nor where a form asks', () => {
    const options = [
      { id: 'ship', label: 'Ship it' },
      { id: 'stop', label: 'Stop it', style: 'danger' as const },
    ];
    const question = { id: 'q', digest: '', options, freeText: 'none' as const };
    const view = cardOf(round({ question }), { output: long });
    expect(asked(view, 'choose_1')?.[3]).toBe('Ship it');
    expect(buttons(view).get('choose_2')).toBeUndefined();
    const written = cardOf(round({ question: { ...question, freeText: 'required' } }), { output: long });
    expect(buttons(written).get('write_1')).toBeUndefined();
    // A program that calls everything a danger asks for nothing unread.
    const stopping = options.map((option) => ({ ...option, style: 'danger' as const }));
    const all = cardOf(round({ question: { ...question, options: stopping } }), { output: long });
    expect([asked(all, 'choose_1')?.[3], asked(all, 'choose_2')?.[3]]).toEqual(['Ship it', 'Stop it']);
  });

  it('ticks a box in each form in which something goes on', () => {
    const of = approval([round()]);
    const forms = (output: Output) => [
      buildApproveModal(spoken(), of, { round: 1 }, output, true),
      buildOtherAnswerModal(spoken(), of, { round: 1 }, output),
      buildChoiceModal(spoken(), reviewApproval({ options: ['ship', 'hold'] }), { round: 1 }, output),
    ];
    const boxes = (output: Output) =>
      forms(output).map(({ blocks }) => blocks.find(({ block_id }) => block_id === 'unread'));
    expect(boxes(text('Short.'))).toEqual([undefined, undefined, undefined]);
    for (const box of boxes(long)) {
      expect(box).toMatchObject({ type: 'input', element: { type: 'checkboxes' } });
      expect(box).not.toHaveProperty('optional');
      expect((box as { label: { text: string } }).label.text).toMatch(/^You have seen [\d,]+ of [\d,]+ char/);
    }
    expect(JSON.stringify(buildRevisionModal(spoken(), of, { round: 1 }, long))).not.toContain('"unread"');
  });

  it.each(['home', 'list'] as const)(
    'ticks it in a form that was opened where less is shown than on the card: %s',
    (via) => {
      const folded = text(long.text.slice(0, 6_000).replaceAll('. ', '.\n\n'));
      const [of, review] = [approval([round()]), reviewApproval({ options: ['ship', 'hold'] })];
      for (const form of [
        buildApproveModal(spoken(), of, { round: 1, via }, folded, true),
        buildOtherAnswerModal(spoken(), review, { round: 1, via }, folded),
        buildChoiceModal(spoken(), review, { round: 1, via }, folded),
      ])
        expect(boxOf(form)).toMatch(/^You have seen [\d,]+ of 6,\d+ char/);
      expect(boxOf(buildApproveModal(spoken(), of, { round: 1, via: 'card' }, folded, true))).toBeUndefined();
      expect(boxOf(buildApproveModal(spoken(), of, { round: 1, via }, text('Short.'), true))).toBeUndefined();
    },
  );

  it.each([700, 5_000])(
    'ticks it in a form that was opened on a card that shows less than others: %i',
    (length) => {
      const output = text(`${'Words of a chapter. '.repeat(10)}\n\n`.repeat(length / 200));
      const target = { round: 1, via: 'card' as const };
      expect(boxOf(buildApproveModal(spoken(), approval([round()]), target, output, true))).toBeUndefined();
      expect(
        boxOf(buildApproveModal(spoken(), approval([round()]), { ...target, isCut: true }, output, true)),
      ).toMatch(/^You have seen/);
    },
  );

  it.each<[string, Output]>([
    ['escapes of mrkdwn', text('&'.repeat(190))],
    ['what nobody sees', readOutput(JSON.stringify({ a: ['\u200b'.repeat(60)] }))],
    ['what nobody sees in a long one', readOutput(JSON.stringify({ a: ['\u200b'.repeat(150)] }))],
  ])('has seen less than all of it, also where %s take the room', (_, output) => {
    const rows = listOf([approval([round()])], undefined, {
      outputs: new Map([[approval([round()]).id, output]]),
    });
    const [, seen = '', all = ''] = asked(rows, 'approve') ?? [];
    expect(Number(seen)).toBeGreaterThan(0);
    expect(Number(seen)).toBeLessThan(Number(all));
  });
});
