import type { App } from '../app.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import { announcesPauses, hasEnded, type RunRecord } from '../model/run/run-record.ts';

const MAX_RUNS_CHECKED = 100;

/**
 * Reports, once per run, that the run's pauses cannot be seen: its platform announces pauses only by human-input webhooks, none
 * came or was named for the run, and its other webhooks stopped without an end. Rejects with a StoreError.
 */
export async function reportUnseenPauses(app: App): Promise<void> {
  const { store, crews, dialects, announce, clock, log } = app;
  const dueRuns = await store.list('runsToCheck', 'all', { limit: MAX_RUNS_CHECKED, until: clock.now() });
  for (const { crew: name = '', id: executionId } of dueRuns) {
    const stored = await store.run(name, executionId);
    const checkAt = stored?.record.checkAt;
    if (!stored || checkAt === undefined || checkAt > clock.now()) continue;
    const crew = crews.get(name);
    const dialect = dialects.of(name);
    const { checkAt: _, ...run } = stored.record;
    if (crew && dialect === 'unknown' && !showsPauses(run)) {
      await store.save({
        run: { previous: stored, next: { ...run, checkAt: clock.now() + crew.policy.silentAfter } },
      });
      continue;
    }
    if (!crew || dialect !== 'live' || showsPauses(run)) {
      await store.save({ run: { previous: stored, next: run } });
      continue;
    }
    // With several replicas, only the one that records the report announces it.
    if (!(await store.save({ run: { previous: stored, next: { ...run, unseenPausesReported: true } } })))
      continue;
    log.warn(
      { crew: name, execution: executionId },
      'pauses of a run cannot be seen: no humanInputWebhookUrl',
    );
    await announce(crew.channel, { kind: 'pauses_not_visible', crew: name });
  }
}

/** True if the run has ended or a human-input webhook came or was named for it since. */
function showsPauses(run: RunRecord): boolean {
  return hasEnded(run) || hasNamedWebhook(run);
}

/** True if a human-input webhook came or was named for the run. A start from Slack always names one. */
function hasNamedWebhook(run: RunRecord): boolean {
  return announcesPauses(run) || run.thread !== undefined;
}

/** Schedules the check of a run whose pauses nothing shows; none in the documented dialect. A further webhook postpones it. */
export function scheduleUnseenCheck(record: RunRecord, crew: Crew, dialect: Dialect, at: number): RunRecord {
  const { checkAt: _, ...withoutCheck } = record;
  const canSeePauses = dialect === 'documented' || hasNamedWebhook(record);
  const needsCheck = !canSeePauses && !hasEnded(record) && !record.unseenPausesReported;
  return needsCheck ? { ...withoutCheck, checkAt: at + crew.policy.silentAfter } : withoutCheck;
}
