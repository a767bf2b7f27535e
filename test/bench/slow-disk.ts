import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { clicked, type Kind, times } from './clicks.ts';
import type { Measurement } from './support/measurement.ts';
import { below, figure, type Row } from './support/report.ts';
import { type Spread, spread } from './support/statistics.ts';
import { inFolder } from './support/world.ts';
import { shoot } from './webhooks.ts';

/** What an fsync takes longer here, in milliseconds: as on a disk in a cloud. */
const FSYNC_MS = 5;
/** In milliseconds. */
const MOST_P99 = 25;

/** Webhooks and clicks where every fsync takes 5 ms longer, beside a careful bot on the same disk. */
export const slowDisk: Measurement = async (context) => {
  if (spawnSync('cc', ['--version']).status !== 0) {
    context.progress('skipped: there is no C compiler (cc)');
    return [];
  }
  return inFolder(async (folder) => {
    const library = join(folder, 'slow-fsync.so');
    const source = join(import.meta.dirname, 'support', 'slow-fsync.c');
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
    const env = { LD_PRELOAD: library, FSYNC_MS: String(FSYNC_MS) };
    const count = context.quick ? 1 : 3;
    const measure = async (webhooks: string, kind: Kind) => {
      const shots = [];
      const clicks = [];
      for (let round = 0; round < count; round += 1) {
        context.progress(`${kind}, round ${round + 1} of ${count}`);
        shots.push(await shoot(context, webhooks, env));
        clicks.push(await clicked(context, kind, 0, env));
      }
      return {
        perSecond: spread(shots.map((shot) => shot.perSecond)),
        p99: spread(shots.map((shot) => shot.p99)),
        ack: times(clicks, 'ack'),
        resume: times(clicks, 'resume'),
      };
    };
    const product = await measure('product', 'bot');
    const careful = await measure('careful', 'careful');
    const row = (what: string, unit: string, of: (one: typeof product) => Spread, isP99 = false): Row => ({
      what: `fsync + ${FSYNC_MS} ms: ${what}`,
      measured: of(product),
      unit,
      ...(isP99 ? { budget: below(of(product), MOST_P99, unit) } : {}),
      reference: `careful bot ${figure(of(careful).median)} ${unit}`,
    });
    return [
      row('webhooks answered', '/s', ({ perSecond }) => perSecond),
      row('webhooks answered, p99', 'ms', ({ p99 }) => p99, true),
      row('click to ack, p50', 'ms', ({ ack }) => ack.p50),
      row('click to ack, p99', 'ms', ({ ack }) => ack.p99, true),
      row('click to /resume, p50', 'ms', ({ resume }) => resume.p50),
      row('click to /resume, p99', 'ms', ({ resume }) => resume.p99, true),
    ];
  });
};
