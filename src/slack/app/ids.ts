/** Every id that Slack sends back to us, except the ids of features. Messages keep the ids across releases: never rename one. */
export const ACTIONS = {
  approve: 'approve',
  /** Approves with a required text. */
  approveWithText: 'approve_with_text',
  requestRevision: 'request_revision',
  /** List of the options of a Flow or a program, and an answer in free text. */
  chooseFromList: 'choose_from_list',
  otherAnswer: 'other_answer',
  /** List of options that require a text: choosing one opens its form. */
  writeFromList: 'write_from_list',
  retry: 'retry',
  giveUp: 'give_up',
  undo: 'undo',
  endPermission: 'end_permission',
  /** The menu beside the buttons. */
  more: 'more',
  readInFull: 'read_in_full',
  whatChanged: 'what_changed',
  readOptions: 'read_options',
  /** Button in the details of a Flow's review. */
  readState: 'read_state',
  /** Buttons of a list: its pages, and the details of one approval. */
  pageNewer: 'page_newer',
  pageOlder: 'page_older',
  open: 'open_approval',
  /** Buttons in the modal of an output, for its pages. */
  pageBefore: 'page_before',
  pageAfter: 'page_after',
  pageFirst: 'page_first',
  pageLast: 'page_last',
  /** Button on the message of a run. */
  runStatus: 'run_status',
} as const;

/** Button on the message of a run. A feature owns the form that this button opens. */
export const RUN_AGAIN = 'run_again';

/** The buttons of the options of a Flow or a program, in their order. */
export const OPTION_BUTTONS = ['choose_1', 'choose_2', 'choose_3', 'choose_4', 'choose_5'] as const;

/** Buttons of options that require a text: a click opens the form. */
export const OPTION_FORM_BUTTONS = ['write_1', 'write_2', 'write_3', 'write_4', 'write_5'] as const;

/** The options of the menu; their values are `<what>:<target>`. */
export const MENU = {
  approveWithNote: 'approve_note',
  chooseWithNote: 'choose_note',
  block: 'block',
  allowTool: 'allow_tool',
  edit: 'edit',
  enterOther: 'enter_other',
  claim: 'claim',
  release: 'release',
  assign: 'assign',
  giveUp: 'give_up',
  details: 'details',
} as const;

export const CALLBACKS = {
  revision: 'revision',
  approveWithNote: 'approve_note',
  chooseWithNote: 'choose_note',
  block: 'block',
  edit: 'edit',
  otherAnswer: 'other_answer',
  enterValues: 'enter_values',
  assign: 'assign',
  giveUp: 'give_up',
} as const;

/** The shortcut in the menu of a message, also named in manifest.yml. */
export const DETAILS_SHORTCUT = 'approval_details';

/** The fields of modals. */
export const FEEDBACK = { block: 'feedback', action: 'feedback' } as const;
export const PEOPLE_NOTE = { block: 'people_note', action: 'people_note' } as const;
export const EDITED = { block: 'edited', action: 'edited' } as const;
export const OPTION = { block: 'option', action: 'option' } as const;
/** Ticked by who decides on an output that is not shown whole. */
export const UNREAD = { block: 'unread', action: 'unread' } as const;
/** In the block of each field of a question or a start. */
export const FIELD_ACTION = 'input';
/** The block of a field. `option`: index of the option to which the values belong. */
export function valueBlock(option: number | undefined, name: string): string {
  return `value.${option ?? ''}.${name}`;
}
/** The option in the id of a field's block; undefined for any other block. */
export function readValueOption(block: string): string | undefined {
  return /^value\.(\d{0,4})\./.exec(block)?.[1];
}
export const ASSIGNEE = { block: 'assignee', action: 'assignee' } as const;
