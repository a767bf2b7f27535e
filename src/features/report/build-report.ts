import { canReadOutput } from '../../approval/access/deciders.ts';
import type { App } from '../../approval/app.ts';
import { listSecrets } from '../../approval/model/crew/hide-secrets.ts';
import type { HistoryReader } from '../../approval/ports.ts';
import { findCrewsInScope, type LookUpRefusal } from '../../approval/queries/look-up.ts';
import { createGiveWay } from '../../lib/time.ts';
import { countFaults } from '../../report/describe-check.ts';
import { writeReport } from '../../report/write-report.ts';

/** Most histories in one file. The newest are shown. */
const MAX_SHOWN = 500;
/** Most entries that are read: more would take longer than a person waits. */
const MAX_READ = 100_000;
/** Longest text, and most text in one file, in characters. */
const LONGEST_TEXT = 20_000;
const ALL_TEXTS = 4_000_000;

/** A report for one person, as the content of a file. */
export interface BuiltReport {
  content: string;
  approvals: number;
  /** True if the check of the history found no faults. */
  fits: boolean;
}

class TooMuchError extends Error {}

/**
 * Builds a report about the crews that a person may look up, from `since` until now, with the outputs that the person may read.
 * `too_much`: the report has too many entries or was not finished at `endsAt`. Rejects with a StoreError.
 */
export async function buildReport(
  app: App,
  person: string,
  { since, endsAt }: { since: number; endsAt: number },
): Promise<BuiltReport | LookUpRefusal | 'too_much'> {
  const crewNames = await findCrewsInScope(app, person);
  if (!Array.isArray(crewNames)) return crewNames;
  const crews = [...app.crews.values()];
  const checkTime = () => {
    if (app.clock.now() > endsAt) throw new TooMuchError();
  };
  const pieces = writeReport(limitReading(app.history, checkTime), {
    since,
    until: Number.MAX_SAFE_INTEGER,
    crews: new Set(crewNames),
    madeAt: app.clock.now(),
    nameOf: (id) => app.people.nameOf(id),
    secrets: crews.flatMap((crew) => listSecrets(crew)),
    longestText: LONGEST_TEXT,
    allTexts: ALL_TEXTS,
    newest: MAX_SHOWN,
    mayRead: (approval) => canReadOutput(app, approval, person),
  });
  const contentParts: string[] = [];
  try {
    let nextPiece = await pieces.next();
    for (; !nextPiece.done; nextPiece = await pieces.next()) {
      contentParts.push(nextPiece.value);
      await app.giveWay();
      checkTime();
    }
    const { approvals, check } = nextPiece.value;
    return { content: contentParts.join(''), approvals, fits: countFaults(check) === 0 };
  } catch (error) {
    if (error instanceof TooMuchError) return 'too_much';
    throw error;
  }
}

function limitReading(history: HistoryReader, checkTime: () => void): HistoryReader {
  const giveWay = createGiveWay();
  return {
    ...history,
    // Read one after another: a read can take long, and clicks are answered in between.
    readOutputs: async (approvalId, hashes) => giveWay(() => history.readOutputs(approvalId, hashes)),
    async *readPeriod(period) {
      let readCount = 0;
      for await (const entry of history.readPeriod(period)) {
        readCount += 1;
        if (readCount > MAX_READ) throw new TooMuchError();
        checkTime();
        yield entry;
      }
    },
  };
}
