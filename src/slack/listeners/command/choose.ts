import { findRound } from '../../../approval/model/approval.ts';
import type { Target } from '../../../approval/read-round.ts';
import { confirmTypedChoice, describeRefusal, describeUnknownOption } from '../../views/text/sentences.ts';
import { currentCardLink, type ListenerContext } from '../context.ts';
import { findApproval } from './find-approval.ts';
import type { Command } from './read-command.ts';

/** `/approvals choose`: answers a Flow with one of its options, by its text or its number. Resolves to one sentence. */
export async function chooseByCommand(
  context: ListenerContext,
  command: Extract<Command, { kind: 'choose' }>,
  person: string,
): Promise<string> {
  const { links } = context;
  const { round } = command;
  const approval = await findApproval(context, command, person);
  if (typeof approval === 'string') return approval;
  const options = findRound(approval, round)?.review?.options ?? [];
  const option = findOption(options, command.option);
  const isReview = findRound(approval, round)?.review !== undefined;
  if (option === undefined && isReview) return describeUnknownOption(command.option, options);
  const target: Target = { approvalId: approval.id, round, via: 'command' };
  const answer = await context.decisions.decide(target, person, {
    action: 'choose',
    ...(option === undefined ? {} : { option }),
  });
  if (!answer.done) return describeRefusal(answer.refusal, currentCardLink(answer, links));
  return confirmTypedChoice(answer.approval, round, options[option ?? -1] ?? '', links.command);
}

/** The index of an option by its text, whatever the case where that is clear, or by its number. */
function findOption(options: readonly string[], typed: string): number | undefined {
  const exact = options.indexOf(typed);
  if (exact !== -1) return exact;
  const lower = typed.toLowerCase();
  const alike = options.flatMap((option, index) => (option.trim().toLowerCase() === lower ? [index] : []));
  if (alike.length === 1) return alike[0];
  const number = /^\d{1,3}$/.test(typed) ? Number(typed) : 0;
  return number >= 1 && number <= options.length ? number - 1 : undefined;
}
