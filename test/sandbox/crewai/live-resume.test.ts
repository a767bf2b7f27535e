import { expect, test } from 'vitest';
import { buildApproval, startLivePress, token, UUID } from './press-crew.ts';

/** A live platform with a run that waits for a person. */
async function startPaused() {
  const press = await startLivePress();
  const { id, taskId, ids } = await press.startPaused();
  const resume = (change: object, headers = {}) => press.post('/resume', { ...ids, ...change }, headers);
  return { ...press, id, taskId, ids, resume, run: () => press.platform.execution(id) };
}

test('a body without ids, or in the documented spelling alone, names the required fields', async () => {
  const { post, resume, run, id, taskId } = await startPaused();
  const missing = (field: string, input: object) => {
    return { type: 'missing', loc: ['body', field], msg: 'Field required', input };
  };
  for (const body of [{}, buildApproval(id, taskId)]) {
    const detail = [missing('executionId', body), missing('taskId', body)];
    expect(await post('/resume', body)).toEqual([422, { detail }]);
  }
  const one = { detail: [{ type: 'missing', loc: ['body', 'taskId'] }] };
  expect(await resume({ taskId: undefined })).toMatchObject([422, one]);
  expect(run().status).toBe('pending human input');
});

test.each([
  ['executionId', 7],
  ['taskId', null],
  ['taskId', ['a']],
  ['humanFeedback', true],
  ['human_feedback', {}],
])('%s that is %j is not a string', async (field, input) => {
  const { resume, run } = await startPaused();
  const item = { type: 'string_type', loc: ['body', field], msg: 'Input should be a valid string', input };
  expect(await resume({ [field]: input })).toEqual([422, { detail: [item] }]);
  expect(run().status).toBe('pending human input');
});

const url = 'https://example.com';
test.each([
  ['taskWebhookUrl', '', []],
  ['crewWebhookUrl', null, []],
  ['crewWebhookUrl', 'ftp://example.com', []],
  ['humanInputWebhookUrl', '', []],
  ['humanInputWebhook', null, []],
  ['humanInputWebhook', url, []],
  ['humanInputWebhook', { url: '' }, ['url']],
  ['humanInputWebhook', {}, ['url']],
  ['humanInputWebhook', { url, authentication: { strategy: 'digest' } }, ['authentication', 'strategy']],
  [
    'humanInputWebhook',
    { url, authentication: { strategy: 'bearer', token: '' } },
    ['authentication', 'token'],
  ],
])('%s that is %j is refused', async (field, value, path) => {
  const { resume, run } = await startPaused();
  const [status, { detail }] = await resume({ humanFeedback: 'Approved.', [field]: value });
  expect([status, detail.length, detail[0].loc]).toEqual([422, 1, ['body', field, ...path]]);
  expect(run().status).toBe('pending human input');
});

test.each([
  ['not JSON', '{', 'application/json', 'json_invalid'],
  ['a list', '[]', 'application/json', 'model_attributes_type'],
  ['JSON under another content type', '{}', 'text/plain', 'model_attributes_type'],
  ['empty', '', 'application/json', 'missing'],
])('a body that is %s is refused', async (_what, text, contentType, type) => {
  const { post } = await startLivePress();
  const detail = [{ type, loc: expect.arrayContaining(['body']) }];
  expect(await post('/resume', text, { 'content-type': contentType })).toMatchObject([422, { detail }]);
});

test.each([
  ['', 'Not authenticated'],
  ...['Bearer other', token, `Basic ${token}`].map((wrong) => [
    wrong,
    'Invalid or missing authentication credentials',
  ]),
])('the authorization %j is refused: %s', async (authorization, detail) => {
  const { resume, run } = await startPaused();
  expect(await resume({ humanFeedback: 'Approved.' }, { authorization })).toEqual([401, { detail }]);
  expect(run().status).toBe('pending human input');
});

