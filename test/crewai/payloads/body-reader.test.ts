import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import type { ReadBody, TaskWebhook, WebhookKind } from '../../../src/approval/model/run/webhook.ts';
import { readBody } from '../../../src/crewai/payloads/read-body.ts';
import { BodyReader } from '../../../src/lib/body-reader.ts';
import { BodyThread } from '../../../src/lib/body-thread.ts';
import { MIB } from '../../support/json-text.ts';
import { until } from '../../support/until.ts';

const NUMBER = '12345678901234567890';
const task = (output: string) => `{"kickoff_id":"run-1","name":"draft","output":${output}}`;
const numbers = (characters: number) =>
  `[${Array.from({ length: characters / (NUMBER.length + 1) }, () => NUMBER).join()}]`;

/** A reader with the product's own thread, which ends with the test; `asked`: the bodies that went to the thread. */
function reader() {
  const entry = new URL('../../../src/crewai/payloads/body-worker.ts', import.meta.url);
  const thread = new BodyThread<WebhookKind, ReadBody>(entry);
  onTestFinished(() => thread.close());
  let asked = 0;
  const read: typeof thread.read = (...args) => {
    asked += 1;
    return thread.read(...args);
  };
  const reading = { read: readBody, thread: entry };
  const bodies = new BodyReader<WebhookKind, ReadBody>(reading, { read, close: () => thread.close() });
  return { read: (text: string) => bodies.read('task', Buffer.from(text)), asked: () => asked };
}

function outputOf(read: object) {
  if (!('facts' in read)) throw new Error(JSON.stringify(read));
  return (read.facts as TaskWebhook).output;
}
const escaped = (json: string) => task(JSON.stringify(json));
const PROSE = 'Recycled linen, as cool as cotton and as warm as wool ever was. ';

it.each<[string, string, boolean]>([
  ['64 KB of text', task(`"${'x'.repeat(64 * 1_024 - 60)}"`), false],
  ['60 KB of prose', task(`"${PROSE.repeat(60_000 / 66)}"`), false],
  ['more than 64 KB of text', task(`"${'x'.repeat(64 * 1_024)}"`), true],
  ['a long number', task(`{"id":${NUMBER}}`), false],
  ['20 KB with a long number', task(`{"id":${NUMBER},"text":"${'x'.repeat(20_000)}"}`), true],
  ['20 KB with a long number in a string', escaped(`{"id":${NUMBER},"a":"${'x'.repeat(20_000)}"}`), true],
  ['20 KB of small numbers', task(`[${'1,'.repeat(10_000)}1]`), true],
  ['60 KB of lists in lists', task(`[${`${'['.repeat(30)}${']'.repeat(30)},`.repeat(1_000)}1]`), true],
  ['40 KB of objects in objects', task(`[${`${'{"":'.repeat(8)}1${'}'.repeat(8)},`.repeat(1_000)}1]`), true],
  ['a thousand fields', task(`{${'"key":1,'.repeat(999)}"key":1}`), false],
  ['40 KB of empty strings in an escaped text', escaped(`[${'"",'.repeat(10_000)}""]`), true],
])('a body is read in the thread if it takes long: %s', async (_, text, goes) => {
  const { read, asked } = reader();
  await read(text);
  expect(asked()).toBe(goes ? 1 : 0);
});

