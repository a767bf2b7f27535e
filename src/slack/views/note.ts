import type { KnownBlock } from '@slack/types';
import type { Approval, Note } from '../../approval/approval.ts';
import type { Output } from '../../approval/output.ts';
import { type CardForm, context, type MessageView, section } from './card.ts';
import { blankWords, missingWords, outputMarkdown, outputPlain } from './output.ts';
import { failureWords, statusWords } from './sentences.ts';
import { escapedLine, mention, slackDate } from './text.ts';

const RESULT_MAX = 6_500;
const PLAIN_RESULT_MAX = 2_500;

/** A message for the thread of an approval's cards, in a plainer form when Slack refused it. Pure. */
export function noteView(
  approval: Approval,
  note: Note,
  result: Output | undefined,
  form: CardForm,
): MessageView {
  switch (note.kind) {
    case 'run_result':
      return resultView(approval, result ?? { kind: 'text', text: '' }, form);
    case 'not_sent': {
      const why = note.why === 'superseded' ? 'a newer output came first' : 'the run ended first';
      return sentence(`${mention(note.decision.by)}, your decision was not sent to CrewAI: ${why}.`);
    }
    case 'not_taken':
      return sentence(
        `${mention(note.decision.by)}, CrewAI did not take your decision: it was not waiting for it any more, so this was resolved elsewhere.`,
      );
    case 'not_delivered': {
      const what = note.unsure ? 'may have reached CrewAI, but no answer came' : 'did not reach CrewAI';
      return sentence(
        `${mention(note.decision.by)}, your decision ${what}: ${failureWords(note.failure)}. The card above has *Retry* and *Give up*.`,
      );
    }
    case 'task_done': {
      const who = note.agent ? `*${escapedLine(note.agent, 100)}*` : 'The crew';
      return sentence(`${who} finished *${escapedLine(note.task, 150)}*, which needs no approval.`);
    }
    case 'run_silent':
      return sentence(
        `:warning: Nothing was heard of this run since CrewAI accepted the decision of ${mention(note.decision.by)} (${slackDate(note.since)}). ${statusWords(note.status)}`,
      );
    case 'ignored':
      return sentence(
        `Left out of what the run asked for: ${note.warnings.map((text) => escapedLine(text, 300)).join('; ')}.`,
      );
  }
}

function resultView(approval: Approval, result: Output, form: CardForm): MessageView {
  const text = `The run of ${escapedLine(approval.crew, 64)} has finished`;
  const blank = blankWords(result);
  if (blank || form === 'bare') return sentence(`:checkered_flag: ${text}.`);
  const { shown, missing } =
    form === 'full' ? outputMarkdown(result, RESULT_MAX) : outputPlain(result, PLAIN_RESULT_MAX);
  const block: KnownBlock =
    form === 'full'
      ? { type: 'markdown', text: shown }
      : { type: 'section', text: { type: 'plain_text', text: shown, emoji: false } };
  const title = section(`:checkered_flag: ${text}. Its result:`);
  return { text, blocks: [title, block, ...context(missingWords(missing))] };
}

function sentence(text: string): MessageView {
  return { text, blocks: [section(text)] };
}
