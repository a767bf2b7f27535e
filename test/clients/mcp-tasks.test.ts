import { describe, expect, test } from 'vitest';
import { buildTask, buildTaskId, readTaskId } from '../../src/clients/mcp-tasks.ts';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { clickOn } from '../support/process-steps.ts';
import { HOSTED } from '../support/self-hosted.ts';
import { spawnBot, startGate } from '../support/spawn-bot.ts';
import { shown, startBot, startWorld } from '../support/world.ts';
import {
  ASK_SECRET,
  connectRaw,
  type Send,
  seesCard,
  startAsking,
  TRANSPORTS,
  writeEnvelope,
} from './mcp-client.ts';

const SHIP = { title: 'Ship build 42?', text: 'All 312 tests passed.' };
const OTHER_SECRET = 'another-ask-secret-of-press';
const ask = (send: Send, args: object = {}, envelope?: object) =>
  send('tools/call', { name: 'ask_human', arguments: { ...SHIP, ...args } }, envelope);
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe.each(TRANSPORTS)('a question as a task over %s', (transport) => {
  test('works while it waits, and is completed with the answer, which the card then says was received', async () => {
    const { world, url } = await startAsking();
    const { send } = connectRaw(transport, url);
    const { result: created } = await ask(send);
    expect(created).toMatchObject({
      ...{ resultType: 'task', status: 'working', ttlMs: null, pollIntervalMs: 5_000 },
      taskId: expect.stringMatching(/^mcp:[\w-]{36}\.[\w-]{22}$/),
      createdAt: expect.stringMatching(TIME),
      statusMessage: expect.stringMatching(/\.$/),
    });
    const { taskId, createdAt } = created;
    const { ts } = await seesCard(world, 'Ship build 42?');
    const { result: working } = await send('tasks/get', { taskId });
    expect(working).toMatchObject({ resultType: 'complete', taskId, status: 'working', createdAt });
    expect((await send('tasks/update', { taskId, inputResponses: {} })).result).toMatchObject({
      resultType: 'complete',
    });
    await clickOn(world, ts, 'approve');
    await expect.poll(async () => (await send('tasks/get', { taskId })).result.status).toBe('completed');
    const { result: completed } = await send('tasks/get', { taskId });
    const id = taskId.slice(0, taskId.lastIndexOf('.'));
    expect(completed.result.structuredContent).toMatchObject({
      ...{ id, status: 'answered' },
      answer: { option: 'approve', by: 'UANA' },
    });
    const { result: read } = await send('tools/call', { name: 'get_answer', arguments: { id } });
    expect(completed.result.content).toEqual(read.content);
    expect([completed.createdAt, completed.lastUpdatedAt]).toEqual([
      createdAt,
      completed.result.structuredContent.answer.at,
    ]);
    await seesCard(world, texts.state.received());
    // An answered task is not cancelled.
    expect((await send('tasks/cancel', { taskId })).error).toBeUndefined();
    expect((await send('tasks/get', { taskId })).result.status).toBe('completed');
  });

  test('goes on after kill -9 of the bot and of the client, and is then answered at once under its request_id', async () => {
    const world = await startWorld();
    const bot = await spawnBot(world, HOSTED);
    const gate = await startGate(bot.url);
    const client = connectRaw(transport, gate.url);
    const { taskId, createdAt } = (await ask(client.send, { request_id: 'b42' })).result;
    const { ts } = await seesCard(world, 'Ship build 42?');
    client.kill();
    await bot.kill();
    await bot.restart();
    const { send } = connectRaw(transport, gate.url);
    expect((await send('tasks/get', { taskId })).result).toMatchObject({ status: 'working', createdAt });
    await clickOn(world, ts, 'approve');
    await expect.poll(async () => (await send('tasks/get', { taskId })).result.status).toBe('completed');
    const { result: again } = await ask(send, { request_id: 'b42' });
    expect(again.structuredContent).toMatchObject({ id: 'mcp:b42', status: 'answered' });
  });

  test('is withdrawn by tasks/cancel, and cancelled from then on', async () => {
    const { world, url } = await startAsking();
    const { send } = connectRaw(transport, url);
    const { taskId, createdAt } = (await ask(send)).result;
    await seesCard(world, 'Ship build 42?');
    expect((await send('tasks/cancel', { taskId })).result).toMatchObject({ resultType: 'complete' });
    await expect.poll(() => shown(world.workspace)[0]?.all).toContain('withdrew this question');
    const { result } = await send('tasks/get', { taskId });
    expect(result).toMatchObject({
      status: 'cancelled',
      createdAt,
      statusMessage: 'The question was withdrawn.',
    });
    expect(result.lastUpdatedAt >= createdAt).toBe(true);
    expect(result).not.toHaveProperty('result');
  });

  test('is not made for a client that does not declare tasks, which may not ask for one either', async () => {
    const { url } = await startAsking();
    const { send } = connectRaw(transport, url);
    const { result } = await ask(send, { wait: 0 }, writeEnvelope());
    expect(result).toMatchObject({ resultType: 'complete', structuredContent: { status: 'waiting' } });
    const { taskId } = (await ask(send, { request_id: 'b42' })).result;
    for (const method of ['tasks/get', 'tasks/cancel', 'tasks/update'])
      expect((await send(method, { taskId }, writeEnvelope())).error).toMatchObject({
        code: -32021,
        data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
      });
    expect((await send('tasks/get', { taskId })).result.status).toBe('working');
  });

  test('is an error of its call, and no task, if it is not asked', async () => {
    const { url } = await startAsking();
    const { send } = connectRaw(transport, url);
    await ask(send, { request_id: 'b42' });
    for (const args of [{ request_id: 'b42', text: 'Another text.' }, { title: '' }, { wait: 'long' }])
      expect((await ask(send, args)).result).toMatchObject({ resultType: 'complete', isError: true });
  });

  test('is found under its own id only, and nothing that was not asked over MCP is', async () => {
    const { url } = await startAsking();
    const { send } = connectRaw(transport, url);
    const { taskId } = (await ask(send, { request_id: 'b42' })).result;
    const headers = { authorization: `Bearer ${ASK_SECRET}`, 'content-type': 'application/json' };
    const other = `${url}/crews/press/questions/other`;
    await fetch(other, { method: 'PUT', headers, body: JSON.stringify(SHIP) });
    const wrong = [
      ...['mcp:b42', 'mcp:b42.', 'other', '', '.', taskId.slice(0, -1), `${taskId}A`, `${taskId}.`],
      `mcp:b43${taskId.slice('mcp:b42'.length)}`,
      buildTaskId(OTHER_SECRET, 'mcp:b42'),
      // Proved, but never asked.
      buildTaskId(ASK_SECRET, 'mcp:b44'),
    ];
    for (const method of ['tasks/get', 'tasks/cancel', 'tasks/update'])
      for (const id of wrong)
        expect((await send(method, { taskId: id })).error, `${method} ${id}`).toMatchObject({ code: -32602 });
    expect((await send('tasks/get', {})).error?.code).toBe(-32602);
    expect((await send('tasks/get', { taskId })).result.status).toBe('working');
    expect(await (await fetch(other, { headers })).json()).toMatchObject({ status: 'waiting' });
  });
});