const YES = 'Approved.|approved|APPROVED!|approve|ok|OK.|yes|Yes!|lgtm|Looks good.| Approved. ';
test.each(YES.split('|'))(
  'the plain yes %j releases the task, although is_approve is false',
  async (humanFeedback) => {
    const { decide, id, ids, run, ended } = await startPaused();
    await decide({ ...ids, humanFeedback, is_approve: false, isApprove: 'no' });
    await ended(id);
    expect(run().rounds).toMatchObject([{ approved: true, feedback: humanFeedback }]);
  },
);

const REVISIONS =
  'Shorter|Approved, but make it shorter|Approved. Mention the sale|yes?|not ok|Disapproved|no| |';
test.each([...REVISIONS.split('|'), undefined])(
  'the text %j runs the task again, although is_approve is true',
  async (humanFeedback) => {
    const { resume, id, run, round } = await startPaused();
    await resume({ humanFeedback, is_approve: true, isApprove: true });
    const second = await round(id, 2);
    expect(second.output).toBe(`# Spring\n${humanFeedback ?? ''}`);
    expect(run().rounds[0]?.approved).toBe(false);
  },
);

test('the text can be spelled human_feedback, and humanFeedback counts if both are sent', async () => {
  const { resume, id, run, round, ended } = await startPaused();
  await resume({ humanFeedback: 'Shorter', human_feedback: 'Approved.' });
  const { taskId } = await round(id, 2);
  expect(run().feedback).toEqual(['Shorter']);
  await resume({ taskId, human_feedback: 'Approved.' });
  await ended(id);
});

test('one request can carry both spellings, and unknown fields are ignored', async () => {
  const { resume, id, taskId, run, ended } = await startPaused();
  const both = { ...buildApproval(id, taskId), humanFeedback: 'Approved.', anything: { else: 1 } };
  const [status, answer] = await resume(both);
  expect([status, answer]).toEqual([200, { kickoff_id: expect.stringMatching(UUID) }]);
  expect(answer.kickoff_id).not.toBe(id);
  await ended(id);
  expect(run().rounds).toHaveLength(1);
});

test.each([
  ['a made-up execution', { executionId: 'made-up' }],
  ['a made-up task', { taskId: 'made-up' }],
  ["the task's name", { taskId: 'draft_press_release' }],
  ['empty ids', { executionId: '', taskId: '' }],
])('%s gets 200 and a new id, and nothing happens', async (_what, wrong) => {
  const { decide, get, id, taskId, ids, run } = await startPaused();
  const kickoffId = await decide({ ...ids, ...wrong });
  expect(kickoffId).toMatch(UUID);
  expect((await get(`/status/${kickoffId}`))[1].state).toBe('NOT FOUND');
  expect(run()).toMatchObject({ kickoffId: id, status: 'pending human input', pendingTask: { taskId } });
});

test('only the original execution id with the UUID of the current pause has an effect', async () => {
  const { decide, id, ids, run, round, ended } = await startPaused();
  const continuation = await decide({ ...ids, humanFeedback: 'Shorter' });
  const { taskId } = await round(id, 2);
  expect(taskId).toMatch(UUID);
  expect(taskId).not.toBe(ids.taskId);
  await decide(ids);
  await decide({ executionId: continuation, taskId });
  const waiting = { status: 'pending human input', pendingTask: { taskId }, feedback: ['Shorter'] };
  expect(run()).toMatchObject(waiting);
  await decide({ executionId: id, taskId });
  await ended(id);
});

test('a second decision on the same pause has no effect, even before the run has moved on', async () => {
  const { platform, decide, id, ids, run, ended } = await startPaused();
  platform.hold();
  const first = await decide(ids);
  const second = await decide({ ...ids, humanFeedback: 'Shorter' });
  expect(second).not.toBe(first);
  expect(run()).toMatchObject({ kickoffId: first, feedback: ['Approved.'] });
  platform.release();
  await ended(id);
});
