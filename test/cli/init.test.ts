import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ANSWER_CHECKS, findTokenMistake, readChannelId } from '../../src/cli/init/check-answers.ts';
import { fillExample, formatAnswers } from '../../src/cli/init/env-files.ts';
import { buildSlackAppLink, listQuestions } from '../../src/cli/init/questions.ts';
import { AppError } from '../../src/lib/errors.ts';

const NO_BOT_TOKEN = 'a bot token begins with xoxb- and is printable ASCII without spaces';

test.each([
  ['xoxb-123-abc', 'xoxb-', undefined],
  ['xapp-1-A0-1', 'xapp-', undefined],
  ['xapp-1-A0-1', 'xoxb-', 'this is an app-level token; a bot token begins with xoxb-'],
  ['xoxp-1-2', 'xoxb-', 'this is a user token; a bot token begins with xoxb-'],
  ['xoxb-123-abc', 'xapp-', 'this is a bot token; an app-level token begins with xapp-'],
  ['xoxb-', 'xoxb-', NO_BOT_TOKEN],
  ['xoxb-123-abc\u200b', 'xoxb-', NO_BOT_TOKEN],
  ['xoxb-1 23-abc', 'xoxb-', NO_BOT_TOKEN],
  ['', 'xapp-', 'an app-level token begins with xapp- and is printable ASCII without spaces'],
])('the token %j as the answer to a question for %s: %s', (token, prefix, mistake) => {
  expect(findTokenMistake(token, prefix)).toBe(mistake);
});

test.each<[string, string | undefined]>([
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

test('who leaves the approvers out is told that tool calls are rejected', async () => {
  const asked = listQuestions('link', 'manifest.yml').find(({ setting }) => setting === 'APPROVERS');
  expect(asked?.question).toContain('tool calls of your own programs need names');
  const { results } = await ANSWER_CHECKS.APPROVERS('', { SLACK_BOT_TOKEN: 'xoxb-1' });
  expect(results.map(({ says }) => says).join()).toContain('tool calls are rejected until it names someone');
});

test('every answer is read back as it was given, or its setting is named; the others keep their example', () => {
  const example = readFileSync('.env.example', 'utf8');
  const setting = fc.constantFrom(...Object.keys(parseEnv(example)));
  const unit = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
  fc.assert(
    fc.property(fc.dictionary(setting, fc.string({ unit })), (answers) => {
      let text: string;
      try {
        text = fillExample(example, answers);
      } catch (error) {
        const named = Object.keys(answers).some((name) => (error as Error).message.startsWith(name));
        expect([error instanceof AppError, named]).toEqual([true, true]);
        return;
      }
      expect(parseEnv(text)).toEqual({ ...parseEnv(example), ...answers });
      expect(parseEnv(formatAnswers(answers))).toEqual(answers);
    }),
  );
});

test('a value with the characters of a shell is quoted, or rejected if no quotes can hold it', () => {
  const format = (CREWAI_BEARER_TOKEN: string) => formatAnswers({ CREWAI_BEARER_TOKEN });
  expect(format("a#b'c$d")).toBe('CREWAI_BEARER_TOKEN="a#b\'c$d"\n');
  expect(format('a#b')).toBe("CREWAI_BEARER_TOKEN='a#b'\n");
  const fault = 'CREWAI_BEARER_TOKEN has characters that a .env file cannot hold.';
  expect(() => format('a\'"`#b')).toThrow(fault);
});

test('the link to create the app carries the whole manifest, and is short enough for browsers and proxies', () => {
  const manifest = readFileSync('manifest.yml', 'utf8');
  const { origin, pathname, searchParams, href } = new URL(buildSlackAppLink(manifest));
  expect(`${origin}${pathname}`).toBe('https://api.slack.com/apps');
  expect(searchParams.get('new_app')).toBe('1');
  expect(JSON.parse(searchParams.get('manifest_json') ?? '')).toEqual(parse(manifest));
  expect(href.length).toBeLessThan(4_000);
});
