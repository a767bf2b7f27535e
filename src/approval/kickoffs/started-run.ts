import type { App } from '../app.ts';
import { changeRun, type LoadedRun, RunDraft } from '../intake/run-draft.ts';
import type { Crew } from '../model/crew/crew.ts';
import { type Execution, newExecution } from '../model/run/execution.ts';
import { type Kickoff, threadOf } from '../model/run/kickoff.ts';

/**
 * The record of a run before a webhook: what its start from Slack says of it, the first time that it is seen. Its webhook
 * carries the id of that start, which nobody else knows.
 */
export function tieToKickoff(
  draft: RunDraft,
  crew: Crew,
  executionId: string,
  { stored, kickoff }: LoadedRun,
  at: number,
): Execution | undefined {
  const before = stored?.record;
  const start = kickoff?.record;
  if (!start || before?.thread) return before;
  draft.notifyKickoff({ type: 'seen', at, executionId });
  notifyOfEnd(draft, before, at);
  return describeStartedRun(before ?? newExecution(crew, executionId), start);
}

/** A run with what its start from Slack says of it. It was checked then, so it counts whatever `meta` says. */
function describeStartedRun(run: Execution, start: Kickoff): Execution {
  const thread = threadOf(start);
  return { ...run, requestedBy: start.by, channel: start.channel, ...(thread ? { thread } : {}) };
}

/** It may have ended before it was known where it was started. */
function notifyOfEnd(draft: RunDraft, run: Execution | undefined, at: number): void {
  if (run?.failure) draft.notifyKickoff({ type: 'run_failed', at, reason: run.failure.reason });
  if (run?.finishedAt !== undefined)
    draft.notifyKickoff({ type: 'run_finished', at, withResult: run.hasResult });
}

/** Records that a run was started from Slack, as CrewAI's answer says. Rejects with a StoreError. */
export async function recordStartedRun(
  app: App,
  crew: Crew,
  kickoff: Kickoff & { executionId: string },
): Promise<void> {
  const { id: requestId, executionId } = kickoff;
  await changeRun(app, crew, executionId, { requestId }, (run, id) => {
    // Where the id is another one of a run that is known, its start is not found by it.
    const start = run.kickoff?.record ?? kickoff;
    if (start.tied) return {};
    const draft = new RunDraft(run);
    draft.notifyKickoff({ type: 'tied' });
    notifyOfEnd(draft, run.stored?.record, app.clock.now());
    const execution = describeStartedRun(run.stored?.record ?? newExecution(crew, id), start);
    return { execution, ...draft.changes() };
  });
}
