import type { Decision, RoundStatus } from './approval.ts';

/** Why something that a person asked for was not done. Nothing was recorded. */
export type Refusal =
  | { code: 'unknown' }
  | { code: 'not_approver' }
  /** A user group could not be read. */
  | { code: 'cannot_check' }
  | { code: 'already_decided'; round: number; decision: Decision }
  | { code: 'already_voted' }
  /** `decision`: one that had been recorded on the round before. */
  | { code: 'superseded'; current: number; decision?: Decision | undefined }
  | { code: 'closed'; status: RoundStatus; decision?: Decision | undefined }
  | { code: 'not_decided' }
  | { code: 'on_its_way' };
