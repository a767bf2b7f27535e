import { describe, expect, it } from 'vitest';
import type { Approval } from '../../../src/approval/model/approval.ts';
import type { Delivery, Failure } from '../../../src/approval/model/decision.ts';
import type { Note } from '../../../src/approval/model/note.ts';
import type { Round } from '../../../src/approval/model/round.ts';
import { messageBlocks } from '../../../src/sandbox/slack/blocks/blocks.ts';
import { drawCard } from '../../../src/slack/api/cards.ts';
import { en as texts } from '../../../src/slack/texts/en.ts';
import { buildNote } from '../../../src/slack/views/notes/note.ts';
import { describeFailure } from '../../../src/slack/views/text/crewai.ts';
import { isDeciding } from '../../support/deciding.ts';
import { AT, approval, decision, round, roundIn, text } from '../records.ts';

const links = { message: () => 'https://acme.slack.com/archives/C/p1', command: '/approvals' };
const accepted = (over: Partial<Delivery> = {}): Delivery => ({
  since: AT,
  attempts: 1,
  underway: false,
  unsure: false,
  acceptedAt: AT,
  ...over,
});

/** All that a card says, and the buttons that decide. */
function card(made: Round, more: Partial<Approval> = {}) {
  const view = drawCard({ approval: approval([made], more), round: made, output: text('x') }, links, 'full');
  messageBlocks(view.blocks);
  const buttons: string[] = [];
  const all = JSON.stringify(view.blocks, (_, value) => {
    if (value?.type === 'button' && isDeciding(value)) buttons.push(value.text.text);
    return value;
  });
  return { all, buttons };
}

function note(said: Note) {
  const view = buildNote(approval([round()]), said, {}, 'full', links);
  messageBlocks(view.blocks);
  return view.text;
}

describe('an accepted decision', () => {
  it.each(['live', 'unknown'] as const)(
    'is sent and not confirmed on the %s dialect, until a webhook comes',
    (dialect) => {
      for (const status of ['approved', 'revision_requested'] as const) {
        const made = roundIn(status, { delivery: accepted({ dialect }) });
        expect(card(made).all).toContain(texts.card.sent);
        expect(card(made).all).not.toContain('accepted it');
        const confirmed = card({ ...made, continuedAt: AT }).all;
        expect(confirmed).toContain(texts.card.continued);
        expect(confirmed).not.toContain('not confirmed');
      }
    },
  );

  it.each([
    ['documented', 'documented' as const],
    ['of version 0.1.0', undefined],
  ])('is accepted on the documented dialect: %s', (_, dialect) => {
    const made = roundIn('approved', { delivery: accepted(dialect ? { dialect } : {}) });
    expect(card(made).all).toContain('CrewAI accepted it.');
  });

  it.each([
    ['approved', 'retrying'],
    ['revision_requested', 'resumed'],
    ['revision_requested', 'completed'],
  ] as const)('that CrewAI took for something else says so on its card: %s, %s', (status, says) => {
    for (const continuedAt of [undefined, AT]) {
      const made = roundIn(status, {
        delivery: accepted({ dialect: 'documented', says }),
        ...(continuedAt ? { continuedAt: continuedAt } : {}),
      });
      expect(card(made).all).toContain(`CrewAI accepted it and says \\"${says}\\".`);
    }
  });

  it.each([
    ['approved', 'resumed'],
    ['revision_requested', 'retrying'],
  ] as const)('that CrewAI took for what it is says nothing of the sort: %s, %s', (status, says) => {
    const made = roundIn(status, { delivery: accepted({ dialect: 'documented', says }) });
    expect(card(made).all).toContain('CrewAI accepted it.');
    expect(card(made).all).not.toContain('and says');
  });

  it('cannot make CrewAI’s word call anyone', () => {
    const delivery = accepted({ dialect: 'documented', says: '<!channel>' });
    const said = card(roundIn('revision_requested', { delivery })).all;
    expect(said).not.toContain('<!channel>');
  });
});

describe('a refusal', () => {
  const refused = (failure: Partial<Failure>, unsure = false) =>
    card(
      roundIn('refused', {
        delivery: {
          ...accepted({ unsure, failure: { kind: 'refused', ...failure } }),
          acceptedAt: undefined,
        },
      }),
    );

  it.each([
    [422, 'executionId: Field required'],
    [400, 'task_id is required'],
    [409, 'conflict'],
    [413, 'too large'],
  ])('of what the decision says offers no Retry, only Close without a decision: %i', (status, detail) => {
    const { all, buttons } = refused({ status, detail });
    expect(buttons).toEqual(['Close without a decision']);
    expect(all).toContain(texts.crewai.failures.rejected);
    expect(all).not.toContain(detail);
    const failure = { kind: 'refused' as const, status, detail };
    expect(describeFailure(failure)).toBe(`Last error: HTTP ${status}: ${detail}.`);
    expect(all).toContain(texts.card.closeEndsThis);
    expect(all).not.toContain('*Retry*');
  });

  it.each([401, 403])('of the token says who can fix it, and offers Retry: %i', (status) => {
    const { all, buttons } = refused({ status, detail: 'Invalid or missing authentication credentials' });
    expect(buttons).toEqual(['Retry', 'Close without a decision']);
    expect(all).toContain("CrewAI rejected the bot's token. Ask the bot's admin to fix it. *Retry* sends");
  });

  it('of an unknown run says who can help and, for operators, what it may be, and offers Retry', () => {
    const { all, buttons } = refused({ status: 404, detail: 'Not Found' });
    expect(buttons).toEqual(['Retry', 'Close without a decision']);
    expect(all).toContain(texts.crewai.failures.unknown_run);
    expect(describeFailure({ kind: 'refused', status: 404, detail: 'Not Found' })).toBe(
      'Last error: HTTP 404: Not Found. No such run, or no /resume: this may be a Flow or another deployment.',
    );
  });

  it.each([{ status: 302 }, { detail: 'CREW_GONE' }])(
    'that a person can mend offers Retry: %j',
    (failure) => {
      expect(refused(failure).buttons).toEqual(['Retry', 'Close without a decision']);
    },
  );

  it('after an attempt whose answer was lost says that this one may have arrived', () => {
    expect(refused({ status: 422 }, true).all).toContain(texts.card.earlierMayHaveArrived);
    expect(refused({ status: 422 }).all).not.toContain('may have reached');
  });
});

