import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import { buildCrew } from '../../src/settings/build-crew.ts';
import { readCrews } from '../../src/settings/crews-file.ts';
import { DEFAULT_CREW } from './default-crew.ts';

const SECRET = 'a-secret-of-16-chars';
const PRESS = `crews:
  press:
    base_url: https://press.example.com
    bearer_token: $PRESS_TOKEN
    webhook_secret: $PRESS_SECRET
    channel: "#press"`;
const add = (...lines: string[]) => [PRESS, ...lines].join('\n');
const edit = (from: string | RegExp, to: string) => PRESS.replace(from, to);
/** The file with the same crew again, under the name of budget. */
const TWO = add(PRESS.replace('crews:\n', '').replace('press:', 'budget:'));
const FLOW_SECRETS = '    flow_webhook_secrets: [a-secret-of-the-flow]';
const UNREACHABLE = edit(/ {4}(base_url|bearer_token).*\n/g, '');

type Inherited = Parameters<typeof readCrews>[2];
const read = (yaml: string, inherited: Inherited = {}, environment: Record<string, string> = {}) => {
  const variables: Record<string, string> = {
    PRESS_TOKEN: 'token-of-press',
    PRESS_SECRET: SECRET,
    ...environment,
  };
  return readCrews(yaml, (name) => variables[name], inherited);
};
const build = ({ crews }: ReturnType<typeof read>) =>
  crews.map((settings) => buildCrew(settings, { slack: { botToken: 'xoxb-test', command: '/approvals' } }));

test('the example file is right once its environment is set', () => {
  const yaml = readFileSync('crews.example.yml', 'utf8');
  const names = [...yaml.matchAll(/\$(\w+)/g)].map((match) => match[1]).filter((name) => name !== 'NAME');
  const lookUp = (name: string) => (names.includes(name) ? `value-of-${name}` : '');
  expect(readCrews(yaml, lookUp, {})).toMatchObject({
    faults: [],
    crews: [
      { name: 'press', bearerToken: 'value-of-PRESS_CREW_TOKEN' },
      { name: 'budget', bearerToken: 'value-of-BUDGET_CREW_TOKEN' },
    ],
  });
});

test('what a crew leaves out has its default', () => {
  const { crews, faults } = read(PRESS);
  expect(faults).toEqual([]);
  const given = { name: 'press', baseUrl: 'https://press.example.com', bearerToken: 'token-of-press' };
  expect(crews).toEqual([{ ...DEFAULT_CREW, ...given, webhookSecret: SECRET, channel: '#press' }]);
  expect(build(read(PRESS))).toMatchObject([{ channels: ['#press'], policy: DEFAULT_POLICY }]);
});

test('a secret that signs is hidden with and without its prefix', () => {
  const secrets = ['MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=', '0f1e2d3c4b5a69788796a5b4c3d2e1f0'];
  const [events, flow] = secrets.map((secret) => `whsec_${secret}`);
  const [crew] = build(
    read(
      edit(
        '"#press"',
        `"#press"\n    events_url: https://e.example.com\n    events_secret: ${events}\n    flow_webhook_secrets: [${flow}]`,
      ),
    ),
  );
  expect(crew?.secrets).toEqual(expect.arrayContaining([events, flow, ...secrets]));
});

