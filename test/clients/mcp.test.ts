import { describe, expect, test } from 'vitest';
import { en as texts } from '../../src/slack/texts/texts.ts';
import { clickOn } from '../support/process-steps.ts';
import { HOSTED } from '../support/self-hosted.ts';
import { spawnBot, startGate } from '../support/spawn-bot.ts';
import { shown, startWorld, type World } from '../support/world.ts';
import { callTool, connectClient, MODES, seesCard, startAsking, TRANSPORTS } from './mcp-client.ts';

const SHIP = { title: 'Ship build 42?', text: 'All 312 tests passed.' };
const OPTIONS = [
  { id: 'ship', label: 'Ship it' },
  { id: 'hold', label: 'Hold' },
];
const countCards = ({ workspace }: World, words: string) =>
  shown(workspace).filter(({ all, approval }) => approval !== undefined && all.includes(words)).length;

describe.each(TRANSPORTS.flatMap((transport) => MODES.map((mode) => [transport, mode] as const)))(
  'the MCP server over %s, with a client of %s',
  (transport, mode) => {
    test('lists its tools to the official client, with schemas and what happens when a call ends', async () => {
      const { url } = await startAsking();
      const client = await connectClient(transport, url, { mode });
      expect(client.getServerVersion()).toMatchObject({ name: 'crew-approvals' });
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toEqual(['ask_human', 'get_answer', 'cancel']);
      for (const { inputSchema, outputSchema, description } of tools) {
        expect(inputSchema.type).toBe('object');
        expect(outputSchema?.required).toEqual(['id', 'status']);
        expect(description).toMatch(/\.$/);
      }
      expect(JSON.stringify(tools[0]?.inputSchema.properties?.request_id)).toContain('an old answer');
      expect(client.getNegotiatedProtocolVersion()).toBe(mode === 'legacy' ? '2025-11-25' : '2026-07-28');
    });

    test('asks, tells its progress, returns the answer, and the card says that it was received', async () => {
      const { world, url } = await startAsking();
      const client = await connectClient(transport, url, { mode });
      const progress: { progress: number; total?: number | undefined; message?: string | undefined }[] = [];
      const call = callTool(
        client,
        'ask_human',
        { ...SHIP, options: OPTIONS },
        { onprogress: (told) => progress.push(told) },
      );
      const { ts } = await seesCard(world, 'Ship build 42?');
      await clickOn(world, ts, 'choose_2');
      const { structuredContent, content, isError } = await call;
      expect(isError).toBeFalsy();
      expect(structuredContent).toMatchObject({ status: 'answered', answer: { option: 'hold', by: 'UANA' } });
      expect(JSON.parse(content[0]?.text ?? '')).toEqual(structuredContent);
      expect(progress[0]).toMatchObject({ progress: 0, message: expect.stringContaining('Slack') });
      // Without the time that asking took.
      expect(progress[0]?.total).toBeGreaterThan(0);
      expect(progress[0]?.total).toBeLessThanOrEqual(50);
      await seesCard(world, texts.state.received());
    });

    test('returns "waiting" after its time, and the answer later by the id, as often as it is fetched', async () => {
      const { world, url } = await startAsking();
      const client = await connectClient(transport, url, { mode });
      const first = await callTool(client, 'ask_human', { ...SHIP, wait: 0 });
      expect(first.structuredContent).toMatchObject({
        status: 'waiting',
        id: expect.stringMatching(/^mcp:/),
      });
      expect(first.content[1]?.text).toContain('get_answer');
      const { ts } = await seesCard(world, 'Ship build 42?');
      const later = callTool(client, 'get_answer', { id: first.structuredContent?.id });
      await clickOn(world, ts, 'approve');
      expect((await later).structuredContent).toMatchObject({
        status: 'answered',
        answer: { option: 'approve' },
      });
      const again = await callTool(client, 'get_answer', { id: first.structuredContent?.id, wait: 0 });
      expect(again.structuredContent).toEqual((await later).structuredContent);
    });

    test('the same request_id is the same card, also for two calls at once, and each call without one has its own', async () => {
      const { world, url } = await startAsking();
      const client = await connectClient(transport, url, { mode });
      const args = { ...SHIP, wait: 0, request_id: 'build-42' };
      const [one, two] = await Promise.all([
        callTool(client, 'ask_human', args),
        callTool(client, 'ask_human', args),
      ]);
      expect(one.structuredContent).toEqual({ id: 'mcp:build-42', status: 'waiting' });
      expect(two.structuredContent).toEqual(one.structuredContent);
      const others = await Promise.all([1, 2].map(() => callTool(client, 'ask_human', { ...SHIP, wait: 0 })));
      expect(new Set(others.map(({ structuredContent }) => structuredContent?.id)).size).toBe(2);
      await expect.poll(() => countCards(world, 'Ship build 42?')).toBe(3);
      const other = await callTool(client, 'ask_human', { ...args, text: 'Another text.' });
      expect(other).toMatchObject({ isError: true });
      expect(other.content[0]?.text).toMatch(/^Another question was asked under this request_id\./);
      expect((await callTool(client, 'get_answer', { id: 'build-42', wait: 0 })).structuredContent?.id).toBe(
        'mcp:build-42',
      );
    });

    test('a cancelled call withdraws its question only if it has no request_id', async () => {
      const { world, url } = await startAsking();
      const client = await connectClient(transport, url, { mode });
      const stop = new AbortController();
      const calls = [
        callTool(client, 'ask_human', SHIP, { signal: stop.signal }),
        callTool(
          client,
          'ask_human',
          { ...SHIP, title: 'Ship build 43?', request_id: 'b43' },
          { signal: stop.signal },
        ),
      ];
      const ended = Promise.allSettled(calls);
      await seesCard(world, 'Ship build 42?');
      const { ts } = await seesCard(world, 'Ship build 43?');
      stop.abort('enough');
      expect(await ended).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
      await expect
        .poll(() => shown(world.workspace).find(({ all }) => all.includes('Ship build 42?'))?.all)
        .toContain('withdrew this question');
      await clickOn(world, ts, 'approve');
      const kept = await callTool(client, 'ask_human', {
        ...SHIP,
        title: 'Ship build 43?',
        request_id: 'b43',
      });
      expect(kept.structuredContent).toMatchObject({ status: 'answered' });
    });

    test('cancel withdraws a question, and neither it nor get_answer reaches questions of other programs', async () => {
      const { world, url } = await startAsking();
      const client = await connectClient(transport, url, { mode });
      const asked = await callTool(client, 'ask_human', { ...SHIP, wait: 0 });
      await seesCard(world, 'Ship build 42?');
      const { id } = asked.structuredContent ?? {};
      expect((await callTool(client, 'cancel', { id })).structuredContent).toEqual({
        id,
        status: 'withdrawn',
      });
      expect((await callTool(client, 'get_answer', { id })).structuredContent).toEqual({
        id,
        status: 'withdrawn',
      });
      const headers = { authorization: `Bearer ${HOSTED.ASK_SECRET}`, 'content-type': 'application/json' };
      const other = `${url}/crews/press/questions/other`;
      await fetch(other, { method: 'PUT', headers, body: JSON.stringify(SHIP) });
      for (const name of ['cancel', 'get_answer'])
        expect((await callTool(client, name, { id: 'other' })).structuredContent?.status).toBe('unknown');
      expect(await (await fetch(other, { headers })).json()).toMatchObject({ status: 'waiting' });
    });

    test.each<[string, Record<string, unknown>, string]>([
      ['ask_human', { title: 'Ship?' }, 'text is missing.'],
      ['ask_human', { ...SHIP, colour: 'red' }, 'colour is not a known argument.'],
      ['ask_human', { ...SHIP, title: '' }, 'The question was rejected: title must not be blank.'],
      [
        'ask_human',
        { ...SHIP, options: [{ id: 'a' }] },
        'The question was rejected: options.0.label is missing.',
      ],
      ['ask_human', { ...SHIP, wait: 'long' }, 'wait must be a number of seconds.'],
      [
        'ask_human',
        { ...SHIP, request_id: 'a b' },
        'request_id must be 1 to 96 letters (a to z), digits and .:@_-',
      ],
      [
        'ask_human',
        { ...SHIP, text: 'x'.repeat(1_000_001) },
        'The question was rejected: text must be at most 1000000 characters long.',
      ],
      ['get_answer', {}, 'id is missing.'],
    ])('a wrong call of %s is an error that names the field (%#)', async (name, args, message) => {
      const { url } = await startAsking();
      const client = await connectClient(transport, url, { mode });
      expect(await callTool(client, name, args)).toMatchObject({
        isError: true,
        content: [{ type: 'text', text: message }],
      });
    });

    test('an unknown tool is an error of the protocol', async () => {
      const { url } = await startAsking();
      const client = await connectClient(transport, url, { mode });
      await expect(callTool(client, 'approve_all', {})).rejects.toMatchObject({ code: -32602 });
    });

    test('a question asked before a crash of the bot is answered after it', async () => {
      const world = await startWorld();
      const bot = await spawnBot(world, HOSTED);
      const gate = await startGate(bot.url);
      const client = await connectClient(transport, gate.url, { mode });
      const asked = await callTool(client, 'ask_human', { ...SHIP, wait: 0, request_id: 'b42' });
      expect(asked.structuredContent).toMatchObject({ status: 'waiting' });
      const { ts } = await seesCard(world, 'Ship build 42?');
      await gate.shut();
      await bot.kill();
      const during = callTool(client, 'ask_human', { ...SHIP, request_id: 'b42', wait: 30 });
      const fate = during.then(
        () => 'answered',
        () => 'lost',
      );
      await gate.open();
      await bot.restart();
      await clickOn(world, ts, 'approve');
      expect(await fate).toBe(transport === 'HTTP' ? 'lost' : 'answered');
      // Over HTTP the bot is the server, so the client calls again.
      const result =
        transport === 'HTTP' ? await callTool(client, 'get_answer', { id: 'b42' }) : await during;
      expect(result.structuredContent).toMatchObject({ status: 'answered', answer: { option: 'approve' } });
    });
  },
);
