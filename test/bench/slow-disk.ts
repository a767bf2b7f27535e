import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { clickOften, percentilesOf } from './clicks.ts';
import { type Measurement, rounds } from './support/measurement.ts';
import { figure, type Row, row } from './support/report.ts';
import { median } from './support/statistics.ts';
import { inFolder } from './support/world.ts';
import { shoot } from './webhooks.ts';

/** Added duration of each fsync, in milliseconds, as on a disk in a cloud. */
const FSYNC_MS = 5;
/** Limit in milliseconds. */
const MAX_P99 = 25;

/** Measures webhooks and clicks while every fsync takes 5 ms longer, beside a careful bot on the same disk. */
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
    const measure = async (kind: 'product' | 'careful') => {
      const all = await rounds(count, async (round) => {
        context.progress(`${kind}, round ${round + 1} of ${count}`);
        return { shot: await shoot(context, kind, env), clicks: await clickOften(context, kind, { env }) };
      });
      const clicks = all.map((one) => one.clicks);
      return {
        perSecond: all.map(({ shot }) => shot.perSecond),
        p99: all.map(({ shot }) => shot.p99),
        ack: percentilesOf(clicks, 'ack'),
        resume: percentilesOf(clicks, 'resume'),
      };
    };
    const product = await measure('product');
    const careful = await measure('careful');
    const rowOf = (
      what: string,
      unit: string,
      of: (one: typeof product) => number[],
      below?: number,
    ): Row => {
      const reference = `careful bot ${figure(median(of(careful)))} ${unit}`;
      return row(`fsync + ${FSYNC_MS} ms: ${what}`, of(product), unit, { below, reference });
    };
    return [
      rowOf('webhooks answered', '/s', ({ perSecond }) => perSecond),
      rowOf('webhooks answered, p99', 'ms', ({ p99 }) => p99, 2 * MAX_P99),
      rowOf('click to ack, p50', 'ms', ({ ack }) => ack.p50),
      rowOf('click to ack, p99', 'ms', ({ ack }) => ack.p99, MAX_P99),
      rowOf('click to /resume, p50', 'ms', ({ resume }) => resume.p50),
      rowOf('click to /resume, p99', 'ms', ({ resume }) => resume.p99, MAX_P99),
    ];
  });
};
