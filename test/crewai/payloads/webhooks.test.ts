import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WebhookFacts } from '../../../src/approval/model/run/webhook.ts';
import { readBody } from '../../../src/crewai/payloads/read-body.ts';

type WebhookName = 'task' | 'human-input' | 'step' | 'crew';

function readWebhook(name: WebhookName, body: unknown, text = JSON.stringify(body)) {
  const read = readBody(name, text);
  if ('rejection' in read) throw new Error(read.rejection);
  return read;
}

const webhookNames: WebhookName[] = ['task', 'human-input', 'step', 'crew'];

const fixture = (name: string) =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', `${name}-webhook.json`), 'utf8'),
  ) as Record<string, unknown>;

type Kind = WebhookFacts['kind'];
type OfKind<K extends Kind> = K extends 'step' | 'crew'
  ? Extract<WebhookFacts, { kind: K }>
  : Extract<WebhookFacts, { taskKey: string }>;

function facts<K extends Kind>(kind: K, name: WebhookName, body: unknown): OfKind<K> {
  const read = readWebhook(name, body);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  expect(read.facts.kind).toBe(kind);
  return read.facts as OfKind<K>;
}
const task = (body: object) =>
  facts('task', 'task', { kickoff_id: 'run-1', name: 'draft', output: 'Hello', ...body });
const pause = (body: object) => facts('human_input', 'human-input', body);
function faults(name: WebhookName, body: unknown): string[] {
  const read = readWebhook(name, body);
  return 'faults' in read ? read.faults.map(({ field, fault }) => `${field} ${fault}`) : [];
}

describe("CrewAI's own examples", () => {
  it('a task webhook without a task_id: the name is its id, and meta hands over two URLs', () => {
    const body = fixture('task');
    const read = facts('task', 'task', body);
    expect(read).toMatchObject({
      executionId: '97eba64f-958c-40a0-b61c-625fe635a3c0',
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
      executionId: '97eba64f-958c-40a0-b61c-625fe635a3c0',
      taskKey: 'approve_budget',
      output: { kind: 'json', text: JSON.stringify(body.task_output) },
      round: { taskId: '5b2f6f5e-0d55-4f3a-9c5f-1f4a1b7d2c90', humanInput: true },
    });
  });

  it('a step and a crew webhook', () => {
    expect(facts('step', 'step', fixture('step')).executionId).toBe('97eba64f-958c-40a0-b61c-625fe635a3c0');
    expect(facts('crew', 'crew', fixture('crew'))).toMatchObject({
      executionId: '97eba64f-958c-40a0-b61c-625fe635a3c0',
      result: { kind: 'text', text: 'The press release was sent to 41 editors.' },
    });
  });
});

describe('what nobody can read', () => {
  const blanks = [' ', '\n\t', '\0\u0007', '\u200b\u2060', '\u00a0'];

  it.each(blanks)('is no name of a task and no agent: %j', (blank) => {
    const texts = { agent: blank, description: blank, expected_output: blank };
    const read = task({ name: blank, task_id: 'id-7', ...texts });
    expect(read).toMatchObject({ taskKey: 'id-7', task: 'id-7', round: { taskId: 'id-7' } });
    expect([read.round.agent, read.round.description, read.round.expectedOutput]).toEqual(
      Array(3).fill(undefined),
    );
    const paused = pause({ execution_id: 'run-1', task_id: 'id-7', task_name: blank, output: 'x', ...texts });
    expect(paused).toMatchObject({ taskKey: 'id-7', task: 'id-7' });
    expect(paused.round.agent).toBeUndefined();
    expect(faults('task', { kickoff_id: 'run-1', name: blank, output: 'x' })).toEqual(['name is missing']);
  });
});

