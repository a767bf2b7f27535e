/** Every id that Slack sends back to us. They are in messages that outlive a deploy: never rename one. */
export const ACTIONS = {
  approve: 'approve',
  requestRevision: 'request_revision',
  retry: 'retry',
  giveUp: 'give_up',
} as const;

export const CALLBACKS = { revision: 'revision' } as const;

/** The feedback field of the revision modal. */
export const FEEDBACK = { block: 'feedback', action: 'feedback' } as const;

export const COMMAND = '/approvals';
