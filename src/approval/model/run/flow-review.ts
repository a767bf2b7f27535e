import type { NamedOutput, Output } from '../output.ts';

/** A review that a Flow asks for. Its options and responders are those of the request: they narrow the crew's settings. */
export interface FlowReview {
  event: 'new_request' | 'escalation';
  requestId: string;
  /** The run of the Flow that waits. */
  executionId: string;
  /** The run is named by the id of its Flow only, which several runs may have. */
  sharesId?: true | undefined;
  flowClass?: string | undefined;
  /** The method of the Flow that asks. */
  method: string;
  /** The question; empty when it has none. */
  message: string;
  /** Empty text when the request has none. */
  output: Output;
  /** Identities of the output. */
  hashes: string[];
  /** The outcomes that a person can choose, each sent back as it is; empty: free text only. */
  options: string[];
  defaultOutcome?: string | undefined;
  /** It takes no free text: the Flow runs itself, and nothing answers it when people do not. */
  outcomesOnly?: true | undefined;
  /** What the Flow keeps; it may hold secrets. Absent when there is nothing in it. */
  state?: NamedOutput | undefined;
  /** Where the answer goes. A secret: the URL carries its token. */
  callbackUrl: string;
  assigneeEmail?: string | undefined;
  slaTargetMinutes?: number | undefined;
  /** By CrewAI's clock, in milliseconds since 1970. */
  createdAt?: number | undefined;
  /** Email addresses or ids of those who should answer; empty when none of them could be read. */
  responders?: string[] | undefined;
  /** Whether nobody except the responders may answer. */
  enforceRouting?: boolean | undefined;
  /** The name of the deployment, else its id. */
  deployment?: string | undefined;
}