describe('a task webhook', () => {
  it('is known by its name, and answered by its task_id when it has one', () => {
    expect(task({ task_id: 'id-7' })).toMatchObject({ taskKey: 'draft', round: { taskId: 'id-7' } });
    expect(task({ name: '', task_id: 'id-7' })).toMatchObject({ taskKey: 'id-7', round: { taskId: 'id-7' } });
    expect(task({ name: null, task_id: 'id-7' })).toMatchObject({ taskKey: 'id-7', task: 'id-7' });
    expect(task({ task_id: null })).toMatchObject({ taskKey: 'draft', round: { taskId: 'draft' } });
  });

  it('shows output_json where output says nothing', () => {
    const json = { kind: 'json', text: '{"a":1}' };
    for (const output of [undefined, null, '', ' \n']) {
      expect(task({ output, output_json: { a: 1 } }).output).toEqual(json);
    }
    expect(task({ output: 'Text', output_json: { a: 1 } }).output).toEqual({ kind: 'text', text: 'Text' });
    expect(task({ output: null }).output).toEqual({ kind: 'text', text: '' });
  });

  it('is the same output by whichever of its forms it comes', () => {
    const both = task({ output: '{"b": 2, "a": 1}', output_json: { a: 1, b: 2 } }).round.hashes;
    expect(both.map((hash) => hash.split(':')[0])).toEqual(['json']);
    expect(task({ output: { a: 1, b: 2 } }).round.hashes).toEqual(both);
    const twoForms = task({ output: 'In words', output_json: { a: 1, b: 2 } }).round.hashes;
    expect(twoForms.map((hash) => hash.split(':')[0])).toEqual(['text', 'json']);
    const paused = { execution_id: 'run-1', task_id: 'draft' };
    expect(twoForms).toContain(pause({ ...paused, task_output: 'In words' }).round.hashes[0]);
    expect(twoForms).toContain(pause({ ...paused, task_output: { b: 2, a: 1 } }).round.hashes[0]);
  });

  it('keeps 2,000 characters of a description, and no half of a pair', () => {
    const { round } = task({
      description: `${'x'.repeat(1_999)}👍`,
      agent: 'a'.repeat(5_000),
      expected_output: '',
    });
    expect(round.description).toHaveLength(2_000);
    expect(round.description?.isWellFormed()).toBe(true);
    expect(round.agent).toHaveLength(2_000);
    expect(round.expectedOutput).toBeUndefined();
  });
});

describe('a human-input webhook', () => {
  it.each(['execution_id', 'executionId', 'kickoff_id', 'kickoffId'])(
    'names its execution as %s',
    (field) => {
      expect(pause({ [field]: 'run-1', task_id: 't', output: 'x' }).executionId).toBe('run-1');
    },
  );

  it.each(['task_id', 'taskId'])('names its task as %s', (field) => {
    expect(pause({ execution_id: 'run-1', [field]: 't', output: 'x' })).toMatchObject({
      taskKey: 't',
      round: { taskId: 't' },
    });
  });

  it.each(['task_name', 'name'])('has its name as %s, which stays while its id changes', (field) => {
    const at = (taskId: string) =>
      pause({ execution_id: 'run-1', task_id: taskId, [field]: 'budget', output: 'x' });
    expect(at('uuid-1').taskKey).toBe(at('uuid-2').taskKey);
    expect(at('uuid-2').round.taskId).toBe('uuid-2');
    expect(pause({ execution_id: 'run-1', [field]: 'budget', output: 'x' }).round.taskId).toBe('budget');
  });

  it.each(['task_output', 'taskOutput', 'output', 'result'])(
    'has its output as %s, a text or an object',
    (field) => {
      const of = (value: unknown) => pause({ execution_id: 'run-1', task_id: 't', [field]: value }).output;
      expect(of('Hello')).toEqual({ kind: 'text', text: 'Hello' });
      expect(of({ a: 1 })).toEqual({ kind: 'json', text: '{"a":1}' });
      expect(of('[1, 2]')).toEqual({ kind: 'json', text: '[1, 2]' });
      expect(of(null)).toEqual({ kind: 'text', text: '' });
    },
  );

  it.each(['data', 'body', 'payload'])('may have its pause under %s', (envelope) => {
    const inner = { kickoffId: 'run-2', executionId: 'run-1', taskId: 't', taskOutput: { a: 1 } };
    const expected = {
      executionId: 'run-1',
      aliasId: 'run-2',
      taskKey: 't',
      output: { kind: 'json', text: '{"a":1}' },
    };
    expect(pause({ event: 'human_input', name: 'an event', [envelope]: inner })).toMatchObject(expected);
    expect(pause({ [envelope]: { data: inner } })).toMatchObject(expected);
    const { executionId, ...rest } = inner;
    const beside = { execution_id: executionId, meta: { channel: '#press' } };
    expect(pause({ ...beside, [envelope]: rest })).toMatchObject({
      ...expected,
      meta: { channel: '#press' },
    });
  });

  it('that has an output itself is read without what is in other members', () => {
    const body = { execution_id: 'run-1', task_id: 't', output: 'x', data: { task_id: 'u', output: 'y' } };
    expect(pause(body)).toMatchObject({ taskKey: 't', output: { text: 'x' } });
  });

  it('keeps the numbers of a nested output as they were written', () => {
    const text = '{"data":{"execution_id":"run-1","task_id":"t","task_output":{"n":12345678901234567890}}}';
    const read = readWebhook('human-input', JSON.parse(text), text);
    expect(read).toMatchObject({ facts: { output: { text: '{"n":12345678901234567890}' } } });
  });

  it('without a pause anywhere names what is missing', () => {
    const missing = { faults: expect.arrayContaining([{ field: 'task_output', fault: 'is missing' }]) };
    for (const data of [{}, { execution_id: 'run-1', task_id: 't' }, []])
      expect(readWebhook('human-input', { data })).toMatchObject(missing);
  });

  it('of a task is not lost for a text beside the output that is none', () => {
    expect(task({ agent: 1, description: [], expected_output: {} }).round).toMatchObject({
      agent: undefined,
      description: undefined,
      expectedOutput: undefined,
    });
  });

  it('is not lost for a text beside the output that is none', () => {
    const { round } = pause({
      execution_id: 'run-1',
      task_id: 't',
      output: 'x',
      agent: { role: 'Copywriter' },
      description: 7,
      expected_output: ['a'],
    });
    expect([round.agent, round.description, round.expectedOutput]).toEqual([undefined, undefined, undefined]);
  });

  it('takes an execution id that is no UUID', () => {
    const id = 'abcd1234-5678-90ef-ghij-klmnopqrstuv';
    expect(pause({ execution_id: id, task_id: 't', output: 'x' }).executionId).toBe(id);
  });
});

