import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axios from 'axios';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crewaiRequests } from '../support/fuzz/crewai.ts';
import { figures, sendAll } from '../support/fuzz/send.ts';
import { slackRequests } from '../support/fuzz/slack.ts';
import { readStored } from '../support/fuzz/stored.ts';
import { spawnBot } from '../support/spawn-bot.ts';
import { SECRET, sees, startWorld, type World } from '../support/world.ts';

/** `FUZZ_SEED` and `FUZZ_REQUESTS` run one again, or a longer one. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? (process.env.CI ? 10_000 : 300));
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const AT_ONCE = 48;
const CALM_SECRET = 'a-secret-of-the-calm-crew';

/** One crew that is fuzzed, and one whose run has to work all the same. */
function twoCrews(world: World): Record<string, string> {
  const crew = (name: string, secret: string, channel: string) => `  ${name}:
    base_url: ${world.platform.baseUrl}
    bearer_token: ${world.settings.CREWAI_BEARER_TOKEN}
    webhook_secret: ${secret}
    channel: ${channel}
    approvers: [UANA, UBEN]
`;
  const path = join(world.folder, 'crews.yml');
  writeFileSync(path, `crews:\n${crew('press', SECRET, 'CAPPROVALS')}${crew('calm', CALM_SECRET, 'CPRESS')}`);
  return { CREWS_FILE: path };
}

test(`${REQUESTS} generated webhooks, registrations, clicks, submissions and commands: each is answered, only what is valid is stored, and a run works afterwards`, {
  timeout: 420_000,
}, async () => {
  const world = await startWorld(undefined, { dialect: 'documented' });
  const { workspace, platform } = world;
  const bot = await spawnBot(world, twoCrews(world));
  const ids: string[] = [];
  for (let run = 1; run <= 12; run += 1) {
    const body = { name: 'draft', output: `Draft ${run}`, kickoff_id: `run-${run}` };
    ids.push((await axios.post(bot.webhook('task'), body)).data.approval);
  }
  const slack = {
    signingSecret: world.settings.SLACK_SIGNING_SECRET as string,
    responseUrl: `${new URL(workspace.apiUrl).origin}/actions/gone`,
    approvals: ids,
  };
  const one = fc.oneof(
    { weight: 11, arbitrary: crewaiRequests(SECRET) },
    { weight: 9, arbitrary: slackRequests(slack) },
  );
  const started = performance.now();
  const got = await sendAll(bot.url, fc.sample(one, { seed: SEED, numRuns: REQUESTS }), AT_ONCE);
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`fuzz: ${REQUESTS} requests in ${seconds} s, seed ${SEED}\n${figures(got)}`);

  const wrong = got.filter(({ request, status }) => !request.answers.includes(status));
  const about = wrong.slice(0, 8).map(({ request, status, body }) => ({
    ...request,
    body: String(request.body).slice(0, 900),
    status,
    answer: body.slice(0, 200),
  }));
  expect(
    about,
    `FUZZ_SEED=${SEED} FUZZ_REQUESTS=${REQUESTS}: ${wrong.length} were answered otherwise`,
  ).toEqual([]);

  const execution = platform.kickoff({
    taskWebhookUrl: `${bot.url}/webhooks/calm/task?token=${CALM_SECRET}`,
    crewWebhookUrl: `${bot.url}/webhooks/calm/crew?token=${CALM_SECRET}`,
    meta: {
      taskWebhookUrl: `${bot.url}/webhooks/calm/task?token=${CALM_SECRET}`,
      crewWebhookUrl: `${bot.url}/webhooks/calm/crew?token=${CALM_SECRET}`,
    },
  });
  const card = await sees(workspace, 'the card', ({ buttons }) => buttons.includes('Approve'), 'CPRESS');
  const click = await workspace.click({ user: 'UANA', channel: 'CPRESS', ts: card.ts, actionId: 'approve' });
  expect(click.acked).toBe(true);
  // The last update of its card only tidies up: it waits behind those that the clicks before have left.
  await sees(workspace, 'the result', ({ all }) => all.includes('has finished'), 'CPRESS');
  expect(platform.execution(execution).feedback).toEqual(['Approved.']);

  bot.signal('SIGTERM');
  expect(await bot.ended).toMatchObject({ code: 0, signal: null });
  const { kinds, faults } = readStored(join(world.folder, 'approvals.db'));
  console.log(`fuzz: stored ${JSON.stringify(kinds)}`);
  expect(faults, `FUZZ_SEED=${SEED}`).toEqual([]);
  expect(kinds).not.toHaveProperty('unreadable');
  // On a busy machine a call to the workspace can take longer than its time-out or lose its connection; it is made again.
  const failures = bot.logged.filter(
    ({ msg }) =>
      /request failed|background task failed|step failed/.test(msg) &&
      !/aborted due to timeout|fetch failed/.test(msg),
  );
  expect(failures.slice(0, 5), `FUZZ_SEED=${SEED}`).toEqual([]);
});
