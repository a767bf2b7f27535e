import type { App } from '../app.ts';
import { canBeAnsweredHere } from '../model/round.ts';
import { findLaterFailure } from '../model/run/run-events.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import { CONFLICT, retryConflicts } from '../update.ts';
import { loadRun, saveRun } from './change-run.ts';
import { applyRunEnd, applyToAll, type Run } from './run.ts';

/** Most runs to read when looking for another crew's run with the same id. */
const MAX_RUNS_READ = 50;

/**
 * Records another id of a run: CrewAI gives a run a new id with each /resume. Later webhooks under `alias` belong to this run,
 * and everything that came under it before moves to the run. The approvals are updated in the same commit. `changeFirst`
 * changes the run before that. Resolves with false if nothing was stored, not even that change: the alias is known already, has
 * approvals of its own, or belongs to another run or crew. Rejects with a StoreError.
 */
export async function recordAlias(
  app: App,
  crew: string,
  alias: string,
  executionId: string,
  changeFirst: (run: Run) => Run = (run) => run,
): Promise<boolean> {
  if (alias === executionId) return false;
  const originalId = await app.store.originalId(crew, alias);
  if (originalId === executionId) return false;
  const logFields = { crew, execution: executionId, alias };
  if (originalId !== alias || (await belongsToOtherCrew(app, crew, alias))) {
    app.log.warn(logFields, 'alias rejected: the id belongs to another run');
    return false;
  }
  const outcome = await retryConflicts(alias, () => moveRun(app, crew, alias, executionId, changeFirst));
  if (outcome === 'recorded') app.log.info(logFields, 'alias recorded');
  else if (outcome === 'has_approvals')
    app.log.warn(logFields, 'alias rejected: the id has approvals of its own');
  return outcome === 'recorded';
}

/** Moves an alias to its run. `has_approvals`: some can be decided; `known`: recorded meanwhile; `gone`: the run was deleted. */
async function moveRun(
  app: App,
  crew: string,
  alias: string,
  executionId: string,
  changeFirst: (run: Run) => Run,
): Promise<'recorded' | 'known' | 'has_approvals' | 'gone' | typeof CONFLICT> {
  // A webhook or the answer to /resume may have recorded the alias since the last attempt.
  if ((await app.store.originalId(crew, alias)) !== alias) return 'known';
  const aliasRun = await loadRun(app, crew, alias);
  if (aliasRun.stored && !canMove(app, aliasRun.run)) return 'has_approvals';
  const targetRun = await loadRun(app, crew, executionId);
  // The run was deleted meanwhile.
  if (!targetRun.stored) return 'gone';
  const movedRecord = aliasRun.stored?.record;
  const { record, ...runParts } = changeFirst(targetRun.run);
  const mergedRecord = movedRecord ? mergeRuns(record, movedRecord) : record;
  const run: Run = { ...runParts, record: { ...mergedRecord, continuedAs: alias } };
  // The alias's record proves nothing about decisions made after its last webhook.
  const at = movedRecord?.lastWebhookAt ?? 0;
  const updatedRun = movedRecord
    ? applyToAll(run, { type: 'other_webhook', at, isTaskReport: false, cameUnderUnknownId: true })
    : run;
  const aliasChange = { alias: { crew, id: alias, executionId, from: aliasRun.stored } };
  const saved = await saveRun(app, targetRun, applyRunEnd(updatedRun, app.clock.now()), aliasChange);
  return saved ? 'recorded' : CONFLICT;
}

async function belongsToOtherCrew({ store }: App, crew: string, id: string): Promise<boolean> {
  const runsBeginningAlike = await store.runsBeginning(id, MAX_RUNS_READ);
  return runsBeginningAlike.some((run) => run.executionId === id && run.crew !== crew);
}

/** True if the id has no approval that people can decide: only ones opened before the bot knew that their tasks do not wait. */
function canMove({ dialects }: App, { record, approvals }: Run): boolean {
  if (record.approvals.length === 0) return true;
  if (dialects.of(record.crew) !== 'live') return false;
  return ![...approvals.values()].some(({ rounds }) => rounds.some(canBeAnsweredHere));
}

/** Merges what came under another id into the run's record. Pure. */
function mergeRuns(into: RunRecord, from: RunRecord): RunRecord {
  const { approvals: _, executionId: __, checkAt: ___, ...facts } = from;
  // A failure under a later id counts as newer than the decisions before it, whatever CrewAI's clock says.
  const movedFailure = from.failure && {
    ...from.failure,
    at: Math.max(from.failure.at, from.lastWebhookAt ?? from.failure.at),
  };
  const failure = findLaterFailure(into.failure, movedFailure);
  const times = [into.lastWebhookAt, from.lastWebhookAt].filter((time) => time !== undefined);
  const joinedLists = JOINED_FIELDS.map(
    (field) => [field, [...(from[field] ?? []), ...(into[field] ?? [])]] as const,
  );
  return {
    ...facts,
    ...into,
    metaUrls: { ...from.metaUrls, ...into.metaUrls },
    registeredUrls: { ...from.registeredUrls, ...into.registeredUrls },
    humanInput: into.humanInput || from.humanInput,
    hasResult: into.hasResult || from.hasResult,
    warnings: [...new Set([...into.warnings, ...from.warnings])],
    ...(times.length > 0 ? { lastWebhookAt: Math.max(...times) } : {}),
    ...(failure ? { failure } : {}),
    ...Object.fromEntries(joinedLists.filter(([, list]) => list.length > 0)),
  };
}

const JOINED_FIELDS = ['tasks', 'reports'] as const;
