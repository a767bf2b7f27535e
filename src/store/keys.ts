import { findSendingStart } from '../approval/lifecycle/delivery.ts';
import { dueAt } from '../approval/lifecycle/next-steps.ts';
import { type Approval, currentRound } from '../approval/model/approval.ts';
import { needsPerson } from '../approval/model/round.ts';
import { allowsFurtherCalls } from '../approval/model/tool-call.ts';
import type { ListName } from '../approval/ports.ts';

/** Indexes of the lists. Their keys are a time and an id; some begin with the crew or person that the list belongs to. */
export const INDEX_OF = {
  due: 'open',
  waiting: 'waiting',
  decided: 'decided',
  decidedBy: 'decider',
  permitting: 'permitting',
  created: 'created',
  sending: 'sending',
  settled: 'settled',
  starts: 'started',
  dueStarts: 'kickoffdue',
  runsToCheck: 'runcheck',
  idleRuns: 'idle',
} as const satisfies Record<ListName, string>;

type Index = (typeof INDEX_OF)[ListName];
/**
 * First parts of the other keys, except `unreadable`. `fact`: facts of all approvals, by time. `alias`: from another id to its
 * run. `aliasof`: from a run to its other ids. `question`: the approval with a program's question. `event`: an event that its
 * receiver has not accepted. `sender`: the process that sends a crew's events. `away`: all people who are away. `tickets`: marks
 * a deployment whose webhooks carry the tickets of decisions. `receiptkey`: a key that signs receipts.
 */
export const KEY_KINDS = [
  'approval',
  'output',
  'execution',
  'result',
  'alias',
  'aliasof',
  'question',
  'steps',
  'root',
  'inputs',
  'away',
  'kickoff',
  'dialect',
  'tickets',
  'fact',
  'event',
  'sender',
  'receiptkey',
] as const;
type Kind = (typeof KEY_KINDS)[number] | Index;

export const APPROVAL_INDEXES: readonly Index[] = [
  'open',
  'waiting',
  'decided',
  'created',
  'decider',
  'permitting',
  'sending',
  'settled',
];
export const START_INDEXES: readonly Index[] = ['kickoffdue', 'started'];

/** Builds a key. Texts are percent-encoded, so that slashes only separate; times are padded, so that keys sort by time. */
export function buildKey(kind: Kind, ...parts: (string | number)[]): string {
  return [kind, ...parts.map((part) => (typeof part === 'number' ? padTime(part) : encode(part)))].join('/');
}

/** Returns the parts of a key without its kind. Numbers stay padded texts. */
export function readKey(key: string): string[] {
  return key.split('/').slice(1).map(decodeURIComponent);
}

/** Builds the key of an entry of the history. `subject`: id of an approval or a start. */
export function buildFactKey(subject: string, { at, seq }: { at: number; seq: number }): string {
  return buildKey('fact', at, subject, String(seq).padStart(6, '0'));
}

/** `hash`: as `kind:digest`, not percent-encoded. */
export function buildOutputKey(approvalId: string, hash: string): string {
  return `${buildKey('output', approvalId)}/${hash}`;
}

/** Builds the key to which an unreadable record is moved. */
export function buildUnreadableKey(key: string): string {
  return `unreadable/${key}`;
}

/** Returns the index entries of an approval. They depend only on the record, so each change of the record replaces them. */
export function buildIndexKeys(approval: Approval): string[] {
  const { id, crew, createdAt, rounds } = approval;
  const round = currentRound(approval);
  const due = dueAt(approval, Number.NEGATIVE_INFINITY);
  const decidedAt = rounds.findLast((candidate) => candidate.decision)?.decision?.at;
  const sending = findSendingStart(round);
  const permittedAt = rounds.findLast((candidate) => allowsFurtherCalls(approval, candidate))?.decision?.at;
  const deciders = new Map(
    rounds.flatMap(({ decision }) => (decision?.by ? [[decision.by, decision.at] as const] : [])),
  );
  return [
    buildKey('created', crew, createdAt, id),
    ...(due === undefined ? [] : [buildKey('open', due, id)]),
    ...(needsPerson(round) ? [buildKey('waiting', crew, round.receivedAt, id)] : []),
    ...(decidedAt === undefined ? [] : [buildKey('decided', crew, decidedAt, id)]),
    ...(permittedAt === undefined ? [] : [buildKey('permitting', crew, permittedAt, id)]),
    ...(sending === undefined ? [] : [buildKey('sending', crew, sending, id)]),
    ...[...deciders].map(([person, at]) => buildKey('decider', person, at, id)),
    ...(round.settledAt === undefined || needsPerson(round)
      ? []
      : [buildKey('settled', crew, round.settledAt, id)]),
  ];
}

/** Returns the exclusive end of a range in an index: all places (the rest of a key) up to and including this time sort before it. */
export function buildPlaceBound(time: number): string {
  // '0' is the character after '/'.
  return `/${padTime(time)}0`;
}

function encode(text: string): string {
  // Lone surrogates have no percent-encoding.
  return encodeURIComponent(text.toWellFormed());
}

function padTime(time: number): string {
  return String(Math.max(0, Math.floor(time))).padStart(15, '0');
}
