import type { Approval } from '../model/approval.ts';
import type { NoteParts } from '../notify/post-note.ts';
import type { CrewAI } from '../ports.ts';

/** What carrying out a step came to. */
export interface StepOutcome {
  /** Records it, on the approval as it is by then. */
  apply: (approval: Approval) => Approval;
  /** Is stored before it. */
  before?: () => Promise<void>;
  failed: boolean;
  /** For the log. */
  fact: string;
  about: object;
  /** Why Slack takes nothing for this channel until a person changes something. */
  blocked?: string;
  /** What the operators are told. */
  alarm?: { cause: string; sentence: string };
  /** No other call to the same target for this long. */
  pauseMs?: number;
  /** No call was made. */
  silent?: true;
  /** It was for one person, and says nothing of the approval's channel. */
  elsewhere?: true;
}
/** What carrying out a step needs. */
export interface StepParts extends NoteParts {
  crewAI: CrewAI;
  /** Records another id of a run. Rejects with a StoreError. */
  recordAlias: (crew: string, alias: string, executionId: string) => Promise<void>;
  /** Records that a run failed, for all its approvals. Rejects with a StoreError. */
  recordRunFailure: (crew: string, executionId: string, reason: string | undefined) => Promise<void>;
  random: () => number;
}
