import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { type DrillOptions, runDrill } from '../support/drill/drill.ts';
import { CREWAI_ODDS, SLACK_ODDS } from '../support/drill/failures.ts';
import {
  expectDecidedOnce,
  expectEveryCard,
  expectEveryClickAnswered,
  expectQuietLogs,
} from '../support/drill/proof.ts';
import { scaleLimit } from '../support/limits.ts';
import { describePostgres, describeRedis, newPostgresUrl, newRedisUrl } from '../support/servers.ts';

const seed = Number(process.env.DRILL_SEED ?? randomInt(2 ** 31));
/** Each costs two updates or more, and two replicas keep to about 80 a minute: 200 take eight minutes. */
const APPROVALS = Number(process.env.DRILL_APPROVALS ?? 10);
const WHOLE: Omit<DrillOptions, 'seed' | 'storeUrl'> = {
  ...{ approvals: APPROVALS, channels: 5 },
  within: scaleLimit(150_000 + APPROVALS * 1_500),
  ...{ kickoffsWithin: 300 * APPROVALS, thinks: 3_000, step: 2_500, killsApart: [1_000, 8_000] },
  odds: { slack: SLACK_ODDS, crewai: CREWAI_ODDS },
};
const timeout = WHOLE.within + 60_000;
const promise = 'every decision is taken once, every card converges and every click is answered';

async function drill(store: string, storeUrl: string): Promise<void> {
  console.info(`the drill on ${store}: DRILL_SEED=${seed}`);
  const done = await runDrill({ seed, storeUrl, ...WHOLE });
  expect.soft(done.fault).toBeUndefined();
  expectDecidedOnce(done);
  expectEveryCard(done);
  expectQuietLogs(done);
  expectEveryClickAnswered(done);
}

describeRedis('two replicas on one Redis, with everything failing around them', () => {
  test(promise, { timeout }, () => drill('Redis', newRedisUrl()));
});

describePostgres('two replicas on one Postgres, with everything failing around them', () => {
  test(promise, { timeout }, async () => drill('Postgres', await newPostgresUrl()));
});
