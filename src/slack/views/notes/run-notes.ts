import type { Approval } from '../../../approval/model/approval.ts';
import type { Note } from '../../../approval/model/note.ts';
import type { Output } from '../../../approval/model/output.ts';
import { buildSentence, type MessageView } from '../message-view.ts';
import { buildOutputBlocks, type CardForm, describeBlank, RESULT_MAX } from '../output/output-blocks.ts';
import { describeRunStatus } from '../text/crewai.ts';
import { section } from '../text/elements.ts';
import { escapeLine } from '../text/escape.ts';
import { mention, nameAgent, nameDecider } from '../text/people.ts';
import { writeReason } from '../text/sentences.ts';
import { formatDate } from '../text/text.ts';

type NoteOf<Kind extends Note['kind']> = Extract<Note, { kind: Kind }>;

export function buildResult({ crew }: Pick<Approval, 'crew'>, result: Output, form: CardForm): MessageView {
  const text = `The run of ${escapeLine(crew, 64)} has finished`;
  if (describeBlank(result) || form === 'bare') return buildSentence(`:checkered_flag: ${text}.`);
  const title = section(`:checkered_flag: ${text}. Its result:`);
  return { text, blocks: [title, ...buildOutputBlocks(result, form, RESULT_MAX).blocks] };
}

export function describeFinishedTask({ agent, task }: NoteOf<'task_done'>): string {
  return `${nameAgent(agent)} finished *${escapeLine(task, 150)}*, which needs no approval.`;
}

export function describeFailedTask({ task, reason }: NoteOf<'task_failed'>): string {
  return `:x: The task *${escapeLine(task, 150)}* failed${writeReason(reason, 300)}.`;
}

export function describeSilentRun({ decision, since, status }: NoteOf<'run_silent'>): string {
  return `:warning: CrewAI has reported nothing about this run since the decision of ${nameDecider(decision)} was sent (${formatDate(since)}). ${describeRunStatus(status)}`;
}

export function describeFailedRun({ decision, reason, unsure }: NoteOf<'run_failed'>): string {
  const subject = decision && !decision.rule ? `${mention(decision.by)}, the run` : 'The run';
  const accepted = unsure ? ' CrewAI may have accepted the last decision before that.' : '';
  return `:x: ${subject} failed${writeReason(reason, 500)}.${accepted}`;
}
