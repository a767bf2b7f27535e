import type { Note } from '../../../approval/model/note.ts';
import { describeVia } from '../card/state.ts';
import { canRetryHelp, describeFailure } from '../text/crewai.ts';
import { escapeLine } from '../text/escape.ts';
import { mention } from '../text/people.ts';
import { CLOSE_LABEL } from '../text/sentences.ts';
import { addressDecider, addressPerson } from './names.ts';

type NoteOf<Kind extends Note['kind']> = Extract<Note, { kind: Kind }>;

export function describeUnsent(note: NoteOf<'not_sent'>): string {
  const why = {
    superseded: 'a newer output came first',
    run_ended: 'the run ended first',
    given_up: `${note.by ? mention(note.by) : 'someone'} closed this without a decision first`,
  }[note.why];
  return `${addressDecider(note.decision)} was not sent to CrewAI: ${why}.`;
}

export function describeUntaken({ decision, via }: NoteOf<'not_taken'>): string {
  const whose = decision.rule ? "the rule's" : 'your';
  return `${addressPerson(decision)}CrewAI did not accept ${whose} decision: it was no longer waiting. This was ${describeVia(via)}.`;
}

export function describeUndelivered({ decision, failure, unsure }: NoteOf<'not_delivered'>): string {
  const rejected = failure.kind === 'refused' ? 'was not accepted' : 'did not reach CrewAI';
  const what = unsure ? 'may have reached CrewAI, but no answer came' : rejected;
  const buttons = canRetryHelp(failure) ? `*Retry* and *${CLOSE_LABEL}*` : `*${CLOSE_LABEL}*`;
  return `${addressDecider(decision)} ${what}: ${describeFailure(failure)}. The card above has ${buttons}.`;
}

/** CrewAI accepted a decision and answered with the state of another one. */
export function describeOtherAnswer({ decision, says }: NoteOf<'answered_otherwise'>): string {
  const what = decision.action === 'approve' ? 'approval' : 'request for a revision';
  const meaning = says === 'retrying' ? 'it does the task again' : `the run is ${escapeLine(says, 40)}`;
  return `:warning: ${addressPerson(decision)}CrewAI accepted the ${what} and says that ${meaning}.`;
}
