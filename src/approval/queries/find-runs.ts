import type { App } from '../app.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import { needsPerson } from '../model/round.ts';
import { buildProgramRunId, findShownRunId, isProgramRun } from '../model/run/program-run.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import type { RunStatus } from '../model/run/run-status.ts';
import type { Start } from '../model/run/start.ts';
import { loadApprovals, READ_AT_ONCE } from './list-approvals.ts';
import {
  findCrewsInScope,
  type LookUpRefusal,
  MAX_ALIKE,
  type RunReport,
  SHORTEST_PREFIX,
} from './look-up.ts';

/**
 * Finds the approvals that an approval's or run's id names, or the first six or more characters of one. Rejects with a
 * StoreError.
 */
export async function findNamedApprovals(
  app: App,
  person: string,
  text: string,
): Promise<Approval[] | LookUpRefusal> {
  const crews = await findCrewsInScope(app, person);
  if (!Array.isArray(crews)) return crews;
  const matchingIds =
    text.length < SHORTEST_PREFIX ? [] : await app.store.approvalsBeginning(text.toUpperCase(), MAX_ALIKE);
  const approvals = (await loadApprovals(app, matchingIds)).filter(({ crew }) => crews.includes(crew));
  if (approvals.length > 0) return approvals;
  const knownRuns = await findKnownRuns(app, text, crews);
  return Array.isArray(knownRuns)
    ? loadApprovals(
        app,
        knownRuns.flatMap((run) => run.approvals),
      )
    : knownRuns;
}
/** Finds the one run that the text names, among these crews: two crews can each have a run with the same id. */
async function findKnownRuns(
  app: App,
  text: string,
  crews: readonly string[],
): Promise<RunRecord[] | LookUpRefusal> {
  const matches = await Promise.all(
    [text, buildProgramRunId(text)].map((id) => app.store.runsBeginning(id, MAX_ALIKE)),
  );
  const runsAlike = matches.flat().filter(({ crew }) => crews.includes(crew));
  const exactRuns = runsAlike.filter(
    ({ executionId }) => findShownRunId(executionId) === findShownRunId(text),
  );
  const chosenRuns = exactRuns.length > 0 || text.length < SHORTEST_PREFIX ? exactRuns : runsAlike;
  if (new Set(chosenRuns.map(({ executionId }) => executionId)).size > 1) return { code: 'ambiguous', text };
  const records = await Promise.all(chosenRuns.map((run) => app.store.run(run.crew, run.executionId)));
  return records.flatMap((stored) => (stored ? [stored.record] : []));
}
/** Reports what CrewAI, or the program, says about a run, and the run's approvals. Rejects with a StoreError. */
export async function reportRun(app: App, person: string, text: string): Promise<RunReport | LookUpRefusal> {
  const crews = await findCrewsInScope(app, person);
  const knownRuns = Array.isArray(crews) ? await findKnownRuns(app, text, crews) : crews;
  if (!Array.isArray(knownRuns) || knownRuns.length === 0) {
    const ownRun = await findOwnRun(app, person, text);
    // A person without access to the crew gets the status of the run that they started, and nothing else.
    if (ownRun)
      return {
        executionId: ownRun.executionId,
        said: [await askCrew(app, ownRun, await loadRunApprovals(app, [ownRun]))],
      };
  }
  if (!Array.isArray(crews)) return crews;
  if (!Array.isArray(knownRuns)) return knownRuns;
  const executionId = knownRuns[0]?.executionId ?? text;
  const approvals = await loadRunApprovals(app, knownRuns);
  const runsToAsk =
    knownRuns.length > 0 ? knownRuns : crews.slice(0, MAX_CREWS_ASKED).map((crew) => ({ crew, executionId }));
  const answers = await Promise.all(runsToAsk.map((run) => askCrew(app, run, approvals)));
  // Most crews do not know the run: only the other answers count.
  const knownAnswers = answers.filter(({ status: { kind } }) => kind !== 'not_found');
  return { executionId, said: knownAnswers.length > 0 ? knownAnswers : answers.slice(0, 1), approvals };
}