test('the event loop goes on while the thread reads a mebibyte of long numbers', async () => {
  const { read } = reader();
  // Starts the thread, which is not what takes long.
  await read(task(numbers(20_000)));
  let turns = 0;
  let done = false;
  const turn = () => {
    turns += 1;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  const facts = await read(task(numbers(MIB)));
  done = true;
  expect(outputOf(facts)).toMatchObject({ kind: 'json' });
  // On the loop it would be one or two.
  expect(turns).toBeGreaterThan(20);
});

test.each([
  ['text', task(`"${'Linen and wool\\n'.repeat(MIB / 10)}"`)],
  ['JSON', task(`{"rows":[${'{"a":1,"b":"x"},'.repeat(MIB / 10)}{}]}`)],
  ['JSON in a string', escaped(`{"rows":[${'{"a":1,"b":"x"},'.repeat(MIB / 10)}{}]}`)],
  ['long numbers', task(numbers(100_000))],
  ['a fault', `{"kickoff_id":7,"output":"${'x'.repeat(MIB)}"}`],
  ['no JSON', `${'x'.repeat(MIB)}}`],
  ['brackets', '['.repeat(2 * MIB)],
  ['nesting', `${'['.repeat(MIB)}${']'.repeat(MIB)}`],
])('the thread reads %s as the event loop would', async (_, text) => {
  const { read, asked } = reader();
  expect(await read(text)).toEqual(readBody('task', text));
  expect(asked()).toBe(1);
});

test('answers each of several bodies with its own facts', async () => {
  const { read } = reader();
  const texts = Array.from({ length: 5 }, (_, number) => task(`"${number}${'x'.repeat(MIB)}"`));
  const got = await Promise.all(texts.map(read));
  expect(got.map((one) => outputOf(one).text[0])).toEqual(['0', '1', '2', '3', '4']);
});

describe('a thread that', () => {
  /** Threads that do as a message says, and how many were started. */
  function played(code: string, { fails = 0, longest = 60_000 } = {}) {
    let started = 0;
    const thread = new BodyThread<WebhookKind, ReadBody>(() => {
      started += 1;
      // As a container at its limit of threads does.
      if (started <= fails) throw new Error('no thread is left');
      return new Worker(`const { parentPort } = require('node:worker_threads');\n${code}`, {
        eval: true,
        resourceLimits: { maxOldGenerationSizeMb: 16 },
      });
    }, longest);
    onTestFinished(() => thread.close());
    return {
      ask: (body: string) => thread.read({ kind: 'task', body: Buffer.from(body) }),
      started: () => started,
      close: () => thread.close(),
    };
  }
  const CODE = `parentPort.on('message', (sent) => {
    const body = new TextDecoder().decode(sent.body);
    if (body === 'throw') throw new TypeError('a fault');
    if (body === 'fill') { const all = []; for (;;) all.push(new Array(10_000).fill(all.length)); }
    if (body !== 'hang') parentPort.postMessage({ faults: [{ field: body, fault: '' }] });
  });`;

  it.each<[string, string, { fails?: number; longest?: number }, object]>([
    ['fails', 'throw', {}, { code: 'body_unread' }],
    ['cannot be started', 'first', { fails: 1 }, { code: 'body_unread' }],
    ['runs out of memory', 'fill', {}, { rejection: 'too_large' }],
    ['does not come to an end', 'hang', { longest: 5_000 }, { rejection: 'too_large' }],
  ])('%s rejects the body that it was reading, and the next one is read', async (_, body, how, outcome) => {
    const { ask, started } = played(CODE, how);
    const [first, next] = [ask(body).catch((error: object) => error), ask('next')];
    expect(await first).toMatchObject(outcome);
    expect(await next).toEqual({ faults: [{ field: 'next', fault: '' }] });
    expect(started()).toBe(2);
  });

  it('is closed rejects the bodies that wait, and no other one is started', async () => {
    const { ask, started, close } = played(CODE);
    const asked = ['hang', 'second', 'third'].map((body) => ask(body).catch((error: object) => error));
    await until(() => expect(started()).toBe(1));
    await close();
    for (const outcome of await Promise.all(asked)) expect(outcome).toMatchObject({ code: 'body_unread' });
    await expect(ask('later')).rejects.toMatchObject({ code: 'body_unread' });
    expect(started()).toBe(1);
  });

  it('has nothing to do is stopped, and another one is started for the next body', async () => {
    const { ask, started } = played(CODE);
    expect(started()).toBe(0);
    await Promise.all([ask('first'), ask('second')]);
    expect(started()).toBe(1);
    await until(async () => {
      await ask('third');
      expect(started()).toBe(2);
    });
  });
});
