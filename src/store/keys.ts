import { dueAt } from '../approval/lifecycle/next-steps.ts';
import { type Approval, currentRound, needsPerson } from '../approval/model/approval.ts';
import type { Fact } from '../approval/model/fact.ts';
import type { Execution } from '../approval/model/run/execution.ts';

// Keys of the store. Lists are in the order of keys, so times are padded. Ids that come from outside are percent-encoded,
// so that only a separator is a slash.
export const buildApprovalKey = (id: string) => `approval/${id}`;
export const buildOutputKey = (approvalId: string, hash: string) => `output/${approvalId}/${hash}`;
export const buildExecutionKey = (crew: string, executionId: string) =>
  `execution/${encode(executionId)}/${encode(crew)}`;
export const buildResultKey = (crew: string, executionId: string) =>
  `result/${encode(executionId)}/${encode(crew)}`;
export const buildAliasKey = (crew: string, alias: string) => `alias/${encode(alias)}/${encode(crew)}`;
/** The facts of all approvals, by time. */
export const FACTS = 'fact';
export const buildFactBound = (time: number) => `${FACTS}/${padTime(time)}`;
export const buildFactKey = (subject: string, fact: Pick<Fact, 'at' | 'seq'>) =>
  `${FACTS}/${padTime(fact.at)}/${subject}/${String(fact.seq).padStart(6, '0')}`;

/** When the fact of a key was recorded, in milliseconds since 1970. */
export const readFactTime = (key: string) => Number(key.split('/')[1]);

/** The index of runs to check, by time. */
export const RUN_CHECKS = 'runcheck';
export const buildRunCheckKeys = ({ checkAt, executionId, crew }: Execution) =>
  checkAt === undefined ? [] : [`${RUN_CHECKS}/${padTime(checkAt)}/${encode(executionId)}/${encode(crew)}`];
export const buildRunCheckBound = (time: number) => `${RUN_CHECKS}/${padTime(time)}0`;
export function readRunCheckKey(key: string): { executionId: string; crew: string } {
  const [, , executionId = '', crew = ''] = key.split('/');
  return { executionId: decodeURIComponent(executionId), crew: decodeURIComponent(crew) };
}
/** A run that was started from Slack. */
export const buildKickoffKey = (id: string) => `kickoff/${id}`;
/** The index of those of which something is due, by that time. */
export const KICKOFF_DUE = 'kickoffdue';
/** The index of all of them, by crew and the time of their start. */
const STARTED = 'started';
export const buildStartedIndex = (crew: string) => `${STARTED}/${encode(crew)}`;
export const KICKOFF_INDEXES = [KICKOFF_DUE, STARTED];
/** Which dialect a deployment of a crew speaks. */
export const buildDialectKey = (crew: string, deployment: string) => `dialect/${encode(crew)}/${deployment}`;

/** Where an unreadable record is kept. */
export const buildUnreadableKey = (key: string) => `unreadable/${key}`;

/** The index of approvals with a due time, by that time. */
export const OPEN = 'open';
export const buildOpenBound = (time: number) => `${OPEN}/${padTime(time)}0`;
/** The index of approvals that wait for a person, by crew and time. */
const WAITING = 'waiting';
export const buildWaitingIndex = (crew: string) => `${WAITING}/${encode(crew)}`;
/** The index of decided approvals, by crew and the time of the latest decision. */
const DECIDED = 'decided';
export const buildDecidedIndex = (crew: string) => `${DECIDED}/${encode(crew)}`;

/** The index of all approvals, by crew and the time they were opened. */
const CREATED = 'created';
export const buildCreatedIndex = (crew: string) => `${CREATED}/${encode(crew)}`;
/** The index of approvals that a person decided, by time. */
const DECIDER = 'decider';
export const buildDeciderIndex = (person: string) => `${DECIDER}/${encode(person)}`;
/** The index of settled approvals, by crew and time, for their retention. */
const SETTLED = 'settled';
export const buildSettledIndex = (crew: string) => `${SETTLED}/${encode(crew)}`;
export const INDEXES = [OPEN, WAITING, DECIDED, CREATED, DECIDER, SETTLED];

/** The index entries of an approval: a pure function of its record, so that both are replaced together. */
export function buildIndexKeys(approval: Approval): string[] {
  const round = currentRound(approval);
  const due = dueAt(approval, Number.NEGATIVE_INFINITY);
  const decided = approval.rounds.findLast((candidate) => candidate.decision)?.decision?.at;
  const deciders = new Map(
    approval.rounds.flatMap(({ decision }) => (decision?.by ? [[decision.by, decision.at] as const] : [])),
  );
  return [
    `${buildCreatedIndex(approval.crew)}${buildPlace(approval.createdAt, approval.id)}`,
    ...(due === undefined ? [] : [`${OPEN}${buildPlace(due, approval.id)}`]),
    ...(needsPerson(approval)
      ? [`${buildWaitingIndex(approval.crew)}${buildPlace(round.receivedAt, approval.id)}`]
      : []),
    ...(decided === undefined
      ? []
      : [`${buildDecidedIndex(approval.crew)}${buildPlace(decided, approval.id)}`]),
    ...[...deciders].map(([person, at]) => `${buildDeciderIndex(person)}${buildPlace(at, approval.id)}`),
    ...(round.settledAt === undefined || needsPerson(approval)
      ? []
      : [`${buildSettledIndex(approval.crew)}${buildPlace(round.settledAt, approval.id)}`]),
  ];
}

/** The place of an approval in any list by time: the end of its key. */
export function buildPlace(time: number, id: string): string {
  return `/${padTime(time)}/${id}`;
}

/** The place in an index key. */
export function readPlace(key: string): string {
  return key.slice(key.lastIndexOf('/', key.lastIndexOf('/') - 1));
}

/** The id at the end of an index key. */
export function readId(key: string): string {
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

function padTime(time: number): string {
  return String(Math.max(0, Math.floor(time))).padStart(15, '0');
}
