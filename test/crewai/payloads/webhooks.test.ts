import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WebhookFacts } from '../../../src/approval/model/run/webhook.ts';
import { readBody } from '../../../src/crewai/payloads/read-body.ts';

const names = ['task', 'human-input', 'step', 'crew'] as const;
type WebhookName = (typeof names)[number];
type Facts<K extends WebhookFacts['kind']> = K extends 'step' | 'crew'
  ? Extract<WebhookFacts, { kind: K }>
  : Extract<WebhookFacts, { taskKey: string }>;

const RUN = '97eba64f-958c-40a0-b61c-625fe635a3c0';
const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', `${name}-webhook.json`), 'utf8'));

function readWebhook(name: WebhookName, body: unknown, text = JSON.stringify(body)) {
  const read = readBody(name, text);
  if ('rejection' in read) throw new Error(read.rejection);
  return read;
}
function facts<K extends WebhookFacts['kind']>(kind: K, name: WebhookName, body: unknown): Facts<K> {
  const read = readWebhook(name, body);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  expect(read.facts.kind).toBe(kind);
  return read.facts as Facts<K>;
}
const task = (body: object) =>
  facts('task', 'task', { kickoff_id: 'run-1', name: 'draft', output: 'Hello', ...body });
const pause = (body: object) => facts('human_input', 'human-input', body);
/** A pause of the task `t` of the run `run-1`. */
const pauseWith = (body: object) => pause({ execution_id: 'run-1', task_id: 't', ...body });
function faults(name: WebhookName, body: unknown): string[] {
  const read = readWebhook(name, body);
  return 'faults' in read ? read.faults.map(({ field, fault }) => `${field} ${fault}`) : [];
}

describe("CrewAI's own examples", () => {
  it('a task webhook without a task_id: the name is its id, and meta hands over two URLs', () => {
    const body = fixture('task');
    const read = facts('task', 'task', body);
    expect(read).toMatchObject({
      executionId: RUN,
      taskKey: 'draft_press_release',
      task: 'draft_press_release',
      output: { kind: 'text', text: body.output },
      warnings: [],
      round: {
        taskId: 'draft_press_release',
        humanInput: false,
        agent: 'Copywriter',
        description: body.description,
        expectedOutput: body.expected_output,
      },
    });
    expect(read.meta).toEqual({
      urls: {
        task: 'https://approvals.example.com/webhooks/press/task?token=abc',
        crew: 'https://erp.example.com/hooks/crew',
      },
    });
  });

  it('a human-input webhook: the task is known by its name, and answered by its own id of the pause', () => {
    const body = fixture('human-input');
    expect(pause(body)).toMatchObject({
      executionId: RUN,
      taskKey: 'approve_budget',
      output: { kind: 'json', text: JSON.stringify(body.task_output) },
      round: { taskId: '5b2f6f5e-0d55-4f3a-9c5f-1f4a1b7d2c90', humanInput: true },
    });
  });

  it('a step and a crew webhook', () => {
    expect(facts('step', 'step', fixture('step')).executionId).toBe(RUN);
    expect(facts('crew', 'crew', fixture('crew'))).toMatchObject({
      executionId: RUN,
      result: { kind: 'text', text: 'The press release was sent to 41 editors.' },
    });
  });
});

it.each([' ', '\n\t', '\0\u0007', '\u200b\u2060', '\u00a0'])(
  'a text without anything to see, %j, is not a name of a task, an agent or a description',
  (blank) => {
    const texts = { agent: blank, description: blank, expected_output: blank };
    const none = { agent: undefined, description: undefined, expectedOutput: undefined };
    const known = { taskKey: 'id-7', task: 'id-7', round: { taskId: 'id-7', ...none } };
    expect(task({ name: blank, task_id: 'id-7', ...texts })).toMatchObject(known);
    expect(pauseWith({ task_id: 'id-7', task_name: blank, output: 'x', ...texts })).toMatchObject(known);
    expect(faults('task', { kickoff_id: 'run-1', name: blank, output: 'x' })).toEqual(['name is missing']);
  },
);

