import { nextKickoffStep } from '../approval/kickoffs/kickoff-events.ts';
import { type Approval, currentRound, threadCard } from '../approval/model/approval.ts';
import { type Execution, idleSince } from '../approval/model/run/execution.ts';
import { type Kickoff, kickoffStatuses } from '../approval/model/run/kickoff.ts';
import type { ApprovalWrite, ExecutionWrite, Stored, Write } from '../approval/ports.ts';
import { buildIndexKeys, buildKey, buildOutputKey } from './keys.ts';
import { serializeRecord } from './read-record.ts';
import type { Commit } from './record-store.ts';

/** What one change compares, writes and deletes. */
type RecordChange = Pick<Commit, 'compare' | 'puts' | 'deletes'>;

/** One commit of several changes: all of them or none. */
export function joinChanges(changes: readonly RecordChange[]): RecordChange {
  return {
    compare: changes.flatMap(({ compare }) => compare),
    puts: changes.flatMap(({ puts }) => puts),
    deletes: changes.flatMap(({ deletes }) => deletes),
  };
}

/** A record with its index entries. `state`: what new entries hold. */
function buildChange<T>(
  key: string,
  { previous, next }: Write<T>,
  listEntries: (record: T) => string[],
  state = '',
): RecordChange {
  const former = previous ? listEntries(previous.record) : [];
  const entries = listEntries(next);
  const added = entries.filter((entry) => !former.includes(entry));
  return {
    compare: [{ key, previousRaw: previous?.raw }],
    puts: [serializeRecord(key, next), ...added.map((entry) => serializeRecord(entry, state))],
    deletes: former.filter((entry) => !entries.includes(entry)),
  };
}

/** An approval, its index entries, its new facts and new outputs. */
export function buildApprovalChange(write: ApprovalWrite): RecordChange {
  const { previous, next, outputs = [] } = write;
  // Open approvals are counted by state without reading their records, so entries hold the state.
  const { status } = currentRound(next);
  const change = buildChange(buildKey('approval', next.id), write, buildIndexKeys, status);
  const newFacts = next.facts.filter((fact) => fact.seq > (previous?.record.factCount ?? 0));
  const subject = { approval: next.id, crew: next.crew, execution: next.executionId, task: next.task };
  const facts = newFacts.map((fact) => serializeRecord(buildFactKey(next.id, fact), { ...fact, ...subject }));
  const texts = outputs.map(({ hash, output }) => serializeRecord(buildOutputKey(next.id, hash), output));
  const root = findRootKey(next);
  const isKnown = root === undefined || (previous && findRootKey(previous.record) === root);
  const roots = isKnown ? [] : [serializeRecord(root, { approval: next.id })];
  return { ...change, puts: [...change.puts, ...facts, ...texts, ...roots] };
}

/** Where the approval of a thread is found by the message that the thread begins with. */
export function findRootKey(approval: Approval): string | undefined {
  const root = approval.thread ? undefined : threadCard(approval);
  return root && buildKey('root', root.channel, root.ts);
}

/** A run and its result. */
export function buildExecutionChange(write: ExecutionWrite): RecordChange {
  const { previous, next, result } = write;
  const { crew, executionId } = next;
  const change = buildChange(buildKey('execution', executionId, crew), write, listRunEntries);
  // A new record under an id that has just become another run's alias would never be read again.
  const noAlias = previous ? [] : [{ key: buildKey('alias', executionId, crew), previousRaw: undefined }];
  const texts = result ? [serializeRecord(buildKey('result', executionId, crew), result)] : [];
  return { ...change, compare: [...change.compare, ...noAlias], puts: [...change.puts, ...texts] };
}

const DAY = 24 * 60 * 60_000;

function listRunEntries(run: Execution): string[] {
  const { checkAt, executionId, crew } = run;
  const idle = idleSince(run);
  return [
    ...(checkAt === undefined ? [] : [buildKey('runcheck', checkAt, executionId, crew)]),
    // By the day: not each webhook moves it.
    ...(idle === undefined ? [] : [buildKey('idle', idle - (idle % DAY), executionId, crew)]),
  ];
}

/** A run with everything that is kept under its ids. */
export function buildRunDeletion({ record, raw }: Stored<Execution>): RecordChange {
  const { crew, executionId, otherIds = [] } = record;
  const key = buildKey('execution', executionId, crew);
  const aliases = otherIds.map((id) => buildKey('alias', id, crew));
  return {
    compare: [{ key, previousRaw: raw }],
    puts: [],
    deletes: [
      key,
      buildKey('result', executionId, crew),
      buildKey('steps', executionId, crew),
      ...aliases,
      ...listRunEntries(record),
    ],
  };
}

/** The start of a run. Its inputs are not part of the audit's facts, which outlive what people wrote. */
export function buildKickoffChange(write: Write<Kickoff>): RecordChange {
  const { previous, next } = write;
  const made = buildChange(buildKey('kickoff', next.id), write, listKickoffEntries);
  const { id, crew, by, status, executionId = '', changedAt, message } = next;
  const isNew = message !== undefined && previous?.record.message === undefined;
  const roots = isNew
    ? [serializeRecord(buildKey('root', message.channel, message.ts), { kickoff: id })]
    : [];
  const change = { ...made, puts: [...made.puts, ...roots] };
  if (previous?.record.status === status) return change;
  const fact = { seq: kickoffStatuses.indexOf(status) + 1, at: changedAt, what: `run_${status}` };
  const subject = { approval: '', kickoff: id, crew, execution: executionId };
  const who = status === 'starting' ? { by } : {};
  const news = serializeRecord(buildFactKey(id, fact), { ...fact, ...who, ...subject });
  return { ...change, puts: [...change.puts, news] };
}

export function listKickoffEntries(kickoff: Kickoff): string[] {
  const { id, crew, createdAt } = kickoff;
  const due = nextKickoffStep(kickoff)?.at;
  return [
    buildKey('started', crew, createdAt, id),
    ...(due === undefined ? [] : [buildKey('kickoffdue', due, id)]),
  ];
}

function buildFactKey(subject: string, { at, seq }: { at: number; seq: number }): string {
  return buildKey('fact', at, subject, String(seq).padStart(6, '0'));
}
