import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type DrillOptions, runDrill } from '../support/drill/drill.ts';
import { CREWAI_ODDS, gentler, SLACK_ODDS } from '../support/drill/failures.ts';
import {
  expectDecidedOnce,
  expectEveryCard,
  expectEveryClickAnswered,
  expectQuietLogs,
  figuresOf,
  loudLines,
  recordOf,
} from '../support/drill/proof.ts';
import { expectAnsweredOnce, expectNoAnswerTakenForRejection } from '../support/drill/proof-reviews.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';

const seed = Number(process.env.DRILL_SEED ?? randomInt(2 ** 31));
/** Each costs two updates or more, and two replicas keep to about 80 a minute: 200 take eight minutes. */
const APPROVALS = Number(process.env.DRILL_APPROVALS ?? 60);
const REVIEWS = Number(process.env.DRILL_REVIEWS ?? 20);
const whole = {
  ...{
    approvals: APPROVALS,
    reviews: REVIEWS,
    channels: 20,
    within: 150_000 + (APPROVALS + REVIEWS) * 1_500,
  },
  ...{ kickoffsWithin: 20_000, thinks: 8_000, step: 2_500, killsApart: [1_000, 8_000] as const },
  odds: { slack: SLACK_ODDS, crewai: CREWAI_ODDS },
};
const small = {
  ...{ approvals: 8, reviews: 4, channels: 2, within: 60_000 },
  ...{ kickoffsWithin: 200, thinks: 300, step: 500 },
  odds: { slack: gentler(SLACK_ODDS), crewai: gentler(CREWAI_ODDS) },
};
const size = process.env.CI ? whole : small;
if (!process.env.CI) console.warn('CI is not set: the drill is a small one, without kills, on Redis alone');

async function drill(store: string, options: Omit<DrillOptions, 'seed'>): Promise<void> {
  console.info(`the drill on ${store}: DRILL_SEED=${seed}`);
  const done = await runDrill({ seed, ...options });
  const lines = Object.entries(figuresOf(done)).map(([what, figure]) => `${what.padEnd(55)}${figure}`);
  console.info([`the drill on ${store}, DRILL_SEED=${seed}`, ...lines].join('\n'));
  console.info(loudLines(done));
  const { DRILL_RECORD: record } = process.env;
  if (record) writeFileSync(`${record}-${store}.json`, recordOf(done));
  expect.soft(done.fault).toBeUndefined();
  expectDecidedOnce(done);
  expectAnsweredOnce(done);
  expectNoAnswerTakenForRejection(done);
  expectEveryCard(done);
  expectQuietLogs(done);
  expectEveryClickAnswered(done);
}

describeRedis('two replicas on one Redis, with everything failing around them', () => {
  test(
    'every decision is taken once, every review has one answer, every card converges and every click is answered',
    {
      timeout: size.within + 60_000,
    },
    () => drill('Redis', { storeUrl: newRedisUrl(), ...size }),
  );
});

describePostgres('two replicas on one Postgres, with everything failing around them', () => {
  test.runIf(process.env.CI)(
    'every decision is taken once, every review has one answer, every card converges and every click is answered',
    {
      timeout: size.within + 60_000,
    },
    async () => drill('Postgres', { storeUrl: await newPostgresUrl(), ...size }),
  );
});
