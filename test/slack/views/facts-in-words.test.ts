import { expect, test } from 'vitest';
import { LOST_OUTPUT } from '../../../src/approval/model/output.ts';
import type { StartReason } from '../../../src/approval/model/run/start-reason.ts';
import { buildOutputBlocks, CARD_FORMS } from '../../../src/slack/views/output/output-blocks.ts';
import { paginateOutput } from '../../../src/slack/views/output/sections.ts';
import { prepareReason, prepareStartReason } from '../../../src/slack/views/text/crewai.ts';
import { writeTask } from '../../../src/slack/views/text/task.ts';

test('a task without a title is called an output without a name', () => {
  expect(writeTask('', 150)).toBe('Output without a name');
  expect(writeTask('draft', 150)).toBe('draft');
});

test('an output that the store lost is said to be lost in each form', () => {
  const lost = "This output can't be read anymore";
  for (const form of CARD_FORMS) {
    const { blocks, cut } = buildOutputBlocks(LOST_OUTPUT, form);
    expect([JSON.stringify(blocks), cut]).toEqual([expect.stringContaining(lost), false]);
  }
  expect(paginateOutput(LOST_OUTPUT)).toEqual([[expect.stringContaining(lost)]]);
});

test.each<[StartReason, string]>([
  ['HTTP 502', ''],
  ['401: Not authenticated', 'Not authenticated'],
  [{ code: 'no_connection', error: 'ECONNREFUSED' }, 'no connection'],
  [{ code: 'too_late' }, "the bot couldn't start it within ten minutes"],
  [{ code: 'crew_gone' }, "this crew isn't in the settings anymore"],
  [{ code: 'apps_not_connected', apps: 'Gmail, <@U1>' }, 'Connect these apps in CrewAI: Gmail, &lt;@U1&gt;'],
  [{ code: 'apps_not_connected' }, 'Connect the apps of this crew in CrewAI'],
  [
    { code: 'apps_not_connected', said: 'Gmail first' },
    'Connect the apps of this crew in CrewAI (Gmail first)',
  ],
])('why a run was not started is said in words: %j', (reason, words) => {
  expect(prepareStartReason(reason, 300) ?? '').toBe(words);
});

test('why a run failed keeps the codes of CrewAI', () => {
  expect(prepareReason('HTTP 502', 300)?.text).toBe('HTTP 502');
  expect(prepareReason({ code: 'apps_not_connected', apps: 'Gmail' }, 300)?.text).toBe(
    'Connect these apps in CrewAI: Gmail',
  );
});