it('a decision whose answer was lost is one that CrewAI may have, and can be sent again', () => {
  const failure: Failure = { kind: 'unknown', detail: 'ETIMEDOUT' };
  const delivery = { ...accepted({ unsure: true, failure, dialect: 'live' }), acceptedAt: undefined };
  const { all, buttons } = card(roundIn('undelivered', { delivery }));
  expect(all).toContain(texts.card.mayHaveArrivedUnanswered);
  expect(buttons).toEqual(['Retry', 'Close without a decision']);
});

describe('a card of a pause whose task is not known', () => {
  it('is called by its title, and says of nobody that they finished it', () => {
    const titled = card(round(), { task: 'Spring collection', titleOnly: true, strictest: true }).all;
    expect(titled).toContain('An output of press is waiting for a decision');
    expect(titled).not.toContain('finished');
    const named = card(round({ agent: 'Copywriter' }), { task: 'draft', strictest: true }).all;
    expect(named).toContain('*Copywriter* finished *draft*');
  });

  const revised = roundIn('revision_requested', { settledAt: AT });
  const answer = (more: Partial<Round>) => {
    const second = round({ number: 2, ...more });
    const of = approval([revised, second]);
    return JSON.stringify(drawCard({ approval: of, round: second, output: text('x') }, links, 'full'));
  };

  it('says that it is probably the answer to a revision, and that this is in doubt', () => {
    expect(answer({ chained: true })).toContain('This probably answers the request of <@UANA>');
    expect(answer({ chained: true })).not.toContain('it may not be that answer');
    expect(answer({ chained: true, chainDoubted: true })).toContain('it may not be that answer');
    expect(answer({})).toContain('This answers the request of <@UANA>');
  });
});

it('a card of a task that does not wait says so, and has nothing to decide', () => {
  const { all, buttons } = card(roundIn('resolved_elsewhere', { notWaiting: true, settledAt: AT }));
  expect(all).toContain("this task doesn't wait for a decision");
  expect(buttons).toEqual([]);
});

it('a card of a run that failed says why, open or settled', () => {
  const runFailure = { at: AT, reason: 'out of <!channel> tokens' };
  for (const status of ['run_ended', 'approved', 'waiting'] as const) {
    const { all } = card(roundIn(status), { runFailure });
    expect(all).toContain(':x: The run failed: out of');
    expect(all).not.toContain('<!channel>');
  }
  expect(card(roundIn('run_ended'), { runFailure: { at: AT } }).all).toContain(':x: The run failed.');
});

describe('the thread tells whoever decided', () => {
  const made = decision({ by: 'UBEN' });
  const revision = decision({ by: 'UBEN', action: 'request_revision' });
  const byRule = decision({ by: '', rule: 'expiry' });

  it.each<[Note, string]>([
    [
      { kind: 'answered_otherwise', decision: made, says: 'retrying' },
      ':warning: <@UBEN>, CrewAI accepted the approval but says that it is redoing the task.',
    ],
    [
      { kind: 'answered_otherwise', decision: revision, says: 'resumed' },
      ':warning: <@UBEN>, CrewAI accepted the request for a revision but says that the run is resumed.',
    ],
    [
      { kind: 'answered_otherwise', decision: byRule, says: 'retrying' },
      ':warning: CrewAI accepted the approval but says that it is redoing the task.',
    ],
    [
      { kind: 'run_failed', reason: 'boom', decision: made, unsure: false },
      ':x: <@UBEN>, the run failed: boom.',
    ],
    [
      { kind: 'run_failed', decision: made, unsure: true },
      ':x: <@UBEN>, the run failed. CrewAI may have accepted the last decision before that.',
    ],
    [{ kind: 'run_failed', reason: 'boom', unsure: false }, ':x: The run failed: boom.'],
    [
      { kind: 'task_does_not_wait', decision: made },
      "<@UBEN>, your decision had no effect: this task doesn't wait for one. CrewAI announces this crew's pauses separately.",
    ],
    [
      { kind: 'not_delivered', decision: made, failure: { kind: 'refused', status: 422 }, unsure: false },
      "<@UBEN>, your decision wasn't accepted. CrewAI rejected the decision. *Approval details* shows why. The card above has *Close without a decision*.",
    ],
  ])('%j', (said, words) => {
    expect(note(said)).toBe(words);
  });

  it('and CrewAI’s words call nobody', () => {
    for (const said of [
      { kind: 'run_failed', reason: '<!channel>', unsure: false },
      { kind: 'task_failed', task: '<!here>', reason: '<!channel>' },
      { kind: 'answered_otherwise', decision: revision, says: '<!channel>' },
    ] as Note[])
      expect(note(said)).not.toMatch(/<!(channel|here)>/);
  });
});
