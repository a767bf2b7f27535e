import { expect, test } from 'vitest';
import type { StartReason } from '../../../src/approval/model/run/run-status.ts';
import { prepareReason, prepareStartReason } from '../../../src/slack/views/text/crewai.ts';
import { writeTask } from '../../../src/slack/views/text/names.ts';

const GMAIL = { code: 'apps_not_connected', apps: 'Gmail, <@U1>' } as const;

test('calls a task without a title an output without a name', () => {
  expect([writeTask('', 150), writeTask('draft', 150)]).toEqual(['Output without a name', 'draft']);
});

test.each<[StartReason, string]>([
  ['HTTP 502', ''],
  ['401: Not authenticated', 'Not authenticated'],
  [{ code: 'no_connection', error: 'ECONNREFUSED' }, 'no connection'],
  [{ code: 'too_late' }, "the bot couldn't start it within ten minutes"],
  [{ code: 'crew_gone' }, "this crew isn't in the settings anymore"],
  [GMAIL, 'Connect these apps in CrewAI: Gmail, &lt;@U1&gt;'],
  [{ code: 'apps_not_connected' }, 'Connect the apps of this crew in CrewAI'],
  [{ code: 'apps_not_connected', said: 'Gmail' }, 'Connect the apps of this crew in CrewAI (Gmail)'],
])('says in words why a run was not started: %j', (reason, words) => {
  expect(prepareStartReason(reason, 300) ?? '').toBe(words);
});

test.each<[StartReason, string]>([
  ['HTTP 502', 'HTTP 502'],
  [GMAIL, 'Connect these apps in CrewAI: Gmail, &lt;@U1&gt;'],
])('keeps the codes of CrewAI in why a run failed: %j', (reason, words) => {
  expect(prepareReason(reason, 300)?.text).toBe(words);
});
