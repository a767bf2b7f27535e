import { type Approval, approvalSchema, REVIEW_VERSION } from './approval.ts';
import { DEFAULT_POLICY } from './crew/task-rules.ts';
import { EXECUTION_VERSION, type Execution, executionSchema } from './run/execution.ts';
import { KICKOFF_VERSION, type Kickoff, kickoffSchema } from './run/kickoff.ts';
import { fromStoredApproval, fromStoredExecution } from './stored-names.ts';

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
