import type { Approval } from '../../src/approval/model/approval.ts';
import type { Note } from '../../src/approval/model/note.ts';
import type { RunStatus } from '../../src/approval/model/run/run-status.ts';
import type { NoteContent } from '../../src/approval/ports.ts';
import { buildNote } from '../../src/slack/views/notes/note.ts';
import { spoken } from '../support/spoken.ts';
import { type GalleryView, nameVariant, POSTED_FORM, showMessage } from './gallery-view.ts';
import {
  AT,
  BLANK,
  JSON_ROWS,
  LINKS,
  LONG_REPORT,
  makeDecision,
  makeInStatus,
  makePressApproval,
  makeRoundsWithExhaustedRule,
  makeWaiting,
  NESTED_JSON,
  RUN_STATUSES,
  SHORTER_RELEASE,
} from './samples.ts';

interface NoteState {
  note: Note;
  content?: NoteContent;
  approval?: Approval;
}

type NotesOf<Kind extends Note['kind'], Variant extends string = string> = Readonly<
  Record<Variant, NoteState & { note: Extract<Note, { kind: Kind }> }>
>;
type DirectNote = Extract<Note, { kind: 'direct' }>;

/** Every kind of note by its variants. The compiler requires new kinds here. */
type NoteStates = { readonly [Kind in Note['kind']]: NotesOf<Kind> };

const decision = makeDecision();
const byRule = makeDecision({ rule: 'expiry', by: '' });
const revisionByRule = makeDecision({ ...byRule, action: 'request_revision', feedback: 'Please try again' });
/** Reasons for a direct message to one person. The compiler requires new reasons here. */
const DIRECT: NotesOf<'direct', DirectNote['why']> = {
  waiting: { note: { kind: 'direct', round: 1, to: 'UBEN', why: 'waiting' } },
  reminder: { note: { kind: 'direct', round: 1, to: 'UBEN', why: 'reminder' } },
  escalated: { note: { kind: 'direct', round: 1, to: 'UBEN', why: 'escalated' } },
  assigned: { note: { kind: 'direct', round: 1, to: 'UBEN', why: 'assigned' } },
  expired: { note: { kind: 'direct', round: 1, to: 'UBEN', why: 'expired' } },
};

const ELSEWHERE = { mentions: ['UBEN'], elsewhere: 'CPRESS' };