it('a text beside the output that is of another type is ignored', () => {
  const none = { agent: undefined, description: undefined, expectedOutput: undefined };
  expect(task({ agent: 1, description: [], expected_output: {} }).round).toMatchObject(none);
  const texts = { agent: { role: 'Copywriter' }, description: 7, expected_output: ['a'] };
  expect(pauseWith({ output: 'x', ...texts }).round).toMatchObject(none);
});

describe('a task webhook', () => {
  it('is known by its name, and answered by its task_id when it has one', () => {
    expect(task({ task_id: 'id-7' })).toMatchObject({ taskKey: 'draft', round: { taskId: 'id-7' } });
    expect(task({ name: '', task_id: 'id-7' })).toMatchObject({ taskKey: 'id-7', round: { taskId: 'id-7' } });
    expect(task({ name: null, task_id: 'id-7' })).toMatchObject({ taskKey: 'id-7', task: 'id-7' });
    expect(task({ task_id: null })).toMatchObject({ taskKey: 'draft', round: { taskId: 'draft' } });
  });

  it('shows output_json where output says nothing', () => {
    for (const output of [undefined, null, '', ' \n'])
      expect(task({ output, output_json: { a: 1 } }).output).toEqual({ kind: 'json', text: '{"a":1}' });
    expect(task({ output: 'Text', output_json: { a: 1 } }).output).toEqual({ kind: 'text', text: 'Text' });
    expect(task({ output: null }).output).toEqual({ kind: 'text', text: '' });
  });

  it('keeps 2,000 characters of a description, and no half of a pair', () => {
    const description = `${'x'.repeat(1_999)}👍`;
    expect(task({ description, agent: 'a'.repeat(5_000), expected_output: '' }).round).toMatchObject({
      description: `${'x'.repeat(1_999)}\ufffd`,
      agent: 'a'.repeat(2_000),
      expectedOutput: undefined,
    });
  });
});

describe('a human-input webhook', () => {
  it.each(['execution_id', 'executionId', 'kickoff_id', 'kickoffId'])('names its run as %s', (field) => {
    const id = 'abcd1234-5678-90ef-ghij-klmnopqrstuv';
    expect(pause({ [field]: id, task_id: 't', output: 'x' }).executionId).toBe(id);
  });

  it.each(['task_id', 'taskId'])('names its task as %s', (field) => {
    const paused = pause({ execution_id: 'run-1', [field]: 't', output: 'x' });
    expect(paused).toMatchObject({ taskKey: 't', round: { taskId: 't' } });
  });

  it.each(['task_name', 'name'])('has its name as %s, which stays while its id changes', (field) => {
    const at = (task_id?: string) =>
      pause({ execution_id: 'run-1', ...(task_id ? { task_id } : {}), [field]: 'budget', output: 'x' });
    for (const id of ['uuid-1', 'uuid-2'])
      expect(at(id)).toMatchObject({ taskKey: 'budget', round: { taskId: id } });
    expect(at().round.taskId).toBe('budget');
  });

  it.each(['task_output', 'taskOutput', 'output', 'result'])('has its output as %s', (field) => {
    const of = (value: unknown) => pauseWith({ [field]: value }).output;
    expect(of('Hello')).toEqual({ kind: 'text', text: 'Hello' });
    expect(of({ a: 1 })).toEqual({ kind: 'json', text: '{"a":1}' });
    expect(of('[1, 2]')).toEqual({ kind: 'json', text: '[1, 2]' });
    expect(of(null)).toEqual({ kind: 'text', text: '' });
  });

  it.each(['data', 'body', 'payload'])('can have its pause under %s', (envelope) => {
    const rest = { kickoffId: 'run-2', taskId: 't', taskOutput: { a: 1 } };
    const inner = { ...rest, executionId: 'run-1' };
    const output = { kind: 'json', text: '{"a":1}' };
    const expected = { executionId: 'run-1', aliasId: 'run-2', taskKey: 't', output };
    expect(pause({ event: 'human_input', name: 'an event', [envelope]: inner })).toMatchObject(expected);
    expect(pause({ [envelope]: { data: inner } })).toMatchObject(expected);
    const meta = { channel: '#press' };
    const beside = pause({ execution_id: 'run-1', meta, [envelope]: rest });
    expect(beside).toMatchObject({ ...expected, meta });
  });

  it('that has an output itself is read without what is in other members', () => {
    const read = pauseWith({ output: 'x', data: { task_id: 'u', output: 'y' } });
    expect(read).toMatchObject({ taskKey: 't', output: { text: 'x' } });
  });

  it('keeps the numbers of a nested output as they were written', () => {
    const text = '{"data":{"execution_id":"run-1","task_id":"t","task_output":{"n":12345678901234567890}}}';
    const read = readWebhook('human-input', JSON.parse(text), text);
    expect(read).toMatchObject({ facts: { output: { text: '{"n":12345678901234567890}' } } });
  });

  it('without a name is titled by its output, also where its id is a UUID', () => {
    const unnamed = { task_id: '3f0b7a52-93f5-4f3e-9d0e-3f3b8d3f1c11', task_output: { title: 'Spring' } };
    expect(pauseWith(unnamed)).toMatchObject({ task: undefined, title: 'Spring' });
  });

  it('without a pause anywhere names what is missing', () => {
    for (const data of [{}, { execution_id: 'run-1', task_id: 't' }, []])
      expect(faults('human-input', { data })).toContain('task_output is missing');
  });
});

