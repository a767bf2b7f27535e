import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createLog, type LogOutput } from '../../src/lib/log.ts';

/** A terminal or a pipe that keeps what is written to it. */
function output(terminal?: { colors: boolean }) {
  const stream = new PassThrough({ encoding: 'utf8' });
  const parts = terminal ? { isTTY: true, hasColors: () => terminal.colors } : {};
  return { stream: Object.assign(stream, parts) as LogOutput, read: () => String(stream.read() ?? '') };
}

test('on a terminal, each event is one line: time, level, message and fields', async () => {
  const { stream, read } = output({ colors: false });
  const log = createLog('info', stream);
  log.info({ crew: 'press', approval: 'ABC', port: 3000 }, 'card posted');
  log.debug('not shown at this level');
  log.warn('setting ignored');
  const lines = read().split('\n');
  expect(lines.map((line) => line.replace(/^\[\d\d:\d\d:\d\d\] /, '<time> '))).toEqual([
    '<time> INFO: card posted {"crew":"press","approval":"ABC","port":3000}',
    '<time> WARN: setting ignored',
    '',
  ]);
});

test('on a terminal, an error, a field and a message with line breaks stay on one line', async () => {
  const { stream, read } = output({ colors: true });
  const log = createLog('info', stream);
  const error = new Error('read failed\n    at line 2', { cause: new Error('disk') });
  log.error({ error, text: 'one\ntwo' }, 'store failed:\n  disk full');
  log.error({ err: error });
  log.error(error, 'update failed');
  const lines = read().split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toContain('store failed: disk full');
  expect(lines[0]).toContain(String.raw`{"error":"read failed\n    at line 2","text":"one\ntwo"}`);
  expect(lines[1]).toContain(String.raw`{"err":"read failed\n    at line 2"}`);
  expect(lines[2]).toContain('update failed');
  expect(lines.join('\n')).not.toContain('log.test.ts');
});

test.each([
  ['a terminal with colors', true],
  ['a terminal without colors, or with NO_COLOR', false],
])('%s is asked whether to color the level', async (_, colors) => {
  const { stream, read } = output({ colors });
  createLog('info', stream).info('ready');
  expect(read().includes('\u001b[')).toBe(colors);
});

test('in a pipe, each event is one JSON object', async () => {
  const { stream, read } = output();
  createLog('info', stream).error({ error: new Error('read failed\nagain') }, 'store failed');
  const line = { level: 50, time: expect.any(Number), error: 'read failed\nagain', msg: 'store failed' };
  expect(JSON.parse(read())).toEqual(line);
});
