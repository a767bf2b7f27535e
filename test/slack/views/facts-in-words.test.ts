import { expect, test } from 'vitest';
import type { StartReason } from '../../../src/approval/model/run/run-status.ts';
import { prepareReason, prepareStartReason } from '../../../src/slack/views/text/crewai.ts';
import { humanizeName, writeTask } from '../../../src/slack/views/text/names.ts';
import { spoken } from '../../support/spoken.ts';

const GMAIL = { code: 'apps_not_connected', apps: 'Gmail, <@U1>' } as const;

test('calls a task without a title an output without a name', () => {
  expect([writeTask(spoken(), '', 150), writeTask(spoken(), 'draft', 150)]).toEqual([
    'Output without a name',
    'Draft',
  ]);
});

test.each([
  ['press_release', 'Press release'],
  ['draft', 'Draft'],
  ['Send E-Mail', 'Send E-Mail'],
  ['2nd_draft', '2nd_draft'],
  ['a', 'A'],
  ['', ''],
  ['👍🏽', '👍🏽'],
  ['👍🏽_draft', '👍🏽_draft'],
])('writes the name of a task as people do, and leaves others as they are: %j', (name, shown) => {
  expect(humanizeName(name)).toBe(shown);
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
  expect(prepareStartReason(spoken(), reason, 300) ?? '').toBe(words);
});

test.each<[StartReason, string]>([
  ['HTTP 502', 'HTTP 502'],
  [GMAIL, 'Connect these apps in CrewAI: Gmail, &lt;@U1&gt;'],
])('keeps the codes of CrewAI in why a run failed: %j', (reason, words) => {
  expect(prepareReason(spoken(), reason, 300)?.text).toBe(words);
});
