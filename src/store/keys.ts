import { dueAt } from '../approval/lifecycle/next-steps.ts';
import { type Approval, currentRound, needsPerson } from '../approval/model/approval.ts';
import type { Fact } from '../approval/model/fact.ts';
import type { Execution } from '../approval/model/run/execution.ts';

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
/** The facts of all approvals, by time. */
export const FACTS = 'fact';
export const factsFrom = (time: number) => `${FACTS}/${padded(time)}`;
export const factKey = (approvalId: string, fact: Fact) =>
  `${FACTS}/${padded(fact.at)}/${approvalId}/${String(fact.seq).padStart(6, '0')}`;

/** When the fact of a key was recorded. */
export const factTimeOf = (key: string) => Number(key.split('/')[1]);

/** The index of runs of which something is to be told, by time. */
export const RUN_CHECKS = 'runcheck';
export const runCheckKey = ({ checkAt, executionId, crew }: Execution) =>
  checkAt === undefined ? [] : [`${RUN_CHECKS}/${padded(checkAt)}/${encode(executionId)}/${encode(crew)}`];
export const runChecksUntil = (time: number) => `${RUN_CHECKS}/${padded(time)}0`;
export function readRunCheckKey(key: string): { executionId: string; crew: string } {
  const [, , executionId = '', crew = ''] = key.split('/');
  return { executionId: decodeURIComponent(executionId), crew: decodeURIComponent(crew) };
}
/** Which dialect a deployment of a crew speaks. */
export const dialectKey = (crew: string, deployment: string) => `dialect/${encode(crew)}/${deployment}`;

/** Where a record that cannot be read is kept. */
export const unreadableKey = (key: string) => `unreadable/${key}`;

/** The index of what becomes due, by time. */
export const OPEN = 'open';
export const openUntil = (time: number) => `${OPEN}/${padded(time)}0`;
/** The index of what waits for a person, by crew and time. */
const WAITING = 'waiting';
export const waitingOf = (crew: string) => `${WAITING}/${encode(crew)}`;
/** The index of what was decided, by crew and the time of the latest decision. */
const DECIDED = 'decided';
export const decidedOf = (crew: string) => `${DECIDED}/${encode(crew)}`;

/** The index of every approval, by crew and the time it was opened. */
const CREATED = 'created';
export const createdOf = (crew: string) => `${CREATED}/${encode(crew)}`;
/** The index of what a person decided, by time. */
const DECIDER = 'decider';
export const deciderOf = (person: string) => `${DECIDER}/${encode(person)}`;
/** The index of what is over, by crew and time: whatever is kept for a limited time is found here. */
const SETTLED = 'settled';
export const settledOf = (crew: string) => `${SETTLED}/${encode(crew)}`;
export const INDEXES = [OPEN, WAITING, DECIDED, CREATED, DECIDER, SETTLED];

/** The index entries of an approval: a pure function of its record, so that they can be replaced with it. */
export function indexKeys(approval: Approval): string[] {
  const round = currentRound(approval);
  const due = dueAt(approval, Number.NEGATIVE_INFINITY);
  const decided = approval.rounds.findLast((other) => other.decision)?.decision?.at;
  const deciders = new Map(
    approval.rounds.flatMap(({ decision }) => (decision?.by ? [[decision.by, decision.at] as const] : [])),
  );
  return [
    `${createdOf(approval.crew)}${placeOf(approval.createdAt, approval.id)}`,
    ...(due === undefined ? [] : [`${OPEN}${placeOf(due, approval.id)}`]),
    ...(needsPerson(approval)
      ? [`${waitingOf(approval.crew)}${placeOf(round.receivedAt, approval.id)}`]
      : []),
    ...(decided === undefined ? [] : [`${decidedOf(approval.crew)}${placeOf(decided, approval.id)}`]),
    ...[...deciders].map(([person, at]) => `${deciderOf(person)}${placeOf(at, approval.id)}`),
    ...(round.settledAt === undefined || needsPerson(approval)
      ? []
      : [`${settledOf(approval.crew)}${placeOf(round.settledAt, approval.id)}`]),
  ];
}

/** Where an approval stands in a list by time, whichever the list: the end of its key. */
export function placeOf(time: number, id: string): string {
  return `/${padded(time)}/${id}`;
}

/** The place in an index key. */
export function readPlace(key: string): string {
  return key.slice(key.lastIndexOf('/', key.lastIndexOf('/') - 1));
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
