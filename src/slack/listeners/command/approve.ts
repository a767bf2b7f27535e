import { currentRound } from '../../../approval/model/approval.ts';
import type { Answer, Target } from '../../../approval/read-round.ts';
import { FEEDBACK_MAX } from '../../views/modals/decision-modals.ts';
import {
  confirmTypedApproval,
  describeCurrentRound,
  describeLongNote,
  describeRefusal,
} from '../../views/text/sentences.ts';
import { currentCardLink, isNoteSent, type ListenerContext } from '../context.ts';
import { findApproval } from './find-approval.ts';
import type { Command } from './read-command.ts';

/** `/approvals approve`: approves like the button, also if a card could not be posted. Resolves to the answer, one sentence. */
export async function approveByCommand(
  context: ListenerContext,
  command: Extract<Command, { kind: 'approve' }>,
  person: string,
): Promise<string> {
  const { round, note } = command;
  if (note.length > FEEDBACK_MAX) return describeLongNote(FEEDBACK_MAX);
  const approval = await findApproval(context, command, person);
  if (typeof approval === 'string') return approval;
  const target: Target = { approvalId: approval.id, round, via: 'command' };
  const written = isNoteSent(context, approval) ? { feedback: note } : { note };
  const answer = await context.decisions.decide(target, person, {
    action: 'approve',
    ...(note === '' ? {} : written),
  });
  return explainAnswer(context, answer, round);
}

function explainAnswer({ links }: ListenerContext, answer: Answer, round: number): string {
  if (answer.done) return confirmTypedApproval(answer.approval, round, links.command);
  const { refusal, approval } = answer;
  const sentence = describeRefusal(refusal, currentCardLink(answer, links));
  if (refusal.code !== 'superseded' || !approval) return sentence;
  // People who type an id have to see the output first.
  return `${sentence} ${describeCurrentRound(approval.id, currentRound(approval).number, links.command)}`;
}
