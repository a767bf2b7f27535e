import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../src/approval/model/crew/task-rules.ts';
import { buildCrew } from '../../src/settings/build-crew.ts';
import { readCrews } from '../../src/settings/crews-file.ts';

const press = [
  'crews:',
  '  press:',
  '    base_url: https://press.example.com',
  '    bearer_token: $PRESS_TOKEN',
  '    webhook_secret: $PRESS_SECRET',
  '    channel: "#press"',
];
const slack = { botToken: 'xoxb-test', command: '/approvals' };
const environment = { PRESS_TOKEN: 'token-of-press', PRESS_SECRET: 'a-secret-of-16-chars' };
const lookUp = (name: string) => (environment as Record<string, string>)[name];
const read = (lines: string[], env: Record<string, string> = environment) =>
  readCrews(lines.join('\n'), (name) => env[name], {});

test('the example file is right once its environment is set', () => {
  const yaml = readFileSync('crews.example.yml', 'utf8');
  const names = [...yaml.matchAll(/\$(\w+)/g)]
    .map((match) => match[1] as string)
    .filter((name) => name !== 'NAME');
  const { crews, faults } = readCrews(yaml, (name) => (names.includes(name) ? `value-of-${name}` : ''), {});
  expect(faults).toEqual([]);
  expect(crews.map(({ name, bearerToken }) => [name, bearerToken])).toEqual([
    ['press', 'value-of-PRESS_CREW_TOKEN'],
    ['budget', 'value-of-BUDGET_CREW_TOKEN'],
  ]);
});

test('what a crew leaves out has its default', () => {
  const { crews, faults } = read(press);
  expect(faults).toEqual([]);
  const [crew] = crews.map((settings) => buildCrew(settings, { slack }));
  expect(crew).toMatchObject({ channels: ['#press'], policy: DEFAULT_POLICY });
  expect({ crews }).toEqual({
    crews: [
      {
        name: 'press',
        baseUrl: 'https://press.example.com',
        bearerToken: 'token-of-press',
        webhookSecret: 'a-secret-of-16-chars',
        isFlow: false,
        channel: '#press',
        channels: [],
        approvers: [],
        approvalsRequired: 1,
        excludeRequester: false,
        allowGuests: false,
        notify: 'approvers',
        rounds: 'channel',
        undoWindow: 0,
        urgent: false,
        escalateTo: [],
        onExpiry: 'keep',
        silentAfter: 10 * 60_000,
        tasks: [],
        webhookUrls: {},
        lookUps: 'members',
        flowWebhookSecrets: [],
        starters: [],
        inputs: {},
        callbackHosts: ['*.crewai.com'],
        preview: false,
        resumeFormat: 'auto',
        approveTasks: [],
        approvalText: 'Approved.',
        revisionText:
          'This output is not accepted. Revise it according to the following feedback, and ask for review again:',
      },
    ],
  });
});

