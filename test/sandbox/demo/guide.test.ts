import { describe, expect, test } from 'vitest';
import { guideOf } from '../../../src/sandbox/demo/guide.ts';
import type { Said, Scene, ShownDraft } from '../../../src/sandbox/page/scene.ts';

const card = (text: string, more: Partial<Said> = {}): Said => ({
  ts: '1700000000.000100',
  text: 'press: draft',
  user: 'U0BOT',
  edited: true,
  onlyForYou: false,
  files: [],
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }],
  run: 'run-1',
  ...more,
});

const PERSONAS = [
  { id: 'UANA', name: 'Ana', role: 'approver' },
  { id: 'UBEN', name: 'Ben', role: 'approver' },
  { id: 'UCAT', name: 'Cat', role: 'may not approve' },
];

/** What somebody is guided to where the run of the crew waits; `waiting` are the cards that wait. */
function guide(
  conversation: Said[],
  waiting: Said[],
  { as = 'UANA', flows = [] as unknown[], payments = [] as unknown[], status = 'pending human input' } = {},
) {
  const tasks = [{ state: 'waiting', follows: ['shorter', 'longer', 'name the price', 'cite sources'] }];
  return guideOf({
    look: { as, at: 'CAPPROVALS', pane: 'slack' },
    personas: PERSONAS,
    conversation,
    crews: [
      { name: 'press', runs: [{ id: 'run-1', status, tasks }] },
      { name: 'payments', runs: payments },
    ],
    flow: { runs: flows },
    bot: { state: 'running', pid: 1, story: [] },
    failing: { crewai: 0, slack: 0, killAtDecision: false },
    waiting: waiting.map(({ ts }) => ts),
  } as unknown as Scene);
}

test('names two wishes that the crew can follow', () => {
  const shown = card('What do you say?');
  expect(guide([shown], [shown]).text).toBe(
    'A crew waits for you: approve its output, or request a revision, such as “shorter” or “name the price”.',
  );
});

test('tells the person who closed a card what became of the run, not that an output will appear', () => {
  const givenUp = card(':heavy_minus_sign: Closed without a decision by <@UANA> (today).');
  expect(guide([givenUp], []).text).toContain('its run keeps waiting at CrewAI');
  const approved = card(':white_check_mark: Approved by <@UANA>.');
  expect(guide([approved], []).text).toContain('The crew is at work');
});

describe('while the Flow has a card that can be answered', () => {
  const crews = card('What do you say?');
  const flows = card('The Flow asks', { ts: '1700000000.000200', run: 'flow-1' });
  const run = (status: string, answer?: ShownDraft['answer']) => ({
    id: 'flow-1',
    status,
    drafts: [{ requestId: 'hfr_1', answer }],
  });
  const shown = [crews, flows];

  test('it names the outcomes, and points to this card', () => {
    const { text, to } = guide(shown, shown, { flows: [run('pending human input')] });
    expect(text).toBe('The Flow asks you: Publish ends it, Rework brings another draft, Discard drops it.');
    expect(to?.message).toBe(flows.ts);
  });

  test('it asks whoever may not approve to try', () => {
    const asked = { as: 'UCAT', flows: [run('pending human input')] };
    expect(guide(shown, shown, asked).text).toBe('Cat may not approve: try it, then be Ana or Ben.');
  });

  test('it leads to the next draft where the channel shows it', () => {
    const next = card('', { ts: '1700000000.000300', thread_ts: flows.ts, broadcast: true, run: 'flow-1' });
    const { to } = guide([...shown, next], [crews, next], { flows: [run('pending human input')] });
    expect(to).toEqual({ at: 'CAPPROVALS', message: next.ts });
  });

  test('it says that CrewAI has an answer from elsewhere, and nothing of one that came from Slack', () => {
    const elsewhere = run('completed', { text: 'Publish', via: 'dashboard' });
    expect(guide(shown, shown, { flows: [elsewhere] }).text).toContain('CrewAI has an answer to the Flow');
    const here = run('completed', { text: 'Publish', via: 'api' });
    const { text, to } = guide(shown, shown, { flows: [here] });
    expect(text).toContain('A crew waits for you');
    expect(to?.message).toBe(crews.ts);
  });

  test('an older run of the Flow does not change what the crew is about', () => {
    const older = { id: 'flow-0', status: 'pending human input', drafts: [{ requestId: 'hfr_0' }] };
    const left = card('The Flow asks', { ts: '1700000000.000250', run: 'flow-0' });
    const { to } = guide([crews, left], [crews, left], { flows: [run('running'), older] });
    expect(to?.message).toBe(crews.ts);
  });
});

test('after the first run it names the crew whose output two people have to approve', () => {
  const { text } = guide([], [], { status: 'completed' });
  expect(text).toContain('/approvals run payments: this crew needs two approvals');
});

describe('while a payment has a card', () => {
  const crews = card('What do you say?');
  const payments = [{ id: 'payment-1', status: 'pending human input' }];
  /** The guide of a person whom the payment's card shows this. */
  function guideBeside(text: string, { as = 'UANA', decided = false } = {}) {
    const button = { type: 'actions', elements: [{ type: 'button', action_id: 'undo' }] };
    const shown = { type: 'section', text: { type: 'mrkdwn', text } };
    const blocks = decided ? [shown, button] : [shown];
    const payment = card('', { ts: '1700000000.000200', run: 'payment-1', blocks });
    const { to, ...said } = guide([crews, payment], decided ? [crews] : [crews, payment], { as, payments });
    expect(to?.message).toBe(payment.ts);
    return said.text;
  }

  test('it says that two people and what else is waited for', () => {
    expect(guideBeside('0 of 2 approved.')).toBe(
      'This payment needs two approvals: be Ana, then Ben. Or wait: its thread gets a reminder after 1 minute, the deadline is after 3.',
    );
  });

  test('it asks for the missing approval', () => {
    const one = '1 of 2 approved: <@UANA>.';
    expect(guideBeside(one)).toBe('One approval is missing: be Ben and approve too.');
    expect(guideBeside(one, { as: 'UBEN' })).toBe(
      'One approval is missing: yours. Then there are 10 seconds to undo.',
    );
    expect(guideBeside(one, { as: 'UCAT' })).toContain('Cat may not approve');
  });

  test('it says how long the decision can be undone', () => {
    expect(guideBeside('Approved by <@UBEN>', { decided: true })).toContain('For 10 seconds “Undo”');
  });
});
