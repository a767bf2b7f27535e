import type { Approval } from '../../../approval/model/approval.ts';
import { findRound } from '../../../approval/model/approval.ts';
import type { Note } from '../../../approval/model/note.ts';
import type { NoteContent } from '../../../approval/ports.ts';
import { quote, summarizeState } from '../card/state.ts';
import { buildSentence, type CardLinks, type MessageView } from '../message-view.ts';
import type { CardForm } from '../output/output-blocks.ts';
import { mention } from '../text/people.ts';
import { describeIgnored } from '../text/sentences.ts';
import {
  describeOtherAnswer,
  describeUndelivered,
  describeUnsent,
  describeUntaken,
} from './delivery-notes.ts';
import { buildDirectMessage, buildRequesterMessage } from './direct-messages.ts';
import { addressDecider } from './names.ts';
import {
  buildAssignment,
  buildEscalation,
  buildExpiry,
  buildMention,
  buildReminder,
  describeTie,
  type Request,
} from './request-notes.ts';
import {
  buildResult,
  describeFailedRun,
  describeFailedTask,
  describeFinishedTask,
  describeSilentRun,
} from './run-notes.ts';

/** A message for the thread of an approval's cards, in a plainer form if Slack rejected the full one. Pure. */
export function buildNote(
  approval: Approval,
  note: Note,
  { result, mentions = [], elsewhere }: NoteContent,
  form: CardForm,
  links: CardLinks,
): MessageView {
  const request: Request = { approval, mentions, inThread: elsewhere === undefined, command: links.command };
  switch (note.kind) {
    case 'run_result':
      return buildResult(approval, result ?? { kind: 'text', text: '' }, form);
    case 'direct':
      return buildDirectMessage(approval, note, links);
    case 'to_requester':
      return buildRequesterMessage(approval, note, links);
    case 'mention':
      return buildMention(request);
    case 'assigned':
      return buildAssignment(request);
    case 'reminder':
      return buildReminder(request);
    case 'escalated':
      return buildEscalation(request);
    case 'expired':
      return buildExpiry(request, note);
    default:
      return buildSentence(describeNote(approval, note));
  }
}

type OneSentence = Exclude<
  Note['kind'],
  'run_result' | 'direct' | 'to_requester' | 'mention' | 'assigned' | 'reminder' | 'escalated' | 'expired'
>;

function describeNote(approval: Approval, note: Extract<Note, { kind: OneSentence }>): string {
  switch (note.kind) {
    case 'not_sent':
      return describeUnsent(note);
    case 'not_taken':
      return describeUntaken(note);
    case 'not_delivered':
      return describeUndelivered(note);
    case 'answered_otherwise':
      return describeOtherAnswer(note);
    case 'task_does_not_wait':
      return `${addressDecider(note.decision)} had no effect: this task does not wait for one. CrewAI announces the pauses of this crew separately.`;
    case 'task_done':
      return describeFinishedTask(note);
    case 'task_failed':
      return describeFailedTask(note);
    case 'run_silent':
      return describeSilentRun(note);
    case 'run_failed':
      return describeFailedRun(note);
    case 'for_people':
      return `:speech_balloon: ${mention(note.by)} wrote a note for people only:\n${quote(note.text, 2_500)}`;
    case 'whole_output':
      return 'The whole output is in the file.';
    case 'whole_changes':
      return 'All changes are in the file.';
    case 'file_refused':
      return note.of === 'changes'
        ? 'Slack did not accept the file with all changes. *What changed* shows them.'
        : 'Slack did not accept the file with the whole output. *Read in full* shows it.';
    case 'tied':
      return describeTie(note);
    case 'card_frozen': {
      const round = findRound(approval, note.round);
      const state = round ? summarizeState(approval, round) : 'changed';
      return `The card of round ${note.round} can no longer be updated in Slack. The round is now: ${state}.`;
    }
    case 'ignored':
      return describeIgnored(note.warnings);
  }
}
