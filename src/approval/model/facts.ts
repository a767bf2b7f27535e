/**
 * Names of all history entries of approvals and starts. Signed events, metrics, exports and `verify` use the names, and the hash
 * of an entry covers its name. Never change a name; entries with a name that is no longer written stay readable.
 */
export const FACT_NAMES = {
  received: 'an output arrived: the first one opens a round, a later one is a redelivery with new content',
  task_named: "the round's task or its agent got a name",
  posted: 'its card was posted',
  card_frozen: 'its card cannot be updated any more',
  fell_back: 'its next cards go to the channel, since Slack rejected a direct message',
  reminded: 'a reminder was due',
  notified: 'a message asked people to decide',
  escalated: 'others were asked as well, or the same people again where CrewAI asked for it',
  asked_instead: 'somebody was asked instead of a person who is away',
  too_few_deciders: 'fewer people can decide than are required',
  enough_deciders: 'enough people can decide again',
  claimed: 'a person claimed it',
  released: 'it is no longer claimed',
  assigned: 'a person was asked to decide',
  refused_person: 'a person tried to act on it or to read it, and was refused',
  voted: 'a person voted; more votes are needed',
  tied: 'the votes for options were tied after a voter had left; no longer recorded',
  decided: 'the decision was made',
  undone: 'the decision was taken back',
  attempt: 'an attempt to send the decision began',
  attempt_ended: 'the attempt ended',
  retried: 'a person had the decision sent again',
  went_on: 'the run continued after the decision',
  expired: 'its deadline has passed',
  silent: 'the run has not continued in time',
  other_task_reported: 'another task of the run reported while it waited',
  marked_irreversible: 'the settings now say that its action is irreversible',
  callback_allowed: 'the settings allow its callback now',
  call_allowed: 'a permission that was given before allowed a call of the tool',
  permission_ended: 'a permission for the rest of a run ended',
  approved: 'CrewAI accepted the approval',
  revision_requested: 'CrewAI accepted the request',
  not_taken: 'the program did not accept the answer, or the end of its question, that was sent to it',
  answered: 'the Flow or the program has the answer',
  refused: 'the recipient rejected the decision',
  undelivered: 'the decision did not arrive, or may not have arrived',
  superseded: 'a newer output, or what a person entered, opened the next round',
  resolved_elsewhere: 'it was decided elsewhere, or its task does not wait for a decision',
  run_ended: 'its run ended first',
  given_up: 'a person closed it: without a decision, or with one that was not delivered',
  withdrawn: 'the program took its question back, or the bot closed it',
  run_starting: 'a person starts a run',
  run_unsure: 'CrewAI may have started the run: its answer was lost',
  run_running: 'the run was started',
  run_not_started: 'the run was not started',
  run_finished: 'the run has finished',
  run_failed: 'the run has failed',
  run_result: "the run's result, or a different one, arrived after the run ended",
} as const;

export type FactName = keyof typeof FACT_NAMES;

/** A vote or a decision, as the `detail` of a history entry records it. */
export interface DecidedAs {
  action: string;
  /** Set for a tool call. */
  call?: 'allowed' | 'blocked' | undefined;
  /** Further calls of the run that the decision allows: the same call, or all calls of the tool. */
  allows?: 'call' | 'tool' | undefined;
  byRule?: true | undefined;
}

const BY_RULE = 'by the rule of expiry';
const CALL_WORDS = { allowed: 'allow', blocked: 'block' } as const;

/** Writes the words for the store and for exports. `readDecidedAs` must read the words of every version. */
export function writeDecidedAs({ action, call, allows, byRule }: DecidedAs): string {
  const words = [action, call && CALL_WORDS[call], allows && `the same ${allows} too`, byRule && BY_RULE];
  return words.filter(Boolean).join(', ');
}

export function readDecidedAs(detail: string): DecidedAs {
  const [action = '', ...words] = detail.split(', ');
  const allows = (['call', 'tool'] as const).find((scope) => words.includes(`the same ${scope} too`));
  const call = (['allowed', 'blocked'] as const).find((outcome) => words[0] === CALL_WORDS[outcome]);
  return { action, call, allows, ...(words.includes(BY_RULE) ? { byRule: true } : {}) };
}
