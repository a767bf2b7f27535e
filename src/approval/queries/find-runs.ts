import type { App } from '../app.ts';
import { type Approval, currentRound } from '../model/approval.ts';
import { needsPerson } from '../model/round.ts';
import { buildProgramRunId, isProgramRun, nameRun } from '../model/run/program-run.ts';
import type { RunRecord } from '../model/run/run-record.ts';
import type { RunStatus } from '../model/run/run-status.ts';
import type { Start } from '../model/run/start.ts';
import { loadApprovals, READ_AT_ONCE } from './list-approvals.ts';
import {
  findCrewsInScope,
  type LookUpRefusal,
  MOST_ALIKE,
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
  const among = await findCrewsInScope(app, person);
  if (!Array.isArray(among)) return among;
  const byId =
    text.length < SHORTEST_PREFIX ? [] : await app.store.approvalsBeginning(text.toUpperCase(), MOST_ALIKE);
  const approvals = (await loadApprovals(app, byId)).filter(({ crew }) => among.includes(crew));
  if (approvals.length > 0) return approvals;
  const known = await findKnownRuns(app, text, among);
  return Array.isArray(known)
    ? loadApprovals(
        app,
        known.flatMap((run) => run.approvals),
      )
    : known;
}
/** Finds the one run that the text names, among these crews: two crews can each have a run with the same id. */
async function findKnownRuns(
  app: App,
  text: string,
  among: readonly string[],
): Promise<RunRecord[] | LookUpRefusal> {
  const found = await Promise.all(
    [text, buildProgramRunId(text)].map((id) => app.store.runsBeginning(id, MOST_ALIKE)),
  );
  const alike = found.flat().filter(({ crew }) => among.includes(crew));
  const whole = alike.filter(({ executionId }) => nameRun(executionId) === nameRun(text));
  const meant = whole.length > 0 || text.length < SHORTEST_PREFIX ? whole : alike;
  if (new Set(meant.map(({ executionId }) => executionId)).size > 1) return { code: 'ambiguous', text };
  const records = await Promise.all(meant.map((e) => app.store.run(e.crew, e.executionId)));
  return records.flatMap((stored) => (stored ? [stored.record] : []));
}
/** Reports what CrewAI, or the program, says about a run, and the run's approvals. Rejects with a StoreError. */
export async function reportRun(app: App, person: string, text: string): Promise<RunReport | LookUpRefusal> {
  const among = await findCrewsInScope(app, person);
  const known = Array.isArray(among) ? await findKnownRuns(app, text, among) : among;
  if (!Array.isArray(known) || known.length === 0) {
    const own = await findOwnRun(app, person, text);
    // A person without access to the crew gets the status of the run that they started, and nothing else.
    if (own)
      return {
        executionId: own.executionId,
        said: [await askCrew(app, own, await approvalsOf(app, [own]))],
      };
  }
  if (!Array.isArray(among)) return among;
  if (!Array.isArray(known)) return known;
  const executionId = known[0]?.executionId ?? text;
  const approvals = await approvalsOf(app, known);
  const asked = known.length > 0 ? known : among.slice(0, MOST_ASKED).map((crew) => ({ crew, executionId }));
  const said = await Promise.all(asked.map((run) => askCrew(app, run, approvals)));
  // Most crews do not know the run: only the other answers count.
  const knowing = said.filter(({ status: { kind } }) => kind !== 'not_found');
  return { executionId, said: knowing.length > 0 ? knowing : said.slice(0, 1), approvals };
}

/** Finds the run with that id that the person started from Slack. */
async function findOwnRun(app: App, person: string, text: string): Promise<RunRecord | undefined> {
  const all = await findKnownRuns(app, text, [...app.crews.keys()]);
  return Array.isArray(all) ? all.find((run) => run.thread && run.requestedBy === person) : undefined;
}

function approvalsOf(app: App, known: readonly RunRecord[]): Promise<Approval[]> {
  return loadApprovals(
    app,
    known.flatMap((run) => run.approvals),
  );
}

async function askCrew(
  { crewAI, crews }: App,
  { crew, executionId, continuedAs, ...known }: RunReference,
  approvals: readonly Approval[],
): Promise<{ crew: string; status: RunStatus }> {
  const own = approvals.filter((approval) => approval.crew === crew);
  if (isProgramRun(executionId) || crews.get(crew)?.starts === 'program')
    return { crew, status: describeProgramRun(known) };
  // A run continues under another id after each decision.
  const status = await crewAI.status(crew, continuedAs ?? executionId);
  return { crew, status: describePausedRun(status, own) };
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
  const waits =
    status.kind === 'not_found' && status.live && approvals.some((one) => needsPerson(currentRound(one)));
  return waits ? { kind: 'other', state: 'PAUSED' } : status;
}
const MOST_ASKED = 10;

const STARTS_LISTED = 20;
/** Number of starts to search for those of one person. */
const STARTS_READ = 500;

/**
 * Lists runs that were started from Slack, newest first: of all crews that a person may see, or of one. `mine`: their own, of any
 * crew. Rejects with a StoreError.
 */
export async function listStartedRuns(
  app: App,
  person: string,
  { crew, mine }: { crew?: string | undefined; mine: boolean },
): Promise<Start[] | LookUpRefusal> {
  const own = mine ? findCrews(app, crew) : [];
  const among = own.length > 0 ? own : await findCrewsInScope(app, person, crew);
  if (!Array.isArray(among)) return among;
  const entries = await app.store.list('starts', among, {
    limit: mine ? STARTS_READ : STARTS_LISTED,
    reverse: true,
  });
  const found: Start[] = [];
  for (const [at, { id }] of entries.entries()) {
    if (at % READ_AT_ONCE === 0) await app.giveWay(() => {});
    const start = (await app.store.start(id))?.record;
    if (start && (!mine || start.by === person)) found.push(start);
    if (found.length === STARTS_LISTED) break;
  }
  return found;
}

/** Lists the crews of that name, ignoring case, or all: a person may see the runs that they started in any crew. */
function findCrews({ crews }: App, crew: string | undefined): string[] {
  const names = [...crews.keys()];
  return crew === undefined ? names : names.filter((name) => name.toLowerCase() === crew.toLowerCase());
}
