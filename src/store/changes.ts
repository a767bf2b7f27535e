import { type Approval, currentRound, findThreadCard } from '../approval/model/approval.ts';
import { findIdleTime, type RunRecord } from '../approval/model/run/run-record.ts';
import { type Start, startStatuses } from '../approval/model/run/start.ts';
import type { ApprovalWrite, RunWrite, Stored, Write } from '../approval/ports.ts';
import { buildApprovalEvents, buildRunEvents } from '../approval/signed-events.ts';
import { findNextStartStep } from '../approval/starts/start-events.ts';
import { chainEntries } from './chain.ts';
import { serializeEvent } from './event-outbox.ts';
import { buildFactKey, buildIndexKeys, buildKey, buildOutputKey } from './keys.ts';
import { serializeRecord } from './read-record.ts';
import { hashInputs, sealApproval, sealStart } from './record-checks.ts';
import type { Commit } from './record-store.ts';

/** The comparisons, writes and deletes of one change. */
export type RecordChange = Pick<Commit, 'compare' | 'puts' | 'deletes'>;

/** Joins several changes into one commit: all or nothing. */
export function joinChanges(changes: readonly RecordChange[]): RecordChange {
  return {
    compare: changes.flatMap(({ compare }) => compare),
    puts: changes.flatMap(({ puts }) => puts),
    deletes: changes.flatMap(({ deletes }) => deletes),
  };
}

/** Builds the change of a record and its index entries. `state`: value of new index entries. */
function buildChange<T>(
  key: string,
  { previous, next }: Write<T>,
  listEntries: (record: T) => string[],
  state = '',
): RecordChange {
  const previousEntries = previous ? listEntries(previous.record) : [];
  const entries = listEntries(next);
  // A record of an earlier format may lack some of these entries.
  const addedEntries = previous?.upgraded
    ? entries
    : entries.filter((entry) => !previousEntries.includes(entry));
  return {
    compare: [{ key, previousRaw: previous?.raw }],
    puts: [
      serializeRecord(key, next),
      ...addedEntries.map((entry) => serializeRecord(entry, state)),
      ...(previous?.upgraded ?? []),
    ],
    deletes: previousEntries.filter((entry) => !entries.includes(entry)),
  };
}

/** Hash and time of an approval's first fact. */
export interface Opening {
  hash: string;
  at: number;
}

/**
 * Builds the change of an approval, its index entries, new facts and new outputs. `opening`: first fact of the run's previous
 * approval. `opened`: first fact of this approval, if it is new.
 */
export function buildApprovalChange(
  { previous, next: approval, outputs = [] }: ApprovalWrite,
  opening: Partial<Opening> = {},
  events?: { withTexts: boolean } | undefined,
): { change: RecordChange; opened?: Opening | undefined } {
  const { id, crew, executionId, task } = approval;
  const newFacts = approval.facts.filter((fact) => fact.seq > (previous?.record.factCount ?? 0));
  const newEntries = newFacts.map((fact, index) => ({
    ...fact,
    ...(previous || index > 0 ? {} : { follows: opening.at }),
    // The last fact holds the hash of the new record.
    ...(index === newFacts.length - 1 ? { record: sealApproval(approval) } : {}),
    ...{ approval: id, crew, execution: executionId, task },
  }));
  const { entries, head } = chainEntries(newEntries, { head: previous?.record.head, opening: opening.hash });
  const next = { ...approval, ...(head === undefined ? {} : { head }) };
  // Entries hold the state, so that open approvals are counted by state without reading their records.
  const { status } = currentRound(next);
  const change = buildChange(buildKey('approval', id), { previous, next }, buildIndexKeys, status);
  const factRecords = entries.map((fact) => serializeRecord(buildFactKey(id, fact), fact));
  const outputRecords = outputs.map(({ hash, output }) =>
    serializeRecord(buildOutputKey(next.id, hash), output),
  );
  const root = findRootKey(next);
  const isKnown = root === undefined || (previous && findRootKey(previous.record) === root);
  const rootRecords = isKnown ? [] : [serializeRecord(root, { approval: next.id })];
  const signedEvents = events ? buildApprovalEvents(next, entries, { ...events, outputs }) : [];
  const eventRecords = signedEvents.map((event) => serializeEvent(crew, executionId, event));
  return {
    change: {
      ...change,
      puts: [...change.puts, ...factRecords, ...outputRecords, ...rootRecords, ...eventRecords],
    },
    opened: previous ? undefined : entries[0],
  };
}

/** Returns the key under which the message at the top of a thread leads to its approval. */
export function findRootKey(approval: Approval): string | undefined {
  const root = approval.thread ? undefined : findThreadCard(approval);
  return root && buildKey('root', root.channel, root.ts);
}

