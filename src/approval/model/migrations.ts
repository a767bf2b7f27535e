import { type Approval, approvalSchema, REVIEW_VERSION } from './approval.ts';
import { DEFAULT_POLICY } from './crew/task-rules.ts';
import { EXECUTION_VERSION, type Execution, executionSchema } from './run/execution.ts';
import { KICKOFF_VERSION, type Kickoff, kickoffSchema } from './run/kickoff.ts';

/** A record that a newer version of the bot wrote: it is left as it is. */
export class NewerVersionError extends Error {
  constructor(version: number) {
    super(`it was written by a newer version of the bot (record version ${version})`);
    this.name = 'NewerVersionError';
  }
}

type Fields = Record<string, unknown>;

/** Migrations, by the version that they start from. A released one never changes. */
const APPROVAL_STEPS: Readonly<Record<number, (record: Fields) => Fields>> = {
  1: (record) => ({ ...record, policy: DEFAULT_POLICY }),
};

/** Reads an approval of this version or an older one. Throws a NewerVersionError, or a ZodError when it is none. */
export function readApproval(value: unknown): Approval {
  return approvalSchema.parse(fromStored(upgrade(value, REVIEW_VERSION, APPROVAL_STEPS), fromStoredApproval));
}

/** Reads an execution. Throws like `readApproval`. */
export function readExecution(value: unknown): Execution {
  return executionSchema.parse(fromStored(upgrade(value, EXECUTION_VERSION, {}), fromStoredExecution));
}

/** Reads the start of a run. Throws like `readApproval`. */
export function readKickoff(value: unknown): Kickoff {
  return kickoffSchema.parse(upgrade(value, KICKOFF_VERSION, {}));
}

function fromStored(record: unknown, rename: (record: Fields) => unknown): unknown {
  return record !== null && typeof record === 'object' ? rename(record as Fields) : record;
}

function upgrade(value: unknown, newest: number, steps: typeof APPROVAL_STEPS): unknown {
  let record = value;
  for (;;) {
    const version = record !== null && typeof record === 'object' && 'v' in record ? record.v : undefined;
    if (typeof version !== 'number' || version === newest) return record;
    if (version > newest) throw new NewerVersionError(version);
    const step = steps[version];
    if (!step) return record;
    record = { ...step(record as Fields), v: version + 1 };
  }
}

/** Field names in code, and those under which 0.1.0 and every version since store them. */
const ROUND = { duplicateCards: 'twins', continuedAt: 'wentOnAt', mayHaveContinued: 'mayHaveGoneOn' };
const LANES = { delivery: 'resume' };
const EXECUTION = { unseenPausesReported: 'blindTold' };

type Names = Readonly<Record<string, string>>;

/** An approval's record with the names under which it is stored: an older version reads it too. Pure. */
export function toStoredApproval(approval: object): Fields {
  const { rounds, lanes, ...rest } = approval as Fields;
  return { ...rest, rounds: renameEach(rounds, ROUND), lanes: rename(lanes, LANES) };
}

/** A stored approval with the names of the code. Pure. */
export function fromStoredApproval(stored: Fields): Fields {
  const { rounds, lanes, ...rest } = stored;
  return { ...rest, rounds: renameEach(rounds, reverse(ROUND)), lanes: rename(lanes, reverse(LANES)) };
}

/** An execution's record with the names under which it is stored. Pure. */
export function toStoredExecution(execution: object): unknown {
  return rename(execution, EXECUTION);
}

/** A stored execution with the names of the code. Pure. */
function fromStoredExecution(stored: Fields): unknown {
  return rename(stored, reverse(EXECUTION));
}

function renameEach(list: unknown, names: Names): unknown {
  return Array.isArray(list) ? list.map((item) => rename(item, names)) : list;
}

function rename(value: unknown, names: Names): unknown {
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [names[name] ?? name, field]));
}

function reverse(names: Names): Names {
  return Object.fromEntries(Object.entries(names).map(([name, stored]) => [stored, name]));
}
