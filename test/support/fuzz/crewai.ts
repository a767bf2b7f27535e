import fc from 'fast-check';
import { SMALL_BODY } from '../../../src/http/body.ts';
import { brokenAround, type FuzzRequest, json, TYPE } from './requests.ts';
import { anyValue, hostileText, mix, spoiled } from './values.ts';

type Shape = fc.Arbitrary<Record<string, unknown>>;
type Bare = Omit<FuzzRequest, 'about' | 'answers'>;

const id = mix(
  [5, fc.integer({ min: 1, max: 400 }).map((number) => `run-${number}`)],
  [1, fc.constantFrom('__proto__', 'a/b', '..', ' x', '%2F', '👍', 'x'.repeat(255), '\'"`$')],
);
const task = fc.constantFrom('draft', 'research', 'Übersetzung', 'a|b', '<!here>', '*', 'review/1');
const text = hostileText.map((one) => one.toWellFormed());
const url = fc.constantFrom(
  'https://erp.example.com/hooks',
  'http://127.0.0.1:1/x?token=secret',
  'https://user:password@x.example/',
);
/** Output of any kind that is not nested too deep. */
const output = fc.oneof<fc.Arbitrary<unknown>[]>(
  text,
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom('# A release', { total: 18_500 }),
);
const shaped = (fields: Record<string, fc.Arbitrary<unknown>>, ...requiredKeys: string[]): Shape =>
  fc.record(fields, { requiredKeys }) as Shape;

const meta = shaped({
  taskWebhookUrl: url,
  crewWebhookUrl: url,
  channel: fc.constantFrom('CAPPROVALS', 'CNOWHERE', 'UANA', '#press'),
  approvers: fc.subarray(['UANA', 'UBEN', 'UNOBODY']),
  requested_by: fc.constantFrom('UANA', 'ana@example.com'),
});
const optional = { agent: text, description: text, expected_output: text, meta };

const SHAPES = {
  task: shaped(
    { kickoff_id: id, name: task, task_id: id, output, ...optional },
    'kickoff_id',
    'name',
    'output',
  ),
  'human-input': shaped(
    { execution_id: id, task_id: id, task_name: task, task_output: output, ...optional },
    ...['execution_id', 'task_id', 'task_output'],
  ),
  step: shaped({ kickoff_id: id, meta, thought: text }, 'kickoff_id'),
  crew: shaped({ kickoff_id: id, result: output, meta }, 'kickoff_id'),
};
const kinds = fc.constantFrom(...(Object.keys(SHAPES) as (keyof typeof SHAPES)[]));

const registration = shaped({
  taskWebhookUrl: url,
  stepWebhookUrl: url,
  crewWebhookUrl: url,
  humanInputWebhook: fc.record({
    url,
    authentication: fc.constantFrom<unknown>(
      { strategy: 'bearer', token: 'token-of-the-sender' },
      { strategy: 'basic', username: 'name', password: 'password-of-the-sender' },
    ),
  }),
  channel: fc.constantFrom('CAPPROVALS', 'CNOWHERE', '#x', 'UANA'),
  approvers: fc.subarray(['UANA', 'UBEN', 'SEDITORS']),
});

/** Requests that a sender with or without the crew's secret could send. */
export function crewaiRequests(secret: string): fc.Arbitrary<FuzzRequest> {
  const token = `?token=${encodeURIComponent(secret)}`;
  const webhook = (kind: string, body: unknown): Bare => {
    const path = `/webhooks/press/${kind}${token}`;
    return { kind: 'webhook', method: 'POST', path, headers: TYPE, body: json(body) };
  };
  const register = ([execution, body]: [string, unknown]): Bare => {
    const path = `/crews/press/executions/${encodeURIComponent(execution)}${token}`;
    return { kind: 'registration', method: 'PUT', path, headers: TYPE, body: json(body) };
  };
  const whole = (request: fc.Arbitrary<Bare>, about: FuzzRequest['about'], ...answers: number[]) =>
    request.map((bare): FuzzRequest => {
      // Larger bodies share a limit on what is being read at once, so they can get 503.
      const isLarge = Buffer.byteLength(bare.body) > SMALL_BODY;
      return { ...bare, about, answers: isLarge ? [...answers, 503] : answers };
    });
  const valid = kinds.chain((kind) => SHAPES[kind].map((body) => webhook(kind, body)));
  const hostile = kinds.chain((kind) => spoiled(SHAPES[kind]).map((body) => webhook(kind, body)));
  const odd = fc.tuple(kinds, anyValue).map(([kind, body]) => webhook(kind, body));
  const registered = fc.tuple(id, registration).map(register);
  const hostileId = fc.oneof(id, fc.constantFrom('x'.repeat(256), ' ', '\0', '%'));
  const spoiledRegistration = fc.tuple(hostileId, spoiled(registration)).map(register);
  return mix(
    [10, whole(valid, 'valid', 202)],
    [14, whole(hostile, 'hostile', 202, 422)],
    [2, whole(odd, 'broken', 202, 400, 422)],
    [6, brokenAround(valid, { secret })],
    [4, whole(registered, 'valid', 200)],
    [6, whole(spoiledRegistration, 'hostile', 200, 404, 422)],
    [2, brokenAround(registered, { secret })],
  );
}
