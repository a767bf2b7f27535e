import { expect, test } from 'vitest';
import { budget, buildApproval, draft, startPress, token } from './press-crew.ts';

const NOT_PENDING = { error: 'Bad Request', message: 'Execution is not in pending human input state' };

/** A platform by the documentation, with a run that waits for a person. */
async function startPaused(options: Parameters<typeof startPress>[0] = {}) {
  const press = await startPress(options);
  const { id, taskId } = await press.startPaused();
  const resume = (change: object = {}) => press.post('/resume', { ...buildApproval(id, taskId), ...change });
  return { ...press, id, taskId, resume, run: () => press.platform.execution(id) };
}

test('an approval continues the run with the next task, under the same id', async () => {
  const { id, resume, run, round, ended, urls, received, delivered } = await startPaused({
    tasks: [draft, budget],
  });
  expect(await resume()).toEqual([200, { status: 'resumed', message: expect.any(String) }]);
  const { taskName } = await round(id, 2);
  await resume({ task_id: taskName, crewWebhookUrl: urls.crewWebhookUrl });
  await ended(id);
  expect(run()).toMatchObject({
    status: 'completed',
    kickoffId: id,
    outputs: { draft_press_release: '# Spring', approve_budget: { total_eur: 18500 } },
    rounds: [{ approved: true }, { approved: true }],
  });
  await delivered(1);
  expect(received()[0]?.body.kickoff_id).toBe(id);
});

test('a revision runs the task again with the feedback and pauses under a new UUID', async () => {
  const { id, taskId, resume, run, round } = await startPaused();
  const revision = { human_feedback: 'Shorter', is_approve: false };
  expect(await resume(revision)).toEqual([200, { status: 'retrying', message: expect.any(String) }]);
  const second = await round(id, 2);
  expect(second.output).toBe('# Spring\nShorter');
  expect(second.taskId).not.toBe(taskId);
  expect(run()).toMatchObject({ status: 'pending human input', feedback: ['Shorter'] });
  expect(await resume()).toEqual([400, NOT_PENDING]);
});

test('a second approval of the same pause is refused, even before the run has moved on', async () => {
  const { platform, id, resume, run, ended } = await startPaused();
  platform.hold();
  expect((await resume())[0]).toBe(200);
  expect(await resume({ task_id: 'draft_press_release' })).toEqual([400, NOT_PENDING]);
  expect(run().status).toBe('running');
  platform.release();
  await ended(id);
  expect((await resume())[0]).toBe(400);
  expect(platform.resumes.map(({ status }) => status)).toEqual([200, 400, 400]);
});

const digest = { url: 'https://example.com', authentication: { strategy: 'digest' } };
test.each<[string, object, number]>([
  ['no execution id', { execution_id: undefined }, 400],
  ['an empty task id', { task_id: '' }, 400],
  ['empty feedback', { human_feedback: '' }, 400],
  ['is_approve as text', { is_approve: 'true' }, 400],
  ['no is_approve', { is_approve: undefined }, 400],
  ['an empty URL', { taskWebhookUrl: '' }, 400],
  ['a null URL', { crewWebhookUrl: null }, 400],
  ['a URL that is not http', { stepWebhookUrl: 'ftp://example.com/step' }, 400],
  ['a human-input webhook as text', { humanInputWebhook: 'https://example.com' }, 400],
  ['an unknown strategy', { humanInputWebhook: digest }, 400],
  ['an unknown field', { kickoff_id: 'x' }, 400],
  ['a made-up execution', { execution_id: 'abcd1234-5678-90ef-ghij-klmnopqrstuv' }, 404],
  ['a made-up task', { task_id: 'made_up' }, 404],
  ['a task that does not wait', { task_id: 'research' }, 400],
])('%s is refused, and the run still waits', async (_what, change, status) => {
  const { platform, taskId, resume, run } = await startPaused();
  const [refused, answer] = await resume(change);
  expect([refused, answer]).toEqual([status, { error: expect.any(String), message: expect.any(String) }]);
  expect(run()).toMatchObject({ status: 'pending human input', pendingTask: { taskId } });
  expect(platform.resumes).toMatchObject([{ status, answer, fate: 'answered' }]);
});

test('the live spelling alone lacks the required fields', async () => {
  const { post, id, taskId, run } = await startPaused();
  const [status, { message }] = await post('/resume', {
    executionId: id,
    taskId,
    humanFeedback: 'Approved.',
  });
  expect(status).toBe(400);
  for (const field of ['execution_id', 'task_id', 'human_feedback', 'is_approve'])
    expect(message).toContain(`${field}: `);
  expect(run().status).toBe('pending human input');
});

test.each([
  ['Approved.', false, 'retrying'],
  ['Shorter', true, 'resumed'],
])('is_approve decides: %j with %j is answered with %j', async (human_feedback, is_approve, status) => {
  const { resume, run } = await startPaused();
  const live = { executionId: 'other', taskId: 'other', humanFeedback: 'Approved.', isApprove: true };
  expect(await resume({ human_feedback, is_approve, ...live })).toMatchObject([200, { status }]);
  expect(run().rounds[0]).toMatchObject({ approved: is_approve, feedback: human_feedback });
});

test('a wrong token, another content type, broken JSON and a body of 2 MB are refused in this order', async () => {
  const { platform, post } = await startPress();
  const type = (value: string) => ({ 'content-type': value });
  const unauthorized = await post('/resume', '{', { authorization: 'Bearer other', ...type('text/plain') });
  expect(unauthorized).toEqual([401, { error: 'Unauthorized', message: expect.any(String) }]);
  await post('/resume', '{', { authorization: `Bearer ${token}`, ...type('text/plain') });
  await post('/resume', '{');
  await post('/resume', '[]', type('application/json; charset=utf-8'));
  await post('/resume', 'x'.repeat(2_000_000));
  expect(platform.resumes.map(({ status }) => status)).toEqual([401, 415, 400, 400, 413]);
});
