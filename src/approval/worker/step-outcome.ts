import type { Alert } from '../alerts.ts';
import type { Approval } from '../model/approval.ts';

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
  alarm?: Alert;
  /** No other call to the same target for this long. */
  pauseMs?: number;
  /** No call was made. */
  silent?: true;
  /** It was for one person, and says nothing of the approval's channel. */
  elsewhere?: true;
}
