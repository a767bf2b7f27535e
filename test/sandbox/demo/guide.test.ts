import { expect, test } from 'vitest';
import { buildGuide } from '../../../src/sandbox/demo/guide.ts';
import type { ShownMessage, ShownRun } from '../../../src/sandbox/page/scene.ts';
import { said, scene } from '../page/scenes.ts';

const TS = '1700000000.000200';
const run = (id: string): ShownRun => ({ id, at: 0, status: 'pending human input', tasks: [] });

/** What is said to do where a card of this crew, in a language that nobody speaks, is the last message. */
function guide(crew: string, card: Partial<ShownMessage>, { as = 'UANA', waits = true } = {}) {
  const conversation = [said({ ts: TS, user: 'U0BOT', text: 'Zzz', run: 'run-1', ...card })];
  const crews = ['press', 'payments'].map((name) => ({ name, runs: name === crew ? [run('run-1')] : [] }));
  const viewpoint = { as, at: 'CAPPROVALS', pane: 'slack' } as const;
  return buildGuide(scene({ viewpoint, crews, conversation, waiting: waits ? [TS] : [] })).text;
}

test.each<[string, string[], RegExp]>([
  ['nobody', [], /needs two approvals/],
  ['the person', ['UANA'], /be Ben and approve too/],
  ['another person', ['UBEN'], /One approval is missing: yours/],
])('a payment that %s approved says what is missing, in whatever language its card is', (_, by, says) => {
  expect(guide('payments', { decided: { by, isClosed: false } })).toMatch(says);
});

test('a card that was closed without a decision says that its run keeps waiting', () => {
  const of = (isClosed: boolean) => guide('press', { decided: { by: [], isClosed } }, { waits: false });
  expect(of(true)).toMatch(/closed without a decision/);
  expect(of(false)).toMatch(/at work/);
});

test('a question of a program is not taken for the output of the crew', () => {
  expect(guide('press', { run: undefined })).toMatch(/at work/);
  expect(guide('press', {})).toMatch(/waits for you/);
});
