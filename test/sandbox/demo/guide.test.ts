import { describe, expect, test } from 'vitest';
import { guideOf } from '../../../src/sandbox/demo/guide.ts';
import type { Said, Scene, ShownDraft } from '../../../src/sandbox/page/scene.ts';
import { said, scene } from '../page/scenes.ts';

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const card = (text: string, more: Partial<Said> = {}) =>
  said({ user: 'U0BOT', blocks: [section(text)], run: 'run-1', ...more });

const CREWS = card('What do you say?');
const PENDING = 'pending human input';

interface Shown {
  as?: string;
  flows?: unknown[];
  payments?: unknown[];
  status?: string;
}

/** What a person is guided to while the run of the crew waits; `waiting` are the cards that wait. */
function guide(conversation: Said[], waiting: Said[], shown: Shown = {}) {
  const { as = 'UANA', flows = [], payments = [], status = PENDING } = shown;
  const tasks = [{ state: 'waiting', follows: ['shorter', 'longer', 'name the price', 'cite sources'] }];
  const crews = [
    { name: 'press', runs: [{ id: 'run-1', status, tasks }] },
    { name: 'payments', runs: payments },
  ];
  return guideOf({
    ...scene({ look: { as, at: 'CAPPROVALS', pane: 'slack' }, conversation }),
    ...{ crews, flow: { runs: flows }, waiting: waiting.map(({ ts }) => ts) },
  } as unknown as Scene);
}

test('names two wishes that the crew can follow', () => {
  expect(guide([CREWS], [CREWS]).text).toBe(
    'A crew waits for you: approve its output, or request a revision, such as “shorter” or “name the price”.',
  );
});

test.each([
  [':heavy_minus_sign: Closed without a decision by <@UANA> (today).', 'its run keeps waiting at CrewAI'],
  [':white_check_mark: Approved by <@UANA>.', 'The crew is at work'],
])('after "%s" it says that %s', (text, said) => {
  expect(guide([card(text)], []).text).toContain(said);
});

test('after the first run it names the crew whose output two people have to approve', () => {
  const { text } = guide([], [], { status: 'completed' });
  expect(text).toContain('/approvals run payments: this crew needs two approvals');
});

describe('while the Flow has a card that can be answered', () => {
  const flows = card('The Flow asks', { ts: '1700000000.000200', run: 'flow-1' });
  const shown = [CREWS, flows];
  const run = (status: string, answer?: ShownDraft['answer'], id = 'flow-1') => {
    return { id, status, drafts: [{ requestId: 'hfr_1', answer }] };
  };

  test('it names the outcomes, and points to this card', () => {
    const { text, to } = guide(shown, shown, { flows: [run(PENDING)] });
    expect(text).toBe('The Flow asks you: Publish ends it, Rework brings another draft, Discard drops it.');
    expect(to?.message).toBe(flows.ts);
    const { text: other } = guide(shown, shown, { as: 'UCAT', flows: [run(PENDING)] });
    expect(other).toBe('Cat may not approve: try it, then be Ana or Ben.');
  });

  test('it leads to the next draft where the channel shows it', () => {
    const next = card('', { ts: '1700000000.000300', thread_ts: flows.ts, broadcast: true, run: 'flow-1' });
    const { to } = guide([...shown, next], [CREWS, next], { flows: [run(PENDING)] });
    expect(to).toEqual({ at: 'CAPPROVALS', message: next.ts });
  });

  test('it says that CrewAI has an answer from elsewhere, and nothing of one that came from Slack', () => {
    const elsewhere = run('completed', { text: 'Publish', via: 'dashboard' });
    expect(guide(shown, shown, { flows: [elsewhere] }).text).toContain('CrewAI has an answer to the Flow');
    const { text, to } = guide(shown, shown, { flows: [run('completed', { text: 'Publish', via: 'api' })] });
    expect(text).toContain('A crew waits for you');
    expect(to?.message).toBe(CREWS.ts);
  });

  test('it ignores an older run of the Flow', () => {
    const left = card('The Flow asks', { ts: '1700000000.000250', run: 'flow-0' });
    const runs = [run('running'), run(PENDING, undefined, 'flow-0')];
    expect(guide([CREWS, left], [CREWS, left], { flows: runs }).to?.message).toBe(CREWS.ts);
  });
});

const MISSING = '1 of 2 approved: <@UANA>.';
test.each([
  [
    '0 of 2 approved.',
    'UANA',
    'This payment needs two approvals: be Ana, then Ben. Or wait: its thread gets a reminder after 1 minute, the deadline is after 3.',
  ],
  [MISSING, 'UANA', 'One approval is missing: be Ben and approve too.'],
  [MISSING, 'UBEN', 'One approval is missing: yours. Then there are 10 seconds to undo.'],
  [MISSING, 'UCAT', 'Cat may not approve: try it, then be Ana or Ben.'],
  [
    'Approved by <@UBEN>',
    'UANA',
    'Both have approved. For 10 seconds “Undo” takes it back; then it is sent to CrewAI.',
  ],
])('beside a payment with "%s" it says to %s: %s', (text, as, expected) => {
  const isDecided = text.startsWith('Approved');
  const undo = { type: 'actions', elements: [{ type: 'button', action_id: 'undo' }] };
  const blocks = [section(text), ...(isDecided ? [undo] : [])];
  const payment = card('', { ts: '1700000000.000200', run: 'payment-1', blocks });
  const waiting = isDecided ? [CREWS] : [CREWS, payment];
  const guided = guide([CREWS, payment], waiting, { as, payments: [{ id: 'payment-1', status: PENDING }] });
  expect([guided.text, guided.to?.message]).toEqual([expected, payment.ts]);
});
