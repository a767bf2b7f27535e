import { expect, test } from 'vitest';
import { guideOf } from '../../../src/sandbox/demo/guide.ts';
import type { Said, Scene } from '../../../src/sandbox/page/scene.ts';
import { said, scene } from '../page/scenes.ts';

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const card = (text: string, more: Partial<Said> = {}) =>
  said({ user: 'U0BOT', blocks: [section(text)], run: 'run-1', ...more });

const CREWS = card('What do you say?');
const PENDING = 'pending human input';

/** What a person is guided to while the run of the crew waits; `waiting` are the cards that wait. */
function guide(conversation: Said[], waiting: Said[], as: string, runs: { flow?: object; payment?: object }) {
  const crews = [
    { name: 'press', runs: [{ id: 'run-1', status: PENDING, tasks: [{ state: 'waiting', follows: [] }] }] },
    { name: 'payments', runs: runs.payment ? [runs.payment] : [] },
  ];
  return guideOf({
    ...scene({ look: { as, at: 'CAPPROVALS', pane: 'slack' }, conversation }),
    ...{ crews, flow: { runs: runs.flow ? [runs.flow] : [] }, waiting: waiting.map(({ ts }) => ts) },
  } as unknown as Scene);
}

test('while the Flow has a card that can be answered, it names the outcomes and points to this card', () => {
  const asked = card('The Flow asks', { ts: '1700000000.000200', run: 'flow-1' });
  const shown = [CREWS, asked];
  const flow = { id: 'flow-1', status: PENDING, drafts: [{ requestId: 'hfr_1' }] };
  const { text, to } = guide(shown, shown, 'UANA', { flow });
  expect(text).toBe('The Flow asks you: Publish ends it, Rework brings another draft, Discard drops it.');
  expect(to?.message).toBe(asked.ts);
  const { text: other } = guide(shown, shown, 'UCAT', { flow });
  expect(other).toBe('Cat may not approve: try it, then be Ana or Ben.');
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
  const guided = guide([CREWS, payment], waiting, as, { payment: { id: 'payment-1', status: PENDING } });
  expect([guided.text, guided.to?.message]).toEqual([expected, payment.ts]);
});
