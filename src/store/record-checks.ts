import { hash } from 'node:crypto';
import { hashDecisionTexts } from '../approval/lifecycle/rounds.ts';
import type { Approval } from '../approval/model/approval.ts';
import { type FactName, readDecidedAs } from '../approval/model/facts.ts';
import { hashOutput, readOutput } from '../approval/model/output.ts';
import { type Decision, type Question, type Round, roundStatuses } from '../approval/model/round.ts';
import type { Start } from '../approval/model/run/start.ts';
import { type HistoryEntry, hashEntry } from './chain.ts';

/** A part of a record that must match the last entry about it. */
export interface RecordCheck {
  /** Name of the part, for a sentence. */
  about: string;
  isAbout(entry: HistoryEntry): boolean;
  fits(entry: HistoryEntry): boolean;
  /** Result of the check if no entry is about the part. */
  holds: boolean;
}

const SEALED = {
  approval: ['id', 'crew', 'executionId', 'task', 'titleOnly', 'channel', 'createdAt', 'facts', 'factCount'],
  policy: [
    'approvalsRequired',
    'undoWindow',
    'escalateAfter',
    'escalateTo',
    'expireAfter',
    'onExpiry',
    'expiryText',
  ],
  round: [
    'number',
    'status',
    'taskId',
    'hashes',
    'receivedAt',
    'edited',
    'excerpt',
    'agent',
    'description',
    'expectedOutput',
    'settledAt',
    'givenUpBy',
    'lapsed',
    'assignee',
    'escalatedAt',
    'expiredAt',
    'unseen',
    'entered',
    'unnamed',
    'irreversible',
  ],
  decision: ['action', 'option', 'feedback', 'remark', 'edited', 'values', 'by', 'rule', 'at', 'seen'],
  question: [
    'id',
    'digest',
    'freeText',
    'editable',
    'requireWhole',
    'namedApprovers',
    'tool',
    'isLong',
    'argumentsDigest',
    'fields',
    'defaultOption',
    'expiresAt',
    'approvers',
    'requestedBy',
  ],
  option: ['id', 'label', 'style', 'allows', 'fields'],
  // Without the callback URL: anyone who knows the URL can answer.
  review: ['options', 'defaultOutcome', 'stateHash', 'createdAt', 'responders', 'answeredVia'],
  call: ['id', 'digest', 'at', 'text', 'argumentsDigest'],
  start: [
    'id',
    'crew',
    'by',
    'channel',
    'createdAt',
    'status',
    'changedAt',
    'executionId',
    'program',
    'result',
  ],
} as const;

/**
 * Returns the named fields of a record, and further fields. Assigns them one by one: V8 takes ten times as long to spread an
 * object and then add fields.
 */
function pickFields<T extends object>(
  record: T,
  names: readonly (keyof T)[],
  otherFields: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of names) picked[name as string] = record[name];
  return Object.assign(picked, otherFields);
}

/**
 * Hashes the parts of an approval's record that change only together with an entry, so that the history vouches for them. Fields
 * are named one by one, so that a later field does not change any hash.
 */
export function sealApproval(approval: Approval): string {
  const policy = pickFields(approval.policy, SEALED.policy);
  return hashEntry(pickFields(approval, SEALED.approval, { policy, rounds: approval.rounds.map(pickRound) }));
}

function pickRound(round: Round) {
  const { steps, permissionEnded, after, votes, decision, question, review, allowedCalls } = round;
  return pickFields(round, SEALED.round, {
    steps: steps?.hash,
    // The end of a run ends a permission without an entry.
    ended: permissionEnded?.by === undefined ? undefined : [permissionEnded.by, permissionEnded.at],
    after: after && [after.brought, after.likely],
    votes: votes.map((vote) => pickFields(vote, SEALED.decision)),
    decision: decision && pickFields(decision, SEALED.decision),
    question: question && pickQuestion(question),
    review: review && pickFields(review, SEALED.review),
    calls: allowedCalls?.map((call) => pickFields(call, SEALED.call)),
  });
}

function pickQuestion(question: Question) {
  const options = question.options?.map((option) => pickFields(option, SEALED.option));
  return pickFields(question, SEALED.question, { options });
}

/** Hashes a start likewise. Values of hidden inputs are left out: they are secrets, and short ones could be guessed. */
export function sealStart(start: Start): string {
  return hashEntry(pickFields(start, SEALED.start, { inputs: hashInputs(start) }));
}

/** Returns the inputs of a start as people see them, as JSON. */
export function formatShownInputs({ inputs, hidden }: Pick<Start, 'inputs' | 'hidden'>): string {
  return JSON.stringify({ ...inputs, ...Object.fromEntries(hidden.map((name) => [name, 'hidden'])) });
}

