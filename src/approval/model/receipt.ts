import type { SeenBy } from './round.ts';

/** Claims of a receipt: who gave this answer to this question, and on what. Times in seconds since 1970, digests in hex (SHA-256). */
export interface ReceiptClaims {
  iss: string;
  crew: string;
  /** Id of the question, as the program chose it. */
  sub: string;
  /** When the decision was made. */
  iat: number;
  exp: number;
  /** The same for each copy of the receipt: who carries the action out stores it and refuses it the second time. */
  jti: string;
  /** Digest of the question's body as canonical JSON. */
  question: string;
  /** Digest of the answer's `option`, `text`, `edited` and `fields` as canonical JSON. */
  answer: string;
  option: string;
  /** Digest of the exact arguments as canonical JSON; absent: no tool call. */
  arguments?: string;
  /** Slack ids of all who agreed, in the order of their votes. */
  by: string[];
  rule: { approvals_required: number; irreversible: boolean };
  seen: SeenBy[];
  /** Id of the earlier question whose decision allowed this call. */
  allowed_by?: string;
}
