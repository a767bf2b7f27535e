import { describe, expect, test } from 'vitest';
import {
  buildApproval,
  decideLive,
  postText,
  startLivePress,
  token,
  UUID,
  waitForEnd,
  waitForPause,
  waitForRound,
} from './press-crew.ts';

/** A run of the live platform that waits for a person. */
async function startPaused() {
  const press = await startLivePress();
  const id = press.platform.kickoff();
  const { taskId } = await waitForPause(press.platform, id);
  return { ...press, id, taskId, ids: { executionId: id, taskId } };
}

describe('POST /resume on the live platform: what is refused', () => {
  test('an empty body names the required fields', async () => {
    const { api } = await startLivePress();
    const { status, data } = await api.post('/resume', {});
    expect(status).toBe(422);
    expect(data).toEqual({
      detail: [
        { type: 'missing', loc: ['body', 'executionId'], msg: 'Field required', input: {} },
        { type: 'missing', loc: ['body', 'taskId'], msg: 'Field required', input: {} },
      ],
    });
  });

  test('the documented spelling lacks the required ids', async () => {
    const { platform, api, id, taskId } = await startPaused();
    const body = buildApproval(id, taskId);
    const { status, data } = await api.post('/resume', body);
    expect(status).toBe(422);
    expect(data.detail).toMatchObject([
      { type: 'missing', loc: ['body', 'executionId'], input: body },
      { type: 'missing', loc: ['body', 'taskId'], input: body },
    ]);
    expect(platform.execution(id).status).toBe('pending human input');
  });

  test('only the field that is missing is named', async () => {
    const { api, id } = await startPaused();
    const { status, data } = await api.post('/resume', { executionId: id, humanFeedback: 'Approved.' });
    expect(status).toBe(422);
    expect(data.detail).toMatchObject([{ type: 'missing', loc: ['body', 'taskId'] }]);
  });

  test.each([
    ['executionId', 7],
    ['taskId', null],
    ['taskId', ['a']],
    ['humanFeedback', true],
    ['human_feedback', {}],
  ])('%s that is %j is not a string', async (field, value) => {
    const { platform, api, id, ids } = await startPaused();
    const { status, data } = await api.post('/resume', { ...ids, [field]: value });
    expect(status).toBe(422);
    expect(data).toEqual({
      detail: [
        {
          type: 'string_type',
          loc: ['body', field],
          msg: 'Input should be a valid string',
          input: value,
        },
      ],
    });
    expect(platform.execution(id).status).toBe('pending human input');
  });

  test.each([
    ['taskWebhookUrl', '', ['taskWebhookUrl']],
    ['taskWebhookUrl', null, ['taskWebhookUrl']],
    ['stepWebhookUrl', '', ['stepWebhookUrl']],
    ['crewWebhookUrl', null, ['crewWebhookUrl']],
    ['crewWebhookUrl', 'ftp://example.com', ['crewWebhookUrl']],
    ['humanInputWebhookUrl', '', ['humanInputWebhookUrl']],
    ['humanInputWebhookUrl', null, ['humanInputWebhookUrl']],
    ['humanInputWebhook', null, ['humanInputWebhook']],
    ['humanInputWebhook', 'https://example.com', ['humanInputWebhook']],
    ['humanInputWebhook', { url: '' }, ['humanInputWebhook', 'url']],
    ['humanInputWebhook', {}, ['humanInputWebhook', 'url']],
    [
      'humanInputWebhook',
      { url: 'https://example.com', authentication: { strategy: 'digest' } },
      ['humanInputWebhook', 'authentication', 'strategy'],
    ],
    [
      'humanInputWebhook',
      { url: 'https://example.com', authentication: { strategy: 'bearer', token: '' } },
      ['humanInputWebhook', 'authentication', 'token'],
    ],
  ])('%s that is %j is refused', async (field, value, path) => {
    const { platform, api, id, ids } = await startPaused();
    const { status, data } = await api.post('/resume', {
      ...ids,
      humanFeedback: 'Approved.',
      [field]: value,
    });
    expect(status).toBe(422);
    expect(data.detail).toHaveLength(1);
    expect(data.detail[0].loc).toEqual(['body', ...path]);
    expect(platform.execution(id).status).toBe('pending human input');
  });

  test.each([
    ['not JSON', '{', 'application/json', 'json_invalid'],
    ['a list', '[]', 'application/json', 'model_attributes_type'],
    ['JSON under another content type', '{}', 'text/plain', 'model_attributes_type'],
    ['empty', '', 'application/json', 'missing'],
  ])('a body that is %s is refused', async (_what, text, contentType, type) => {
    const { api } = await startLivePress();
    const { status, data } = await postText(api, '/resume', text, contentType);
    expect(status).toBe(422);
    expect(data.detail).toMatchObject([{ type, loc: expect.arrayContaining(['body']) }]);
  });

  test('a request without a token is not authenticated, one with a wrong token has invalid credentials', async () => {
    const { platform, api, id, ids } = await startPaused();
    const body = { ...ids, humanFeedback: 'Approved.' };
    const post = (authorization: string) => api.post('/resume', body, { headers: { authorization } });
    const without = await post('');
    expect([without.status, without.data]).toEqual([401, { detail: 'Not authenticated' }]);
    for (const wrong of ['Bearer other', token, `Basic ${token}`]) {
      const { status, data } = await post(wrong);
      expect([status, data]).toEqual([401, { detail: 'Invalid or missing authentication credentials' }]);
    }
    expect(platform.execution(id).status).toBe('pending human input');
  });
});