const NOTES: NoteStates = {
  run_result: {
    '': { note: { kind: 'run_result' }, content: { result: SHORTER_RELEASE } },
    'nested JSON': { note: { kind: 'run_result' }, content: { result: NESTED_JSON } },
    'JSON rows': { note: { kind: 'run_result' }, content: { result: JSON_ROWS } },
    'long output': { note: { kind: 'run_result' }, content: { result: LONG_REPORT } },
    blank: { note: { kind: 'run_result' }, content: { result: BLANK } },
  },
  hidden_fields: { '': { note: { kind: 'hidden_fields' } } },
  not_sent: {
    superseded: { note: { kind: 'not_sent', why: 'superseded', decision, unsure: false } },
    'run ended': { note: { kind: 'not_sent', why: 'run_ended', decision, unsure: false } },
    withdrawn: { note: { kind: 'not_sent', why: 'withdrawn', decision, unsure: false } },
    'closed without a decision': {
      note: { kind: 'not_sent', why: 'given_up', decision, by: 'UBEN', unsure: false },
    },
    'decision of the rule': {
      note: { kind: 'not_sent', why: 'superseded', decision: byRule, unsure: false },
    },
  },
  not_taken: {
    '': { note: { kind: 'not_taken', decision } },
    'decision of the rule': { note: { kind: 'not_taken', decision: byRule } },
  },
  not_delivered: {
    '404': {
      note: { kind: 'not_delivered', decision, failure: { kind: 'refused', status: 404 }, unsure: false },
    },
    '422 that Retry cannot help': {
      note: {
        kind: 'not_delivered',
        decision,
        failure: { kind: 'refused', status: 422, detail: 'human_feedback: field required' },
        unsure: false,
      },
    },
    unsure: {
      note: { kind: 'not_delivered', decision, failure: { kind: 'unknown', status: 500 }, unsure: true },
    },
  },
  ignored: {
    '': {
      note: {
        kind: 'ignored',
        warnings: ['channel_not_of_crew', 'approvers_invalid'],
      },
    },
  },
  task_done: {
    '': { note: { kind: 'task_done', task: 'collect_facts', agent: 'Researcher' } },
    'agent not known': { note: { kind: 'task_done', task: 'collect_facts' } },
  },
  for_people: {
    '': { note: { kind: 'for_people', by: 'UBEN', text: 'The CEO wants to see this before Friday.' } },
  },
  claimed: { '': { note: { kind: 'claimed', round: 1, by: 'UANA' } } },
  assigned: {
    '': { note: { kind: 'assigned', round: 1, by: 'UANA', to: 'UBEN' } },
    'to oneself': { note: { kind: 'assigned', round: 1, by: 'UANA', to: 'UANA' } },
    'in another channel': {
      note: { kind: 'assigned', round: 1, by: 'UANA', to: 'UBEN' },
      content: ELSEWHERE,
    },
  },
  reminder: {
    '': { note: { kind: 'reminder', round: 1 }, content: { mentions: ['UANA', 'SEDITORS'] } },
    'nobody to mention': { note: { kind: 'reminder', round: 1 } },
    'in another channel': { note: { kind: 'reminder', round: 1 }, content: ELSEWHERE },
  },
  escalated: {
    '': {
      note: { kind: 'escalated', round: 1, to: ['UCAT', 'SEDITORS'] },
      content: { mentions: ['UCAT', 'SEDITORS'] },
    },
    'in another channel': { note: { kind: 'escalated', round: 1, to: ['UBEN'] }, content: ELSEWHERE },
  },
  expired: {
    '': { note: { kind: 'expired', round: 1 }, content: { mentions: ['UANA'] } },
    'nobody to mention': { note: { kind: 'expired', round: 1 } },
    approved: { note: { kind: 'expired', round: 1, decision: byRule } },
    'sent back': { note: { kind: 'expired', round: 1, decision: revisionByRule } },
    'rule spent': {
      note: { kind: 'expired', round: 4 },
      approval: makePressApproval(makeRoundsWithExhaustedRule()),
    },
  },
  whole_output: { '': { note: { kind: 'whole_output', round: 1 } } },
  file_refused: { '': { note: { kind: 'file_refused' } } },
  run_silent: Object.fromEntries(
    Object.entries(RUN_STATUSES).map(([name, status]) => [name, makeSilent(status)]),
  ),
  run_failed: {
    '': { note: { kind: 'run_failed', reason: 'Out of tokens', decision, unsure: false } },
    unsure: { note: { kind: 'run_failed', decision, unsure: true } },
    'nobody decided': { note: { kind: 'run_failed', reason: 'Out of tokens', unsure: false } },
  },
  answered_otherwise: {
    '': { note: { kind: 'answered_otherwise', decision, says: 'retrying' } },
    'of the rule': { note: { kind: 'answered_otherwise', decision: revisionByRule, says: 'completed' } },
  },
  task_failed: {
    '': { note: { kind: 'task_failed', task: 'post_release', reason: 'The page did not load' } },
    'no reason': { note: { kind: 'task_failed', task: 'post_release' } },
  },
  task_does_not_wait: { '': { note: { kind: 'task_does_not_wait', decision } } },
  mention: {
    '': {
      note: { kind: 'mention', round: 1, to: ['UBEN'], since: AT, at: AT },
      content: { mentions: ['UBEN'] },
    },
  },
  direct: DIRECT,
  to_requester: {
    approved: {
      note: { kind: 'to_requester', round: 1, what: 'decided' },
      approval: makeInStatus('approved', { continuedAt: AT }),
    },
    'run finished': { note: { kind: 'to_requester', round: 1, what: 'ended' } },
    'run failed': {
      note: { kind: 'to_requester', round: 1, what: 'ended' },
      approval: makeInStatus('run_ended', {}, { runFailure: { at: AT } }),
    },
  },
  tied: {
    '': {
      note: { kind: 'tied', round: 1, voters: ['UANA', 'UBEN'], required: 2 },
    },
  },
  card_frozen: {
    '': {
      note: { kind: 'card_frozen', round: 1 },
      approval: makeInStatus('approved', { continuedAt: AT }),
    },
  },
};

function makeSilent(status: RunStatus): NoteStates['run_silent'][string] {
  return { note: { kind: 'run_silent', decision, since: AT, status } };
}

/** Draws every kind of note in the thread of a card. */
export function buildNotes(): GalleryView[] {
  const usual = makeWaiting();
  return Object.entries(NOTES).flatMap(([kind, states]) =>
    Object.entries<NoteState>(states).map(([variant, { note, content = {}, approval = usual }]) =>
      showMessage(
        nameVariant(`note ${kind}`, variant),
        buildNote(spoken(), approval, note, content, POSTED_FORM, LINKS),
      ),
    ),
  );
}
