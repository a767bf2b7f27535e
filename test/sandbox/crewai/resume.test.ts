import { describe, expect, test } from 'vitest';
import { approval, budget, delivered, draft, finished, pending, startPress, token } from './press-crew.ts';

describe('POST /resume', () => {
  test('an approval lets the run go on to the next task and to its end', async () => {
    const { platform, api } = await startPress({ tasks: [draft, budget] });
    const id = platform.kickoff();
    const first = await pending(platform, id);
    const answer = await api.post('/resume', approval(id, first.taskId));
    expect(answer.status).toBe(200);
    expect(answer.data).toEqual({ status: 'resumed', message: expect.any(String) });
    const second = await platform.changed(() => {
      const task = platform.execution(id).pendingTask;
      return task?.name === 'approve_budget' && task;
    });
    await api.post('/resume', approval(id, second.name));
    await finished(platform, id);
    expect(platform.execution(id)).toMatchObject({
      status: 'completed',
      outputs: { draft_press_release: '# Spring', approve_budget: { total_eur: 18500 } },
      rounds: [{ approved: true }, { approved: true }],
    });
  });

  test('a revision runs the task again with the feedback, and pauses under a new id', async () => {
    const { platform, api } = await startPress();
    const id = platform.kickoff();
    const first = await pending(platform, id);
    const body = { ...approval(id, first.taskId), human_feedback: 'Shorter', is_approve: false };
    const answer = await api.post('/resume', body);
    expect(answer.data).toEqual({ status: 'retrying', message: expect.any(String) });
    const second = await platform.changed(() => platform.execution(id).rounds[1]);
    expect(second.output).toBe('# Spring\nShorter');
    expect(second.taskId).not.toBe(first.taskId);
    expect(platform.execution(id)).toMatchObject({ status: 'pending human input', feedback: ['Shorter'] });

    const late = await api.post('/resume', approval(id, first.taskId));
    expect(late.status).toBe(400);
    expect(late.data.message).toMatch(/not in pending/i);
  });

  test('a second approval of the same pause finds nothing pending, even before the run went on', async () => {
    const { platform, api } = await startPress();
    const id = platform.kickoff();
    const { taskId } = await pending(platform, id);
    platform.hold();
    expect((await api.post('/resume', approval(id, taskId))).status).toBe(200);
    const again = await api.post('/resume', approval(id, 'draft_press_release'));
    expect(again.status).toBe(400);
    expect(again.data).toEqual({
      error: 'Bad Request',
      message: 'Execution is not in pending human input state',
    });
    expect(platform.execution(id).status).toBe('running');
    platform.release();
    await finished(platform, id);
    expect((await api.post('/resume', approval(id, taskId))).status).toBe(400);
    expect(platform.resumes.map(({ status }) => status)).toEqual([200, 400, 400]);
  });

  test('URLs that /resume does not name are forgotten', async () => {
    const { platform, api, receiver } = await startPress({ tasks: [draft, budget] });
    const { taskWebhookUrl, stepWebhookUrl, crewWebhookUrl } = receiver;
    const id = platform.kickoff({ taskWebhookUrl, stepWebhookUrl, crewWebhookUrl });
    const { taskId } = await pending(platform, id);
    await api.post('/resume', { ...approval(id, taskId), crewWebhookUrl });
    expect(platform.execution(id).urls).toEqual({ crewWebhookUrl });
    await platform.changed(() => platform.execution(id).rounds[1]);
    await api.post('/resume', approval(id, 'approve_budget'));
    expect(platform.execution(id).urls).toEqual({});
    await finished(platform, id);
    await delivered(platform, 2);
    expect(receiver.paths()).toEqual(['/step', '/task?token=abc']);
  });

  test('URLs that /resume names are used from then on', async () => {
    const { platform, api, receiver } = await startPress({ tasks: [draft, budget] });
    const { taskWebhookUrl, stepWebhookUrl, crewWebhookUrl, humanUrl } = receiver;
    const humanInputWebhook = { url: humanUrl, authentication: { strategy: 'bearer', token: 's' } };
    const urls = { taskWebhookUrl, stepWebhookUrl, crewWebhookUrl, humanInputWebhook };
    const id = platform.kickoff();
    const { taskId } = await pending(platform, id);
    await api.post('/resume', { ...approval(id, taskId), ...urls });
    await platform.changed(() => platform.execution(id).rounds[1]);
    await api.post('/resume', { ...approval(id, 'approve_budget'), ...urls });
    await delivered(platform, 4);
    expect(receiver.paths()).toEqual(['/step', '/task?token=abc', '/human', '/crew']);
  });

  const refused: [what: string, change: Record<string, unknown>, status: number][] = [
    ['no execution id', { execution_id: undefined }, 400],
    ['an empty task id', { task_id: '' }, 400],
    ['empty feedback', { human_feedback: '' }, 400],
    ['feedback that is no text', { human_feedback: 5 }, 400],
    ['is_approve as text', { is_approve: 'true' }, 400],
    ['no is_approve', { is_approve: undefined }, 400],
    ['an empty URL', { taskWebhookUrl: '' }, 400],
    ['a null URL', { crewWebhookUrl: null }, 400],
    ['a URL without a scheme', { stepWebhookUrl: 'example.com/step' }, 400],
    ['a URL that is not http', { stepWebhookUrl: 'ftp://example.com/step' }, 400],
    ['a human-input webhook as text', { humanInputWebhook: 'https://example.com' }, 400],
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
    const { taskId } = await pending(platform, id);
    const answer = await api.post('/resume', { ...approval(id, taskId), ...change });
    expect(answer.status).toBe(status);
    expect(answer.data).toEqual({ error: expect.any(String), message: expect.any(String) });
    expect(platform.execution(id)).toMatchObject({ status: 'pending human input', pendingTask: { taskId } });
    expect(platform.resumes).toMatchObject([{ status, answer: answer.data, fate: 'answered' }]);
  });

  test('a wrong token, another content type and broken JSON are refused in this order', async () => {
    const { platform, api } = await startPress();
    const as = (authorization: string, type: string) => ({
      headers: { authorization, 'content-type': type },
      transformRequest: (body: string) => body,
    });
    const right = `Bearer ${token}`;
    const unauthorised = await api.post('/resume', '{', as('Bearer other', 'text/plain'));
    expect(unauthorised.status).toBe(401);
    expect(unauthorised.data).toEqual({ error: 'Unauthorized', message: expect.any(String) });
    expect((await api.post('/resume', '{', as(right, 'text/plain'))).status).toBe(415);
    expect((await api.post('/resume', '{', as(right, 'application/json'))).status).toBe(400);
    expect((await api.post('/resume', '[]', as(right, 'application/json; charset=utf-8'))).status).toBe(400);
    expect((await api.post('/resume', 'x'.repeat(2_000_000), as(right, 'application/json'))).status).toBe(
      413,
    );
    expect(platform.resumes.map(({ status }) => status)).toEqual([401, 415, 400, 400, 413]);
  });
});

