import { expect, test } from 'vitest';
import { findTokenMistake, readChannelId } from '../../../src/cli/init/check-answers.ts';

test.each([
  ['xoxb-123-abc', 'xoxb-', undefined],
  ['xapp-1-A0-1', 'xapp-', undefined],
  ['xapp-1-A0-1', 'xoxb-', 'this is an app-level token; a bot token begins with xoxb-'],
  ['xoxp-1-2', 'xoxb-', 'this is a user token; a bot token begins with xoxb-'],
  ['xoxb-123-abc', 'xapp-', 'this is a bot token; an app-level token begins with xapp-'],
  ['xoxb-', 'xoxb-', 'a bot token begins with xoxb- and is printable ASCII without spaces'],
  ['xoxb-123-abc\u200b', 'xoxb-', 'a bot token begins with xoxb- and is printable ASCII without spaces'],
  ['xoxb-1 23-abc', 'xoxb-', 'a bot token begins with xoxb- and is printable ASCII without spaces'],
  ['', 'xapp-', 'an app-level token begins with xapp- and is printable ASCII without spaces'],
])('the token %j, where one with %s is asked for: %s', (token, prefix, mistake) => {
  expect(findTokenMistake(token, prefix)).toBe(mistake);
});

test.each([
  ['C0123456789', 'C0123456789'],
  ['<#C0123456789|approvals>', 'C0123456789'],
  ['<#CAPPROVALS>', 'CAPPROVALS'],
  ['https://example.slack.com/archives/C0123456789/p1700000000000100', 'C0123456789'],
  ['https://GOOGLE.slack.com/archives/C0123456789', 'C0123456789'],
  ['https://app.slack.com/client/T0123/C0123456789', 'C0123456789'],
  ['CATS', undefined],
  ['#CATS', undefined],
  ['#C0123456789', undefined],
  ['Vertrieb-DACH', undefined],
  ['approvals', undefined],
])('the channel ID in %j is %s', (answer, id) => {
  expect(readChannelId(answer)).toBe(id);
});
