/** Every id that Slack sends back to us. They are in messages that outlive a deploy: never rename one. */
export const ACTIONS = {
  approve: 'approve',
  requestRevision: 'request_revision',
  retry: 'retry',
  giveUp: 'give_up',
  undo: 'undo',
  /** The menu beside the buttons. */
  more: 'more',
  readInFull: 'read_in_full',
  whatChanged: 'what_changed',
  /** In a list: the pages of it, and one approval with all that is known of it. */
  pageNewer: 'page_newer',
  pageOlder: 'page_older',
  open: 'open_approval',
  /** In a modal that is read in pages: the page before or after. */
  pageBefore: 'page_before',
  pageAfter: 'page_after',
  pageFirst: 'page_first',
  pageLast: 'page_last',
} as const;

/** What the menu offers; its values are `<what>:<target>`. */
export const MENU = {
  approveWithNote: 'approve_note',
  claim: 'claim',
  release: 'release',
  assign: 'assign',
  giveUp: 'give_up',
} as const;

export const CALLBACKS = {
  revision: 'revision',
  approveWithNote: 'approve_note',
  assign: 'assign',
  giveUp: 'give_up',
} as const;

/** In the menu of a message; manifest.yml names it too. */
export const DETAILS_SHORTCUT = 'approval_details';

/** The fields of modals. */
export const FEEDBACK = { block: 'feedback', action: 'feedback' } as const;
export const PEOPLE_NOTE = { block: 'people_note', action: 'people_note' } as const;
export const ASSIGNEE = { block: 'assignee', action: 'assignee' } as const;

export const COMMAND = '/approvals';