const second = (...lines: string[]) => [...press, ...lines];
test.each<[string, string[], string, Record<string, string>?]>([
  ['YAML that does not parse', ['crews:', '  press: [', ''], 'line 3: '],
  [
    'a value that YAML takes for an alias',
    press.map((line) => line.replace('$PRESS_TOKEN', '*s3cr3t')),
    'line 4: a value that begins with * must be quoted',
  ],
  [
    'a channel that YAML takes for a comment',
    press.map((line) => line.replace('"#press"', '#press')),
    'line 6: crews.press.channel is empty: a value that begins with # must be in quotes',
  ],
  [
    'channels that YAML takes for a comment',
    second('    channels: #press'),
    'line 7: crews.press.channels is empty: a value that begins with # must be in quotes',
  ],
  [
    'the channel of a task that YAML takes for a comment',
    second('    tasks:', '      - match: a', '        channel: #press'),
    'crews.press.tasks.0.channel is empty: a value that begins with # must be in quotes',
  ],
  [
    'a number that is meant as a text',
    second('    approval_text: 1'),
    'line 7: crews.press.approval_text must be a text: put it in quotes',
  ],
  [
    'a variable whose brace is not closed',
    press.map((line) => line.replace('$PRESS_TOKEN', '"${PRESS_TOKEN"')),
    `line 4: crews.press.bearer_token must be $PRESS_TOKEN or $\{PRESS_TOKEN}`,
  ],
  ['two documents', [...press, '---', 'crews: {}'], 'line 7: the file must have one document'],
  ['no crews', ['crews: {}'], 'line 1: crews must name at least one crew'],
  ['an unknown key of the file', [...press, 'crew: 1'], 'line 7: crew is not a recognized setting'],
  [
    'an unknown key of a crew',
    second('    chanels: [C1]'),
    'line 7: crews.press.chanels is not a recognized setting of a crew',
  ],
  [
    'a time without a unit',
    second('    silent_after: 10'),
    'line 7: crews.press.silent_after must be a time with its unit, up to 10 years, such as "90 s", "10 min", "4h", "2 days" or "1 year"',
  ],
  [
    'a notify with a word that there is not',
    second('    notify: everyone'),
    'line 7: crews.press.notify has "everyone", but must be one word (approvers, here, dm or none) or a list of user ids',
  ],
  [
    'a notify with a word among ids',
    second('    notify: [U0123456789, here]'),
    'line 7: crews.press.notify.1 has "here", but must be one word (approvers, here, dm or none) or a list',
  ],
  [
    'look-ups for nobody that there is',
    second('    look_ups: nobody'),
    'line 7: crews.press.look_ups must be members or everyone',
  ],
  ['a retention of no time', second('    retention: 0 s'), 'line 7: crews.press.retention must be a time'],
  ['two crews of one name', second('  press:', '    channel: C1'), 'line 7: duplicate key press'],
  [
    'a crew without a token',
    press.filter((line) => !line.includes('bearer')),
    'line 2: crews.press.bearer_token is missing',
  ],
  [
    'a variable that is not set',
    press,
    'line 4: crews.press.bearer_token uses $PRESS_TOKEN, which is not set in the environment',
    { PRESS_SECRET: 'a-secret-of-16-chars' },
  ],
  [
    'a short secret',
    press,
    'line 5: crews.press.webhook_secret must have at least 16 characters',
    { ...environment, PRESS_SECRET: 'short' },
  ],
  [
    'a wrong channel',
    press.map((line) => line.replace('"#press"', 'press')),
    'line 6: crews.press.channel must be a channel id',
  ],
  ['a wrong approver', second('    approvers: [U1, ana]'), 'line 7: crews.press.approvers.1 has "ana"'],
  [
    'a wrong URL',
    second('    webhook_urls:', '      task: ftp://x.example.com'),
    'line 8: crews.press.webhook_urls.task must be an http',
  ],
  [
    'a wrong format',
    second('    resume_format: snake'),
    'line 7: crews.press.resume_format must be auto, documented or camelcase',
  ],
  ['a crew that is no list', ['crews:', '  press: 5'], 'line 2: crews.press must be a list of settings'],
  [
    'a name with a slash',
    press.map((line) => line.replace('press:', 'pr/ess:')),
    'line 2: crews.pr/ess must be up to 64',
  ],
  [
    'one secret for two crews',
    [...press, ...press.slice(1).map((line) => line.replace('press:', 'budget:'))],
    'line 10: crews.budget.webhook_secret is the same as that of press',
  ],
  [
    'a Flow secret that another crew has',
    [
      ...press,
      ...press
        .slice(1)
        .map((line) => line.replace('press:', 'budget:').replace('$PRESS_SECRET', 'a-secret-of-the-budget')),
      '    flow_webhook_secrets: [$PRESS_SECRET]',
    ],
    'line 12: crews.budget.flow_webhook_secrets is the same as that of press',
  ],
  [
    'a short Flow secret',
    second('    flow_webhook_secrets: [short]'),
    'line 7: crews.press.flow_webhook_secrets.0 must each have at least 16 characters',
  ],
  [
    'a callback host that is none',
    second('    callback_hosts: ["https://flows.example.com"]'),
    'line 7: crews.press.callback_hosts.0 must be host names',
  ],
])('%s is told with its line', (_what, lines, fault, env) => {
  const { faults } = read(lines, env);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(fault);
});

test('a secret that two crews would inherit is told: each opens its own door only', () => {
  const two = [...press, ...press.slice(1).map((line) => line.replace('press:', 'budget:'))];
  const lines = two.filter((line) => !line.includes('webhook_secret'));
  const { faults } = readCrews(lines.join('\n'), lookUp, { webhookSecret: 'a-secret-for-everybody' });
  expect(faults).toEqual([
    expect.stringContaining('crews.budget.webhook_secret is the same as that of press'),
  ]);
});

test('a crew that takes Flow reviews only needs neither a URL nor a token, but not one without the other', () => {
  const flows = [
    ...press.filter((line) => !/base_url|bearer/.test(line)),
    '    flow_webhook_secrets: [a-secret-of-the-flow]',
  ];
  const { crews, faults } = read(flows);
  expect(faults).toEqual([]);
  expect(crews).toMatchObject([
    { baseUrl: '', bearerToken: '', flowWebhookSecrets: ['a-secret-of-the-flow'] },
  ]);
  expect(read([...flows, '    bearer_token: x']).faults).toEqual([
    expect.stringContaining('crews.press.base_url is missing'),
  ]);
});

test('a crew that inherits the secrets of Flow reviews takes reviews, and is not thereby a Flow', () => {
  const inherited = { flowWebhookSecrets: ['a-secret-of-the-flow'] };
  const { crews, faults } = readCrews(press.join('\n'), lookUp, inherited);
  expect(faults).toEqual([]);
  const [crew] = crews.map((config) => ({
    ...config,
    starts: buildCrew(config, { slack }).starts,
  }));
  expect(crew).toMatchObject({ flowWebhookSecrets: ['a-secret-of-the-flow'], starts: 'crew' });

  const own = read([...press, '    flow_webhook_secrets: [a-secret-of-the-flow]']).crews;
  expect(own.map((config) => buildCrew(config, { slack }).starts)).toEqual(['flow']);

  const unreachable = press.filter((line) => !/base_url|bearer/.test(line));
  expect(readCrews(unreachable.join('\n'), lookUp, inherited).faults).toEqual([
    expect.stringContaining('crews.press.base_url is missing'),
    expect.stringContaining('crews.press.bearer_token is missing'),
  ]);
});

test('no fault repeats a secret', () => {
  expect(read(['- a', 'bearer_token: S3CRET']).faults.join()).toMatch(/^line 2: (?!.*S3CRET)/);
  const { faults } = read(press.map((line) => line.replace('https://press.example.com', 'token-of-press')));
  expect(faults.join()).not.toContain('token-of-press');
});
