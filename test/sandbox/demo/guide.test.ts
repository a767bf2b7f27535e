import { expect, test } from 'vitest';
import { guideOf } from '../../../src/sandbox/demo/guide.ts';
import type { Said, Scene } from '../../../src/sandbox/page/scene.ts';

const card = (text: string): Said => ({
  ts: '1700000000.000100',
  text: 'press: draft',
  user: 'U0BOT',
  edited: true,
  onlyForYou: false,
  files: [],
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }],
});

function guide(shown: Said, { waits }: { waits: boolean }, status = 'pending human input') {
  return guideOf({
    look: { as: 'UANA', at: 'CAPPROVALS', pane: 'slack' },
    personas: [{ id: 'UANA', name: 'Ana', role: 'approver' }],
    conversation: [shown],
    runs: [{ status }],
    bot: { state: 'running', pid: 1, story: [] },
    failing: { crewai: 0, slack: 0, killAtDecision: false },
    waiting: waits ? [shown.ts] : [],
  } as unknown as Scene).text;
}

test('tells the person who closed a card what became of the run, not that an output will appear', () => {
  const givenUp = card(':heavy_minus_sign: Closed without a decision by <@UANA> (today).');
  expect(guide(givenUp, { waits: false })).toContain('its run keeps waiting at CrewAI');
  const approved = card(':white_check_mark: Approved by <@UANA>.');
  expect(guide(approved, { waits: false })).toContain('The crew is at work');
  expect(guide(card('What do you say?'), { waits: true })).toContain('A crew waits for you');
});
