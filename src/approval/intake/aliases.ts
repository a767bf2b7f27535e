import type { App } from '../app.ts';
import { canBeAnsweredHere } from '../model/round.ts';
import { laterFailure } from '../model/run/run-events.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import { CONFLICT, retryConflicts } from '../update.ts';
import { loadRun, saveRun } from './change-run.ts';
import { applyRunEnd, applyToAll, type Run } from './run.ts';

/** Limit of the runs with this id that are read to find one of another crew. */
const MOST_RUNS_ALIKE = 50;

/**
 * Records another id of a run: CrewAI gives a run a new id with each /resume. Later webhooks under `alias` belong to this run,
 * and what came under it before moves to the run, in one commit with what the approvals learn from that. `first` changes the run
 * before that. Resolves with false if nothing was stored, `first` included: the alias is known already, has approvals of its own,
 * or belongs to another run or crew. Rejects with a StoreError.
 */
export async function recordAlias(
  app: App,
  crew: string,
  alias: string,
  executionId: string,
  first: (run: Run) => Run = (run) => run,
): Promise<boolean> {
  if (alias === executionId) return false;
  const known = await app.store.originalId(crew, alias);
  if (known === executionId) return false;
  const logFields = { crew, execution: executionId, alias };
  if (known !== alias || (await belongsToOtherCrew(app, crew, alias))) {
    app.log.warn(logFields, 'alias rejected: the id belongs to another run');
    return false;
  }
  const recorded = await retryConflicts(alias, () => moveRun(app, crew, alias, executionId, first));
  if (recorded === 'recorded') app.log.info(logFields, 'alias recorded');
  else if (recorded === 'has_approvals')
    app.log.warn(logFields, 'alias rejected: the id has approvals of its own');
  return recorded === 'recorded';
}

/** Moves an alias to its run. `has_approvals`: some can be decided; `known`: recorded meanwhile; `gone`: the run was deleted. */
async function moveRun(
  app: App,
  crew: string,
  alias: string,
  executionId: string,
  first: (run: Run) => Run,
): Promise<'recorded' | 'known' | 'has_approvals' | 'gone' | typeof CONFLICT> {
  // A webhook or the answer to /resume may have recorded the alias since the last try.
  if ((await app.store.originalId(crew, alias)) !== alias) return 'known';
  const from = await loadRun(app, crew, alias);
  if (from.stored && !canMove(app, from.run)) return 'has_approvals';
  const into = await loadRun(app, crew, executionId);
  // The run was deleted meanwhile.
  if (!into.stored) return 'gone';
  const moved = from.stored?.record;
  const { record, ...others } = first(into.run);
  const merged = moved ? mergeRuns(record, moved) : record;
  const run: Run = { ...others, record: { ...merged, continuedAs: alias } };
  // The alias's record proves nothing about decisions made after its last webhook.
  const at = moved?.lastWebhookAt ?? 0;
  const applied = moved
    ? applyToAll(run, { type: 'other_webhook', at, taskReported: false, isPast: true })
    : run;
  const other = { alias: { crew, id: alias, executionId, from: from.stored } };
  const saved = await saveRun(app, into, applyRunEnd(applied, app.clock.now()), other);
  return saved ? 'recorded' : CONFLICT;
}

async function belongsToOtherCrew({ store }: App, crew: string, id: string): Promise<boolean> {
  const alike = await store.runsBeginning(id, MOST_RUNS_ALIKE);
  return alike.some((other) => other.executionId === id && other.crew !== crew);
}

/** True if people can decide on none of the id's approvals: they were opened before the bot knew that their tasks do not wait. */
function canMove({ dialects }: App, { record, approvals }: Run): boolean {
  if (record.approvals.length === 0) return true;
  if (dialects.of(record.crew) !== 'live') return false;
  return ![...approvals.values()].some(({ rounds }) => rounds.some(canBeAnsweredHere));
}

/** Merges what came under another id into the run's record. Pure. */
function mergeRuns(into: RunRecord, from: RunRecord): RunRecord {
  const { approvals: _, executionId: __, checkAt: ___, ...facts } = from;
  // A failure under a later id counts as newer than the decisions before it, whatever CrewAI's clock says.
  const failed = from.failure && {
    ...from.failure,
    at: Math.max(from.failure.at, from.lastWebhookAt ?? from.failure.at),
  };
  const failure = laterFailure(into.failure, failed);
  const times = [into.lastWebhookAt, from.lastWebhookAt].filter((time) => time !== undefined);
  const lists = SHARED_LISTS.map(
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
    ...Object.fromEntries(lists.filter(([, all]) => all.length > 0)),
  };
}

const SHARED_LISTS = ['tasks', 'reports'] as const;