test('after a change of the ask secret an earlier task id is unknown, and the same call finds the card again', async () => {
  const world = await startWorld();
  const bot = await startBot(world, HOSTED);
  const before = connectRaw('HTTP', `http://127.0.0.1:${bot.port}`);
  const { taskId } = (await ask(before.send, { request_id: 'b42' })).result;
  await seesCard(world, 'Ship build 42?');
  await bot.stop();
  const changed = await startBot(world, { ...HOSTED, ASK_SECRET: OTHER_SECRET });
  const { send } = connectRaw('HTTP', `http://127.0.0.1:${changed.port}`, { secret: OTHER_SECRET });
  expect((await send('tasks/get', { taskId })).error?.code).toBe(-32602);
  const { result } = await ask(send, { request_id: 'b42' });
  expect(result.taskId).toMatch(/^mcp:b42\./);
  expect(result.taskId).not.toBe(taskId);
  expect(shown(world.workspace).filter(({ approval }) => approval !== undefined)).toHaveLength(1);
});

test('a task id is read only with the secret with which it was built, split at its last dot', () => {
  for (const id of ['mcp:b42', 'mcp:a.b..c', 'mcp:.', 'mcp:@_-'])
    expect(readTaskId('secret', buildTaskId('secret', id))).toBe(id);
  expect(readTaskId('secret', buildTaskId('other', 'mcp:b42'))).toBeUndefined();
  expect(buildTaskId('secret', 'mcp:b42')).toMatch(/^mcp:b42\.[\w-]{22}$/);
});

test('a closed question is a completed task whose result is no permission; after ten minutes polls are rarer', () => {
  const askedAt = '2026-12-01T10:00:00.000Z';
  const state = { id: 'mcp:b42', asked_at: askedAt };
  const now = Date.parse(askedAt);
  const closed = buildTask(
    'task',
    { ...state, status: 'closed', closed_at: '2026-12-01T10:05:00.000Z', reason: 'Its run ended.' },
    now,
  );
  expect(closed).toMatchObject({
    ...{ status: 'completed', createdAt: askedAt, lastUpdatedAt: '2026-12-01T10:05:00.000Z' },
    result: { structuredContent: { id: 'mcp:b42', status: 'closed', reason: 'Its run ended.' } },
  });
  expect(JSON.stringify(closed.result)).toContain('is not permission');
  const after = (minutes: number) =>
    buildTask('task', { ...state, status: 'waiting' }, now + minutes * 60_000).pollIntervalMs;
  expect([after(0), after(10), after(11)]).toEqual([5_000, 5_000, 20_000]);
});
