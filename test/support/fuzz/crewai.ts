import fc from 'fast-check';
import { SMALL_BODY } from '../../../src/http/body.ts';
import { brokenAround, type FuzzRequest, json, TYPE } from './requests.ts';
import { anyValue, hostileText, spoiled } from './values.ts';

const id = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 400 }).map((number) => `run-${number}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'a/b', '..', ' x', '%2F', '👍', 'x'.repeat(255), '\'"`$'),
  },
);
const task = fc.constantFrom('draft', 'research', 'Übersetzung', 'a|b', '<!here>', '*', 'review/1');
const text = hostileText.map((one) => one.toWellFormed());
const url = fc.constantFrom(
  'https://erp.example.com/hooks',
  'http://127.0.0.1:1/x?token=secret',
  'https://user:password@x.example/',
);
const meta = fc.record(
  {
    taskWebhookUrl: url,
    crewWebhookUrl: url,
    channel: fc.constantFrom('CAPPROVALS', 'CNOWHERE', 'UANA', '#press'),
    approvers: fc.subarray(['UANA', 'UBEN', 'UNOBODY']),
    requested_by: fc.constantFrom('UANA', 'ana@example.com'),
  },
  { requiredKeys: [] },
);
const optional = { agent: text, description: text, expected_output: text, meta };

const shapes: Record<string, fc.Arbitrary<Record<string, unknown>>> = {
  task: fc.record(
    { kickoff_id: id, name: task, task_id: id, output: anyShallow(), ...optional },
    { requiredKeys: ['kickoff_id', 'name', 'output'] },
  ),
  'human-input': fc.record(
    { execution_id: id, task_id: id, task_name: task, task_output: anyShallow(), ...optional },
    { requiredKeys: ['execution_id', 'task_id', 'task_output'] },
  ),
  step: fc.record({ kickoff_id: id, meta, thought: text }, { requiredKeys: ['kickoff_id'] }),
  crew: fc.record({ kickoff_id: id, result: anyShallow(), meta }, { requiredKeys: ['kickoff_id'] }),
};

const registration = fc.record(
  {
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
  },
  { requiredKeys: [] },
);

/** Output of any kind that is not nested too deep. */
function anyShallow(): fc.Arbitrary<unknown> {
  return fc.oneof(text, fc.jsonValue({ maxDepth: 4 }), fc.constantFrom('# A release', { total: 18_500 }));
}

/** What a sender that has the crew's secret, or has not, could send. */
export function crewaiRequests(secret: string): fc.Arbitrary<FuzzRequest> {
  const token = `?token=${encodeURIComponent(secret)}`;
  const webhook = (kind: string, body: unknown) => ({
    kind: 'webhook' as const,
    method: 'POST',
    path: `/webhooks/press/${kind}${token}`,
    headers: TYPE,
    body: json(body),
  });
  const register = (execution: string, body: unknown) => ({
    kind: 'registration' as const,
    method: 'PUT',
    path: `/crews/press/executions/${encodeURIComponent(execution)}${token}`,
    headers: TYPE,
    body: json(body),
  });
  const valid = fc
    .constantFrom(...Object.keys(shapes))
    .chain((kind) =>
      (shapes[kind] as fc.Arbitrary<Record<string, unknown>>).map((body) => webhook(kind, body)),
    );
  const hostile = fc
    .constantFrom(...Object.keys(shapes))
    .chain((kind) =>
      spoiled(shapes[kind] as fc.Arbitrary<Record<string, unknown>>).map((body) => webhook(kind, body)),
    );
  const validRegistration = fc.tuple(id, registration).map(([run, body]) => register(run, body));
  const hostileId = fc.oneof(id, fc.constantFrom('x'.repeat(256), ' ', '\0', '%'));
  const hostileRegistration = fc
    .tuple(hostileId, spoiled(registration))
    .map(([run, body]) => register(run, body));
  const whole = (
    request: fc.Arbitrary<Omit<FuzzRequest, 'about' | 'answers'>>,
    about: FuzzRequest['about'],
    answers: number[],
  ) =>
    request.map((one) => {
      // All that are larger than this share what is being read at once.
      const isLarge = Buffer.byteLength(one.body) > SMALL_BODY;
      return { ...one, about, answers: isLarge ? [...answers, 503] : answers };
    });
  const odd = fc
    .tuple(fc.constantFrom(...Object.keys(shapes)), anyValue)
    .map(([kind, body]) => webhook(kind, body));
  return fc.oneof(
    { weight: 10, arbitrary: whole(valid, 'valid', [202]) },
    { weight: 14, arbitrary: whole(hostile, 'hostile', [202, 422]) },
    { weight: 2, arbitrary: whole(odd, 'broken', [202, 400, 422]) },
    { weight: 6, arbitrary: brokenAround(valid, { secret }) },
    { weight: 4, arbitrary: whole(validRegistration, 'valid', [200]) },
    { weight: 6, arbitrary: whole(hostileRegistration, 'hostile', [200, 404, 422]) },
    { weight: 2, arbitrary: brokenAround(validRegistration, { secret }) },
  );
}