/** Builds the change of a run and its result. */
export function buildRunChange(write: RunWrite, hasReceiver = false): RecordChange {
  const { previous, next, result } = write;
  const { crew, executionId } = next;
  const change = buildChange(buildKey('execution', executionId, crew), write, listRunEntries);
  // If the id has just become an alias of another run, a new record under it would never be read again.
  const noAlias = previous ? [] : [{ key: buildKey('alias', executionId, crew), previousRaw: undefined }];
  const resultRecords = result ? [serializeRecord(buildKey('result', executionId, crew), result)] : [];
  const signedEvents = hasReceiver ? buildRunEvents(previous?.record, next) : [];
  const eventRecords = signedEvents.map((event) => serializeEvent(crew, executionId, event));
  const compare = [...change.compare, ...noAlias];
  return { ...change, compare, puts: [...change.puts, ...resultRecords, ...eventRecords] };
}

/** Builds a change that writes the same content in the format and with the index entries of this build. */
export function rewriteApproval(stored: Stored<Approval>): RecordChange {
  const { record } = stored;
  const key = buildKey('approval', record.id);
  return buildChange(key, { previous: stored, next: record }, buildIndexKeys, currentRound(record).status);
}

export function rewriteRun(stored: Stored<RunRecord>): RecordChange {
  const { crew, executionId } = stored.record;
  const key = buildKey('execution', executionId, crew);
  return buildChange(key, { previous: stored, next: stored.record }, listRunEntries);
}

export function rewriteStart(stored: Stored<Start>): RecordChange {
  const key = buildKey('kickoff', stored.record.id);
  return buildChange(key, { previous: stored, next: stored.record }, listStartEntries);
}

const DAY = 24 * 60 * 60_000;

function listRunEntries(run: RunRecord): string[] {
  const { checkAt, executionId, crew } = run;
  const idleSince = findIdleTime(run);
  return [
    ...(checkAt === undefined ? [] : [buildKey('runcheck', checkAt, executionId, crew)]),
    // Rounded down to a day, so that not every webhook moves the entry.
    ...(idleSince === undefined ? [] : [buildKey('idle', idleSince - (idleSince % DAY), executionId, crew)]),
  ];
}

/** Returns two keys for a run's other id: one finds the run, one lists the id so that it is deleted with the run. */
export function listAliasKeys(crew: string, alias: string, executionId: string) {
  return { key: buildKey('alias', alias, crew), listed: buildKey('aliasof', executionId, crew, alias) };
}

/** Builds the deletion of a run and everything stored under its ids. `aliases`: the run's other ids. */
export function buildRunDeletion(
  { record, raw }: Stored<RunRecord>,
  aliases: readonly string[],
): RecordChange {
  const { crew, executionId } = record;
  const key = buildKey('execution', executionId, crew);
  return {
    compare: [{ key, previousRaw: raw }],
    puts: [],
    deletes: [
      key,
      buildKey('result', executionId, crew),
      buildKey('steps', executionId, crew),
      ...aliases.flatMap((alias) => Object.values(listAliasKeys(crew, alias, executionId))),
      ...listRunEntries(record),
    ],
  };
}

/** Builds the change of a start. Facts hold only a hash of the inputs, since facts are kept longer than what people wrote. */
export function buildStartChange({ previous, next: start }: Write<Start>): RecordChange {
  const { id, crew, by, status, executionId = '', changedAt, message, result } = start;
  const isSame = previous?.record.status === status;
  // The result can arrive after the end of the run, and another result after the first.
  const isResult = isSame && result !== undefined && result.hash !== previous.record.result?.hash;
  const fact = { seq: startStatuses.indexOf(status) + 1, at: changedAt, what: `run_${status}` };
  const newEntry = {
    ...(isResult ? { seq: startStatuses.length + 1, at: result.at, what: 'run_result' } : fact),
    ...(status === 'starting' ? { by, texts: hashInputs(start) } : {}),
    ...(status === 'finished' ? { output: result?.hash } : {}),
    ...{ approval: '', kickoff: id, crew, execution: executionId },
    record: sealStart(start),
  };
  const { entries, head } = chainEntries(isSame && !isResult ? [] : [newEntry], {
    head: previous?.record.head,
  });
  const next = { ...start, ...(head === undefined ? {} : { head }) };
  const startChange = buildChange(buildKey('kickoff', id), { previous, next }, listStartEntries);
  const isNew = message !== undefined && previous?.record.message === undefined;
  const rootRecords = isNew
    ? [serializeRecord(buildKey('root', message.channel, message.ts), { kickoff: id })]
    : [];
  const factRecords = entries.map((entry) => serializeRecord(buildFactKey(id, entry), entry));
  return { ...startChange, puts: [...startChange.puts, ...rootRecords, ...factRecords] };
}

export function listStartEntries(start: Start): string[] {
  const { id, crew, createdAt } = start;
  const due = findNextStartStep(start)?.at;
  return [
    buildKey('started', crew, createdAt, id),
    ...(due === undefined ? [] : [buildKey('kickoffdue', due, id)]),
  ];
}