describe('a webhook is rejected by the name of each field', () => {
  const long = 'x'.repeat(256);
  const tooLong = 'must be at most 255 characters long';
  const run = { kickoff_id: 'run-1' };
  it.each<[WebhookName, unknown, string[]]>([
    ['task', {}, ['kickoff_id is missing']],
    ['task', run, ['name is missing', 'output is missing']],
    ['task', { kickoff_id: '', name: 'draft', output: 'x' }, ['kickoff_id must not be empty']],
    ['task', { kickoff_id: 7, name: 'draft', output: 'x' }, ['kickoff_id must be a text']],
    ['task', { kickoff_id: long, name: 'draft', output: 'x' }, [`kickoff_id ${tooLong}`]],
    ['task', { ...run, name: long, output: 'x' }, [`name ${tooLong}`]],
    ['task', { ...run, name: 'a', task_id: long, output: 'x' }, [`task_id ${tooLong}`]],
    ['task', { ...run, name: { a: 1 }, output: 'x' }, ['name must be a text']],
    ['task', { kickoff_id: '\ud83d', name: 'a', output: 'x' }, ['kickoff_id must be well-formed Unicode']],
    ['task', { kickoff_id: long, name: long, output: 'x' }, [`kickoff_id ${tooLong}`, `name ${tooLong}`]],
    ['human-input', {}, ['execution_id', 'task_id', 'task_output'].map((name) => `${name} is missing`)],
    ['human-input', { execution_id: '', output: 'x' }, ['execution_id is missing', 'task_id is missing']],
    ['human-input', { executionId: long, taskId: 't', output: 'x' }, [`executionId ${tooLong}`]],
    ['human-input', { ...run, taskId: long, output: 'x' }, [`taskId ${tooLong}`]],
    ['human-input', { ...run, task_name: long, output: 'x' }, [`task_name ${tooLong}`]],
    ['human-input', { ...run, task_id: 't' }, ['task_output is missing']],
    ['step', {}, ['kickoff_id is missing']],
    ['crew', { result: 'x' }, ['kickoff_id is missing']],
  ])('%s %j', (name, body, expected) => expect(faults(name, body)).toEqual(expected));

  it.each(names)('and one that is not an object by its body: %s', (name) => {
    for (const body of [null, [], 'text', 7, true])
      expect(faults(name, body)).toEqual(['body must be a JSON object']);
  });

  it('but not with the longest ids', () => {
    const id = 'x'.repeat(255);
    expect(task({ kickoff_id: id, name: id, task_id: id })).toMatchObject({ executionId: id, taskKey: id });
  });

  it('and each body is either read or rejected', () => {
    const fields = 'kickoff_id execution_id name task_id output result meta __proto__'.split(' ');
    const field = fc.constantFrom(...fields);
    const body = fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.jsonValue({ stringUnit: 'binary' })));
    fc.assert(
      fc.property(fc.constantFrom(...names), body, (name, value) => {
        const read = readWebhook(name, value);
        if ('faults' in read) expect(read.faults.length).toBeGreaterThan(0);
        else expect(read.facts.executionId.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('meta', () => {
  const long = `https://example.com/${'a'.repeat(1_980)}`;

  const noUrls =
    'javascript:alert(1) JavaScript:alert(1) ftp://e.example file:///etc/passwd data:text/plain,x';
  it.each([
    ...`${noUrls} java\nscript:alert(1) //example.com/a example.com/a http:// ${long}a`.split(' '),
    ...['', 7, ['https://example.com'], true],
    { url: 'https://example.com' },
  ])('with %j as a webhook URL is read without it, with a warning', (url: unknown) => {
    const read = task({ meta: { taskWebhookUrl: url, stepWebhookUrl: url, crewWebhookUrl: url } });
    expect(read.meta.urls).toEqual({});
    expect(read.warnings).toEqual(['task', 'step', 'crew'].map((kind) => `${kind}_webhook_url_invalid`));
  });

  it('names http and https URLs of up to 2,000 characters, each field by itself', () => {
    const step = 'http://127.0.0.1:8080/x?token=a%20b';
    const meta = { taskWebhookUrl: long, stepWebhookUrl: step, crewWebhookUrl: null };
    expect(long).toHaveLength(2_000);
    expect(task({ meta })).toMatchObject({ meta: { urls: { task: long, step } }, warnings: [] });
  });

  it.each<[string, unknown, unknown, string[]]>([
    ['approvers', ['UANA', ' SEDITORS '], ['UANA', 'SEDITORS'], []],
    ['approvers', 'UANA, W1', ['UANA', 'W1'], []],
    ['approvers', ['UANA', 'ana@example.com', '<!channel>', 7, null], ['UANA'], ['approvers_invalid']],
    ['approvers', ['everyone'], undefined, ['approvers_invalid']],
    ['approvers', { a: 1 }, undefined, ['approvers_invalid']],
    ['approvers', { toString: null }, undefined, ['approvers_invalid']],
    ['approvers', [], undefined, []],
    ['approvers', null, undefined, []],
    ['channel', '#press', '#press', []],
    ['channel', '', undefined, []],
    ['channel', ['#press'], undefined, ['channel_invalid']],
    ['channel', null, undefined, []],
  ])('with the %s %j names %j', (field, value, expected, warnings) => {
    const read = task({ meta: { [field]: value } });
    expect([read.meta[field as 'approvers' | 'channel'], read.warnings]).toEqual([expected, warnings]);
  });

  it('names at most 100 approvers', () => {
    expect(task({ meta: { approvers: Array(500).fill('UANA') } }).meta.approvers).toHaveLength(100);
  });

  it('never causes a webhook to be rejected', () => {
    const inherited = fc.constantFrom('toString', 'valueOf', 'constructor', '__proto__', 'length', 'toJSON');
    const leaf = fc.oneof(fc.jsonValue(), fc.dictionary(inherited, fc.jsonValue({ maxDepth: 1 })));
    const known = ['taskWebhookUrl', 'crewWebhookUrl', 'channel', 'approvers', 'requested_by'];
    const fields = fc.dictionary(fc.constantFrom(...known), fc.oneof(leaf, fc.array(leaf)));
    fc.assert(
      fc.property(fc.oneof(leaf, fields), (meta) => {
        expect(task({ meta }).executionId).toBe('run-1');
      }),
    );
  });

  it('cannot set base URLs and tokens: its unknown keys are ignored', () => {
    const humanInputWebhook = { url: 'https://evil.example' };
    const meta = { base_url: 'https://evil.example', bearer_token: 'x', humanInputWebhook };
    expect(task({ meta }).meta).toEqual({ urls: {} });
  });
});