export function hashInputs(start: Pick<Start, 'inputs' | 'hidden'>): string {
  return hash('sha256', formatShownInputs(start));
}

/** Checks the seal of the last entry. Entries of earlier formats have no seal. */
function checkSeal(head: string | undefined, seal: string): RecordCheck {
  return {
    about: 'rules, options, texts, votes or facts',
    isAbout: ({ hash }) => hash === head,
    fits: ({ record }) => record === undefined || record === seal,
    holds: true,
  };
}

/** Status that each fact sets. A fact named like a status sets that status. */
const STATUS_OF: Readonly<Partial<Record<FactName, Round['status']>>> = {
  received: 'waiting',
  undone: 'waiting',
  decided: 'sending',
  retried: 'sending',
  ...Object.fromEntries(roundStatuses.map((status) => [status, status])),
};

/** Lists the parts of an approval's record that must match its history. Most of them also work for entries from before seals. */
export function listApprovalChecks(approval: Approval): RecordCheck[] {
  const { crew, executionId, task, head, rounds } = approval;
  return [
    ...rounds.flatMap(listRoundChecks),
    {
      about: 'its crew, run or task',
      isAbout: () => true,
      fits: (entry) => entry.crew === crew && entry.execution === executionId && entry.task === task,
      holds: false,
    },
    checkSeal(head, sealApproval(approval)),
  ];
}

function listRoundChecks(round: Round): RecordCheck[] {
  const { number, status, hashes, receivedAt, votes, decision, edited, entered, givenUpBy } = round;
  const concernsRound = (what: readonly FactName[]) => (entry: HistoryEntry) =>
    entry.round === number && what.includes(entry.what);
  return [
    {
      about: `the output of round ${number}`,
      isAbout: (entry) => concernsRound(['received'])(entry) && entry.output !== undefined,
      fits: (entry) => entry.output === hashes[0] && entry.at === receivedAt,
      holds: false,
    },
    {
      about: `the status of round ${number}`,
      isAbout: (entry) =>
        STATUS_OF[entry.what] !== undefined &&
        entry.round === number &&
        (entry.what !== 'received' || entry.output !== undefined),
      fits: ({ what, by }) => STATUS_OF[what] === status && (what !== 'given_up' || by === givenUpBy),
      holds: false,
    },
    {
      about: `the decision of round ${number}`,
      isAbout: concernsRound(['decided', 'undone']),
      fits: (entry) => (decision ? fitsDecision(entry, decision) : entry.what === 'undone'),
      holds: !decision,
    },
    ...votes.map((vote) => ({
      about: `the vote of ${vote.by} in round ${number}`,
      isAbout: (entry: HistoryEntry) => concernsRound(['voted', 'decided'])(entry) && entry.by === vote.by,
      // A decision of several people has the notes of all of them.
      fits: (entry: HistoryEntry) =>
        entry.at === vote.at && (entry.what === 'decided' || entry.texts === hashDecisionTexts(vote)),
      // A person who edited the output or filled in fields voted by that. Earlier formats have no separate entry for the vote.
      holds: vote.by === (edited ?? entered)?.by && vote.at === receivedAt,
    })),
    ...(edited && !hashes.includes(hashOutput(readOutput(edited.text)))
      ? [
          {
            about: `the edited text of round ${number}`,
            isAbout: () => false,
            fits: () => false,
            holds: false,
          },
        ]
      : []),
  ];
}

function fitsDecision(entry: HistoryEntry, decision: Decision): boolean {
  const { what, by = '', at, texts, detail = '', option } = entry;
  const isSame = what === 'decided' && by === decision.by && at === decision.at;
  const { action, byRule = false } = readDecidedAs(detail);
  return (
    isSame &&
    texts === hashDecisionTexts(decision) &&
    action === decision.action &&
    byRule === (decision.rule === 'expiry') &&
    (option === undefined || option.index === decision.option)
  );
}

export function listStartChecks(start: Start): RecordCheck[] {
  const { by, crew, status, changedAt, executionId = '', head } = start;
  const inputs = hashInputs(start);
  return [
    {
      about: 'who started it, or its inputs',
      isAbout: ({ what }) => what === 'run_starting',
      // Starts of earlier formats do not have a hash of their inputs.
      fits: (entry) => entry.by === by && (entry.texts === undefined || entry.texts === inputs),
      holds: false,
    },
    {
      about: 'its crew, run or status',
      isAbout: (entry) => entry.hash === head,
      fits: (entry) =>
        entry.crew === crew &&
        entry.execution === executionId &&
        (entry.what === 'run_result' || (entry.what === `run_${status}` && entry.at === changedAt)),
      holds: false,
    },
    checkSeal(head, sealStart(start)),
  ];
}