const TOKEN = 'crews.press.bearer_token';
const CUT = 'is empty: a value that begins with # must be in quotes';
test.each<[string, string, Record<string, string>?]>([
  ['line 3: ', 'crews:\n  press: [\n'],
  ['line 4: a value that begins with * must be quoted', edit('$PRESS_TOKEN', '*s3cr3t')],
  [`line 6: crews.press.channel ${CUT}`, edit('"#press"', '#press')],
  [`line 7: crews.press.channels ${CUT}`, add('    channels: #press')],
  [`crews.press.tasks.0.channel ${CUT}`, add('    tasks:', '      - match: a', '        channel: #press')],
  ['line 7: crews.press.approval_text must be a string: put it in quotes', add('    approval_text: 1')],
  [`line 4: ${TOKEN} must be $PRESS_TOKEN or $\{PRESS_TOKEN}`, edit('$PRESS_TOKEN', '"${PRESS_TOKEN"')],
  ['line 7: the file must be a single YAML document', add('---', 'crews: {}')],
  ['line 1: crews must name at least one crew', 'crews: {}'],
  ['line 7: crew is not a recognized setting', add('crew: 1')],
  ['line 7: crews.press.chanels is not a recognized setting of a crew', add('    chanels: [C1]')],
  ['line 7: duplicate key press', add('  press:', '    channel: C1')],
  ['line 2: crews.press.bearer_token is missing', edit('    bearer_token: $PRESS_TOKEN\n', '')],
  [`line 4: ${TOKEN} uses $PRESS_TOKEN, which is not set in the environment`, PRESS, { PRESS_TOKEN: '' }],
  ['line 7: crews.press.approvers.1 has "ana"', add('    approvers: [U1, ana]')],
  ['line 8: crews.press.webhook_urls.task must be an http', add('    webhook_urls:', '      task: ftp://x')],
  ['line 2: crews.press must be a mapping of settings', 'crews:\n  press: 5'],
  [
    'line 8: crews.press.on_expiry must not be approve where something is irreversible',
    add('    effect: irreversible', '    on_expiry: approve', '    expire_after: 1h'),
  ],
  [
    'crews.press.on_expiry must not be approve where something is irreversible',
    add('    irreversible_tools: [pay]', '    on_expiry: approve', '    expire_after: 1h'),
  ],
  [
    'crews.press.tasks.0.on_expiry must not be approve where something is irreversible',
    add('    on_expiry: approve', '    expire_after: 1h', '    tasks: [{match: a, effect: irreversible}]'),
  ],
  [
    'crews.press.tasks.0.effect cannot be reversible: the whole crew is irreversible',
    add('    effect: irreversible', '    tasks: [{match: a, effect: reversible}]'),
  ],
  ['crews.press.effect must be', add('    effect: final')],
  [
    'crews.press.irreversible has no effect: effect, tasks and irreversible_tools call nothing',
    add('    irreversible: {approvals_required: 2}'),
  ],
  [
    'crews.press.irreversible.on_expiry',
    add('    effect: irreversible', '    irreversible: {on_expiry: keep}'),
  ],
  [
    'crews.press.irreversible.approvers leaves 0 of the 1 people needed',
    add('    effect: irreversible', '    approvers: [U0ANA]', '    irreversible: {approvers: [U0BEN]}'),
  ],
  [
    'crews.press.irreversible.approvals_required is more than the number of approvers',
    add('    effect: irreversible', '    approvers: [U0ANA]', '    irreversible: {approvals_required: 2}'),
  ],
  [
    'crews.press.allow_tools_for_run names pay, which irreversible_tools calls irreversible',
    add('    irreversible_tools: ["p*"]', '    allow_tools_for_run: [look, pay]'),
  ],
  ['line 2: crews.pr/ess must be up to 64', edit('press:', 'pr/ess:')],
  ['line 10: crews.budget.webhook_secret is the same as that of press', TWO],
  [
    'line 12: crews.budget.ask_secret is the same as that of press',
    [
      TWO.replace(/\$PRESS_SECRET(?![\s\S]*\$PRESS_SECRET)/, 'a-secret-of-the-budget'),
      '    ask_secret: $PRESS_SECRET',
    ].join('\n'),
  ],
  [
    'line 12: crews.budget.flow_webhook_secrets is the same as that of press',
    [
      TWO.replace(/\$PRESS_SECRET(?![\s\S]*\$PRESS_SECRET)/, 'a-secret-of-the-budget'),
      '    flow_webhook_secrets: [$PRESS_SECRET]',
    ].join('\n'),
  ],
])('reports "%s"', (fault, yaml, environment) => {
  expect(read(yaml, {}, environment).faults).toEqual([expect.stringContaining(fault)]);
});

test('a secret that two crews inherit is reported: each needs its own', () => {
  const { faults } = read(TWO.replaceAll('    webhook_secret: $PRESS_SECRET\n', ''), {
    webhookSecret: SECRET,
  });
  expect(faults).toEqual([
    expect.stringContaining('crews.budget.webhook_secret is the same as that of press'),
  ]);
});

test('a crew that accepts Flow reviews only needs neither a URL nor a token, or both', () => {
  const flowsOnly = `${UNREACHABLE}\n${FLOW_SECRETS}`;
  const flowWebhookSecrets = ['a-secret-of-the-flow'];
  expect(read(flowsOnly)).toMatchObject({
    faults: [],
    crews: [{ baseUrl: '', bearerToken: '', flowWebhookSecrets }],
  });
  const missing = expect.stringContaining('crews.press.base_url is missing');
  expect(read(`${flowsOnly}\n    bearer_token: x`).faults).toEqual([missing]);
});

test('a crew that inherits the secrets of Flow reviews takes reviews, and is not thereby a Flow', () => {
  const inherited = { flowWebhookSecrets: ['a-secret-of-the-flow'] };
  const crew = read(PRESS, inherited);
  expect(crew).toMatchObject({ faults: [], crews: [inherited] });
  expect(build(crew)).toMatchObject([{ starts: 'crew' }]);
  expect(build(read(add(FLOW_SECRETS)))).toMatchObject([{ starts: 'flow' }]);
  expect(read(UNREACHABLE, inherited).faults).toEqual([
    expect.stringContaining('crews.press.base_url is missing'),
    expect.stringContaining('crews.press.bearer_token is missing'),
  ]);
});

test('no fault repeats a secret', () => {
  expect(read('- a\nbearer_token: S3CRET').faults.join()).toMatch(/^line 2: (?!.*S3CRET)/);
  const { faults } = read(edit('https://press.example.com', 'token-of-press'));
  expect(faults.join()).not.toContain('token-of-press');
});
