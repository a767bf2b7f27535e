import type { App } from '../app.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import { unreportedWarnings } from '../model/run/execution.ts';
import type { IgnoredSetting } from '../model/run/ignored-setting.ts';
import type { Registration } from '../model/run/registration.ts';
import { resolveShownUrls } from './build-approval.ts';
import { applyRegistration } from './change-execution.ts';
import { changeRun, type LoadedRun, RunDraft, type RunPlan } from './run-draft.ts';

/**
 * Records what the starter of a run says of it, before or after its first webhook. Resolves with what was
 * ignored. Rejects like `receiveWebhook`.
 */
export async function registerRun(
  app: App,
  crew: Crew,
  executionId: string,
  registration: Registration,
): Promise<IgnoredSetting[]> {
  const at = app.clock.now();
  const { execution, warnings } = await changeRun(app, crew, executionId, {}, (run, id) =>
    planRegistration(crew, id, registration, run, { dialect: app.dialects.of(crew.name), at }),
  );
  app.log.info({ crew: crew.name, execution: execution.executionId, warnings }, 'run registered');
  return warnings;
}

/** What a registration makes of a run and its approvals. Pure. */
function planRegistration(
  crew: Crew,
  executionId: string,
  registration: Registration,
  run: LoadedRun,
  { dialect, at }: { dialect: Dialect; at: number },
): RunPlan & { warnings: IgnoredSetting[] } {
  const { execution, warnings } = applyRegistration(crew, executionId, registration, run.stored?.record);
  const draft = new RunDraft(run);
  draft.notifySiblings(execution, {
    type: 'urls_known',
    at,
    ...resolveShownUrls(crew, execution, dialect),
  });
  const last = execution.approvals.at(-1);
  const unreported = unreportedWarnings(execution);
  if (last === undefined || unreported.length === 0) return { execution, warnings, ...draft.changes() };
  draft.applyOrThrow(last, { type: 'settings_ignored', at, warnings: unreported });
  return { execution: { ...execution, warned: true }, warnings, ...draft.changes() };
}
