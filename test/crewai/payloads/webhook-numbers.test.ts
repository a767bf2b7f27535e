import { describe, expect, it } from 'vitest';
import { openApproval } from '../../../src/approval/lifecycle/rounds.ts';
import { transition } from '../../../src/approval/lifecycle/transitions.ts';
import { DEFAULT_POLICY } from '../../../src/approval/model/crew/task-rules.ts';
import type { TaskWebhook, WebhookFacts } from '../../../src/approval/model/run/webhook.ts';
import { readBody } from '../../../src/crewai/payloads/read-body.ts';

function read(name: 'task' | 'human-input' | 'crew', body: string): WebhookFacts {
  const webhook = readBody(name, body);
  if (!('facts' in webhook)) throw new Error(JSON.stringify(webhook));
  return webhook.facts;
}
/** Webhooks whose fields are JSON text. */
const task = (fields: string) => read('task', `{"kickoff_id":"r","name":"draft",${fields}}`) as TaskWebhook;
const pause = (fields: string) =>
  read('human-input', `{"execution_id":"r","task_id":"p","task_name":"draft",${fields}}`) as TaskWebhook;
const crewResult = (fields: string) =>
  (read('crew', `{"kickoff_id":"r",${fields}}`) as Extract<WebhookFacts, { kind: 'crew' }>).result;
const asString = (json: string) => JSON.stringify(json);

/** What becomes of a second webhook of a task whose first output waits for a decision. */
function second(first: TaskWebhook, next: TaskWebhook) {
  const head = { id: 'A', crew: 'press', executionId: 'r', task: 'draft', channel: 'C', urls: {} };
  const came = ({ round: output }: TaskWebhook) =>
    ({ type: 'output', at: 0, opensRounds: true, output }) as const;
  const changed = transition(openApproval({ ...head, policy: DEFAULT_POLICY }, came(first)), came(next));
  if ('refusal' in changed) throw new Error(changed.refusal.code);
  return changed.approval.rounds.length === 1 ? 'duplicate' : 'a new round';
}

const OUTPUT =
  '{"big": 12345678901234567890, "large": 1e400, "minus": -0, "fine": 0.1000000000000000055, "a": 1, "a": 2}';
describe('an output with numbers that no double holds and a key that stands twice', () => {
  const kept = { kind: 'json', text: OUTPUT };

  it.each<[string, (fields: string) => unknown]>([
    ['output', (fields) => task(fields).output],
    ['output_json', (fields) => task(fields).output],
    ['task_output', (fields) => pause(fields).output],
    ['output', (fields) => pause(fields).output],
    ['result', (fields) => pause(fields).output],
    ['result', crewResult],
    ['result_json', crewResult],
  ])('is kept as it was sent, an object or a string, as %s', (field, output) => {
    expect(output(`"${field}": ${OUTPUT} `)).toEqual(kept);
    expect(output(`"${field}":${asString(OUTPUT)}`)).toEqual(kept);
    expect(output(`"${field}":[${OUTPUT}]`)).toEqual({ kind: 'json', text: `[${OUTPUT}]` });
  });

  it('is kept as it was sent when it is a single number', () => {
    const digits = '12345678901234567890';
    expect(task(`"output":${digits}`).output).toMatchObject({ text: digits });
    expect(task('"output":1e400').output).toMatchObject({ text: '1e400' });
    expect(task(`"output":"${digits}"`).output).toEqual({ kind: 'text', text: digits });
  });

  it('is that of the field that is shown', () => {
    const numbers = '[12345678901234567891]';
    expect(task(`"output_json":${OUTPUT},"output":${numbers}`).output).toMatchObject({ text: numbers });
    expect(task(`"output_json":${OUTPUT},"output":" "`).output).toEqual(kept);
    expect(pause(`"result":${OUTPUT},"output":${numbers},"task_output":null`).output).toMatchObject({
      text: numbers,
    });
    // JSON.parse takes the last.
    expect(task(`"output":${OUTPUT},"output":${numbers}`).output).toMatchObject({ text: numbers });
    expect(task(`"output":${numbers},"\\u006futput":${OUTPUT}`).output).toEqual(kept);
  });

  it('is read beside fields that a parser would change', () => {
    const beside = `"meta":{"order":12345678901234567890},"agent":"A","agent":"B"`;
    expect(task(`"output":{"n":1.0},${beside}`).output).toEqual({ kind: 'json', text: '{"n":1.0}' });
    expect(task(`"output":"In words",${beside}`).output).toEqual({ kind: 'text', text: 'In words' });
  });
});

describe('one output', () => {
  // As Python's json.dumps writes it: floats as floats, every other character escaped.
  const compact =
    '{"order":12345678901234567890,"price":1,"rate":10000000000000000,"share":0.1,"name":"Café 😀"}';
  const python =
    '{"order": 12345678901234567890, "price": 1.0, "rate": 1e+16, "share": 0.1, "name": "Caf\\u00e9 \\ud83d\\ude00"}';
  const sorted =
    '{"name":"Café 😀","order":1.2345678901234567890E19,"price":10e-1,"rate":1.0e16,"share":0.10}';
  const forms = [compact, python, sorted];
  const tellings = (json: string) => [
    ...[json, asString(json)].flatMap((output) => [
      task(`"output":${output}`),
      task(`"output":null,"output_json":${output}`),
      pause(`"task_output":${output}`),
      pause(`"output":${output}`),
      pause(`"result":${output}`),
    ]),
    task(`"output":${asString(json)},"output_json":${json}`),
  ];

  const both = (text: string, json: string) => task(`"output":"${text}","output_json":${json}`);

  it('is a duplicate, whatever its route, its field, its blanks, its escapes and the form of its numbers', () => {
    for (const first of forms.flatMap(tellings)) {
      for (const next of forms.flatMap(tellings)) expect(second(first, next)).toBe('duplicate');
    }
  });

  it('is a duplicate when a text stands beside it, by either of the two', () => {
    const first = both('In words', compact);
    for (const form of forms) {
      expect(second(first, pause(`"task_output":${form}`))).toBe('duplicate');
      expect(second(pause(`"task_output":${asString(form)}`), first)).toBe('duplicate');
      expect(second(first, both('In words', form))).toBe('duplicate');
    }
    expect(second(first, pause('"task_output":"In words"'))).toBe('duplicate');
  });

  it('is another one when its text is, though the JSON beside it is not', () => {
    for (const json of ['{"n":1}', compact])
      expect(second(both('In words', json), both('In other words', json))).toBe('a new round');
  });

  it('is another one with another digit that no double holds, in both orders and by every route', () => {
    const [one, other] = ['{"n":12345678901234567890}', '{"n":12345678901234567999}'];
    for (const [first, next] of [
      [one, other],
      [other, one],
    ] as const) {
      for (const before of tellings(first))
        for (const after of tellings(next)) expect(second(before, after)).toBe('a new round');
      expect(second(both('In words', first), both('In words', next))).toBe('a new round');
    }
  });
});
