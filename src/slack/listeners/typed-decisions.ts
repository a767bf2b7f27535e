import type { Answer, Target } from '../../approval/decisions.ts';
import { type Approval, currentRound } from '../../approval/model/approval.ts';
import type { MessageView } from '../views/message-view.ts';
import { buildSentence } from '../views/message-view.ts';
import { buildRevisionModal, FEEDBACK_MAX } from '../views/modals/decision-modals.ts';
import { escapeLine } from '../views/text/escape.ts';
import {
  confirmTypedApproval,
  describeLookUpRefusal,
  describeMissingRound,
  describeNotFound,
  describeRefusal,
} from '../views/text/sentences.ts';
import type { CommandArgs } from './command-args.ts';
import type { Command } from './command-words.ts';
import { currentCardLink, failureSentence, type ListenerContext, openModal, sendsNote } from './context.ts';

/** Decisions by `/approvals approve` and `revise`, for when a card could not be posted: the same path as the buttons. */
export function createTypedDecisions(context: ListenerContext) {
  const { service, lookUps, tell, links } = context;

  /** The one approval that is meant, or the sentence why there is none. */
  async function meant(id: string, round: number, person: string): Promise<Approval | string> {
    const approvals = await lookUps.named(person, id);
    if (!Array.isArray(approvals)) return describeLookUpRefusal(approvals);
    const [only, ...others] = approvals.filter((approval) => approval.id.startsWith(id.toUpperCase()));
    if (!only) return describeNotFound(id);
    if (others.length > 0) return `More than one approval begins with "${escapeLine(id, 20)}".`;
    const { number } = currentRound(only);
    return round <= number ? only : describeMissingRound(only.id, round, number, links.command);
  }

  async function approve(
    { id, round, note }: Extract<Command, { kind: 'approve' }>,
    person: string,
  ): Promise<MessageView> {
    if (note.length > FEEDBACK_MAX)
      return buildSentence(`The note is longer than ${FEEDBACK_MAX} characters, so nothing was recorded.`);
    const approval = await meant(id, round, person);
    if (typeof approval === 'string') return buildSentence(approval);
    const target: Target = { approvalId: approval.id, round, via: 'command' };
    const written = sendsNote(context, approval) ? { feedback: note } : { note };
    const answer = await service.decide(target, person, {
      action: 'approve',
      ...(note === '' ? {} : written),
    });
    return buildSentence(sentenceOf(answer, round));
  }

  function sentenceOf(answer: Answer, round: number): string {
    if (answer.done) return confirmTypedApproval(answer.approval, round, links.command);
    const { refusal } = answer;
    if (refusal.code !== 'superseded' || !answer.approval)
      return describeRefusal(refusal, currentCardLink(answer, links));
    // Whoever types an id has to have seen what it stands for.
    const { id } = answer.approval;
    const typed = `${id}.${currentRound(answer.approval).number}`;
    return `${describeRefusal(refusal, currentCardLink(answer, links))} \`${links.command} ${id}\` shows it, \`${links.command} approve ${typed}\` approves it.`;
  }

  async function revise(
    { id, round }: Extract<Command, { kind: 'revise' }>,
    args: CommandArgs,
  ): Promise<void> {
    const { ack, command, client } = args;
    await ack();
    const { user_id: by, channel_id: channel, response_url: responseUrl, trigger_id: triggerId } = command;
    const place = { user: by, channel, responseUrl, triggerId };
    const approval = await meant(id, round, by).catch((error: unknown) =>
      failureSentence(context.log, error),
    );
    if (typeof approval === 'string') return tell(place, approval);
    const target: Target = { approvalId: approval.id, round, via: 'command' };
    await openModal(
      context,
      { client, target, by, place },
      {
        look: service.check,
        view: async ({ approval: current }, shown) =>
          buildRevisionModal(current, shown, await service.output(current, currentRound(current))),
      },
    );
  }

  return { approve, revise };
}
