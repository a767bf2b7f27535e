import { RecordError } from '../../lib/errors.ts';
import type { Dialects } from '../model/crew/dialect.ts';
import type { Execution } from '../model/run/execution.ts';
import { laterFailure } from '../model/run/run-events.ts';
import type { ApprovalStore, Log } from '../ports.ts';
import { CONFLICT, retryConflicts } from '../update.ts';

/** Of other crews a run may have the same id. */
const MOST_ALIKE = 50;

/** Ties the ids of one run together: CrewAI gives a run another id with each /resume. */
export function createAliases({
  store,
  dialects,
  log,
}: {
  store: ApprovalStore;
  dialects: Dialects;
  log: Log;
}) {
  /**
   * Webhooks under `alias` belong to this execution from now on. What came under it before moves to the execution, in one
   * commit. An id that has approvals of its own, or that another crew has, stays what it is. Resolves with the execution
   * when something moved, and when the last webhook of that came in. Rejects with a StoreError.
   */
  async function tieAlias(
    crew: string,
    alias: string,
    executionId: string,
  ): Promise<{ merged: Execution; cameAt: number } | undefined> {
    if (alias === executionId) return undefined;
    const tied = await store.originalId(crew, alias);
    if (tied === executionId) return undefined;
    const about = { crew, execution: executionId, alias };
    if (tied !== alias || (await isForeign(crew, alias))) {
      log.warn(about, 'alias refused: the id belongs to another run');
      return undefined;
    }
    return retryConflicts(alias, async () => {
      const from = await store.execution(crew, alias);
      if (from && !(await isMovable(from.record))) {
        log.warn(about, 'alias refused: the id has approvals of its own');
        return undefined;
      }
      const into = await store.execution(crew, executionId);
      if (!into) {
        await store.saveAlias(crew, alias, executionId);
        return undefined;
      }
      const merged = {
        ...(from ? mergeExecution(into.record, from.record) : into.record),
        continuedAs: alias,
      };
      const moved = await store.mergeExecution({ alias, from, into, merged });
      if (!moved) return CONFLICT;
      log.info(about, 'alias of a run recorded');
      return from && { merged, cameAt: from.record.lastWebhookAt ?? 0 };
    });
  }

  async function isForeign(crew: string, id: string): Promise<boolean> {
    const alike = await store.executionsBeginning(id, MOST_ALIKE);
    return alike.some((other) => other.executionId === id && other.crew !== crew);
  }

  /** Nobody can decide on any of its approvals: they were opened before it was known that their tasks do not wait. */
  async function isMovable({ crew, approvals }: Execution): Promise<boolean> {
    if (approvals.length === 0) return true;
    if (dialects.of(crew) !== 'live') return false;
    for (const id of approvals) {
      const approval = await store.approval(id).catch((error: unknown) => {
        if (error instanceof RecordError) return undefined;
        throw error;
      });
      if (approval?.record.rounds.some(({ humanInput }) => humanInput)) return false;
    }
    return true;
  }

  return { tieAlias };
}

/** A run with what came under another of its ids. Pure. */
function mergeExecution(into: Execution, from: Execution): Execution {
  const { approvals: _, executionId: __, checkAt: ___, ...facts } = from;
  // An id that a run got later is younger than every decision on it, whatever CrewAI's clock says.
  const failed = from.failure && {
    ...from.failure,
    at: Math.max(from.failure.at, from.lastWebhookAt ?? from.failure.at),
  };
  const failure = laterFailure(into.failure, failed);
  return {
    ...facts,
    ...into,
    metaUrls: { ...from.metaUrls, ...into.metaUrls },
    registeredUrls: { ...from.registeredUrls, ...into.registeredUrls },
    humanInput: into.humanInput || from.humanInput,
    hasResult: into.hasResult || from.hasResult,
    warnings: [...new Set([...into.warnings, ...from.warnings])],
    ...latest('lastWebhookAt', into, from),
    ...(failure ? { failure } : {}),
    ...merged('tasks', into, from),
    ...merged('seenEvents', into, from),
    ...merged('reports', into, from),
  };
}

function latest(field: 'lastWebhookAt', one: Execution, other: Execution): Partial<Execution> {
  const times = [one[field], other[field]].filter((time) => time !== undefined);
  return times.length > 0 ? { [field]: Math.max(...times) } : {};
}

function merged(
  field: 'tasks' | 'seenEvents' | 'reports',
  one: Execution,
  other: Execution,
): Partial<Execution> {
  const all = [...(other[field] ?? []), ...(one[field] ?? [])];
  return all.length > 0 ? { [field]: all } : {};
}