describe('a field that is missing, wrong or too long is named', () => {
  const long = 'x'.repeat(256);
  const tooLong = 'must be at most 255 characters long';
  it.each<[WebhookName, unknown, string[]]>([
    ['task', {}, ['kickoff_id is missing']],
    ['task', { kickoff_id: 'run-1' }, ['name is missing', 'output is missing']],
    ['task', { kickoff_id: 'run-1', output: 'x' }, ['name is missing']],
    ['task', { kickoff_id: 'run-1', name: 'draft' }, ['output is missing']],
    ['task', { kickoff_id: '', name: 'draft', output: 'x' }, ['kickoff_id must not be empty']],
    ['task', { kickoff_id: 7, name: 'draft', output: 'x' }, ['kickoff_id must be a text']],
    ['task', { kickoff_id: long, name: 'draft', output: 'x' }, [`kickoff_id ${tooLong}`]],
    ['task', { kickoff_id: 'run-1', name: long, output: 'x' }, [`name ${tooLong}`]],
    ['task', { kickoff_id: 'run-1', name: 'a', task_id: long, output: 'x' }, [`task_id ${tooLong}`]],
    ['task', { kickoff_id: 'run-1', name: { a: 1 }, output: 'x' }, ['name must be a text']],
    ['task', { kickoff_id: '\ud83d', name: 'a', output: 'x' }, ['kickoff_id must be well-formed Unicode']],
    ['task', { kickoff_id: long, name: long, output: 'x' }, [`kickoff_id ${tooLong}`, `name ${tooLong}`]],
    ['human-input', {}, ['execution_id is missing', 'task_id is missing', 'task_output is missing']],
    [
      'human-input',
      { execution_id: '', task_id: '', output: 'x' },
      ['execution_id is missing', 'task_id is missing'],
    ],
    ['human-input', { executionId: long, taskId: 't', output: 'x' }, [`executionId ${tooLong}`]],
    ['human-input', { kickoff_id: 'run-1', taskId: long, output: 'x' }, [`taskId ${tooLong}`]],
    ['human-input', { kickoff_id: 'run-1', task_name: long, output: 'x' }, [`task_name ${tooLong}`]],
    ['human-input', { kickoff_id: 'run-1', task_id: 't' }, ['task_output is missing']],
    ['step', {}, ['kickoff_id is missing']],
    ['step', { kickoff_id: long }, [`kickoff_id ${tooLong}`]],
    ['crew', { result: 'x' }, ['kickoff_id is missing']],
    ['crew', { kickoff_id: '' }, ['kickoff_id must not be empty']],
  ])('%s %j', (name, body, expected) => {
    expect(faults(name, body)).toEqual(expected);
  });

  it('of each kind, when the body is no object', () => {
    for (const name of webhookNames) {
      for (const body of [null, [], 'text', 7, true]) {
        expect(faults(name, body)).toEqual(['body must be a JSON object']);
      }
    }
  });

  it('and the longest ids that are allowed are taken', () => {
    const id = 'x'.repeat(255);
    expect(task({ kickoff_id: id, name: id, task_id: id })).toMatchObject({ executionId: id, taskKey: id });
  });

  it('and nothing but facts or faults ever comes of a body', () => {
    const field = fc.constantFrom(
      'kickoff_id',
      'execution_id',
      'name',
      'task_id',
      'output',
      'result',
      'meta',
      '__proto__',
    );
    const body = fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.jsonValue({ stringUnit: 'binary' })));
    fc.assert(
      fc.property(fc.constantFrom(...webhookNames), body, (name, value) => {
        const read = readWebhook(name, value);
        if ('faults' in read) expect(read.faults.length).toBeGreaterThan(0);
        else expect(read.facts.executionId.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });
});

describe('meta narrows and never widens', () => {
  it.each([
    ['javascript:alert(1)'],
    ['JavaScript:alert(1)'],
    ['java\nscript:alert(1)'],
    ['ftp://example.com/a'],
    ['file:///etc/passwd'],
    ['data:text/plain,x'],
    ['//example.com/a'],
    ['example.com/a'],
    ['http://'],
    [''],
    [`https://example.com/${'a'.repeat(3_000)}`],
    [7],
    [{ url: 'https://example.com' }],
    [['https://example.com']],
    [true],
  ])('%j is no webhook URL: it is left out with a warning, and the webhook counts', (url) => {
    const { meta, warnings } = task({
      meta: { taskWebhookUrl: url, stepWebhookUrl: url, crewWebhookUrl: url },
    });
    expect(meta.urls).toEqual({});
    expect(warnings).toEqual([
      'task_webhook_url_invalid',
      'step_webhook_url_invalid',
      'crew_webhook_url_invalid',
    ]);
  });

  it('takes http and https URLs as they are, each field by itself', () => {
    const long = `https://example.com/${'a'.repeat(1_980)}`;
    const { meta, warnings } = task({
      meta: {
        taskWebhookUrl: long,
        stepWebhookUrl: 'http://127.0.0.1:8080/x?token=a%20b',
        crewWebhookUrl: null,
      },
    });
    expect(long).toHaveLength(2_000);
    expect(meta.urls).toEqual({ task: long, step: 'http://127.0.0.1:8080/x?token=a%20b' });
    expect(warnings).toEqual([]);
  });

  it('takes a list of approvers, or one with commas, and leaves out what is no id', () => {
    const read = (approvers: unknown) => {
      const { meta, warnings } = task({ meta: { approvers } });
      return [meta.approvers, warnings.length];
    };
    expect(read(['UANA', ' SEDITORS '])).toEqual([['UANA', 'SEDITORS'], 0]);
    expect(read('UANA, W1')).toEqual([['UANA', 'W1'], 0]);
    expect(read(['UANA', 'ana@example.com', '<!channel>', 7, null])).toEqual([['UANA'], 1]);
    expect(read(['everyone'])).toEqual([undefined, 1]);
    expect(read([])).toEqual([undefined, 0]);
    expect(read(Array(500).fill('UANA'))[0]).toHaveLength(100);
    expect(read({ a: 1 })).toEqual([undefined, 1]);
    expect(read(null)).toEqual([undefined, 0]);
  });

  it('takes a channel that is a text', () => {
    const read = (channel: unknown) => {
      const { meta, warnings } = task({ meta: { channel } });
      return [meta.channel, warnings.length];
    };
    expect(read('#press')).toEqual(['#press', 0]);
    expect(read('')).toEqual([undefined, 0]);
    expect(read(['#press'])).toEqual([undefined, 1]);
    expect(read(null)).toEqual([undefined, 0]);
  });

  it('is no reason to refuse a webhook, whatever it is', () => {
    const inherited = fc.constantFrom('toString', 'valueOf', 'constructor', '__proto__', 'length', 'toJSON');
    const leaf = fc.oneof(fc.jsonValue(), fc.dictionary(inherited, fc.jsonValue({ maxDepth: 1 })));
    const known = ['taskWebhookUrl', 'crewWebhookUrl', 'channel', 'approvers', 'requested_by'];
    const fields = fc.dictionary(fc.constantFrom(...known), fc.oneof(leaf, fc.array(leaf)));
    fc.assert(
      fc.property(fc.oneof(leaf, fields), (meta) => {
        expect(task({ meta }).executionId).toBe('run-1');
      }),
    );
    expect(task({ meta: { approvers: { toString: null } } }).warnings).toEqual(['approvers_invalid']);
  });

  it('knows no key but its own: base URLs and tokens come from settings only', () => {
    const { meta } = task({
      meta: {
        base_url: 'https://evil.example',
        bearer_token: 'x',
        humanInputWebhook: { url: 'https://evil.example' },
      },
    });
    expect(meta).toEqual({ urls: {} });
  });
});
