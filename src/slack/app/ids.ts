/** Every id that Slack sends back to us. Messages keep the ids across releases: never rename one. */
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
  /** In a list: its pages, and the details of one approval. */
  pageNewer: 'page_newer',
  pageOlder: 'page_older',
  open: 'open_approval',
  /** In the modal of an output: its pages. */
  pageBefore: 'page_before',
  pageAfter: 'page_after',
  pageFirst: 'page_first',
  pageLast: 'page_last',
} as const;

/** The options of the menu; their values are `<what>:<target>`. */
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

/** The shortcut in the menu of a message, also named in manifest.yml. */
export const DETAILS_SHORTCUT = 'approval_details';

/** The fields of modals. */
export const FEEDBACK = { block: 'feedback', action: 'feedback' } as const;
export const PEOPLE_NOTE = { block: 'people_note', action: 'people_note' } as const;
export const ASSIGNEE = { block: 'assignee', action: 'assignee' } as const;

export const COMMAND = '/approvals';
