import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crewaiRequests } from '../support/fuzz/crewai.ts';
import { figures, type Got, sendAll } from '../support/fuzz/send.ts';
import { slackRequests } from '../support/fuzz/slack.ts';
import { readStored } from '../support/fuzz/stored.ts';
import { mix } from '../support/fuzz/values.ts';
import { scaleLimit } from '../support/limits.ts';
import { ready } from '../support/process-steps.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { SECRET, sees, startWorld, type World } from '../support/world.ts';

/** `FUZZ_SEED` and `FUZZ_REQUESTS` run one again, or a longer one. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? (process.env.CI ? 2_500 : 300));
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** The bot refuses a signature older than five minutes, and all requests of a sample are signed before the first is sent. */
const PER_SAMPLE = 250;
const AT_ONCE = 48;
const CALM_SECRET = 'a-secret-of-the-calm-crew';
const AGAIN = `FUZZ_SEED=${SEED} FUZZ_REQUESTS=${REQUESTS}`;

/** One crew that is fuzzed, and one whose run has to work all the same. */
function twoCrews({ platform, settings, folder }: World): Record<string, string> {
  const crew = (webhook_secret: string, channel: string) => {
    const at = { base_url: platform.baseUrl, bearer_token: settings.CREWAI_BEARER_TOKEN };
    return { ...at, webhook_secret, channel, approvers: ['UANA', 'UBEN'] };
  };
  const path = join(folder, 'crews.yml');
  // JSON is YAML.
  const crews = { press: crew(SECRET, 'CAPPROVALS'), calm: crew(CALM_SECRET, 'CPRESS') };
  writeFileSync(path, JSON.stringify({ crews }));
  return { CREWS_FILE: path };
}

test(`${REQUESTS} generated webhooks, registrations, clicks, submissions and commands: each is answered, only what is valid is stored, and a run works afterwards`, {
  timeout: scaleLimit(420_000),
}, async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace, platform } = world;
  const bot = await spawnBot(world, twoCrews(world));
  const approvals: string[] = [];
  for (let run = 1; run <= 12; run += 1) {
    const body = { name: 'draft', output: `Draft ${run}`, kickoff_id: `run-${run}` };
    approvals.push((await axios.post(bot.webhook('task'), body)).data.approval);
  }
  const signingSecret = world.settings.SLACK_SIGNING_SECRET as string;
  const responseUrl = `${new URL(workspace.apiUrl).origin}/actions/gone`;
  const slack = slackRequests({ signingSecret, responseUrl, approvals });
  const one = mix([11, crewaiRequests(SECRET)], [9, slack]);
  const got: Got[] = [];
  for (let from = 0; from < REQUESTS; from += PER_SAMPLE) {
    const numRuns = Math.min(PER_SAMPLE, REQUESTS - from);
    got.push(...(await sendAll(bot.url, fc.sample(one, { seed: SEED + from, numRuns }), AT_ONCE)));
  }
  console.log(`fuzz: ${AGAIN}\n${figures(got)}`);
  const wrong = got.filter(({ request, status }) => !request.answers.includes(status));
  const about = wrong.slice(0, 8).map(({ request, status, body }) => ({
    ...request,
    body: String(request.body).slice(0, 900),
    status,
    answer: body.slice(0, 200),
  }));
  expect(about, `${AGAIN}: ${wrong.length} were answered otherwise`).toEqual([]);

  const urlOf = (kind: string) => `${bot.url}/webhooks/calm/${kind}?token=${CALM_SECRET}`;
  const urls = { taskWebhookUrl: urlOf('task'), crewWebhookUrl: urlOf('crew') };
  const execution = platform.kickoff({ ...urls, meta: urls });
  const { ts } = await sees(workspace, 'the card', ready, 'CPRESS');
  const click = await workspace.click({ user: 'UANA', channel: 'CPRESS', ts, actionId: 'approve' });
  expect(click.acked).toBe(true);
  // The last update of its card only tidies up: it waits behind those that the clicks before have left.
  await sees(workspace, 'the result', ({ all }) => all.includes('has finished'), 'CPRESS');
  expect(platform.execution(execution).feedback).toEqual(['Approved.']);

  bot.signal('SIGTERM');
  expect(await bot.ended).toMatchObject({ code: 0, signal: null });
  const { kinds, faults } = readStored(join(world.folder, 'approvals.db'));
  console.log(`fuzz: stored ${JSON.stringify(kinds)}`);
  expect(faults, AGAIN).toEqual([]);
  expect(kinds).not.toHaveProperty('unreadable');
  // On a busy machine a call to the workspace can take longer than its time-out or lose its connection; it is made again.
  const failures = bot.logged.filter(
    ({ msg }) =>
      /request failed|background task failed|step failed/.test(msg) &&
      !/aborted due to timeout|fetch failed/.test(msg),
  );
  expect(failures.slice(0, 5), AGAIN).toEqual([]);
});
