import { expect, test } from 'vitest';
import { readReviewAnswer } from '../../src/crewai/flow-callback.ts';
import { readKickoffAnswer } from '../../src/crewai/kickoff-answer.ts';
import { readResumeAnswer } from '../../src/crewai/resume-answer.ts';
import { readStatus } from '../../src/crewai/run-status.ts';

/** Answers in which CrewAI says nothing: every text in their outcome is the bot's own. */
const WORDLESS = ['', ...'null [] {} {"ok":false} {"success":false} {"error":{}} {"error":true}'.split(' ')];
const asSaid = (said: string) => said;
const STATUSES = [200, 201, 302, 400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503];

// The words for each code are in src/slack/texts/crewai.ts, where tsc finds a missing one.
test('what the bot itself finds wrong with an answer is a code, not prose', () => {
  const outcomes = STATUSES.flatMap((status) =>
    WORDLESS.flatMap((body) => {
      const answer = { status, body, retryAfter: undefined };
      return [
        readResumeAnswer(answer, 0, asSaid),
        readReviewAnswer(answer, 0, 'https://flow.example/callback'),
        readKickoffAnswer(answer, 0, asSaid),
        readStatus(answer, asSaid),
      ];
    }),
  );
  const found = JSON.stringify(outcomes).matchAll(/"(?:detail|reason|code|error|state)":"([^"]+)"/g);
  const own = [...new Set([...found].map(([, text]) => text))];
  expect(own.filter((text) => !/^([A-Z_]+|no_id|HTTP \d{3})$/.test(text ?? ''))).toEqual([]);
  expect(own).toEqual(expect.arrayContaining(['NOT_JSON', 'NOT_OK', 'NO_STATUS_OR_ID', 'NO_RUN_STATUS']));
});
