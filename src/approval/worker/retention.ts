import { repeat } from '../../lib/time.ts';
import type { App } from '../app.ts';
import { eachEntry } from '../each-entry.ts';
import { dueAt } from '../lifecycle/next-steps.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import { findIdleTime } from '../model/run/run-record.ts';
import type { Start } from '../model/run/start.ts';
import { findNextStartStep } from '../starts/start-events.ts';

const CHECK_INTERVAL = 60 * 60_000;
/** Longest time that the bot keeps an unfinished record beyond the retention, in milliseconds. */
const LONGEST_UNFINISHED = 7 * 24 * 60 * 60_000;

/** Longest time that the bot keeps an idle run without approvals and start, in milliseconds. */
const LONGEST_IDLE = 7 * 24 * 60 * 60_000;

/**
 * Deletes approvals settled, and starts created, longer ago than a crew's `retention`. Approvals that need a person stay;
 * unfinished records stay for another week at most. Also deletes runs without approvals and start that were idle for a week, or
 * for the retention if that is shorter (`findIdleTime` adds 83 days for runs whose facts may still be needed). Works now and
 * every hour. Deletes records and outputs, not the history. Returns a function that stops the work.
 */
export function startRetention(app: App): () => void {
  let closed = false;
  const isClosed = () => closed;
  const stop = repeat(app.clock, CHECK_INTERVAL, async () => {
    const now = app.clock.now();
    for (const { name: crew, retention } of app.crews.values()) {
      if (retention === undefined) continue;
      await tryToForget(app, { crew }, async () => {
        const deleted = await forgetBefore(app, crew, now - retention, isClosed);
        if (deleted > 0) app.log.info({ crew, deleted }, 'approvals were deleted by retention');
        await forgetStartsBefore(app, crew, now - retention, isClosed);
      });
    }
    await tryToForget(app, {}, () => forgetIdleRuns(app, now, isClosed));
  });
  return () => {
    closed = true;
    stop();
  };
}

async function tryToForget({ log }: App, logFields: object, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    log.error({ ...logFields, error }, 'records not deleted by retention; retrying in an hour');
  }
}

/** Deletes idle runs: they ended without a pause, only sent events, or their approvals are deleted. */
async function forgetIdleRuns(app: App, now: number, isClosed: () => boolean): Promise<void> {
  const { store, crews } = app;
  const findIdleLimit = (crew: string) => Math.min(LONGEST_IDLE, crews.get(crew)?.retention ?? LONGEST_IDLE);
  const until = now - Math.min(LONGEST_IDLE, ...[...crews.keys()].map(findIdleLimit));
  for await (const { id, crew = '' } of eachEntry(store, 'idleRuns', 'all', { until })) {
    if (isClosed()) return;
    const stored = await store.run(crew, id);
    const idleSince = stored && findIdleTime(stored.record);
    if (stored && idleSince !== undefined && idleSince <= now - findIdleLimit(crew))
      await store.forgetRun(stored);
  }
}

async function forgetBefore(app: App, crew: string, time: number, isClosed: () => boolean): Promise<number> {
  const { store } = app;
  let deleted = 0;
  for await (const { id } of eachEntry(store, 'settled', [crew], { until: time - 1 })) {
    if (isClosed()) break;
    const stored = await store.approval(id);
    // An approval that changed meanwhile is checked again in an hour.
    if (stored && !isUnfinished(stored.record, time) && (await store.forget(stored))) deleted += 1;
  }
  return deleted;
}

/** Deletes the finished starts from before this time, oldest first. */
async function forgetStartsBefore(
  app: App,
  crew: string,
  time: number,
  isClosed: () => boolean,
): Promise<void> {
  const { store } = app;
  for await (const { id } of eachEntry(store, 'starts', [crew])) {
    const stored = await store.start(id);
    if (isClosed() || (stored && stored.record.createdAt >= time)) return;
    if (stored && !isStartUnfinished(stored.record, time)) await store.forgetStart(stored);
  }
}

/** True if the outcome of a start is unknown, or not shown yet. After another week, neither counts. */
function isStartUnfinished(start: Start, cutoff: number): boolean {
  const isUnsettled = ['starting', 'unsure', 'running'].includes(start.status);
  const hasDueStep = findNextStartStep(start) !== undefined;
  return (isUnsettled || hasDueStep) && start.createdAt + LONGEST_UNFINISHED >= cutoff;
}

/**
 * True if a step is still due (such as a card update), or a requested revision has not come. After another week, neither counts.
 */
function isUnfinished(approval: Approval, cutoff: number): boolean {
  const { status, settledAt = 0 } = currentRound(approval);
  const awaitsRevision = status === 'revision_requested' && approval.runEndedAt === undefined;
  const hasDueStep = dueAt(approval, Number.NEGATIVE_INFINITY) !== undefined;
  return (awaitsRevision || hasDueStep) && settledAt + LONGEST_UNFINISHED >= cutoff;
}
