import { type Approval, currentRound, type Fact, waitsForPerson } from '../approval/approval.ts';
import { dueAt } from '../approval/next-steps.ts';

/**
 * Keys of the store. Their order is the order of listing: times are padded, ids that come from outside are
 * percent-encoded, so that a slash separates.
 */
export const approvalKey = (id: string) => `approval/${id}`;
export const outputKey = (approvalId: string, hash: string) => `output/${approvalId}/${hash}`;
export const executionKey = (crew: string, executionId: string) =>
  `execution/${encode(executionId)}/${encode(crew)}`;
export const resultKey = (crew: string, executionId: string) =>
  `result/${encode(executionId)}/${encode(crew)}`;
export const aliasKey = (crew: string, alias: string) => `alias/${encode(alias)}/${encode(crew)}`;
export const factKey = (approvalId: string, fact: Fact) =>
  `fact/${padded(fact.at)}/${approvalId}/${String(fact.seq).padStart(6, '0')}`;

/** Where a record that cannot be read is kept. */
export const unreadableKey = (key: string) => `unreadable/${key}`;

/** The index of what becomes due, by time. */
export const OPEN = 'open';
export const openUntil = (time: number) => `${OPEN}/${padded(time)}0`;
/** The index of what waits for a person, by crew and time. */
export const WAITING = 'waiting';
export const waitingOf = (crew: string) => `${WAITING}/${encode(crew)}`;
/** The index of what was decided, by crew and time. */
export const decidedOf = (crew: string) => `decided/${encode(crew)}`;

/** The index entries of an approval: a pure function of its record, so that they can be replaced with it. */
export function indexKeys(approval: Approval): string[] {
  const round = currentRound(approval);
  const due = dueAt(approval, Number.NEGATIVE_INFINITY);
  const decided = approval.rounds.findLast((other) => other.decision)?.decision?.at;
  return [
    ...(due === undefined ? [] : [`${OPEN}/${padded(due)}/${approval.id}`]),
    ...(waitsForPerson(approval)
      ? [`${waitingOf(approval.crew)}/${padded(round.receivedAt)}/${approval.id}`]
      : []),
    ...(decided === undefined ? [] : [`${decidedOf(approval.crew)}/${padded(decided)}/${approval.id}`]),
  ];
}

/** The last part of an index key: the id. */
export function idOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

export function readExecutionKey(key: string): { executionId: string; crew: string } {
  const [, executionId = '', crew = ''] = key.split('/');
  return { executionId: decodeURIComponent(executionId), crew: decodeURIComponent(crew) };
}

export function encode(text: string): string {
  // Lone surrogates have no percent-encoding.
  return encodeURIComponent(text.toWellFormed());
}

function padded(time: number): string {
  return String(Math.max(0, Math.floor(time))).padStart(15, '0');
}
