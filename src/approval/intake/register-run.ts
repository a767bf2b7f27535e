import type { App } from '../app.ts';
import type { Crew } from '../model/crew/crew.ts';
import type { Dialect } from '../model/crew/dialect.ts';
import type { IgnoredSetting } from '../model/run/ignored-setting.ts';
import { listUnreportedWarnings } from '../model/run/run-record.ts';
import type { Registration } from '../model/run/webhook.ts';
import { resolveShownUrls } from './build-approval.ts';
import { changeRun } from './change-run.ts';
import { learnFromRegistration } from './change-run-record.ts';
import { applyToAll, applyToApproval, type Run } from './run.ts';

/**
 * Records the registration of a run by its starter, before or after the run's first webhook. Resolves with the settings that were
 * ignored. Rejects like `receiveWebhook`.
 */
export async function registerRun(
  app: App,
  crew: Crew,
  executionId: string,
  registration: Registration,
): Promise<IgnoredSetting[]> {
  const at = app.clock.now();
  const { run, warnings } = await changeRun(app, crew, executionId, {}, (loadedRun) =>
    applyRegistration(crew, registration, loadedRun, { dialect: app.dialects.of(crew.name), at }),
  );
  app.log.info({ crew: crew.name, execution: run.record.executionId, warnings }, 'run registered');
  return warnings;
}

/** Applies a registration to a run and its approvals. Pure. */
function applyRegistration(
  crew: Crew,
  registration: Registration,
  loadedRun: Run,
  { dialect, at }: { dialect: Dialect; at: number },
): { run: Run; warnings: IgnoredSetting[] } {
  const { record, warnings } = learnFromRegistration(crew, registration, loadedRun.record, at);
  const urls = resolveShownUrls(crew, record, dialect);
  const run = applyToAll({ ...loadedRun, record }, { type: 'urls_known', at, ...urls });
  const lastApprovalId = record.approvals.at(-1);
  const newWarnings = listUnreportedWarnings(record);
  if (lastApprovalId === undefined || newWarnings.length === 0) return { run, warnings };
  const runWithNote = applyToApproval(run, lastApprovalId, {
    type: 'settings_ignored',
    at,
    warnings: newWarnings,
  });
  return { run: { ...runWithNote, record: { ...record, warned: true } }, warnings };
}