describe('POST /resume on the live platform: what decides', () => {
  test.each([
    'Approved.',
    'approved',
    'APPROVED!',
    'approve',
    'ok',
    'OK.',
    'yes',
    'Yes!',
    'lgtm',
    'Looks good.',
    ' Approved. ',
  ])('the plain yes %j releases the task', async (humanFeedback) => {
    const { platform, api, id, ids } = await startPaused();
    await decideLive(api, { ...ids, humanFeedback });
    await waitForEnd(platform, id);
    expect(platform.execution(id).rounds).toMatchObject([{ approved: true, feedback: humanFeedback }]);
  });

  test.each([
    'Shorter',
    'Approved, but make it shorter',
    'Approved. Mention the sale',
    'yes?',
    'not ok',
    'Disapproved',
    'no',
    '',
    ' ',
  ])('the text %j runs the task again, although is_approve is true', async (humanFeedback) => {
    const { platform, api, id, ids } = await startPaused();
    await decideLive(api, { ...ids, humanFeedback, is_approve: true, isApprove: true });
    const second = await waitForRound(platform, id, 2);
    expect(second.output).toBe(`# Spring\n${humanFeedback}`);
    expect(platform.execution(id).rounds[0]?.approved).toBe(false);
  });

  test('a missing text runs the task again', async () => {
    const { platform, api, id, ids } = await startPaused();
    expect((await api.post('/resume', ids)).status).toBe(200);
    await waitForRound(platform, id, 2);
    expect(platform.execution(id).rounds[0]?.approved).toBe(false);
  });

  test('a plain yes releases the task although is_approve is false', async () => {
    const { platform, api, id, ids } = await startPaused();
    await decideLive(api, { ...ids, is_approve: false, isApprove: 'no' });
    await waitForEnd(platform, id);
  });

  test('the text can be spelled human_feedback', async () => {
    const { platform, api, id, ids } = await startPaused();
    await api.post('/resume', { ...ids, human_feedback: 'Approved.' });
    await waitForEnd(platform, id);
  });

  test('humanFeedback counts if both spellings of the text are sent', async () => {
    const { platform, api, id, ids } = await startPaused();
    await api.post('/resume', { ...ids, humanFeedback: 'Shorter', human_feedback: 'Approved.' });
    await waitForRound(platform, id, 2);
    expect(platform.execution(id).feedback).toEqual(['Shorter']);
  });

  test('one request can carry both spellings, and unknown fields are ignored', async () => {
    const { platform, api, id, taskId, ids } = await startPaused();
    const both = { ...buildApproval(id, taskId), ...ids, humanFeedback: 'Approved.', anything: { else: 1 } };
    expect((await api.post('/resume', both)).status).toBe(200);
    await waitForEnd(platform, id);
    expect(platform.execution(id).rounds).toHaveLength(1);
  });
});

describe('POST /resume on the live platform: which ids have an effect', () => {
  test('every 200 carries a new kickoff id and nothing else', async () => {
    const { api, ids } = await startPaused();
    const { data } = await api.post('/resume', { ...ids, humanFeedback: 'Approved.' });
    expect(data).toEqual({ kickoff_id: expect.stringMatching(UUID) });
    expect(data.kickoff_id).not.toBe(ids.executionId);
  });

  test.each([
    ['a made-up execution', { executionId: 'made-up' }],
    ['a made-up task', { taskId: 'made-up' }],
    ["the task's name", { taskId: 'draft_press_release' }],
    ['empty ids', { executionId: '', taskId: '' }],
  ])('%s gets 200 and a new id, and nothing happens', async (_what, wrong) => {
    const { platform, api, id, taskId, ids } = await startPaused();
    const kickoffId = await decideLive(api, { ...ids, ...wrong });
    expect(kickoffId).toMatch(UUID);
    expect((await api.get(`/status/${kickoffId}`)).data.state).toBe('NOT FOUND');
    expect(platform.execution(id)).toMatchObject({
      kickoffId: id,
      status: 'pending human input',
      pendingTask: { taskId },
    });
  });

  test('each pause has a new UUID, and that of an older pause gets 200 and nothing happens', async () => {
    const { platform, api, id, taskId, ids } = await startPaused();
    await decideLive(api, { ...ids, humanFeedback: 'Shorter' });
    const second = await waitForRound(platform, id, 2);
    expect(second.taskId).toMatch(UUID);
    expect(second.taskId).not.toBe(taskId);
    await decideLive(api, { executionId: id, taskId });
    expect(platform.execution(id)).toMatchObject({
      status: 'pending human input',
      pendingTask: { taskId: second.taskId },
      feedback: ['Shorter'],
    });
    await decideLive(api, { executionId: id, taskId: second.taskId });
    await waitForEnd(platform, id);
  });

  test('the id of the continuation has no effect: the original execution id stays the one to send', async () => {
    const { platform, api, id, ids } = await startPaused();
    const continuation = await decideLive(api, { ...ids, humanFeedback: 'Shorter' });
    const { taskId } = await waitForRound(platform, id, 2);
    await decideLive(api, { executionId: continuation, taskId });
    expect(platform.execution(id).status).toBe('pending human input');
    await decideLive(api, { executionId: id, taskId });
    await waitForEnd(platform, id);
  });

  test('a second decision on the same pause gets 200 and nothing happens, even before the run has moved on', async () => {
    const { platform, api, id, ids } = await startPaused();
    platform.hold();
    const first = await decideLive(api, ids);
    const second = await decideLive(api, { ...ids, humanFeedback: 'Shorter' });
    expect(second).not.toBe(first);
    expect(platform.execution(id)).toMatchObject({ kickoffId: first, feedback: ['Approved.'] });
    platform.release();
    await waitForEnd(platform, id);
  });
});