/** Finds the run with that id that the person started from Slack. */
async function findOwnRun(app: App, person: string, text: string): Promise<RunRecord | undefined> {
  const runs = await findKnownRuns(app, text, [...app.crews.keys()]);
  return Array.isArray(runs) ? runs.find((run) => run.thread && run.requestedBy === person) : undefined;
}

function loadRunApprovals(app: App, runs: readonly RunRecord[]): Promise<Approval[]> {
  return loadApprovals(
    app,
    runs.flatMap((run) => run.approvals),
  );
}

async function askCrew(
  { crewAI, crews }: App,
  { crew, executionId, continuedAs, ...runFacts }: RunReference,
  approvals: readonly Approval[],
): Promise<{ crew: string; status: RunStatus }> {
  const crewApprovals = approvals.filter((approval) => approval.crew === crew);
  if (isProgramRun(executionId) || crews.get(crew)?.starts === 'program')
    return { crew, status: describeProgramRun(runFacts) };
  // A run continues under another id after each decision.
  const status = await crewAI.status(crew, continuedAs ?? executionId);
  return { crew, status: describePausedRun(status, crewApprovals) };
}

type RunReference = Pick<RunRecord, 'crew' | 'executionId'> &
  Partial<Pick<RunRecord, 'continuedAs' | 'failure' | 'finishedAt' | 'approvals'>>;

/** Describes a program's run by the program's last report: CrewAI does not know such runs. */
function describeProgramRun({
  failure,
  finishedAt,
  approvals,
}: Omit<RunReference, 'crew' | 'executionId'>): RunStatus {
  const isKnown = approvals !== undefined;
  if (failure) return { kind: 'of_program', state: 'failed', reason: failure.reason };
  if (finishedAt !== undefined) return { kind: 'of_program', state: 'finished' };
  return { kind: 'of_program', state: isKnown ? 'running' : 'unknown' };
}

/** Reports a run that waits for a person as paused: the live platform forgets the run meanwhile. */
function describePausedRun(status: RunStatus, approvals: readonly Approval[]): RunStatus {
  const isWaiting =
    status.kind === 'not_found' &&
    status.live &&
    approvals.some((approval) => needsPerson(currentRound(approval)));
  return isWaiting ? { kind: 'other', state: 'PAUSED' } : status;
}
const MAX_CREWS_ASKED = 10;

const MAX_SHOWN = 20;
/** Most starts to read in search of one person's starts. */
const MAX_STARTS_READ = 500;

/**
 * Lists runs that were started from Slack, newest first: of all crews that a person may see, or of one. `mine`: their own, of any
 * crew. Rejects with a StoreError.
 */
export async function listStartedRuns(
  app: App,
  person: string,
  { crew, mine }: { crew?: string | undefined; mine: boolean },
): Promise<Start[] | LookUpRefusal> {
  const ownCrews = mine ? findCrews(app, crew) : [];
  const crews = ownCrews.length > 0 ? ownCrews : await findCrewsInScope(app, person, crew);
  if (!Array.isArray(crews)) return crews;
  const entries = await app.store.list('starts', crews, {
    limit: mine ? MAX_STARTS_READ : MAX_SHOWN,
    reverse: true,
  });
  const starts: Start[] = [];
  for (const [at, { id }] of entries.entries()) {
    if (at % READ_AT_ONCE === 0) await app.giveWay();
    const start = (await app.store.start(id))?.record;
    if (start && (!mine || start.by === person)) starts.push(start);
    if (starts.length === MAX_SHOWN) break;
  }
  return starts;
}

/** Lists the crews of that name, ignoring case, or all: a person may see the runs that they started in any crew. */
function findCrews({ crews }: App, crew: string | undefined): string[] {
  const names = [...crews.keys()];
  return crew === undefined ? names : names.filter((name) => name.toLowerCase() === crew.toLowerCase());
}
