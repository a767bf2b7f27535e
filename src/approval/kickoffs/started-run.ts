import type { App } from '../app.ts';
import { changeRun } from '../intake/change-run.ts';
import { applyToStart, type Run } from '../intake/run.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Execution } from '../model/run/execution.ts';
import { type Kickoff, threadOf } from '../model/run/kickoff.ts';

/**
 * A run with what its start from Slack says of it, the first time that one of its webhooks comes: that carries the id of
 * the start, which nobody else knows. Pure.
 */
export function tieToStart(run: Run, executionId: string, at: number): Run {
  if (!run.start || run.execution.thread) return run;
  const applied = applyEndToStart(applyToStart(run, { type: 'seen', at, executionId }), at);
  return { ...applied, execution: describeStartedRun(run.execution, run.start) };
}

/** A run with what its start from Slack says of it. It was checked then, so it counts whatever `meta` says. */
function describeStartedRun(run: Execution, start: Kickoff): Execution {
  const thread = threadOf(start);
  return { ...run, requestedBy: start.by, channel: start.channel, ...(thread ? { thread } : {}) };
}

/** It may have ended before it was known where it was started. */
function applyEndToStart(run: Run, at: number): Run {
  const { failure, finishedAt, hasResult } = run.execution;
  const applied = failure ? applyToStart(run, { type: 'run_failed', at, reason: failure.reason }) : run;
  return finishedAt === undefined
    ? applied
    : applyToStart(applied, { type: 'run_finished', at, withResult: hasResult });
}

/** Records that a run was started from Slack, as CrewAI's answer says. Rejects with a StoreError. */
export async function recordStartedRun(
  app: App,
  crew: Crew,
  kickoff: Kickoff & { executionId: string },
): Promise<void> {
  const { id: requestId, executionId } = kickoff;
  await changeRun(app, crew, executionId, { requestId }, (run) => {
    // Where the id is another one of a run that is known, its start is not found by it.
    const start = run.start ?? kickoff;
    if (start.tied) return { run };
    const applied = applyEndToStart(applyToStart(run, { type: 'tied' }), app.clock.now());
    return { run: { ...applied, execution: describeStartedRun(run.execution, start) } };
  });
}
