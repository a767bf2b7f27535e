import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import { expect, test } from 'vitest';
import { describeIf } from '../support/describe-if.ts';
import { readStored } from '../support/fuzz/stored.ts';
import { scaleLimit } from '../support/limits.ts';
import { HOSTED, VENVS } from '../support/self-hosted.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { SECRET, sees, startWorld } from '../support/world.ts';

/** The release of the fuzzer; `.ci/run` installs it. */
const SCHEMATHESIS = '4.32.5';
const PYTHON = join(VENVS, `schemathesis-${SCHEMATHESIS}`, 'bin', 'python');
/** In seconds. */
const BUDGET = 60;
/** The same requests each time; another number makes others. */
const SEED = process.env.FUZZ_SEED ?? '1';
/** A crew whose runs a program carries out: it has every part of the API. */
const SETTINGS = { ...HOSTED, WEBHOOK_SECRET: SECRET, FLOW_WEBHOOK_SECRETS: 'a-secret-of-a-flow' };
const ASK_SECRET = HOSTED.ASK_SECRET as string;
const OPTIONS = [
  { id: 'ship', label: 'Ship it' },
  { id: 'hold', label: 'Hold' },
];

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'ignored_auth',
];

/** What the fuzzer knows beside the document. A request that waits would only take its time. */
const CONFIGURATION = `
seed = ${SEED}
max-time = ${BUDGET}
# One: the ast module of Python 3.11 fails in two threads at once.
workers = 1
continue-on-failure = true
[dictionaries.ids]
values = ["answered", "fetched", "withdrawn", "asked", "another", "one:more"]
[parameters]
"path.crew" = "press"
"path.id" = { dictionary = "ids", probability = 0.8 }
"query.wait" = 0
[auth.openapi.askSecret]
bearer = "${ASK_SECRET}"
[auth.openapi.webhookSecret]
bearer = "${SECRET}"
[generation]
database = "none"
`;

/** Runs the fuzzer; what it printed. */
function fuzz(folder: string, url: string): Promise<{ code: number | null; said: string }> {
  const configuration = join(folder, 'schemathesis.toml');
  writeFileSync(configuration, CONFIGURATION);
  const document = join(process.cwd(), 'docs', 'openapi.yaml');
  const of = ['-m', 'schemathesis.cli', '--config-file', configuration, 'run', document, '--url', url];
  const how = ['--phases', 'examples,coverage,fuzzing', '--checks', CHECKS.join(), '--no-color'];
  const report = ['--report', 'ndjson', '--report-ndjson-path', join(folder, 'report')];
  const fuzzer = spawn(PYTHON, [...of, ...how, ...report], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [fuzzer.stdout, fuzzer.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      said += part;
    });
  return new Promise((resolve, reject) => {
    fuzzer.once('error', reject);
    fuzzer.once('close', (code) => resolve({ code, said }));
  });
}

/** What needs a signature, and a start that a person has made in Slack. */
const NEVER_ACCEPTED = ['POST /webhooks/{crew}/flow', 'PUT /crews/{crew}/starts/{id}'];

/** An operation that was tried, as the fuzzer reports it. */
interface Scenario {
  recorder: {
    label: string;
    /** Absent: it was skipped. */
    interactions?: Record<string, { request: { method: string }; response?: { status_code: number } | null }>;
  };
}

/** The operations of which no request was accepted: nothing is known of the answers that they give then. */
function listNeverAccepted(folder: string): string[] {
  const tried = new Set<string>();
  const accepted = new Set<string>();
  for (const line of readFileSync(join(folder, 'report'), 'utf8').trim().split('\n')) {
    const { ScenarioFinished: scenario } = JSON.parse(line) as { ScenarioFinished?: Scenario };
    if (!scenario) continue;
    const { label, interactions = {} } = scenario.recorder;
    tried.add(label);
    // Methods that the document does not have are tried, too.
    for (const { request, response } of Object.values(interactions))
      if (label.startsWith(`${request.method} `) && (response?.status_code ?? 500) < 300) accepted.add(label);
  }
  return [...tried].filter((label) => !accepted.has(label)).sort();
}

describeIf(
  existsSync(PYTHON),
  `schemathesis is not installed (${PYTHON}): docs/openapi.yaml is not held against a bot`,
)('docs/openapi.yaml', () => {
  test('describes every answer of a running bot, and no request makes it fail', {
    timeout: scaleLimit(300_000),
  }, async () => {
    const world = await startWorld();
    const bot = await spawnBot(world, SETTINGS);
    const headers = { authorization: `Bearer ${ASK_SECRET}` };
    const url = (id: string) => `${bot.url}/crews/press/questions/${id}`;
    for (const id of ['answered', 'fetched', 'withdrawn', 'asked']) {
      await axios.put(
        url(id),
        { title: `Is it ${id}?`, text: 'All tests passed.', options: OPTIONS },
        { headers },
      );
      const { ts } = await sees(world.workspace, 'the card', ({ all }) => all.includes(`Is it ${id}?`));
      if (id === 'answered' || id === 'fetched') {
        await world.workspace.click({ user: 'UANA', channel: 'CAPPROVALS', ts, actionId: 'choose_1' });
        await expect.poll(async () => (await axios.get(url(id), { headers })).data.status).toBe('answered');
      }
    }
    await axios.put(`${url('fetched')}/received`, undefined, { headers });
    await axios.delete(url('withdrawn'), { headers });

    const { code, said } = await fuzz(world.folder, bot.url);
    console.log(`FUZZ_SEED=${SEED}\n${said.slice(said.indexOf('SUMMARY'))}`);
    expect(code, said).toBe(0);
    expect(listNeverAccepted(world.folder)).toEqual(NEVER_ACCEPTED);
    expect(bot.logged.filter(({ msg }) => /request failed|background task failed/.test(msg))).toEqual([]);
    bot.signal('SIGTERM');
    expect(await bot.ended).toMatchObject({ code: 0, signal: null });
    const { kinds, faults } = readStored(join(world.folder, 'approvals.db'));
    expect(faults).toEqual([]);
    expect(kinds).not.toHaveProperty('unreadable');
  });
});