describe('POST /resume in the camelcase form', () => {
  const body = (id: string, taskId: string, humanFeedback: string) => ({
    executionId: id,
    taskId,
    humanFeedback,
    isApprove: true,
  });

  test('the plain approval releases the pause, an instruction runs the task again whatever isApprove says', async () => {
    const { platform, api } = await startPress({ resumeFormat: 'camelcase' });
    const id = platform.kickoff();
    const { taskId } = await pending(platform, id);
    const answer = await api.post('/resume', body(id, taskId, 'Approved, but make it shorter'));
    expect(answer.status).toBe(200);
    expect(answer.data.kickoff_id).not.toBe(id);
    const second = await platform.changed(() => platform.execution(id).rounds[1]);
    const { isApprove: _, ...withoutIt } = body(id, second.taskId, 'Approved.');
    await api.post('/resume', withoutIt);
    await finished(platform, id);
    expect(platform.execution(id).rounds.map(({ approved }) => approved)).toEqual([false, true]);
  });

  test('the documented form and made-up ids are refused', async () => {
    const { platform, api } = await startPress({ resumeFormat: 'camelcase' });
    const id = platform.kickoff();
    const { taskId } = await pending(platform, id);
    expect((await api.post('/resume', approval(id, taskId))).status).toBe(400);
    expect((await api.post('/resume', body('made-up', taskId, 'Approved.'))).status).toBe(404);
    expect(platform.execution(id).status).toBe('pending human input');
  });

  test('told to accept everything, it answers made-up ids with 200 and a new id, and nothing happens', async () => {
    const { platform, api } = await startPress({ resumeFormat: 'camelcase', acceptsEverything: true });
    const id = platform.kickoff();
    await pending(platform, id);
    const answer = await api.post('/resume', body('made-up', 'made-up', 'Approved.'));
    expect(answer.status).toBe(200);
    expect(answer.data).toEqual({ kickoff_id: expect.any(String) });
    expect(platform.execution(id).status).toBe('pending human input');
  });
});
