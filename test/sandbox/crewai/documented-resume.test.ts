import { describe, expect, test } from 'vitest';
import {
  budget,
  buildApproval,
  draft,
  startPress,
  token,
  waitForDeliveries,
  waitForEnd,
  waitForPause,
} from './press-crew.ts';

describe('POST /resume as documented', () => {
  test('an approval continues the run with the next task until its end', async () => {
    const { platform, api } = await startPress({ tasks: [draft, budget] });
    const id = platform.kickoff();
    const first = await waitForPause(platform, id);
    const answer = await api.post('/resume', buildApproval(id, first.taskId));
    expect(answer.status).toBe(200);
    expect(answer.data).toEqual({ status: 'resumed', message: expect.any(String) });
    const second = await platform.changed(() => {
      const task = platform.execution(id).pendingTask;
      return task?.name === 'approve_budget' && task;
    });
    await api.post('/resume', buildApproval(id, second.name));
    await waitForEnd(platform, id);
    expect(platform.execution(id)).toMatchObject({
      status: 'completed',
      outputs: { draft_press_release: '# Spring', approve_budget: { total_eur: 18500 } },
      rounds: [{ approved: true }, { approved: true }],
    });
  });

  test('a revision runs the task again with the feedback and pauses under a new UUID', async () => {
    const { platform, api } = await startPress();
    const id = platform.kickoff();
    const first = await waitForPause(platform, id);
    const body = { ...buildApproval(id, first.taskId), human_feedback: 'Shorter', is_approve: false };
    const answer = await api.post('/resume', body);
    expect(answer.data).toEqual({ status: 'retrying', message: expect.any(String) });
    const second = await platform.changed(() => platform.execution(id).rounds[1]);
    expect(second.output).toBe('# Spring\nShorter');
    expect(second.taskId).not.toBe(first.taskId);
    expect(platform.execution(id)).toMatchObject({ status: 'pending human input', feedback: ['Shorter'] });

    const late = await api.post('/resume', buildApproval(id, first.taskId));
    expect(late.status).toBe(400);
    expect(late.data.message).toMatch(/not in pending/i);
  });

  test('a second approval of the same pause is refused, even before the run has moved on', async () => {
    const { platform, api } = await startPress();
    const id = platform.kickoff();
    const { taskId } = await waitForPause(platform, id);
    platform.hold();
    expect((await api.post('/resume', buildApproval(id, taskId))).status).toBe(200);
    const again = await api.post('/resume', buildApproval(id, 'draft_press_release'));
    expect(again.status).toBe(400);
    expect(again.data).toEqual({
      error: 'Bad Request',
      message: 'Execution is not in pending human input state',
    });
    expect(platform.execution(id).status).toBe('running');
    platform.release();
    await waitForEnd(platform, id);
    expect((await api.post('/resume', buildApproval(id, taskId))).status).toBe(400);
    expect(platform.resumes.map(({ status }) => status)).toEqual([200, 400, 400]);
  });

  test('a URL that /resume does not name is not used any more', async () => {
    const { platform, api, receiver } = await startPress({ tasks: [draft, budget] });
    const { taskWebhookUrl, stepWebhookUrl, crewWebhookUrl } = receiver;
    const id = platform.kickoff({ taskWebhookUrl, stepWebhookUrl, crewWebhookUrl });
    const { taskId } = await waitForPause(platform, id);
    await api.post('/resume', { ...buildApproval(id, taskId), crewWebhookUrl });
    expect(platform.execution(id).urls).toEqual({ crewWebhookUrl });
    await platform.changed(() => platform.execution(id).rounds[1]);
    await api.post('/resume', buildApproval(id, 'approve_budget'));
    expect(platform.execution(id).urls).toEqual({});
    await waitForEnd(platform, id);
    await waitForDeliveries(platform, 2);
    expect(receiver.paths()).toEqual(['/step', '/task?token=abc']);
  });

  test('a URL that /resume names is used from then on', async () => {
    const { platform, api, receiver } = await startPress({ tasks: [draft, budget] });
    const { taskWebhookUrl, stepWebhookUrl, crewWebhookUrl, humanUrl } = receiver;
    const humanInputWebhook = { url: humanUrl, authentication: { strategy: 'bearer', token: 's' } };
    const urls = { taskWebhookUrl, stepWebhookUrl, crewWebhookUrl, humanInputWebhook };
    const id = platform.kickoff();
    const { taskId } = await waitForPause(platform, id);
    await api.post('/resume', { ...buildApproval(id, taskId), ...urls });
    await platform.changed(() => platform.execution(id).rounds[1]);
    await api.post('/resume', { ...buildApproval(id, 'approve_budget'), ...urls });
    await waitForDeliveries(platform, 4);
    expect(receiver.paths()).toEqual(['/step', '/task?token=abc', '/human', '/crew']);
  });

  const refused: [what: string, change: Record<string, unknown>, status: number][] = [
    ['no execution id', { execution_id: undefined }, 400],
    ['an empty task id', { task_id: '' }, 400],
    ['empty feedback', { human_feedback: '' }, 400],
    ['feedback that is not text', { human_feedback: 5 }, 400],
    ['is_approve as text', { is_approve: 'true' }, 400],
    ['no is_approve', { is_approve: undefined }, 400],
    ['an empty URL', { taskWebhookUrl: '' }, 400],
    ['a null URL', { crewWebhookUrl: null }, 400],
    ['a URL without a scheme', { stepWebhookUrl: 'example.com/step' }, 400],
    ['a URL that is not http', { stepWebhookUrl: 'ftp://example.com/step' }, 400],
    ['a human-input webhook as text', { humanInputWebhook: 'https://example.com' }, 400],
    ['an empty human-input URL', { humanInputWebhookUrl: '' }, 400],
    [
      'an unknown strategy',
      { humanInputWebhook: { url: 'https://example.com', authentication: { strategy: 'digest' } } },
      400,
    ],
    ['an unknown field', { kickoff_id: 'x' }, 400],
    ['a made-up execution', { execution_id: 'abcd1234-5678-90ef-ghij-klmnopqrstuv' }, 404],
    ['a made-up task', { task_id: 'made_up' }, 404],
    ['a task that does not wait', { task_id: 'research' }, 400],
  ];
  test.each(refused)('%s is refused, and the run still waits', async (_what, change, status) => {
    const { platform, api } = await startPress();
    const id = platform.kickoff();
    const { taskId } = await waitForPause(platform, id);
    const answer = await api.post('/resume', { ...buildApproval(id, taskId), ...change });
    expect(answer.status).toBe(status);
    expect(answer.data).toEqual({ error: expect.any(String), message: expect.any(String) });
    expect(platform.execution(id)).toMatchObject({ status: 'pending human input', pendingTask: { taskId } });
    expect(platform.resumes).toMatchObject([{ status, answer: answer.data, fate: 'answered' }]);
  });

  test('the live spelling alone lacks the required fields', async () => {
    const { platform, api } = await startPress();
    const id = platform.kickoff();
    const { taskId } = await waitForPause(platform, id);
    const answer = await api.post('/resume', { executionId: id, taskId, humanFeedback: 'Approved.' });
    expect(answer.status).toBe(400);
    for (const field of ['execution_id', 'task_id', 'human_feedback', 'is_approve']) {
      expect(answer.data.message).toContain(`${field}: `);
    }
    expect(platform.execution(id).status).toBe('pending human input');
  });

  test('a request in both spellings is decided by is_approve, whatever the live fields say', async () => {
    const { platform, api } = await startPress();
    const id = platform.kickoff();
    const { taskId } = await waitForPause(platform, id);
    const live = { executionId: 'other', taskId: 'other', humanFeedback: 'Approved.', isApprove: true };
    const documented = { ...buildApproval(id, taskId), human_feedback: 'Shorter', is_approve: false };
    expect((await api.post('/resume', { ...documented, ...live })).data.status).toBe('retrying');
    await platform.changed(() => platform.execution(id).rounds[1]);
    expect(platform.execution(id).feedback).toEqual(['Shorter']);
  });

  test.each([
    ['Approved.', false, 'retrying'],
    ['Shorter', true, 'resumed'],
  ])('the text %j with is_approve %j is answered with %j', async (human_feedback, is_approve, status) => {
    const { platform, api } = await startPress();
    const id = platform.kickoff();
    const { taskId } = await waitForPause(platform, id);
    const body = { ...buildApproval(id, taskId), human_feedback, is_approve };
    expect((await api.post('/resume', body)).data.status).toBe(status);
    expect(platform.execution(id).rounds[0]?.approved).toBe(is_approve);
  });

  test('the run keeps its execution id', async () => {
    const { platform, api, receiver } = await startPress({ tasks: [draft] });
    const { crewWebhookUrl } = receiver;
    const id = platform.kickoff();
    const { taskId } = await waitForPause(platform, id);
    await api.post('/resume', { ...buildApproval(id, taskId), crewWebhookUrl });
    await waitForDeliveries(platform, 1);
    expect(receiver.received[0]?.body.kickoff_id).toBe(id);
    expect(platform.execution(id).kickoffId).toBe(id);
  });

  test('a wrong token, another content type and broken JSON are refused in this order', async () => {
    const { platform, api } = await startPress();
    const as = (authorization: string, type: string) => ({
      headers: { authorization, 'content-type': type },
      transformRequest: (body: string) => body,
    });
    const right = `Bearer ${token}`;
    const unauthorized = await api.post('/resume', '{', as('Bearer other', 'text/plain'));
    expect(unauthorized.status).toBe(401);
    expect(unauthorized.data).toEqual({ error: 'Unauthorized', message: expect.any(String) });
    expect((await api.post('/resume', '{', as(right, 'text/plain'))).status).toBe(415);
    expect((await api.post('/resume', '{', as(right, 'application/json'))).status).toBe(400);
    expect((await api.post('/resume', '[]', as(right, 'application/json; charset=utf-8'))).status).toBe(400);
    expect((await api.post('/resume', 'x'.repeat(2_000_000), as(right, 'application/json'))).status).toBe(
      413,
    );
    expect(platform.resumes.map(({ status }) => status)).toEqual([401, 415, 400, 400, 413]);
  });
});
